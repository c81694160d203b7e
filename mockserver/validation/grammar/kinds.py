"""The kinds of scalar values: each looks at one value and returns a `Fault` or None. Not here: which field is which.

The sentences are the API's own (measured 2026-08 to 2026-10); they are mostly but not always pydantic's.
"""

import re
from dataclasses import field
from typing import Any, Protocol

from mockserver.validation.fault import Fault
from mockserver.validation.scope import Scope
from mockserver.wire.frozen import frozen


class Kind(Protocol):
    """A kind of value."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Return what is wrong with the value; None where nothing is."""


def listed(options: tuple[str, ...], last: str = " or ") -> str:
    """Return the options as the API writes them: `'a', 'b' or 'c'`."""
    quoted = [f"'{option}'" for option in options]
    return last.join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


@frozen
class Anything:
    """Any JSON value."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Find nothing wrong."""


@frozen
class Text:
    """A string; lengths in characters. `quoted` is the pattern as the API names it, where that is another one."""

    least: int = 0
    most: int | None = None
    pattern: str = ""
    quoted: str = ""
    _regex: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.pattern:
            object.__setattr__(self, "_regex", re.compile(self.pattern))

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is no string, or too short, too long, or not of the pattern."""
        if not isinstance(value, str):
            return Fault("Input should be a valid string")
        if len(value) < self.least:
            return Fault(f"String should have at least {_count(self.least)}")
        if self.most is not None and len(value) > self.most:
            return Fault(f"String should have at most {_count(self.most)}")
        if self._regex and not self._regex.fullmatch(value):
            return Fault(f"String should match pattern '{self.quoted or self.pattern}'")
        return None


def _count(number: int) -> str:
    return f"{number} character{'' if number == 1 else 's'}"


class OneOf:
    """One of some strings."""

    def __init__(self, *options: str) -> None:
        self.options = frozenset(options)
        self.sentence = f"Input should be {listed(options)}"

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse every other value."""
        return None if isinstance(value, str) and value in self.options else Fault(self.sentence)


@frozen
class Region:
    """A string that the API compares after its type, and reports in words of its own."""

    options: tuple[str, ...]

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is no string, and every other string."""
        if not isinstance(value, str):
            return Fault("Input should be a valid string")
        return None if value in self.options else Fault(f"must be one of {list(self.options)}")


@frozen
class Boolean:
    """True or false."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse every other value."""
        return None if isinstance(value, bool) else Fault("Input should be a valid boolean")


@frozen
class Integer:
    """A whole number; `bare` leaves out pydantic's "Input should", as the API does for `max_tokens`."""

    least: int | None = None
    above: int | None = None
    bare: bool = False

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is no integer, or too small."""
        if not isinstance(value, int) or isinstance(value, bool):
            return Fault("Input should be a valid integer")
        if self.least is not None and value < self.least:
            return Fault(f"{'must' if self.bare else 'Input should'} be greater than or equal to {self.least}")
        if self.above is not None and value <= self.above:
            return Fault(f"Input should be greater than {self.above}")
        return None


@frozen
class Share:
    """A number between 0 and 1."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is no number, or out of range."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return Fault("Input should be a valid number")
        return None if 0 <= value <= 1 else Fault("range: 0..1")
