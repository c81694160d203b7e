"""Sessions: isolated worlds on one server. All state lives in one; a name that is new makes one.

Not here: which session a request belongs to (the engine reads that from path and headers).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockserver.state.journal import Journal

DEFAULT_SESSION = "default"


@dataclass(slots=True)
class Session:
    """One world: how many requests it has seen, how often each was tried, and its journal."""

    name: str
    requests: int = 0
    attempts: Counter[bytes] = field(default_factory=Counter)
    journal: Journal = field(default_factory=Journal)

    def count_request(self) -> int:
        """Return the number of this request, from 0."""
        self.requests += 1
        return self.requests - 1

    def count_attempt(self, key: bytes) -> int:
        """Return how often a request with this key came before, and count this one."""
        self.attempts[key] += 1
        return self.attempts[key] - 1


class Sessions:
    """All sessions of a server by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Session] = {}

    def get(self, name: str) -> Session:
        """Return the session of this name; it is made on first use."""
        if name not in self._by_name:
            self._by_name[name] = Session(name)
        return self._by_name[name]

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_name.values()))
