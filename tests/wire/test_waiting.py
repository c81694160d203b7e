"""Waiting for the mock clock: who waits is woken when the time has come, however it came. Nothing here sleeps."""

import asyncio
import threading
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from mockserver.serving.waiting import Waiting
from mockserver.state.clock import Clock

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def waiting_for(clock):
    waiting = Waiting(clock)
    waiting.open()
    yield waiting
    waiting.close()


async def turns(number=10):
    """Let everything run that can."""
    for _ in range(number):
        await asyncio.sleep(0)


def noted(waiting, clock, seconds, log):
    async def wait():
        await waiting.until(start.timestamp() + seconds)
        log.append((seconds, (clock.now() - start).total_seconds()))

    start = clock.now()
    return asyncio.create_task(wait())


async def test_on_a_frozen_clock_only_an_advance_wakes():
    clock, log = Clock.frozen(), []
    async with waiting_for(clock) as waiting:
        tasks = [noted(waiting, clock, seconds, log) for seconds in (30, 10, 20)]
        await turns()
        assert log == []
        clock.advance(20)
        await turns()
        assert log == [(10, 20), (20, 20)]
        clock.advance(3600)
        await asyncio.gather(*tasks)
    assert log[2] == (30, 3620)


async def test_an_instant_clock_goes_from_time_to_time_in_their_order():
    clock, log = Clock.frozen(speed="instant"), []
    async with waiting_for(clock) as waiting:
        await asyncio.gather(*(noted(waiting, clock, seconds, log) for seconds in (3000, 10, 20)))
    assert log == [(10, 10), (20, 20), (3000, 3000)]


async def test_it_may_be_advanced_from_another_thread():
    clock, log = Clock.frozen(), []
    async with waiting_for(clock) as waiting:
        task = noted(waiting, clock, 60, log)
        await turns()
        thread = threading.Thread(target=clock.advance, args=(60,))
        thread.start()
        await task
        thread.join()
    assert log == [(60, 60)]


async def test_a_scaled_clock_is_waited_for_in_real_time():
    clock, log = Clock(speed=10_000), []
    async with waiting_for(clock) as waiting:
        await noted(waiting, clock, 100, log)  # a hundredth of a second
    assert log[0][1] >= 100


async def test_a_new_speed_holds_for_those_who_wait_already():
    clock, log = Clock(), []
    async with waiting_for(clock) as waiting:
        task = noted(waiting, clock, 3600, log)
        await turns()
        clock.run("instant")
        await task
    assert log[0][1] >= 3600


async def test_who_stops_waiting_moves_no_clock_and_wakes_nobody():
    clock, log = Clock.frozen(), []
    async with waiting_for(clock) as waiting:
        gone, stays = noted(waiting, clock, 10, log), noted(waiting, clock, 20, log)
        await turns()
        gone.cancel()
        clock.run("instant")
        await stays
    assert gone.cancelled()
    assert log[0][0] == 20
    assert clock.now() - Clock.frozen().now() < timedelta(seconds=21)


async def test_what_has_passed_takes_one_turn():
    clock = Clock.frozen()
    async with waiting_for(clock) as waiting:
        await waiting.until(clock.timestamp())
        await waiting.until(clock.timestamp() - 3600)


async def test_after_the_end_nobody_listens():
    clock = Clock.frozen()
    async with waiting_for(clock):
        assert len(clock._listeners) == 1
    assert clock._listeners == []
    waiting = Waiting(clock)
    waiting.close()  # never opened


async def test_who_left_is_forgotten_though_the_clock_stands():
    clock, log = Clock.frozen(), []
    async with waiting_for(clock) as waiting:
        tasks = [noted(waiting, clock, seconds, log) for seconds in range(1, 101)]
        await turns()
        for task in tasks[:-1]:
            task.cancel()
        await turns()
        assert len(waiting._heap) < 5
        clock.advance(100)
        await tasks[-1]
    assert log == [(100, 100)]


async def test_beats_of_several_come_in_the_order_of_time_and_one_beat_at_a_time():
    clock, log = Clock.frozen(), []

    async def stream(name, times):
        times = iter([start + at for at in times])

        def beat(_now):
            log.append((name, clock.timestamp() - start))
            return next(times, None)

        await waiting.beats(next(times), beat)

    start = clock.timestamp()
    async with waiting_for(clock) as waiting:
        tasks = [asyncio.create_task(stream("a", [1, 3, 5])), asyncio.create_task(stream("b", [2, 4]))]
        await turns()
        clock.advance(2)
        await turns()
        assert log == [("a", 2), ("b", 2)]  # what is late comes at once
        clock.advance(60)
        await asyncio.gather(*tasks)
    assert [name for name, _ in log] == ["a", "b", "a", "b", "a"]  # and nobody twice while others wait


async def test_what_a_beat_raises_reaches_who_waits():
    def beat(_now):
        raise ConnectionResetError("gone")

    async with waiting_for(Clock.frozen(speed="instant")) as waiting:
        with pytest.raises(ConnectionResetError):
            await waiting.beats(0.0, beat)
