"""What a server did since it started, in numbers. Not here: how they are published (`control.metrics`)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from mockserver.state.journal import Exchange
from mockserver.wire.encoding import JsonObject

MOST_COUNTERS: Final = 100
"""Counters of `usage` that are told apart: the API has a dozen, and an author may write any."""
OTHERS: Final = "other_tokens"
"""Where the rest of them are counted."""


@dataclass(slots=True)
class Tally:
    """Sums over all sessions, also those that are forgotten.

    `answers` are by verdict and status, `ends` by how answers ended on the wire, `tokens` by counter of `usage`;
    `faults` are answers in which something was broken; `body_bytes` and `seconds` (from arrival to end) are of all.
    `connections` are open now; of `refused_connections` there were too many.
    """

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    body_bytes: int = 0
    seconds: float = 0.0
    connections: int = 0
    refused_connections: int = 0
    _usage: JsonObject | None = None
    _amounts: list[tuple[str, int]] = field(default_factory=list)
    """The latest usage and its counters: answers that repeat another one have its own."""

    def count(self, exchange: Exchange) -> None:
        """Count an exchange that has ended."""
        self.answers[exchange.verdict, exchange.status] += 1
        self.ends[exchange.sent] += 1
        self.faults += bool(exchange.faults)
        self.body_bytes += exchange.sent_bytes
        self.seconds += (exchange.trial.finished or exchange.trial.began) - exchange.trial.began
        if exchange.usage is not self._usage:
            self._usage = exchange.usage
            self._amounts = _amounts(exchange.usage or {})
        for name, number in self._amounts:
            known = name in self.tokens or len(self.tokens) < MOST_COUNTERS
            self.tokens[name if known else OTHERS] += number


def _amounts(usage: JsonObject) -> list[tuple[str, int]]:
    return [(name, n) for name, n in usage.items() if name.endswith("_tokens") and isinstance(n, int)]
