"""The journal: what was asked and what was answered. An exchange is opened before anything can fail.

Not here: queries and exports.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from mockserver.wire.encoding import JsonObject

Verdict = Literal["answered", "fallback", "counted", "listed", "page", "refused", "unmatched", "unexpected", "bug"]
"""What became of a request: a scenario, the fallback, the token estimate, the list of models or a page of the server's
own answered; validation refused it; nothing matched; a scenario's `expect` did not hold; or the server failed."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    `headers` are redacted; `note` says what else became of it, `usage` is that of the answer; `warning` says what the
    real API would have done otherwise; `sent` how the answer ended on the wire.
    """

    number: int
    session: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    verdict: Verdict = "refused"
    scenario: str | None = None
    turn: int | None = None
    status: int = 0
    streamed: bool = False
    reason: str = ""
    note: str = ""
    warning: str = ""
    usage: JsonObject | None = None
    bug: BaseException | None = None
    sent: Literal["", "whole", "client gone", "server stopped"] = ""


class Journal:
    """The exchanges of a session, oldest first; the oldest are forgotten beyond `limit`."""

    def __init__(self, limit: int = 1000) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=limit)

    def open(self, exchange: Exchange) -> None:
        """Record a request before it is answered."""
        self._exchanges.append(exchange)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """A snapshot; safe to take while the server answers."""
        return tuple(self._exchanges)
