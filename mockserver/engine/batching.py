"""Message batches: made, told of, canceled, deleted, and their results. Not here: answering a row (`rows`).

Sources: recorded batches (2024-10 to 2026-08) for keys, their order, times and headers; the documentation and the
`anthropic` package for states, counts and limits. What is inferred stands in docs/fidelity.md.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NoReturn

from mockserver.engine.asking import Asking
from mockserver.engine.rows import AnswerRow, requests_of, row_of
from mockserver.reply import plan
from mockserver.reply.steps import Reply
from mockserver.state.batches import MOST_AT_WORK, OUTCOMES, Batch, Outcome
from mockserver.state.journal import Exchange
from mockserver.validation.paging import read_paging
from mockserver.validation.transport import Route
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.errors import ApiError, own_refusal
from mockserver.wire.headers import attachment
from mockserver.wire.telling import redact

log = logging.getLogger("mockserver")

_POLL: Final = {"retry-after": "10"}
"""Header of a batch that has not ended (recorded)."""

AT_WORK: Final = "{most} batches of this session are being answered; wait until one of them is"


def create(asking: Asking) -> tuple[Reply, Batch]:
    """Return the plan that tells of a new batch, and the batch; its rows are still to be answered (`work`)."""
    body = asking.body or {}
    if asking.world.batches.at_work >= MOST_AT_WORK:
        raise own_refusal("overloaded_error", AT_WORK.format(most=MOST_AT_WORK))
    batch = Batch(asking.source.object_id("msgbatch_"), asking.now, len(body["requests"]))
    asking.world.batches.add(batch)
    return _told(asking, batch, "in_progress"), batch


def work(asking: Asking, batch: Batch, answer: AnswerRow) -> Iterator[None]:
    """Answer the rows of a batch, one at each step."""
    exchanges: list[Exchange] = []
    for request in requests_of(asking, batch.id):
        done = answer(asking, request)
        batch.add(row_of(done))
        exchange = done.asking.exchange
        _end(exchange, batch.outcome(batch.rows[-1]))
        exchanges.append(exchange)
        yield
    asking.exchange.note = _note(batch, exchanges)
    for name in asking.world.batches.shrink():
        log.warning("session %r keeps no more batches: %s, the oldest, is forgotten", asking.world.name, name)


def _end(exchange: Exchange, outcome: Outcome) -> None:
    """Note how a row ends; an answer that nobody gets costs nothing."""
    exchange.outcome = outcome
    if outcome in ("canceled", "expired"):
        exchange.usage = None


def retrieve(asking: Asking, route: Route) -> Reply:
    """Tell of a batch. Where waits take no time, so does the one for its end: whoever looks finds that it has come.

    A clock that stands still is moved by nobody but its owner.
    """
    batch = _found(asking, route)
    clock = asking.world.clock
    if clock.skips and not clock.is_frozen and batch.status(asking.now) != "ended":
        clock.advance_to(batch.ends.timestamp())
        asking.exchange.trial.arrived = max(asking.now, batch.ends)
    return _told(asking, batch)


def list_(asking: Asking, _route: Route) -> Reply:
    """Tell of a page of the batches, the newest first."""
    asking.warn_of_others("batches")
    batches = {batch.id: batch for batch in asking.world.batches}
    page = read_paging(asking.incoming.parameters).page([{"id": name} for name in batches])
    return _shown(asking, page | {"data": [_as_json(asking, batches[item["id"]]) for item in page["data"]]})


def cancel(asking: Asking, route: Route) -> Reply:
    """Let what of a batch is not done be canceled. One that has ended stays as it is (inferred)."""
    batch = _found(asking, route)
    if batch.status(asking.now) != "ended":
        batch.cancel(asking.now)
        outcomes = {redact(row.custom_id): batch.outcome(row) for row in batch.rows}
        for exchange in asking.world.journal.exchanges:
            if exchange.batch == batch.id and exchange.custom_id in outcomes:
                _end(exchange, outcomes[exchange.custom_id])
    return _told(asking, batch)


def delete(asking: Asking, route: Route) -> Reply:
    """Forget a batch; one that has not ended must be canceled first (captured)."""
    batch = _found(asking, route)
    if batch.status(asking.now) != "ended":
        raise ApiError(
            "invalid_request_error",
            "In progress batches cannot be deleted. Consider canceling the batch instead.",
        )
    asking.world.batches.remove(batch.id)
    return _shown(asking, {"id": batch.id, "type": "message_batch_deleted"})


def results(asking: Asking, route: Route) -> Reply:
    """Return the results, a line a row, in the order of the rows; refuse where there are none."""
    batch = _found(asking, route)
    if batch.status(asking.now) != "ended" or batch.is_archived(asking.now):
        raise ApiError("not_found_error", f"Message Batch {batch.id} has no available results.")
    asking.exchange.verdict = "batched"
    more = {"content-type": "application/x-jsonl"} | attachment(f"{batch.id}_results.jsonl")
    return plan.whole_body(b"".join(_lines(batch)), asking.envelope, more)


HANDLERS: Final[dict[str, Callable[[Asking, Route], Reply]]] = {
    "batches.list": list_,
    "batches.retrieve": retrieve,
    "batches.cancel": cancel,
    "batches.delete": delete,
    "batches.results": results,
}
"""Operation -> what answers it; `batches.create` is the pipeline's, since its rows go through it."""


def _note(batch: Batch, exchanges: list[Exchange]) -> str:
    """Return what is known of a batch from the beginning, for journal and log; of what went wrong, the first."""
    counts = [f"{number} {outcome}" for outcome, number in batch.counts().items() if number]
    if made_up := sum(exchange.verdict == "fallback" for exchange in exchanges):
        counts.append(f"{made_up} made up")
    wrong = next((exchange for exchange in exchanges if exchange.outcome == "errored"), None)
    why = "" if wrong is None else f"; {wrong.custom_id!r}: {wrong.reason}"
    return f"{batch.id}, {batch.size} row{'s' * (batch.size != 1)}: {', '.join(counts)}{why}"


def _found(asking: Asking, route: Route) -> Batch:
    return asking.world.batches.get(route.id) or _unknown(asking, route.id)


def _unknown(asking: Asking, name: str) -> NoReturn:
    asking.warn_of_others("batches")
    raise ApiError("not_found_error", f"Message Batch {name} not found.")


def _lines(batch: Batch) -> Iterator[bytes]:
    for row in batch.rows:
        outcome = batch.outcome(row)
        result = row.result if outcome == row.outcome else encode({"type": outcome})
        yield b'{"custom_id":%b,"result":%b}\n' % (encode(row.custom_id), result)


def _told(asking: Asking, batch: Batch, status: str = "") -> Reply:
    told = _as_json(asking, batch, status)
    polled = not status and told["processing_status"] != "ended" and asking.incoming.method == "GET"
    return _shown(asking, told, _POLL if polled else {})


def _shown(asking: Asking, body: JsonObject, more: dict[str, str] | None = None) -> Reply:
    asking.exchange.verdict = "batched"
    return plan.plain(body, asking.envelope, more or {})


def _as_json(asking: Asking, batch: Batch, status: str = "") -> JsonObject:
    """Return the batch as the API tells of it, in the recorded order of keys."""
    now = asking.now
    status = status or batch.status(now)
    ended, archived = status == "ended", batch.is_archived(now)
    has_results = ended and not archived
    counts = batch.counts() if ended else dict.fromkeys(OUTCOMES, 0)
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": status,
        "request_counts": {"processing": 0 if ended else batch.size, **counts},
        "ended_at": _moment(batch.ends) if ended else None,
        "created_at": _moment(batch.created),
        "expires_at": _moment(batch.expires),
        "archived_at": _moment(batch.archived) if archived else None,
        "cancel_initiated_at": _moment(batch.canceled) if batch.canceled else None,
        "results_url": f"{asking.incoming.base}/v1/messages/batches/{batch.id}/results" if has_results else None,
    }


def _moment(when: datetime) -> str:
    """Return a time as recorded: microseconds, and an offset in figures."""
    return when.isoformat(timespec="microseconds")
