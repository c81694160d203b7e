"""How much is measured: in a whole run, and in a quick one."""

import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """The size of a run."""

    name: str
    rounds: int
    seconds: float
    """Of load, in a round for each server."""
    paced_rounds: int
    starts: int
    open_streams: int
    open_deltas: int
    few_requests: int
    many_requests: int


FULL = Effort(
    "a whole run",
    rounds=5,
    seconds=2,
    paced_rounds=3,
    starts=10,
    open_streams=10_000,
    open_deltas=40,
    few_requests=100_000,
    many_requests=1_000_000,
)
QUICK = Effort(
    "a quick run",
    rounds=2,
    seconds=1,
    paced_rounds=1,
    starts=3,
    open_streams=1_000,
    open_deltas=8,
    few_requests=15_000,
    many_requests=45_000,
)


def tell(words: str) -> None:
    """Say what is done now: a run takes minutes."""
    print(f"  {words}", file=sys.stderr, flush=True)


def medians(found: dict[str, list[float]]) -> dict[str, float]:
    """Return each server's median of all rounds."""
    return {name: statistics.median(values) for name, values in found.items()}


def ratios(ours: Iterable[float], others: Iterable[float]) -> list[float]:
    """Return the ratio of each round."""
    return [one / other for one, other in zip(ours, others, strict=True)]
