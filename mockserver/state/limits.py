"""Rate limits of a session: token buckets that fill on the mock clock. Not here: what a request spends, and refusals.

A bucket holds a minute's amount and fills without pause (documentation: a token bucket, no fixed windows).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from mockserver.state.recent import Recent
from mockserver.wire.rates import KINDS, MINUTE, Level, Limit, RateLimits

MOST_BUCKETS: Final = 10_000
"""Buckets of one session; beyond it the one that was not used for longest is whole again."""

COUNTING: Final = "count_tokens"
"""Kind of the limit on requests to count tokens."""


_NOTHING: Final[Mapping[Limit, float]] = MappingProxyType({})


@dataclass(slots=True)
class _Bucket:
    """What is left of a limit, and when that was so."""

    held: float
    at: datetime


@dataclass(slots=True)
class Limits:
    """The buckets of one session, by whose they are, class of models and kind (`requests`, `input-tokens`, …)."""

    _buckets: Recent[tuple[bytes, str, str], _Bucket] = field(default_factory=lambda: Recent(MOST_BUCKETS))

    def refill(self) -> None:
        """Make every bucket whole."""
        self._buckets = Recent(MOST_BUCKETS)

    def held(self, whose: tuple[bytes, str], kind: str, size: int, now: datetime) -> float:
        """Return what a bucket of this size holds at a time; less than nothing where more was spent than it held."""
        bucket = self._buckets.get((*whose, kind))
        if bucket is None:
            return size
        return min(size, bucket.held + max(0.0, (now - bucket.at).total_seconds()) * size / MINUTE)

    def spend(self, whose: tuple[bytes, str], kind: str, size: int, amount: float, now: datetime) -> None:
        """Take an amount out of a bucket, more than it holds if need be."""
        before = self._buckets.get((*whose, kind))
        at = now if before is None else max(now, before.at)  # requests may be answered in another order than they came
        self._buckets.put((*whose, kind), _Bucket(self.held(whose, kind, size, now) - amount, at))

    def levels(
        self, whose: tuple[bytes, str], rates: RateLimits, now: datetime, less: Mapping[Limit, float] = _NOTHING
    ) -> dict[str, Level]:
        """Return how the limits stand that the headers tell, `less` what is spent in a moment."""
        levels: dict[str, Level] = {}
        for kind, name in KINDS.items():
            size: int = getattr(rates, name)
            held = self.held(whose, kind, size, now) - less.get(kind, 0)
            whole = now + timedelta(seconds=whole_seconds(seconds_to_fill(size - held, size)))
            levels[kind] = Level(size, held, whole)
        return levels


def whole_seconds(seconds: float) -> int:
    """Return the next whole number of seconds; what is one but for rounding is that."""
    return math.ceil(round(seconds, 6))


def seconds_to_fill(amount: float, size: int) -> float:
    """Return the seconds in which so much flows back into a bucket of this size."""
    return max(0.0, amount) * MINUTE / size
