"""What one template may cost: counted and not timed, so that the same template ends in the same place on any machine.

Not here: what counts (`sandbox`), and how large a result will be (`growth`).
"""

import threading
from collections.abc import Mapping
from typing import Any, Final

MOST_STEPS: Final = 1_000_000
"""Steps of one template: each round of a loop and each operation is one; they take a few seconds at most."""
CALL: Final = 5
"""Steps of a call or a filter, which takes so much longer."""
MOST_MADE: Final = 100_000_000
"""Characters and items that they make, all in all."""
MOST_ITEMS: Final = 10_000_000
"""Characters or items of one value among them."""


class TooMuchError(Exception):
    """A template that asks for too much; the text says for what."""


class _Left(threading.local):
    """What the template that this thread works at may still cost: two servers may render at the same time."""

    steps = MOST_STEPS
    made = MOST_MADE


_left = _Left()


def begin() -> None:
    """Begin a template: nothing is spent yet."""
    _left.steps, _left.made = MOST_STEPS, MOST_MADE


def step(made: int = 0, steps: int = 1) -> None:
    """Count steps, and the characters or items that they made. Raises `TooMuchError`."""
    _left.steps -= steps
    _left.made -= made
    if _left.steps < 0:
        raise TooMuchError(f"it takes more than {MOST_STEPS:,} steps (rounds of loops, calls, filters, operations)")
    if _left.made < 0:
        raise TooMuchError(f"it makes more than {MOST_MADE:,} characters and items in all")


def check(size: int) -> None:
    """Refuse one value of so many characters or items. Raises `TooMuchError`."""
    if size > MOST_ITEMS:
        raise TooMuchError(f"a text or list of more than {MOST_ITEMS:,} items")


def charge(value: Any, steps: int = 1) -> Any:
    """Count steps with the value that they made, and return that. Raises `TooMuchError`."""
    size = len(value) if isinstance(value, _SIZED) else 0
    check(size)
    step(size, steps)
    return value


_SIZED: Final = (str, bytes, list, tuple, dict, set, frozenset)


def written(value: Any) -> int:
    """Return about how many characters a value takes when it is written; it is looked at no further than needed.

    Lists that hold the same list many times over are small in memory, and large when they are written.
    """
    size, rest = 0, [value]
    while rest and size <= MOST_ITEMS:
        found = rest.pop()
        size += _LEAST
        if isinstance(found, (str, bytes)):
            size += len(found)
        elif isinstance(found, (list, tuple, set, frozenset)):
            rest += found
        elif isinstance(found, int):
            size += found.bit_length() // 3
        elif isinstance(found, Mapping):
            rest += [*found.keys(), *found.values()]
    return size


_LEAST: Final = 10
"""Characters that any value among others counts for: a million of them are as many as there may be."""
