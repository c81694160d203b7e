"""Bodies that were judged a moment ago: equal bytes that come in the same way are neither parsed nor judged again.

A client that retries, a load test and a suite of tests send the same request over and over. Not here: judging.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

MOST: Final = 128
"""How many bodies are kept."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""How many bytes of them."""
LONGEST: Final = 1024 * 1024
"""A body of more bytes is not kept."""

MOST_NOTES: Final = 24
"""How many notes there are of one body: some follow from its session, too, and there may be thousands of those."""

Kept = TypeVar("Kept")


class Notes(dict[Any, Any]):
    """What follows from a body, by whoever found it out; where there are too many, it begins anew."""

    def __setitem__(self, key: Any, found: Any) -> None:
        if len(self) >= MOST_NOTES:
            self.clear()
        super().__setitem__(key, found)


class Memory(Generic[Kept]):
    """What was found out about bodies, by the body's bytes and by all else that decides; the oldest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._kept.values())

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
        if self._kept.pop(key, None) is None:
            self._bytes += len(key[0])
        self._kept[key] = found
        while len(self._kept) > MOST or self._bytes > MOST_BYTES:
            oldest, _ = self._kept.popitem(last=False)
            self._bytes -= len(oldest[0])
