"""What of an answer fails its client, for the verdict on what the client did then. Not here: the verdict (`state`).

Source: the SDKs' rules: `x-should-retry` decides; without it 408, 409, 429 and every 5xx are worth another try.
"""

from typing import Final

from mockserver.engine.asking import Asking
from mockserver.reply.faults import FATAL
from mockserver.reply.steps import Hang, Reply
from mockserver.state.journal import Failure
from mockserver.wire.encoding import JsonObject, decode
from mockserver.wire.errors import ERRORS

_RETRYABLE: Final = (408, 409, 429)
_SERVER_ERROR: Final = 500
_ERROR: Final = 400


def failure_of(asking: Asking, reply: Reply) -> Failure | None:
    """Return how this answer fails its client; None where it does not."""
    status, headers = reply.head.status, reply.head.headers
    hangs = bool(asking.broken) and any(isinstance(step, Hang) for step in (*reply.steps, *reply.head.between))
    fatal = [(fault.kind, error) for fault, error in asking.broken if fault.kind in FATAL]
    if status >= _ERROR and reply.is_sent and not hangs:
        retryable = _is_retryable(status, headers.get("x-should-retry"))
        return Failure(f"{status} {_type_in(reply)}".strip(), retryable, _seconds(headers))
    if not fatal:
        return None
    kind, error = fatal[0]
    return Failure(FATAL[kind], error is None or _may_pass(error), hangs=hangs)


def _is_retryable(status: int, advice: str | None) -> bool:
    if advice is not None:
        return advice == "true"
    return status in _RETRYABLE or status >= _SERVER_ERROR


def _type_in(reply: Reply) -> str:
    """Return the type of the error in the body; nothing where it is no error of the API."""
    try:
        return str(decode(reply.body)["error"]["type"])
    except (ValueError, KeyError, TypeError):
        return ""


def _may_pass(error: JsonObject) -> bool:
    """Whether an error of this type may be gone the next time."""
    usual = ERRORS.get(error["type"])
    return usual is None or _is_retryable(error.get("status") or usual.status, None)


def _seconds(headers: dict[str, str]) -> float | None:
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None
