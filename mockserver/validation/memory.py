"""Bodies that were judged a moment ago: equal bytes that come in the same way are neither parsed nor judged again.

A client that retries, a load test and a suite of tests send the same request over and over. Not here: judging.
"""

from collections import OrderedDict
from typing import Any, Final, Generic, TypeVar

MOST: Final = 256
"""How many bodies are kept."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""How many bytes of them."""
LONGEST: Final = 1024 * 1024
"""A body of more bytes is not kept."""

Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """What was found out about bodies, by the body's bytes and by all else that decides; the oldest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()
        self._bytes = 0

    def find(self, key: tuple[bytes, *tuple[Any, ...]]) -> Kept | None:
        """Return what is kept under a key."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: tuple[bytes, *tuple[Any, ...]], found: Kept) -> None:
        """Keep what was found out, unless the body is very long."""
        if len(key[0]) > LONGEST:
            return
        self._kept[key] = found
        self._bytes += len(key[0])
        while len(self._kept) > MOST or self._bytes > MOST_BYTES:
            oldest, _ = self._kept.popitem(last=False)
            self._bytes -= len(oldest[0])
