"""The ledger: which prefixes of prompts are cached, and until when. Not here: what a request reads and writes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mockserver.state.recent import Recent

LIFETIMES: Final = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1)}
"""`cache_control.ttl` -> how long an entry lives after its last use."""

MOST_ENTRIES: Final = 20_000
"""Prefixes of one session; beyond it the one that was not used for longest is forgotten."""


@dataclass(slots=True)
class _Entry:
    """A prefix that is kept: its tokens, and from when to when it can be read."""

    tokens: int
    life: timedelta
    begins: datetime
    expires: datetime


class Ledger:
    """The cached prefixes of one session. Times are the mock clock's; an entry is gone at the moment it expires.

    It can be read once the answer has begun that wrote it (documentation).
    """

    def __init__(self, limit: int = MOST_ENTRIES) -> None:
        self._entries: Recent[bytes, _Entry] = Recent(limit)

    def find(self, key: bytes, now: datetime) -> int | None:
        """Return the tokens of a prefix; None where it is not cached (any more)."""
        entry = self._entries.get(key)
        return entry.tokens if entry is not None and entry.begins <= now < entry.expires else None

    def use(self, key: bytes, now: datetime) -> None:
        """Begin the life of a cached prefix anew: it was read."""
        entry = self._entries.get(key)
        if entry is not None:
            entry.expires = now + entry.life
            self._entries.put(key, entry)

    def forget(self, key: bytes) -> None:
        """Let a prefix be cached no longer."""
        self._entries.drop(key)

    def store(self, key: bytes, tokens: int, ttl: str, now: datetime, begins: datetime | None = None) -> None:
        """Cache a prefix from `begins` on, which is now where it is not given.

        One that is cached keeps its tokens and lifetime, and lives on where it would be gone when the answer begins.
        """
        begins = begins or now
        entry = self._entries.get(key)
        if entry is None or entry.expires <= now:
            life = LIFETIMES.get(ttl, LIFETIMES["5m"])
            self._entries.put(key, _Entry(tokens, life, begins, begins + life))
            return
        entry.begins = min(entry.begins, begins)
        if entry.expires <= begins:
            entry.expires = begins + entry.life
