"""The mock clock: real, scaled, or frozen and advanced by hand. Every time in an answer comes from here.

Not here: waiting. A pause is a step of a reply; whoever plays it asks this clock how long it takes.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

Speed = float | Literal["instant"]
"""Seconds of the mock clock in one real second; `instant`: time runs as usual, and each wait is skipped."""

INSTANT: Final = "instant"
MOST_SECONDS: Final = 100 * 366 * 24 * 3600.0
"""The longest step at once: it keeps dates in their range."""
MOST_SPEED: Final = 1e6
LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The last time that it shows; what it expires by must be a date, too."""
_LAST: Final = LATEST.timestamp()


class Clock:
    """A clock that runs with real time, faster or slower, or stands still since `frozen_at`.

    `now()` is an aware datetime in UTC. A frozen clock moves by `advance` alone; an instant one also by each wait,
    which takes no time and moves it by its length. All methods may be called from any thread.
    """

    def __init__(self, frozen_at: datetime | None = None, speed: Speed = 1.0) -> None:
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._skips = speed == INSTANT
        self._advanced = 0.0
        since = time.time()
        moment = since if frozen_at is None else frozen_at.timestamp()
        self._course = (moment, since, _rate(speed) if frozen_at is None else 0.0)
        """The time that it was, when that was in real seconds, and seconds in a real one; read and set as one."""

    @classmethod
    def frozen(cls, at: str | datetime = "2026-01-01T00:00:00Z", speed: Speed = 1.0) -> "Clock":
        """Return a clock that stands at this time: ISO 8601, UTC where it names no zone."""
        return cls(_moment(at), speed)

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still between calls of `advance`."""
        return self._course[2] == 0

    @property
    def skips(self) -> bool:
        """Whether waits are skipped."""
        return self._skips

    @property
    def speed(self) -> Speed:
        """Seconds of this clock in one real second; `instant` where waits are skipped."""
        return INSTANT if self._skips else self._course[2]

    def now(self, ago: float = 0.0) -> datetime:
        """Return the time that answers show, or showed so many real seconds ago."""
        return datetime.fromtimestamp(min(self.timestamp() - ago * self._course[2], _LAST), UTC)

    def timestamp(self) -> float:
        """Return the same time in seconds since 1970."""
        moment, since, rate = self._course
        return moment + (time.time() - since) * rate if rate else moment

    def steady(self) -> float:
        """Return real seconds that no setting changes: what a client waits, it waits in these."""
        return time.monotonic()

    def freeze(self, at: datetime | str | None = None, *, skips: bool | None = None) -> None:
        """Stop at the present time, or at a later one. Raises `ValueError` for an earlier one.

        `skips` says whether waits are skipped from now on, and move it; None: as before.
        """
        with self._lock:
            now = self.timestamp()
            then = now if at is None else _moment(at).timestamp()
            if then < now:
                raise ValueError(f"a clock cannot go back: freeze({at!r})")
            self._advanced += then - now
            self._stand(then, self._skips if skips is None else skips)

    def set(self, at: datetime, *, skips: bool) -> None:
        """Stand at any time, also at an earlier one: for a clock that nobody has looked at yet."""
        self._stand(at.timestamp(), skips)

    def _stand(self, timestamp: float, skips: bool) -> None:
        with self._lock:
            self._course = (timestamp, time.time(), 0.0)
            self._skips = skips
        self._tell()

    def run(self, speed: Speed = 1.0) -> None:
        """Run from the present time on, at a speed. Raises `ValueError` for one that is not above 0."""
        self._change(rate=_rate(speed), skips=speed == INSTANT)

    def advance(self, seconds: float | timedelta) -> None:
        """Move forward; raises `ValueError` for a step back, since ids and expiries count on order."""
        step = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        if isinstance(step, bool) or not isinstance(step, int | float) or not 0 <= abs(step) <= MOST_SECONDS:
            raise ValueError(f"a clock is advanced by seconds, at most a century of them, or a timedelta: {seconds!r}")
        if step < 0:
            raise ValueError(f"a clock cannot go back: advance({seconds!r})")
        with self._lock:
            if self.timestamp() + step > _LAST:
                raise ValueError(f"a clock goes as far as the year {LATEST.year}, and no further: advance({seconds!r})")
            self._advanced += step
            self._change(step=step)

    @property
    def advanced(self) -> float:
        """By how many seconds `advance` has moved it so far; skipped waits do not count."""
        return self._advanced

    def advance_to(self, timestamp: float) -> None:
        """Move forward to a time, in seconds since 1970; does nothing where it has passed."""
        with self._lock:
            step = timestamp - self.timestamp()
            if step > 0:
                self._change(step=step)

    def seconds_until(self, timestamp: float) -> float | None:
        """Return how many real seconds it takes until a time has come (0 or less: it has); None: it does not come."""
        rate = self._course[2]
        ahead = timestamp - self.timestamp()
        if ahead <= 0:
            return ahead
        return ahead / rate if rate else None

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` whenever the clock was set in another way than by time passing; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _change(self, *, step: float = 0.0, rate: float | None = None, skips: bool | None = None) -> None:
        with self._lock:
            self._course = (self.timestamp() + step, time.time(), self._course[2] if rate is None else rate)
            self._skips = self._skips if skips is None else skips
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _moment(at: str | datetime) -> datetime:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _rate(speed: Speed) -> float:
    if speed == INSTANT:
        return 1.0
    if not 0 < float(speed) <= MOST_SPEED:
        raise ValueError(f"a clock's speed is above 0 and at most a million, or 'instant': {speed!r}")
    return float(speed)
