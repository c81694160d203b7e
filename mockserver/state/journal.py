"""The journal: what was asked and what was answered. An exchange is opened before anything can fail.

Not here: queries and exports.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Literal

from mockserver.wire.encoding import JsonObject

Verdict = Literal[
    "answered", "fallback", "counted", "listed", "page", "chaos", "limited", "refused", "unmatched", "unexpected", "bug"
]
"""What became of a request: a scenario, the fallback, the token estimate, the list of models or a page of the server's
own answered; chaos or a rate limit struck; validation refused it; nothing matched; a scenario's `expect` did not hold;
or the server failed."""


Sent = Literal["whole", "cut", "client gone", "server stopped"]
"""How an answer ended on the wire: whole, cut off on purpose, or because client or server left."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How an answer failed its client.

    `retryable` says whether the same request may do better; `retry_after` is in seconds. `early`: the
    client can notice it before the answer has ended.
    """

    words: str
    retryable: bool
    retry_after: float | None = None
    early: bool = False


@dataclass(slots=True)
class Trial:
    """One try of a request, as its client lives it.

    `whose` tells clients apart without their keys. `declared` is how many retries the client says it made before
    (`x-stainless-retry-count`), None where it does not say. `arrived` and `ended` are times of the mock clock, `began`
    and `finished` real seconds; `advanced` and `advanced_by_end` are by how many seconds the clock had been advanced.
    """

    arrived: datetime
    began: float
    whose: int = 0
    declared: int | None = None
    advanced: float = 0.0
    failure: Failure | None = None
    ended: datetime | None = None
    finished: float | None = None
    advanced_by_end: float | None = None


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    `headers` are redacted; `note` says what else became of it, `usage` is that of the answer; `warning` says what the
    real API would have done otherwise; `sent` how the answer ended on the wire. `attempt` is how often the same request
    met the same turn before; `faults` say what was broken on purpose; `trial` is how its client lived it.
    """

    number: int
    session: str
    method: str
    path: str
    trial: Trial
    headers: dict[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    verdict: Verdict = "refused"
    scenario: str | None = None
    turn: int | None = None
    attempt: int | None = None
    status: int = 0
    streamed: bool = False
    reason: str = ""
    note: str = ""
    warning: str = ""
    usage: JsonObject | None = None
    bug: BaseException | None = None
    faults: list[str] = field(default_factory=list)
    sent: Sent | Literal[""] = ""


class Journal:
    """The exchanges of a session, oldest first; the oldest are forgotten beyond `limit`."""

    def __init__(self, limit: int = 1000) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=limit)

    def open(self, exchange: Exchange) -> None:
        """Record a request before it is answered."""
        self._exchanges.append(exchange)

    def latest(self, number: int) -> list[Exchange]:
        """Return the newest exchanges, so many or fewer, oldest first."""
        return list(islice(reversed(self._exchanges), number))[::-1]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """A snapshot; safe to take while the server answers."""
        return tuple(self._exchanges)
