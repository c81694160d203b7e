"""The book of message batches: what is told of a batch when, by its rows' times, its end, its cancellation."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state.batches import CANCELING, EXPIRES, Batch, Batches, Row

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = EXPIRES.total_seconds()


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def batch(*seconds, name="msgbatch_1"):
    made = Batch(name, NOW, len(seconds))
    for number, took in enumerate(seconds):
        made.add(Row(f"row-{number}", "succeeded", b"{}", took))
    return made


def told(made, seconds):
    return made.status(after(seconds)), [made.outcome(row) for row in made.rows]


def test_a_batch_ends_with_its_slowest_row():
    made = batch(1, 5)
    assert [made.status(after(seconds)) for seconds in (0, 4.9, 5)] == ["in_progress", "in_progress", "ended"]
    assert made.ends == after(5)


def test_a_batch_without_time_has_ended_when_it_is_made():
    assert batch(0).status(NOW) == "ended"


def test_a_batch_whose_rows_are_not_all_answered_has_not_ended():
    made = Batch("msgbatch_1", NOW, 2)
    made.add(Row("a", "succeeded", b"{}", 0))
    assert made.status(NOW) == "in_progress"


def test_rows_that_take_a_day_expire():
    made = batch(1, DAY - 1, DAY, DAY + 5)
    assert told(made, DAY) == ("ended", ["succeeded", "succeeded", "expired", "expired"])
    assert made.status(after(DAY - 1)) == "in_progress"
    assert made.ends == made.expires == after(DAY)
    assert made.counts() == {"succeeded": 2, "errored": 0, "canceled": 0, "expired": 2}


def test_canceling_takes_a_moment_and_ends_what_was_not_done():
    made = batch(1, 10, 20)
    made.cancel(after(10))
    assert made.status(after(10)) == "canceling"
    assert told(made, 10 + CANCELING.total_seconds()) == ("ended", ["succeeded", "succeeded", "canceled"])
    assert made.ends == after(10) + CANCELING


def test_a_second_cancellation_changes_nothing():
    made = batch(10)
    made.cancel(after(1))
    made.cancel(after(5))
    assert made.canceled == after(1)


def test_a_batch_that_is_nearly_done_is_not_kept_by_its_cancellation():
    made = batch(10)
    made.cancel(after(9.5))
    assert made.ends == after(10)


def test_results_are_gone_after_twenty_nine_days():
    made = batch(1)
    assert made.archived == NOW + timedelta(days=29)
    assert [made.is_archived(made.archived + timedelta(seconds=s)) for s in (-1, 0)] == [False, True]


@given(
    seconds=st.lists(st.floats(0, 2 * DAY), min_size=1, max_size=20),
    canceled=st.none() | st.floats(0, DAY),
    now=st.floats(0, 3 * DAY),
)
def test_every_row_ends_in_one_way_and_every_batch_ends(seconds, canceled, now):
    made = batch(*seconds)
    if canceled is not None and made.status(after(canceled)) != "ended":
        made.cancel(after(canceled))
    assert sum(made.counts().values()) == len(seconds)
    assert NOW <= made.ends <= made.expires
    assert (made.status(after(now)) == "ended") == (made.ends <= after(now))


class TestTheBook:
    def test_the_newest_is_the_first(self):
        book = Batches()
        for name in "abc":
            book.add(batch(1, name=name))
        assert [made.id for made in book] == ["c", "b", "a"]
        book.remove("b")
        assert (len(book), book.get("b"), book.get("a").id) == (2, None, "a")

    @pytest.mark.parametrize("limits", [{"most": 2}, {"most_bytes": 4}])
    def test_the_oldest_are_forgotten_where_there_is_no_room(self, limits):
        book = Batches(**limits)
        for name in "abcd":
            book.add(batch(1, name=name))
        assert book.shrink() == ["a", "b"]
        assert [made.id for made in book] == ["d", "c"]

    def test_the_newest_stays_however_large_it_is(self):
        book = Batches(most_bytes=1)
        book.add(batch(1, 1, name="a"))
        assert book.shrink() == []
