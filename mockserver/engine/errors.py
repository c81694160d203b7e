"""The error of a scenario: a type or a name of the catalogue, with what the author changed. Not here: rendering it."""

from datetime import datetime, timedelta
from typing import Any, Final

from mockserver.engine.asking import Asking
from mockserver.wire.catalogue import CATALOGUE, NamedError
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError
from mockserver.wire.headers import ORGANIZATION_ID
from mockserver.wire.rates import Limit, exhausted_limit


def make_error(spec: JsonObject, asking: Asking) -> ApiError:
    """Return the error of a rendered spec; what the spec gives wins over what its name stands for."""
    named = CATALOGUE.get(spec["type"])
    usual: dict[str, Any] = _usual(named, asking) if named else {"kind": spec["type"]}
    given = {key: spec[key] for key in ("message", "status", "details") if key in spec}
    usual["headers"] = _headers(spec["type"], named, spec.get("retry_after"), asking.now)
    arguments = usual | given
    return ApiError(arguments.pop("kind"), arguments.pop("message", None), **arguments)


def _usual(named: NamedError, asking: Asking) -> dict[str, Any]:
    return {
        "kind": named.type,
        "message": words(named.message, asking),
        "status": named.status,
        "details": named.all_details,
        "bare": named.bare,
    }


def words(message: str, asking: Asking) -> str:
    """Return a message with what it says of organization, model and time filled in; other braces are its own."""
    values = {
        "{org}": ORGANIZATION_ID,
        "{model}": str((asking.body or {}).get("model", "")),
        "{date}": _next_month(asking.now),
    }
    for name, value in values.items():
        message = message.replace(name, value)
    return message


def _next_month(now: datetime) -> str:
    first = now.replace(day=1) + timedelta(days=32)
    return first.replace(day=1).date().isoformat()


def _headers(name: str, named: NamedError | None, retry_after: float | None, now: datetime) -> dict[str, str]:
    """Return the headers of an error; a bare `rate_limit_error` says that no requests are left (recorded: all do)."""
    seconds = named.retry_after if named and retry_after is None else retry_after
    headers = {} if seconds is None else {"retry-after": _seconds(seconds)}
    exhausted = named.exhausted if named else _EXHAUSTED.get(name)
    return headers | (exhausted_limit(exhausted, now, seconds or 0) if exhausted else {})


_EXHAUSTED: Final[dict[str, Limit]] = {"rate_limit_error": "requests"}
"""Type of an error without a name -> the limit that it has reached."""


def _seconds(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
