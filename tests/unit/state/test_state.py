"""The clock, sessions and the journal."""

from datetime import UTC, datetime, timedelta

import pytest

from mockserver.state.clock import Clock
from mockserver.state.journal import Exchange, Journal, Trial
from mockserver.state.sessions import Session


def test_a_frozen_clock_moves_by_hand_alone():
    clock = Clock.frozen("2026-11-20T10:00:00Z")
    assert clock.now() == clock.now() == datetime(2026, 11, 20, 10, tzinfo=UTC)
    clock.advance(90)
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 11, 20, 11, 1, 30, tzinfo=UTC)
    assert clock.is_frozen


def test_a_time_without_a_zone_is_utc_and_another_zone_is_converted():
    assert Clock.frozen("2026-01-01").now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert Clock.frozen("2026-01-01T02:00:00+02:00").now().isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_real_clock_runs_can_be_advanced_and_frozen():
    clock = Clock()
    assert not clock.is_frozen
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    clock.advance(3600)
    assert clock.now() - datetime.now(UTC) > timedelta(minutes=59)
    clock.freeze()
    assert clock.now() == clock.now()


def test_a_clock_does_not_go_back():
    with pytest.raises(ValueError, match="cannot go back"):
        Clock().advance(-1)


def test_a_session_counts_requests_and_attempts():
    session = Session("a")
    assert [session.count_request() for _ in range(2)] == [0, 1]
    assert [session.count_attempt(k) for k in (b"x", b"y", b"x")] == [0, 0, 1]


def test_the_journal_forgets_the_oldest():
    journal = Journal(most=2)
    for number in range(3):
        journal.open(Exchange(number, "s", "POST", "/", Trial(datetime.now(UTC), 0), verdict="answered"), 0)
    assert [e.number for e in journal.exchanges] == [1, 2]
    assert journal.forgotten == {"answered": 1}
    journal.keep(1)
    assert [e.number for e in journal.exchanges] == [2]


def test_the_journal_holds_so_many_bytes_and_always_the_latest():
    journal = Journal(most=100, most_bytes=1000)
    sizes = []
    for number in range(5):
        exchange = Exchange(number, "s", "POST", "/", Trial(datetime.now(UTC), 0), headers={"a": "b" * 98})
        journal.open(exchange, 100)
        journal.planned(exchange, (b"x" * 200, b"y" * (5000 if number == 4 else 100)))
        sizes.append([e.number for e in journal.exchanges])
    assert sizes == [[0], [0, 1], [1, 2], [2, 3], [4]]
    assert journal.forgotten.total() == 4
    journal.clear()
    assert (journal.exchanges, journal.forgotten) == ((), {})
