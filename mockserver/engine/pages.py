"""Answers that are not the API's: the front page and preflights. Their text begins `mockserver:`."""

import difflib
from datetime import datetime

from mockserver.reply.steps import Data, Head, Reply, whole
from mockserver.validation.fault import EXTRA
from mockserver.validation.incoming import Incoming
from mockserver.validation.schema import opening_betas
from mockserver.wire.headers import date_header, preflight_headers
from mockserver.wire.registry import Registry

_FRONT = (
    b"mockserver: a mock of the Anthropic Messages API. Point a client's base URL here "
    b"(ANTHROPIC_BASE_URL) and POST to /v1/messages.\n"
)


_HINTS = (
    ("/v1/v1/", "the base URL must not end in /v1: SDKs add it themselves"),
    ("/v1/", "there are /v1/messages, /v1/messages/count_tokens, /v1/messages/batches, /v1/models and /v1/files"),
)


def hint(incoming: Incoming, reason: str, models: Registry) -> str:
    """Return the reason of a refusal, for the log; what is nearly right gets a word of advice."""
    if reason.startswith("model: ") and " " not in reason.removeprefix("model: "):
        return f"{reason} ({_about_model(reason.removeprefix('model: '), models)})"
    field, _, sentence = reason.partition(": ")
    if sentence == EXTRA and (betas := opening_betas(field)):
        return f"{reason} (it needs the header anthropic-beta: {' or '.join(betas)})"
    if reason != "Not Found":
        return reason
    advice = next((words for start, words in _HINTS if incoming.path.startswith(start)), "")
    return f"{reason} ({advice})" if advice else reason


def _about_model(name: str, models: Registry) -> str:
    known = models.known(name)
    if known is not None:
        return f"retired on {known.retires}; without --retired-models reject it answers"
    close = difflib.get_close_matches(name, models.names, n=1)
    return (f"did you mean {close[0]}? " if close else "") + f"--model {name} adds it"


def find(incoming: Incoming, now: datetime) -> Reply | None:
    """Return the page for a request; None where it is one for the API."""
    if incoming.method == "OPTIONS" and "access-control-request-method" in incoming.headers:
        return whole(Head(204, date_header(now) | preflight_headers(incoming.headers), 0))
    if incoming.path == "/" and incoming.method in ("GET", "HEAD"):
        headers = date_header(now) | {"content-type": "text/plain; charset=utf-8", "server": "mockserver"}
        return whole(Head(200, headers, len(_FRONT)), Data(_FRONT))
    return None
