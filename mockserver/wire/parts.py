"""Parts of bodies (messages, blocks, tools) that came before: known again by value, with what was found out of them.

An agent sends its whole conversation with every request, and all but the last messages are those of the request before.
Not here: what there is to be found out; whoever does notes it with `noted`.
"""

import marshal
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from operator import is_
from typing import Any, Final, TypeVar

from mockserver.wire.encoding import JsonObject

MOST: Final = 10_000
"""How many parts are kept; the oldest go first."""

MOST_BYTES: Final = 8 * 1024 * 1024
"""So many bytes of them, as they are written below."""

LONGEST: Final = 256 * 1024
"""A part of more bytes is not kept."""

_FORMAT: Final = 2
"""Version of `marshal` that writes equal values in equal bytes; the bytes are compared, and never read."""

Found = TypeVar("Found")


class Part(dict[str, Any]):
    """A JSON object that nobody changes, and `notes` of what follows from it alone."""

    __slots__ = ("notes",)

    def __init__(self, value: JsonObject) -> None:
        super().__init__(value)
        self.notes: dict[Hashable, Any] = {}


def noted(part: JsonObject, key: Hashable, find: Callable[[], Found]) -> Found:
    """Return what follows from a part alone; of one that is kept it is found out once."""
    if not isinstance(part, Part):
        return find()
    notes = part.notes
    if key in notes:
        found: Found = notes[key]
        return found
    found = notes[key] = find()
    return found


def plain(value: Any) -> Any:
    """Return a copy of a JSON value that whoever has it may change: objects without notes, and nothing shared."""
    if isinstance(value, dict):
        return {key: plain(found) for key, found in value.items()}
    return [plain(found) for found in value] if isinstance(value, list) else value


def split(body: JsonObject) -> tuple[list[Part], JsonObject]:
    """Return the parts of a body, and the body without them."""
    parts: list[Part] = []
    rest = dict(body)
    for name in _LISTS:
        if isinstance(found := body.get(name), list):
            parts += [entry for entry in found if isinstance(entry, Part)]
            rest[name] = [entry for entry in found if not isinstance(entry, Part)]
    return parts, rest


def changed(body: JsonObject, change: Callable[[Any], Any]) -> JsonObject:
    """Return a body whose parts and other values are changed one by one; the body itself where none is.

    What becomes of a part is found out once, and kept under `change`.
    """
    found = {name: _changed(value, change) if name in _LISTS else change(value) for name, value in body.items()}
    return body if all(found[name] is value for name, value in body.items()) else found


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:
    if not isinstance(value, list):
        return change(value)
    found = [noted(entry, change, partial(change, entry)) for entry in value]
    return value if all(map(is_, found, value)) else found


class Parts:
    """The parts that came last, by value."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Part] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def known(self, body: JsonObject) -> JsonObject:
        """Return a body that has just been decoded, with its parts as they are kept."""
        lists = {name: body[name] for name in _LISTS if isinstance(body.get(name), list)}
        return body | {name: [self._known(part) for part in parts] for name, parts in lists.items()}

    def _known(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        key = marshal.dumps(value, _FORMAT)
        part = self._kept.get(key)
        if part is not None:
            self._kept.move_to_end(key)
            return part
        part = _part(value)
        if len(key) <= LONGEST:
            self._keep(key, part)
        return part

    def _keep(self, key: bytes, part: Part) -> None:
        self._kept[key] = part
        self._bytes += len(key)
        while len(self._kept) > MOST or self._bytes > MOST_BYTES:
            oldest, _ = self._kept.popitem(last=False)
            self._bytes -= len(oldest)


_LISTS: Final = ("tools", "system", "messages")
"""Fields whose entries are parts."""


def _part(value: JsonObject) -> Part:
    content = value.get("content")
    if isinstance(content, list):
        value["content"] = [Part(block) if isinstance(block, dict) else block for block in content]
    return Part(value)
