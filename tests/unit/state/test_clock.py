"""The mock clock: real, scaled, instant, frozen; real time is a stub that moves by hand."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from mockserver.state import clock as clocks
from mockserver.state.clock import Clock

START = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Time:
    """Stands for the module `time`."""

    def __init__(self):
        self.seconds = START.timestamp()

    def time(self):
        return self.seconds

    def monotonic(self):
        return self.seconds


@pytest.fixture
def real(monkeypatch):
    stub = Time()
    monkeypatch.setattr(clocks, "time", stub)
    return stub


def after(seconds):
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize(("speed", "passed"), [(1, 10), (10, 100), (0.5, 5), ("instant", 10)])
def test_a_clock_runs_at_its_speed(real, speed, passed):
    clock = Clock(speed=speed)
    real.seconds += 10
    assert clock.now() == after(passed)
    assert clock.speed == speed
    assert clock.skips == (speed == "instant")
    assert not clock.is_frozen


@pytest.mark.parametrize(("clock", "before"), [({"speed": 10}, -1), ({}, -0.1), ({"frozen_at": START}, 0)])
def test_what_it_showed_some_real_seconds_ago(real, clock, before):
    assert (Clock(**clock).now(0.1) - START).total_seconds() == pytest.approx(before)


def test_it_goes_on_from_where_it_is_when_it_is_set(real):
    clock = Clock()
    real.seconds += 10
    clock.run(10)
    real.seconds += 1
    assert clock.now() == after(20)
    clock.freeze()
    real.seconds += 100
    assert (clock.now(), clock.is_frozen, clock.speed) == (after(20), True, 0)
    clock.advance(5)
    clock.run()
    real.seconds += 1
    assert clock.now() == after(26)


def test_it_never_goes_back(real):
    clock = Clock.frozen(START)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)
    clock.advance_to(after(10).timestamp())
    clock.advance_to(after(3).timestamp())
    assert clock.now() == after(10)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), 1e9])
def test_a_speed_is_above_nothing(speed):
    with pytest.raises(ValueError, match="above 0"):
        Clock(speed=speed)
    with pytest.raises(ValueError, match="above 0"):
        Clock.frozen().run(speed)


def test_what_is_refused_changes_nothing(real):
    clock = Clock()
    with pytest.raises(ValueError, match="cannot go back"):
        clock.freeze("2020-01-01")
    assert not clock.is_frozen


def test_it_tells_how_long_a_time_is_away_in_real_seconds(real):
    clock = Clock(speed=10)
    assert clock.seconds_until(after(20).timestamp()) == 2
    assert clock.seconds_until(after(-1).timestamp()) == -1
    frozen = Clock.frozen(START)
    assert frozen.seconds_until(after(20).timestamp()) is None
    assert frozen.seconds_until(START.timestamp()) == 0


def test_listeners_hear_of_every_setting_and_of_no_passing(real):
    heard = []
    clock = Clock()
    end = clock.subscribe(lambda: heard.append(clock.now()))
    real.seconds += 10
    assert heard == []
    clock.advance(1)
    clock.freeze()
    clock.run(2)
    clock.advance_to(after(5).timestamp())  # which has passed
    assert heard == [after(11)] * 3
    end()
    clock.advance(1)
    assert len(heard) == 3


@pytest.mark.parametrize("step", ["x", float("nan"), float("inf"), 1e20, True, None])
def test_a_step_is_a_number_of_seconds(step):
    with pytest.raises(ValueError, match="a clock is advanced by seconds, at most a century of them, or a timedelta"):
        Clock.frozen().advance(step)


def test_what_was_advanced_is_told_and_what_was_skipped_is_not():
    clock = Clock.frozen(START)
    clock.advance(5)
    clock.advance(timedelta(seconds=2))
    clock.advance_to(after(100).timestamp())
    assert (clock.advanced, clock.now()) == (7, after(100))


def test_threads_lose_no_second():
    clock = Clock.frozen(START)
    threads = [threading.Thread(target=lambda: [clock.advance(1) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == after(2000)


def test_a_clock_goes_as_far_as_dates_do():
    clock = Clock.frozen("2026-01-01")
    for _ in range(79):
        clock.advance(timedelta(days=36_525))
    before = clock.now()
    with pytest.raises(ValueError, match="a clock goes as far as the year 9999, and no further"):
        clock.advance(timedelta(days=36_525))
    assert clock.now() == before


def test_a_clock_that_runs_into_the_end_stands_there(real):
    clock = Clock(speed=1e6)
    real.seconds += 300_000
    assert clock.now() == clocks.LATEST
    assert clock.seconds_until(clock.timestamp() + 1e6) == pytest.approx(1, abs=0.01)
