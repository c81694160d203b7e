"""One readable line per request for the log. Not here: where it is written."""

from collections.abc import Iterable, Iterator
from typing import Final

from mockserver.state.episodes import Episode
from mockserver.state.journal import Exchange, Verdict
from mockserver.wire.telling import printable, redact

_VERDICTS: Final[dict[Verdict, str]] = {
    "answered": "{scenario} turn {turn}{attempt}",
    "fallback": "fallback: {reason}",
    "counted": "the token estimate",
    "listed": "the models of this server",
    "batched": "the message batches of this session",
    "filed": "the files of this session",
    "page": "a page of this server",
    "chaos": "chaos: {reason}",
    "limited": "rate limit: {reason}",
    "refused": "refused: {reason}",
    "unmatched": "unmatched: {reason}",
    "unexpected": "unexpected: {reason}",
    "bug": "{reason}",
}


LONGEST: Final = 4000
"""Characters of a line: the name of a model that does not exist can have millions."""

_MOST_ROWS: Final = 20
"""Rows of a batch that have a line each."""


def line(exchange: Exchange, seconds: float, episode: Episode | None = None) -> str:
    """Return the line: what was asked, what answered, what broke, how it ended; `episode`: which failure it answers."""
    attempt = f" attempt {exchange.attempt}" if exchange.attempt else ""
    words = _VERDICTS[exchange.verdict].format(
        scenario=exchange.scenario, turn=exchange.turn, attempt=attempt, reason=exchange.reason
    )
    if exchange.verdict == "answered" and exchange.reason:
        words = f"{words}: {exchange.reason}"
    model = exchange.body.get("model") if exchange.body else None
    parts = [
        "" if exchange.session == "default" else f"[{exchange.session}]",
        f"#{exchange.number} {exchange.method} {exchange.prefix}{exchange.path}",
        f"row {exchange.custom_id!r} {exchange.outcome}" if exchange.batch else "",
        str(exchange.status or "no status"),
        str(model or ""),
        "stream" if exchange.streamed else "",
        "" if exchange.batch else f"{seconds * 1000:.1f} ms",
        "" if exchange.sent == "whole" else f"({exchange.sent})",
        f"<- {words}",
        exchange.faults and f"!! {', '.join(exchange.faults)}",
        episode and _again(episode),
        exchange.note and f"({exchange.note})",
        exchange.warning and f"[{exchange.warning}]",
    ]
    return printable(redact(_shortened(" ".join(part for part in parts if part))))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def rows_told(batch: Exchange, exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Yield a line for each row of a batch that was created: the first ones, and how many more there are."""
    if batch.verdict != "batched" or "requests" not in (batch.body or {}):
        return
    first = next((row for row in exchanges if row.batch and row.number > batch.number), None)
    rows = [row for row in exchanges if first is not None and row.batch == first.batch]
    yield from (line(row, 0.0) for row in rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield f"… {len(rows) - _MOST_ROWS:,} more rows"


def _again(episode: Episode) -> str:
    when = "" if episode.waited is None else f"after {episode.waited:.2f} s "
    return f"({when}again: #{episode.failed.number})"
