"""The book of message batches: what each row was answered with, and what is told of it when. Not here: answering rows.

Source: the documentation of message batches, the `anthropic` package, recorded batches (2024-10 to 2026-08). A row is
answered when its batch is created, and becomes visible when its time has come: until the whole batch has ended, every
row counts as processing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from mockserver.wire.frozen import frozen

Status = Literal["in_progress", "canceling", "ended"]
Outcome = Literal["succeeded", "errored", "canceled", "expired"]

OUTCOMES: Final[tuple[Outcome, ...]] = ("succeeded", "errored", "canceled", "expired")
"""What may become of a row, in the order in which they are counted (recorded)."""

EXPIRES: Final = timedelta(hours=24)
"""After this time a batch ends, and rows that are not done have expired (documentation)."""
ARCHIVED: Final = timedelta(days=29)
"""So long after its creation the results of a batch can be had (documentation)."""
CANCELING: Final = timedelta(seconds=1)
"""How long it takes until a batch that is canceled has ended, where it would not end sooner: ours."""

MOST_BATCHES: Final = 1000
MOST_BYTES: Final = 256 * 1024 * 1024
"""What a session keeps: batches, and bytes of their results. Beyond that the oldest are forgotten."""
MOST_AT_WORK: Final = 100
"""Batches of a session whose rows are being answered; of more, none is made."""


@frozen
class Row:
    """One request of a batch: its `custom_id`, what it was answered with, as JSON, and the seconds that this took."""

    custom_id: str
    outcome: Literal["succeeded", "errored"]
    result: bytes
    seconds: float


@dataclass(slots=True)
class Batch:
    """A batch of `size` rows, of which those are known that were answered so far."""

    id: str
    created: datetime
    size: int
    rows: list[Row] = field(default_factory=list)
    bytes: int = 0
    canceled: datetime | None = None
    _longest: float = 0.0
    _counted: dict[Outcome, int] | None = None

    def add(self, row: Row) -> None:
        """Take the answer of the next row."""
        self.rows.append(row)
        self.bytes += len(row.result)
        self._counted = None
        self._longest = max(self._longest, row.seconds)

    @property
    def expires(self) -> datetime:
        """When it ends, whatever has become of its rows."""
        return self.created + EXPIRES

    @property
    def ends(self) -> datetime:
        """When it ends, as far as is known now."""
        done = min(self.created + timedelta(seconds=self._longest), self.expires)
        return done if self.canceled is None else min(done, self.canceled + CANCELING)

    @property
    def archived(self) -> datetime:
        """When its results are gone."""
        return self.created + ARCHIVED

    def status(self, now: datetime) -> Status:
        """Return its status at a time."""
        if len(self.rows) == self.size and self.ends <= now:
            return "ended"
        return "in_progress" if self.canceled is None else "canceling"

    def is_archived(self, now: datetime) -> bool:
        """Whether its results are gone at a time."""
        return self.archived <= now

    def cancel(self, now: datetime) -> None:
        """Let the rows that are not done be canceled; a second time changes nothing."""
        self.canceled = self.canceled or now
        self._counted = None

    def counts(self) -> dict[Outcome, int]:
        """Return how many rows end in which way, once it has ended; then nothing changes any more."""
        if self._counted is None:
            told = Counter(map(self.outcome, self.rows))
            self._counted = {outcome: told[outcome] for outcome in OUTCOMES}
        return self._counted

    def outcome(self, row: Row) -> Outcome:
        """Return how a row ends: one that is not done when the batch is canceled or expires is never answered."""
        done = self.created + timedelta(seconds=row.seconds)
        if self.canceled is not None and done > self.canceled:
            return "canceled"
        return "expired" if done >= self.expires else row.outcome


class Batches:
    """The batches of a session, the newest first; the oldest are forgotten when there are too many."""

    def __init__(self, most: int = MOST_BATCHES, most_bytes: int = MOST_BYTES) -> None:
        self._by_id: dict[str, Batch] = {}
        self._most = most
        self._most_bytes = most_bytes

    def __iter__(self) -> Iterator[Batch]:
        return reversed(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def at_work(self) -> int:
        """How many batches have rows that are not answered yet."""
        return sum(len(batch.rows) < batch.size for batch in self._by_id.values())

    def get(self, name: str) -> Batch | None:
        """Return the batch of an id."""
        return self._by_id.get(name)

    def add(self, batch: Batch) -> None:
        """Keep a new batch."""
        self._by_id[batch.id] = batch

    def remove(self, name: str) -> None:
        """Forget a batch."""
        del self._by_id[name]

    def copy(self) -> "Batches":
        """Return a book in which what is changed changes nothing in this one."""
        other = Batches(self._most, self._most_bytes)
        other._by_id = {name: replace(batch) for name, batch in self._by_id.items()}
        return other

    def shrink(self) -> list[str]:
        """Forget the oldest batches where there is no room for all; return their ids. The newest one is kept."""
        forgotten: list[str] = []
        held = sum(batch.bytes for batch in self._by_id.values())
        while len(self._by_id) > 1 and (len(self._by_id) > self._most or held > self._most_bytes):
            oldest = next(iter(self._by_id))
            held -= self._by_id.pop(oldest).bytes
            forgotten.append(oldest)
        return forgotten
