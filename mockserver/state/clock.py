"""The mock clock: real, or frozen and advanced by hand. Every time in an answer comes from here.

Not here: waiting. A pause is a step of a reply; whoever plays it asks this clock how long it takes.
"""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that runs with real time, or stands still since `frozen_at`.

    `now()` is an aware datetime in UTC. A frozen clock moves by `advance` alone.
    """

    def __init__(self, frozen_at: datetime | None = None) -> None:
        self._frozen_at = frozen_at.astimezone(UTC) if frozen_at else None
        self._ahead = timedelta()

    @classmethod
    def frozen(cls, at: str | datetime = "2026-01-01T00:00:00Z") -> "Clock":
        """Return a clock that stands at this time: ISO 8601, UTC where it names no zone."""
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return cls(moment if moment.tzinfo else moment.replace(tzinfo=UTC))

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still between calls of `advance`."""
        return self._frozen_at is not None

    def now(self) -> datetime:
        """Return the time that answers show."""
        return (self._frozen_at or datetime.fromtimestamp(time.time(), UTC)) + self._ahead

    def freeze(self) -> None:
        """Stop at the present time."""
        self._frozen_at, self._ahead = self.now(), timedelta()

    def advance(self, seconds: float | timedelta) -> None:
        """Move forward; raises `ValueError` for a step back, since ids and expiries count on order."""
        step = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        if step < timedelta():
            raise ValueError(f"a clock cannot go back: advance({seconds!r})")
        self._ahead += step
