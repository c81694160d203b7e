"""What a second worker brings, and what binds: whose work the cores do meanwhile."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from measuring.effort import Effort, medians, ratios, tell
from measuring.limits import busy_cores, own_time, processor_time
from measuring.load import load
from measuring.questions import PLAIN
from measuring.report import Bar, Row, cores
from measuring.servers import OURS, Server, commands, running

WORKERS = 2
SEVERAL = f"{WORKERS} workers"
CONNECTIONS = 32
WARM_UP = 2.0
SHARE = 0.85
"""So much of what one worker answers with a core is each of several to answer: of two with a core each, 1.70."""


@dataclass(frozen=True)
class Spell:
    """What was answered in a second, and how many cores were busy with what meanwhile."""

    rate: float
    answering: float
    asking: float
    others: float


def workers(effort: Effort) -> list[Row]:
    """Measure plain answers of one worker and of two, one after the other in each round."""
    found: dict[str, list[Spell]] = {OURS: [], SEVERAL: []}
    with (
        commands(PLAIN) as started,
        running(started[OURS]) as one,
        running([*started[OURS], "--workers", str(WORKERS)]) as several,
    ):
        servers = {OURS: one, SEVERAL: several}
        for server in servers.values():
            load(server.port, PLAIN, CONNECTIONS, WARM_UP)
        for number in range(1, effort.rounds + 1):
            for name, server in servers.items():
                found[name].append(spell(server, effort.seconds, number * 1_000_000))
            told = ", ".join(f"{name} {spells[-1].rate:,.0f}" for name, spells in found.items())
            tell(f"round {number} of {effort.rounds}: {told}")
    return rows(found, cores())


def rows(found: dict[str, list[Spell]], there: int) -> list[Row]:
    """Return what was found on a machine with so many cores."""
    rates = {name: [spell.rate for spell in spells] for name, spells in found.items()}
    left = there - statistics.median(spell.asking + spell.others for spell in found[SEVERAL])
    told = f"answers a second, {CONNECTIONS} connections; {left:.2f} of {there} cores are left to them"
    bar = Bar("at least", SHARE * min(WORKERS, left))
    per_core = {name: [spell.rate / spell.answering for spell in spells] for name, spells in found.items()}
    return [
        _of_both(told, rates, bar),
        _of_both("answers for a second of a core's work", per_core, Bar("at least", SHARE)),
        *(Row("workers", words, _cores(found, take)) for words, take in _BUSY.items()),
    ]


_BUSY: dict[str, Callable[[Spell], float]] = {
    "cores busy with answering": lambda spell: spell.answering,
    "cores busy with asking": lambda spell: spell.asking,
    "cores busy with other things": lambda spell: spell.others,
}


def _of_both(told: str, found: dict[str, list[float]], bar: Bar) -> Row:
    return Row("workers", told, medians(found), ratios(found[SEVERAL], found[OURS]), to="one worker", bar=bar)


def _cores(found: dict[str, list[Spell]], take: Callable[[Spell], float]) -> dict[str, float]:
    return medians({name: [take(spell) for spell in spells] for name, spells in found.items()})


def spell(server: Server, seconds: float, first: int) -> Spell:
    """Ask a server for some seconds; return what it did."""
    before = time.perf_counter(), processor_time(server.pid), own_time(), busy_cores()
    done = load(server.port, PLAIN, CONNECTIONS, seconds, first)
    after = time.perf_counter(), processor_time(server.pid), own_time(), busy_cores()
    took, answering, asking, busy = (now - then for now, then in zip(after, before, strict=True))
    others = max(0.0, busy - answering - asking)
    return Spell(done.rate, answering / took, asking / took, others / took)


def need_to_tell(_effort: Effort) -> None:
    """End the program where nothing tells what the cores do."""
    busy_cores()
