"""What is wrong with a value, and where. Not here: who looks."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """A sentence of the API about the value at `path` (outermost part first).

    Whoever looked inside a value puts its own parts in front, so that nothing is built while all is well. The path of
    an absolute fault is whole already: some checks of the API report at a place of their own.
    """

    sentence: str
    path: list[str | int] = field(default_factory=list)
    is_absolute: bool = False

    def within(self, *parts: str | int) -> "Fault":
        """Return the same fault, seen from further out."""
        if not self.is_absolute:
            self.path[:0] = parts
        return self

    def __str__(self) -> str:
        path = ".".join(map(str, self.path))
        return f"{path}: {self.sentence}" if path else self.sentence


REQUIRED = "Field required"
EXTRA = "Extra inputs are not permitted"
NOT_OBJECT = "Input should be an object"
NOT_SHAPED = "Input does not match the expected shape."
"""Sentences for what should be an object: of a union or a dictionary, and of a model (measured 2026-09)."""
ONLY_ON_TOP = (
    'Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input '
    "message role."
)


def unexpected_role(role: object, allowed: Iterable[object]) -> str:
    """Return the sentence about a role that no message may have."""
    options = " or ".join(f'"{option}"' for option in allowed)
    return f'Unexpected role "{role}". Allowed roles are {options}'
