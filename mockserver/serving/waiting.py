"""Waiting for the mock clock on one event loop: one timer for all who wait. Not here: the clock itself.

Whoever waits many times in a row, such as a stream, gives what happens at each time instead of being woken for it: a
task that wakes costs more than what it then does.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

from mockserver.state.clock import Clock

Beat = Callable[[float], float | None]
"""What happens when a time has come; it is told which time it is. Returns the next one; None: there is none.

Times are in seconds since 1970.
"""

_EARLY = 0.0005
"""A timer may fire so many seconds before its time: loops count in milliseconds."""

_AT_ONCE: Final = 64
"""So many beats at most happen until the loop looks at the network.

With more, who asks is kept waiting, since uvloop accepts one connection with each look; with fewer, streams that are
under way are late where many others begin.
"""

_Entry = tuple[float, int, asyncio.Future[None], Beat]
"""Who waits: until when, a number that tells who came first, what is done in the end, and what happens until then."""


class Waiting:
    """Everybody on a loop who waits for a time of the mock clock, the earliest first.

    An instant clock is moved to the earliest time as soon as the loop has nothing else to do at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[_Entry] = []
        self._numbers = count()
        self._timer: asyncio.Handle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def open(self) -> None:
        """Listen to the clock; called on the loop."""
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = self._clock.subscribe(self._from_anywhere)

    def close(self) -> None:
        """Listen no longer."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._stop_timer()

    async def until(self, timestamp: float) -> None:
        """Return when the mock clock has reached a time, in seconds since 1970."""
        if timestamp - _EARLY <= self._clock.timestamp():
            await asyncio.sleep(0)  # others get their turn, and what was written goes out
            return
        await self.beats(timestamp, _nothing)

    async def beats(self, timestamp: float, beat: Beat) -> None:
        """Call `beat` at a time of the mock clock, and again at each time that it returns; return after the last.

        However late it is, what others have to do comes between two beats. Raises what `beat` raises.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._heap, (timestamp, next(self._numbers), future, beat))
        if self._heap[0][2] is future:
            self._set_timer()
        try:
            await future
        except asyncio.CancelledError:
            self._forget_the_gone()
            raise

    def _forget_the_gone(self) -> None:
        """Leave out who waits no longer, where they are the most: on a frozen clock their time may never come."""
        gone = sum(future.done() for _, _, future, _ in self._heap)
        if gone > len(self._heap) // 2:
            self._heap = [entry for entry in self._heap if not entry[2].done()]
            heapify(self._heap)

    def _from_anywhere(self) -> None:
        """Look again, since the clock was set; whoever set it may be on another thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        """Let happen all whose time has come, a number of them at once, and wait for the next."""
        now = self._clock.timestamp() + _EARLY
        heap, number = self._heap, self._numbers.__next__
        again: list[_Entry] = []
        while heap and len(again) < _AT_ONCE and (heap[0][0] <= now or heap[0][2].done()):
            _, _, future, beat = heappop(heap)
            if future.done():
                continue
            try:
                upcoming = beat(now)
            except Exception as error:  # noqa: BLE001 - raised where the beats are awaited
                future.set_exception(error)
                continue
            if upcoming is None:
                future.set_result(None)
            else:
                again.append((upcoming, number(), future, beat))
        for entry in again:
            heappush(heap, entry)
        self._set_timer()

    def _set_timer(self) -> None:
        self._stop_timer()
        if not self._heap or self._loop is None:
            return
        if self._clock.skips:
            self._timer = self._loop.call_soon(self._skip)
            return
        seconds = self._clock.seconds_until(self._heap[0][0])
        if seconds is not None:
            self._timer = self._loop.call_later(max(0.0, seconds), self._look)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _skip(self) -> None:
        """Move the clock to the earliest time that somebody still waits for."""
        while self._heap and self._heap[0][2].done():
            heappop(self._heap)
        if self._heap:
            self._clock.advance_to(self._heap[0][0])
        self._look()


class Waits:
    """Who waits for which clock: each session has one of its own, and nobody listens to a clock that none waits for."""

    def __init__(self) -> None:
        self._by_clock: dict[Clock, tuple[Waiting, int]] = {}

    @contextmanager
    def on(self, clock: Clock) -> Iterator[Waiting]:
        """Give those who wait for a clock, for as long as somebody may join them."""
        waiting, users = self._by_clock.get(clock) or (Waiting(clock), 0)
        if not users:
            waiting.open()
        self._by_clock[clock] = (waiting, users + 1)
        try:
            yield waiting
        finally:
            waiting, users = self._by_clock.pop(clock)
            if users > 1:
                self._by_clock[clock] = (waiting, users - 1)
            else:
                waiting.close()


def _nothing(_now: float) -> None:
    """Only wake who waits."""
