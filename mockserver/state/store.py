"""The store: where the books of sessions are kept, and which processes see them. Not here: the books themselves.

The engine asks a store for the books of a session when it makes that session, and for nothing else. What several
processes that serve one port do not share, each has alone: the table says what clients notice of that.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from mockserver.state.files import Files
from mockserver.state.journal import Journal
from mockserver.state.sessions import Session
from mockserver.wire.frozen import frozen

BOOKS: Final[Mapping[str, str]] = {
    "attempts": "attempts and what follows on them (sequences of outcomes, chance, chaos)",
    "ledger": "the prompt cache",
    "limits": "rate limits",
    "journal": "the journal, and what is judged or counted by it",
    "threads": "threads",
    "traces": "cache diagnostics",
    "batches": "message batches",
    "files": "files",
    "scenarios": "scenarios that are added while it runs",
    "settings": "settings that are changed while it runs",
    "clock": "clocks that are set or moved",
}
"""All that outlives a request, and what of it a client meets: the books of a session, and what else is its own."""


@frozen
class Place:
    """Which process this is of those that serve one port: its number, from 1, and how many there are."""

    number: int = 1
    of: int = 1

    def __str__(self) -> str:
        return f"worker {self.number} of {self.of}"


ALONE: Final = Place()
"""A server that is one process."""


@frozen
class Room:
    """What a session may keep: exchanges, and bytes of files, those in a folder where one is given."""

    exchanges: int
    file_quota: int
    files_folder: Path | None = None


class Store(Protocol):
    """Keeps the books of sessions for one process.

    A later one may keep them where all processes of a server see them: then those that it holds are no longer among
    what each has alone (`own`), and all that is said and refused for that follows.
    """

    @property
    def place(self) -> Place:
        """That process."""

    @property
    def shared(self) -> bool:
        """Whether all processes see what it keeps."""

    @property
    def holds(self) -> Collection[str]:
        """Which of the `BOOKS` it keeps."""

    def open(self, session: str, room: Room) -> Session:
        """Return the books of a session that begins."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryStore:
    """Keeps books in the memory of one process; no other sees them.

    The numbers of requests, which order ids, are dealt out among the processes, so that no two give the same.
    """

    place: Place = ALONE
    shared: bool = field(default=False, init=False)
    holds: Collection[str] = field(default=tuple(BOOKS), init=False)

    def open(self, session: str, room: Room) -> Session:
        """Return new books."""
        return Session(
            session,
            first=self.place.number - 1,
            step=self.place.of,
            journal=Journal(room.exchanges),
            files=Files(room.file_quota, room.files_folder),
        )


def own(store: Store, books: Iterable[str] = BOOKS) -> list[str]:
    """Return which of these books the process of a store has alone, though others serve the same port."""
    return [book for book in books if store.place.of > 1 and not (store.shared and book in store.holds)]


def told(books: Iterable[str]) -> str:
    """Return books in words."""
    return "; ".join(BOOKS[book] for book in books)
