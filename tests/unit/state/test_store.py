"""The store: books of sessions, whose they are where several processes serve one port, and numbers that nobody repeats."""

from dataclasses import dataclass, fields

import pytest

from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.settings import Settings
from mockserver.state.sessions import Session
from mockserver.state.store import ALONE, BOOKS, MemoryStore, Place, Room, own, told

ROOM = Room(exchanges=10, file_quota=100)
NO_BOOKS = {"name", "requests", "first", "step"}
"""What a session counts and is called by: of that no client meets anything but numbers."""


@dataclass(frozen=True)
class Elsewhere(MemoryStore):
    """A store that all processes see, of some of the books."""

    shared: bool = True
    holds: tuple[str, ...] = ("ledger", "limits")


def test_the_table_names_all_that_outlives_a_request():
    """A book that is added to a session must say what several workers mean for it."""
    books = {field.name for field in fields(Session)} - NO_BOOKS
    others = set(BOOKS) - books
    assert books <= set(BOOKS)
    assert others == {"scenarios", "settings", "clock"}
    world = Engine(Library(), Settings()).sessions.get("a")
    assert all(hasattr(world, name) for name in (*books, "own", "settings", "clock"))


@pytest.mark.parametrize(
    ("store", "alone"),
    [
        (MemoryStore(), []),
        (MemoryStore(Place(1, 2)), list(BOOKS)),
        (Elsewhere(Place(1, 2)), [book for book in BOOKS if book not in ("ledger", "limits")]),
        (Elsewhere(ALONE), []),
    ],
    ids=["one process", "several", "several that share something", "one that could share"],
)
def test_what_each_process_has_alone(store, alone):
    assert own(store) == alone
    assert own(store, ["limits"]) == [book for book in alone if book == "limits"]


def test_books_are_told_in_words():
    assert told(["limits", "files"]) == "rate limits; files"
    assert str(Place(2, 4)) == "worker 2 of 4"


@pytest.mark.parametrize("of", [1, 2, 3])
def test_the_numbers_of_requests_are_dealt_out(of):
    """Each process counts in its own row, and together they are all numbers, once."""
    sessions = [MemoryStore(Place(number, of)).open("a", ROOM) for number in range(1, of + 1)]
    dealt = [[session.count_request() for _ in range(4)] for session in sessions]
    assert all(numbers == sorted(numbers) for numbers in dealt)
    assert sorted(number for numbers in dealt for number in numbers) == list(range(4 * of))
    assert [session.requests for session in sessions] == [4] * of


def test_the_engine_opens_books_by_its_store_and_by_nothing_else():
    opened = []

    class Watched(MemoryStore):
        def open(self, session, room):
            books = super().open(session, room)
            opened.append((session, room, books))
            return books

    engine = Engine(Library(), Settings(max_exchanges=7, file_quota=50), store=Watched())
    worlds = [engine.sessions.get("a"), engine.sessions.get("b")]
    engine.sessions.reset("a")
    assert [(name, room) for name, room, _ in opened] == [(name, Room(7, 50)) for name in ("a", "b", "a")]
    for world, (_, _, books) in zip(worlds, opened, strict=False):
        assert all(getattr(world, name) is book for name, book in books.books().items())
