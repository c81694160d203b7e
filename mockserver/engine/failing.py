"""What of an answer fails its client, for the verdict on what the client did then. Not here: the verdict (`state`).

Source: the SDKs' rules: `x-should-retry` decides; without it 408, 409, 429 and every 5xx are worth another try; how
long to wait is in `retry-after-ms`, else in `retry-after`, as seconds or a date.
"""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from mockserver.engine.asking import Asking
from mockserver.engine.errors import make_error
from mockserver.reply.faults import FATAL
from mockserver.reply.steps import Cut, Hang, Reply
from mockserver.state.journal import Failure
from mockserver.wire.encoding import JsonObject, decode

_RETRYABLE: Final = (408, 409, 429)
_SERVER_ERROR: Final = 500
_ERROR: Final = 400


def failure_of(asking: Asking, reply: Reply) -> Failure | None:
    """Return how this answer fails its client; None where it does not."""
    head = reply.head
    if head.status >= _ERROR and _tells_its_status(asking, reply):
        retryable = _is_retryable(head.status, head.headers.get("x-should-retry"))
        words = f"{head.status} {_type_in(reply)}".strip()
        return Failure(words, retryable, _retry_after(head.headers, asking.begins))
    return next(_fatal(asking, reply), None)


def _tells_its_status(asking: Asking, reply: Reply) -> bool:
    """Whether the client gets the whole head, and an end."""
    if not reply.is_sent or any(isinstance(step, Cut | Hang) for step in reply.head.between):
        return False
    return not (asking.broken and any(isinstance(step, Hang) for step in reply.steps))


def _fatal(asking: Asking, reply: Reply) -> Iterator[Failure]:
    """Yield what of the faults no client can overlook."""
    for fault, error in asking.broken:
        fatal = FATAL.get(fault.kind)
        if fatal is not None and fatal.harms(fault, reply):
            yield Failure(fatal.words, error is None or _may_pass(asking, error), early=True)


def _is_retryable(status: int, advice: str | None) -> bool:
    if advice is not None:
        return advice == "true"
    return status in _RETRYABLE or status >= _SERVER_ERROR


def _may_pass(asking: Asking, spec: JsonObject) -> bool:
    """Whether this error may be gone the next time."""
    error = make_error(spec, asking)
    return _is_retryable(error.status, error.headers.get("x-should-retry"))


def _type_in(reply: Reply) -> str:
    """Return the type of the error in the body; nothing where it is no error of the API."""
    try:
        return str(decode(reply.body)["error"]["type"])
    except (ValueError, KeyError, TypeError):
        return ""


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the client is asked to wait; None where it is not asked, or cannot understand it."""
    with contextlib.suppress(KeyError, ValueError):
        return float(headers["retry-after-ms"]) / 1000
    with contextlib.suppress(KeyError, ValueError):
        return float(headers["retry-after"])
    with contextlib.suppress(KeyError, ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(headers["retry-after"]) - now).total_seconds())
    return None
