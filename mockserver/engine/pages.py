"""Answers that are not the API's: the front page and preflights. Their text begins `mockserver:`."""

from datetime import datetime

from mockserver.reply.steps import Data, Head, Reply
from mockserver.validation.incoming import Incoming
from mockserver.wire.headers import date_header, preflight_headers

_FRONT = (
    b"mockserver: a mock of the Anthropic Messages API. Point a client's base URL here "
    b"(ANTHROPIC_BASE_URL) and POST to /v1/messages.\n"
)


_HINTS = (
    ("/v1/v1/", "the base URL must not end in /v1: SDKs add it themselves"),
    ("/v1/", "there are /v1/messages, /v1/messages/count_tokens, /v1/messages/batches, /v1/models and /v1/files"),
)


def hint(incoming: Incoming, reason: str) -> str:
    """Return the reason of a refusal, for the log; a path that is nearly right gets a word of advice."""
    if reason != "Not Found":
        return reason
    advice = next((words for start, words in _HINTS if incoming.path.startswith(start)), "")
    return f"{reason} ({advice})" if advice else reason


def find(incoming: Incoming, now: datetime) -> Reply | None:
    """Return the page for a request; None where it is one for the API."""
    if incoming.method == "OPTIONS" and "access-control-request-method" in incoming.headers:
        return Reply((Head(204, date_header(now) | preflight_headers(incoming.headers), 0),))
    if incoming.path == "/" and incoming.method in ("GET", "HEAD"):
        headers = date_header(now) | {"content-type": "text/plain; charset=utf-8", "server": "mockserver"}
        return Reply((Head(200, headers, len(_FRONT)), Data(_FRONT)))
    return None
