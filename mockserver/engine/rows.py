"""A row of a message batch: a request like any other, whose answer becomes a line of the results. Not here: batches.

Source: recorded results for the answers; captured results for the errors (`error_visibility`, `workerreq_…`).
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from mockserver.engine.asking import Asking
from mockserver.engine.delivery import Made, final, promise, settle
from mockserver.engine.disturbing import finish
from mockserver.reply.steps import Data, Head, Reply, whole
from mockserver.state.batches import Row
from mockserver.state.journal import Exchange, Trial
from mockserver.validation.incoming import Incoming
from mockserver.wire.encoding import JsonObject, decode, encode
from mockserver.wire.errors import ApiError
from mockserver.wire.telling import redact

ENDPOINT: Final = "batches"
"""What matchers know a row by."""

_PATH: Final = "/v1/messages"
_OK: Final = 200


class Request(NamedTuple):
    """One of the `requests` of a batch; `shown` are its `params` as the journal may keep them."""

    batch: str
    custom_id: str
    params: JsonObject
    shown: JsonObject


class Answered(NamedTuple):
    """A row with its answer."""

    asking: Asking
    custom_id: str
    reply: Reply


AnswerRow = Callable[[Asking, Request], Answered]
"""Answers a row of the batch that the first argument asked for."""


def requests_of(batch: Asking, batch_id: str) -> Iterator[Request]:
    """Yield the rows of a batch that is to be created."""
    shown = (batch.exchange.body or {})["requests"]
    for row, told in zip((batch.body or {})["requests"], shown, strict=True):
        yield Request(batch_id, row["custom_id"], row["params"], told["params"])


def asked(batch: Asking, request: Request) -> Asking:
    """Return a row as a request of its own, in the journal, too: with the headers and the time of its batch."""
    parent, came, body = batch.exchange, batch.incoming, _written(request.params)
    exchange = Exchange(
        number=batch.world.count_request(),
        session=parent.session,
        method=parent.method,
        path=_PATH,
        trial=Trial(parent.trial.arrived, parent.trial.began, ended=parent.trial.arrived, finished=parent.trial.began),
        headers=parent.headers,
        body=request.shown,
        received=len(body),
        validation=parent.validation,
        batch=request.batch,
        custom_id=redact(request.custom_id),
        sent="whole",
    )
    batch.world.journal.open(exchange, len(body))
    incoming = Incoming(came.method, _PATH, came.headers, body, base=came.base)
    return Asking(incoming, batch.world, exchange, batch.managed, endpoint=ENDPOINT)


def _written(params: JsonObject) -> bytes:
    """Return the bytes of a row; none where it is nested so deeply that judging it will fail, too."""
    try:
        return encode(params)
    except RecursionError:
        return b""


def answered(row: Asking, answer: Reply | Made) -> Reply:
    """Return the plan of a row's answer: a body alone, for headers, delays and what breaks belong to connections."""
    row.faults, row.delay = (), 0.0
    if not isinstance(answer, Made):
        return finish(row, answer)
    message = final(row, answer).message
    promise(row, message)
    settle(row)
    return _bare(_OK, encode(message))


def failed(error: ApiError, row: Asking) -> Reply:
    """Return the plan of a row's error."""
    return _bare(error.status, encode(error.body(row.source.request_id())))


def _bare(status: int, body: bytes) -> Reply:
    return whole(Head(status, {}, len(body)), Data(body))


def row_of(done: Answered) -> Row:
    """Return what the batch keeps of an answered row."""
    row, body = done.asking, done.reply.body
    seconds = row.settings.batch_delay if row.batch_delay is None else row.batch_delay
    if row.exchange.status == _OK:
        return Row(done.custom_id, "succeeded", b'{"type":"succeeded","message":%b}' % body, seconds)
    result = encode({"type": "errored", "error": _error(row, decode(body))})
    return Row(done.custom_id, "errored", result, seconds)


def _error(row: Asking, body: JsonObject) -> JsonObject:
    """Return an error as results tell it; one that was refused before it ran has no request id (captured)."""
    error: dict[str, Any] = body["error"]
    details = {"error_visibility": "user_facing", **(error.get("details") or {})}
    ran = row.exchange.verdict != "refused"
    return {
        "type": "error",
        "error": {"details": details, "type": error["type"], "message": error["message"]},
        "request_id": row.source.object_id("workerreq_") if ran else None,
    }
