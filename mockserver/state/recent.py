"""A bounded memory: the values that were used last. Not here: what is remembered."""

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key; beyond `limit` the one that was not put for longest is forgotten."""

    def __init__(self, limit: int) -> None:
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._limit = limit

    def get(self, key: Key) -> Value | None:
        """Return the value, or None."""
        return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Remember a value as the latest."""
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._limit:
            self._values.popitem(last=False)

    def drop(self, key: Key) -> None:
        """Forget a value, if there is one."""
        self._values.pop(key, None)

    def __len__(self) -> int:
        return len(self._values)


class Weighed(Generic[Key, Value]):
    """The same for values of different weights: beyond `most` of them all the oldest go, too, but never the latest."""

    def __init__(self, limit: int, most: int) -> None:
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._limit = limit
        self._most = most
        self._weight = 0

    def get(self, key: Key) -> Value | None:
        """Return the value, or None."""
        found = self._values.get(key)
        return found and found[0]

    def put(self, key: Key, value: Value, weight: int) -> None:
        """Remember a value as the latest."""
        _, before = self._values.pop(key, (value, 0))
        self._values[key] = (value, weight)
        self._weight += weight - before
        while len(self._values) > 1 and (len(self._values) > self._limit or self._weight > self._most):
            _, (_, gone) = self._values.popitem(last=False)
            self._weight -= gone

    def __len__(self) -> int:
        return len(self._values)
