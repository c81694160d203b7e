"""How many answers in a second, and what one costs, beside servers that only send them."""

import statistics
import time
from collections.abc import Callable

from measuring.effort import Effort, medians, ratios, tell
from measuring.load import load
from measuring.parsing import Request
from measuring.questions import CONVERSATION, PLAIN, STREAM, Question, repeated
from measuring.report import Bar, Row
from measuring.servers import AIOHTTP, OURS, contenders

SAME_SIZE = 0.05
"""By so much may the answers' sizes differ: ids, numbers and padding do."""
CONNECTIONS = 4
"""Enough to keep a server busy all the time, so that a request costs what passes until the next."""
WARM_UP = 1.0
VALIDATIONS = 20


def plain_1(effort: Effort) -> list[Row]:
    """Measure plain answers on one connection."""
    found = rates(repeated(PLAIN), 1, effort)
    return [Row("plain-1", "answers a second, 1 connection", medians(found), ratios(found[OURS], found[AIOHTTP]))]


def plain_32(effort: Effort) -> list[Row]:
    """Measure plain answers on 32 connections."""
    found = rates(repeated(PLAIN), 32, effort)
    between = ratios(found[OURS], found[AIOHTTP])
    return [
        Row("plain-32", "answers a second, 32 connections", medians(found), between, bar=Bar("at least", 0.60)),
    ]


def differing_32(effort: Effort) -> list[Row]:
    """Measure the same where no two requests are the same."""
    found = rates(PLAIN, 32, effort)
    told = "the same, no two requests alike"
    return [Row("differing-32", told, medians(found), ratios(found[OURS], found[AIOHTTP]))]


def stream_200(effort: Effort) -> list[Row]:
    """Measure streams without pauses on 32 connections; the bare servers send all at once."""
    found = rates(repeated(STREAM), 32, effort)
    between = ratios(found[OURS], found[AIOHTTP])
    return [Row("stream-200", "streams a second, 32 connections", medians(found), between, bar=Bar("at least", 0.50))]


def conversation(effort: Effort) -> list[Row]:
    """Measure what a request of 200 KB costs as a whole, beside parsing it by plain pydantic models."""
    return [
        _cost("conversation", "µs a request", repeated(CONVERSATION), effort, Bar("at most", 3.0)),
        _cost("conversation", "the same, no two requests alike", CONVERSATION, effort),
    ]


def _cost(case: str, what: str, question: Question, effort: Effort, bar: Bar | None = None) -> Row:
    validations: list[float] = []
    found = rates(question, CONNECTIONS, effort, lambda: validations.append(validation()))
    costs = {name: [1e6 / rate for rate in values] for name, values in found.items()}
    told = f"{what}; pydantic's validate_json alone: {statistics.median(validations):,.0f}"
    return Row(case, told, medians(costs), ratios(costs[OURS], validations), to="validate_json", bar=bar)


def rates(
    question: Question, connections: int, effort: Effort, beside: Callable[[], None] | None = None
) -> dict[str, list[float]]:
    """Return each server's answers in a second, one number a round; `beside` is measured in each round, too."""
    with contenders(question) as servers:
        sizes = {name: load(server.port, question, connections, WARM_UP).size for name, server in servers.items()}
        if max(sizes.values()) > min(sizes.values()) * (1 + SAME_SIZE):
            raise SystemExit(f"the servers do not send the same: bytes of an answer are {sizes}")
        found: dict[str, list[float]] = {name: [] for name in servers}
        for number in range(1, effort.rounds + 1):
            for name, server in servers.items():
                first = number * 1_000_000
                found[name].append(load(server.port, question, connections, effort.seconds, first).rate)
            if beside is not None:
                beside()
            tell(f"round {number} of {effort.rounds}: " + ", ".join(f"{n} {v[-1]:,.0f}" for n, v in found.items()))
    return found


def validation() -> float:
    """Return how long validate_json of the conversation takes, in µs."""
    raw, times = CONVERSATION.raw, []
    for _ in range(VALIDATIONS):
        started = time.perf_counter()
        Request.model_validate_json(raw)
        times.append(1e6 * (time.perf_counter() - started))
    return statistics.median(times)
