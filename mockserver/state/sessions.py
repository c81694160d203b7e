"""The books of a session: all that outlives a request. Not here: its clock, settings, scenarios (`engine.worlds`)."""

from dataclasses import dataclass, field, fields
from typing import Any

from mockserver.state.batches import Batches
from mockserver.state.files import Files
from mockserver.state.journal import Journal
from mockserver.state.ledger import Ledger
from mockserver.state.limits import Limits
from mockserver.state.recent import Recent, Weighed
from mockserver.state.threads import Thread
from mockserver.wire.prefix import Trace

DEFAULT_SESSION = "default"
SESSION_PREFIX = "/_s/"
"""What begins a path that names its session."""

MOST_ATTEMPTS = 100_000
"""Requests of a session whose attempts are counted; one that was not tried for longest begins anew."""

MOST_THREADS = 1000
MOST_TRACES = 1000
"""Answers of a session that can be continued, and that can be compared with; beyond that the oldest are forgotten."""
BYTES_OF_THREADS = 64 * 1024 * 1024
BYTES_OF_TRACES = 16 * 1024 * 1024
"""So many bytes they hold together: of conversations as they came, and of hashes."""


@dataclass(slots=True)
class Session:
    """One world: how many requests it has seen, how often each was tried, what it cached, spent and holds, its
    message batches, its journal and its files.

    Requests are numbered from `first` by `step`: where several processes serve a port, each has numbers of its own.
    `threads` and `traces` go by whose request it was and the id of its answer; a trace is what cache diagnostics keep.
    """

    name: str
    requests: int = 0
    first: int = 0
    step: int = 1
    attempts: Recent[bytes, int] = field(default_factory=lambda: Recent(MOST_ATTEMPTS))
    journal: Journal = field(default_factory=Journal)
    files: Files = field(default_factory=Files)
    ledger: Ledger = field(default_factory=Ledger)
    limits: Limits = field(default_factory=Limits)
    threads: Weighed[tuple[bytes, str], Thread] = field(default_factory=lambda: Weighed(MOST_THREADS, BYTES_OF_THREADS))
    traces: Weighed[tuple[bytes, str], Trace] = field(default_factory=lambda: Weighed(MOST_TRACES, BYTES_OF_TRACES))
    batches: Batches = field(default_factory=Batches)

    def books(self) -> dict[str, Any]:
        """Return everything by its name: what a session is made of that has more than books."""
        return {book.name: getattr(self, book.name) for book in fields(Session)}

    def count_request(self) -> int:
        """Return the number of this request."""
        self.requests += 1
        return self.first + (self.requests - 1) * self.step

    def count_attempt(self, key: bytes) -> int:
        """Return how often a request with this key came before, and count this one."""
        before = self.attempts.get(key) or 0
        self.attempts.put(key, before + 1)
        return before
