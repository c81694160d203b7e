"""Streams with pauses: is each delta in time, and what does an open one weigh?"""

import math
import os
import statistics
from collections.abc import Callable, Iterable

from measuring.effort import Effort, tell
from measuring.limits import allow_open_files, resident
from measuring.questions import STREAM, paced_question
from measuring.report import Bar, Row
from measuring.servers import OUR_ARGUMENTS, ask, contenders
from measuring.streams import Crowd, Heard, listen

KB = 1000
OPENED_PER_SECOND, UNANSWERED = 1000, 100
SPARE_FILES = 200

LAST = "how late a stream ends, median, in % of its time"
WORST = "the same, the worst stream"
DELTA = "how late a delta is, 99th percentile, ms"

Heards = dict[str, list[Heard]]
"""What came of each server's rounds."""


def paced(effort: Effort) -> list[Row]:
    """Measure 1,000 streams of 100 deltas at 20 ms; they begin within a second, one after the other."""
    crowd = Crowd(1000, deltas=100, interval=0.02, per_second=1000)
    heard = _heard(crowd, effort.paced_rounds)
    return [
        _completed("paced", crowd, heard),
        Row("paced", LAST, _medians(heard, _last(crowd)), bar=Bar("at most", 1)),
        Row("paced", DELTA, _medians(heard, _delta), bar=Bar("at most", 25)),
    ]


def paced_at_once(effort: Effort) -> list[Row]:
    """Measure 100 streams of 100 deltas at 20 ms that all begin at once."""
    crowd = Crowd(100, deltas=100, interval=0.02)
    heard = _heard(crowd, effort.paced_rounds)
    return [
        _completed("paced-at-once", crowd, heard),
        Row("paced-at-once", LAST, _medians(heard, _last(crowd)), bar=Bar("at most", 1)),
        Row("paced-at-once", WORST, _medians(heard, _last(crowd, max)), bar=Bar("at most", 5)),
    ]


def open_streams(effort: Effort) -> list[Row]:
    """Measure many open streams, each with a delta a second, and the memory that each of them takes.

    They are opened as fast as the server begins them, up to 1,000 a second.
    """
    crowd = Crowd(effort.open_streams, effort.open_deltas, 1.0, OPENED_PER_SECOND, UNANSWERED, weighed=True)
    before: dict[str, float] = {}
    heard = _heard(crowd, 1, before)
    weights = {
        name: [(one.peak - before[name]) / max(1, one.open_at_once) for one in each] for name, each in heard.items()
    }
    return [
        _completed("open", crowd, heard),
        Row("open", "streams open at the same time", _medians(heard, lambda one: one.open_at_once), bar=_all(crowd)),
        Row("open", "KB of memory for each", {n: w[0] / KB for n, w in weights.items()}, bar=Bar("at most", 60)),
        Row("open", DELTA, _medians(heard, _delta)),
    ]


def need_to_open(effort: Effort) -> None:
    """End the program where `open_streams` could not be measured."""
    resident(os.getpid())
    allow_open_files(effort.open_streams + SPARE_FILES)


def _heard(crowd: Crowd, rounds: int, before: dict[str, float] | None = None) -> Heards:
    """Let the crowd listen to each server in turns; note the servers' memory before, in bytes."""
    question = paced_question(crowd.deltas, crowd.interval)
    heard: Heards = {}
    with contenders(question, crowd.interval) as servers:
        for number in range(1, rounds + 1):
            for name, server in servers.items():
                if number == 1 and name in OUR_ARGUMENTS:  # what is imported late is no weight of a stream
                    ask(server.port, STREAM)
                if before is not None:
                    before[name] = resident(server.pid)
                one = listen(server, question, crowd)
                heard.setdefault(name, []).append(one)
                late = f"99 % of the deltas within {_delta(one):.1f} ms" if one.lateness else "none complete"
                tell(f"round {number} of {rounds}: {name}: {len(one.lateness)} complete, {late}")
    return heard


def _all(crowd: Crowd) -> Bar:
    return Bar("at least", crowd.streams)


def _completed(case: str, crowd: Crowd, heard: Heards) -> Row:
    fewest = {name: float(min(len(one.lateness) for one in each)) for name, each in heard.items()}
    return Row(case, f"complete streams of {crowd.streams:,}, in the worst round", fewest, bar=_all(crowd))


def _medians(heard: Heards, of: Callable[[Heard], float]) -> dict[str, float]:
    return {name: statistics.median(of(one) for one in each) for name, each in heard.items()}


def _last(crowd: Crowd, of_all: Callable[[Iterable[float]], float] = statistics.median) -> Callable[[Heard], float]:
    """Return what tells how late the streams end, in per cent of their time."""
    percent = 100 / (crowd.deltas * crowd.interval)
    return lambda one: percent * of_all([late[-1] for late in one.lateness] or [math.inf])


def _delta(one: Heard) -> float:
    """Return the 99th percentile of all deltas' lateness, in ms."""
    late = sorted(seconds for stream in one.lateness for seconds in stream) or [math.inf]
    return 1000 * late[math.ceil(0.99 * len(late)) - 1]
