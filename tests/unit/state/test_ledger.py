"""The ledger: lifetimes on the mock clock, and its limit."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from helpers import engine, post, request

from mockserver.state.ledger import Ledger
from mockserver.state.recent import Recent

START = datetime(2026, 11, 20, tzinfo=UTC)


def at(**since):
    return START + timedelta(**since)


@pytest.mark.parametrize(
    ("ttl", "last", "gone"),
    [("5m", {"minutes": 4, "seconds": 59}, {"minutes": 5}), ("1h", {"minutes": 59, "seconds": 59}, {"hours": 1})],
)
def test_an_entry_lives_as_long_as_it_asks(ttl, last, gone):
    ledger = Ledger()
    ledger.store(b"k", 7, ttl, START)
    assert ledger.find(b"k", at(**last)) == 7
    assert ledger.find(b"k", at(**gone)) is None


def test_reading_begins_its_life_anew():
    ledger = Ledger()
    ledger.store(b"k", 7, "5m", START)
    ledger.use(b"k", at(minutes=4))
    assert ledger.find(b"k", at(minutes=8, seconds=59)) == 7
    assert ledger.find(b"k", at(minutes=9)) is None
    ledger.use(b"unknown", START)
    assert ledger.find(b"unknown", START) is None


def test_storing_again_changes_a_live_entry_in_nothing_and_an_expired_one_in_all():
    ledger = Ledger()
    ledger.store(b"k", 7, "1h", START)
    ledger.store(b"k", 8, "5m", at(minutes=1))
    assert ledger.find(b"k", at(minutes=59)) == 7
    ledger.store(b"k", 9, "5m", at(hours=1))
    assert ledger.find(b"k", at(hours=1, minutes=4)) == 9
    assert ledger.find(b"k", at(hours=1, minutes=5)) is None


def test_beyond_the_limit_the_entry_that_was_not_used_for_longest_is_forgotten():
    ledger = Ledger(limit=2)
    for key in (b"a", b"b"):
        ledger.store(key, 1, "5m", START)
    ledger.use(b"a", START)
    ledger.store(b"c", 1, "5m", START)
    assert [ledger.find(key, START) for key in (b"a", b"b", b"c")] == [1, None, 1]


def test_a_recent_memory_is_bounded():
    recent = Recent(3)
    for number in range(10):
        recent.put(number, str(number))
    assert len(recent) == 3
    assert [recent.get(n) for n in (6, 7, 9)] == [None, "7", "9"]


def test_an_entry_can_be_read_when_its_answer_has_begun():
    ledger = Ledger()
    ledger.store(b"k", 7, "5m", START, at(minutes=1))
    assert ledger.find(b"k", START) is None
    assert ledger.find(b"k", at(minutes=1)) == ledger.find(b"k", at(minutes=5, seconds=59)) == 7
    ledger.store(b"k", 7, "5m", START, at(seconds=10))  # another answer that begins sooner
    assert ledger.find(b"k", at(seconds=10)) == 7


def test_a_slow_answer_takes_no_live_entry_away():
    ledger = Ledger()
    ledger.store(b"k", 7, "5m", START)
    ledger.use(b"k", at(seconds=1))
    ledger.store(b"k", 7, "5m", at(seconds=1), at(seconds=401))
    assert ledger.find(b"k", at(seconds=2)) == ledger.find(b"k", at(seconds=402)) == 7
    assert ledger.find(b"k", at(seconds=701)) is None


def test_a_cache_is_read_once_the_answer_began_that_wrote_it():
    marked = request(system=[{"type": "text", "text": "word " * 4000, "cache_control": {"type": "ephemeral"}}])
    server = engine({"reply": "a", "delay": "10s", "fault": {"before": "response", "stall": "5s"}})

    def read():
        return json.loads(post(server, marked).reply.body)["usage"]["cache_read_input_tokens"]

    assert read() == 0
    server.clock.advance(14.9)
    assert read() == 0
    server.clock.advance(0.1)
    assert read() > 3000
