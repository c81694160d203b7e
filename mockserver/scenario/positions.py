"""Where in a text a value stands. Not here: reading texts (`documents`)."""

from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
Position = tuple[int, int]
"""Line and column, from 1."""


class DocumentError(ValueError):
    """A text that is no document; `position` says where."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(message)
        self.position = position


@dataclass(slots=True)
class Document:
    """One document of a file. `keys` and `values` hold the positions of what stands at a path."""

    value: Any = None
    keys: dict[Path, Position] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)

    def position(self, path: Path, *, of_key: bool = False) -> Position:
        """Return where `path` stands, or the nearest part of it that does; parts that are no keys are skipped."""
        here: Path = ()
        for part in path:
            if (*here, part) in self.values:
                here = (*here, part)
        if of_key and path in self.keys:
            return self.keys[path]
        return self.values.get(here, (1, 1))

    def part(self, key: str) -> "Document":
        """Return what stands at a key as a document of its own."""
        keys = {path[1:]: place for path, place in self.keys.items() if path[:1] == (key,) and len(path) > 1}
        values = {path[1:]: place for path, place in self.values.items() if path[:1] == (key,)}
        return Document(self.value[key], keys, values)
