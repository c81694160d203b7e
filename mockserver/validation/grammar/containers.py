"""The kinds of values that hold others: arrays, dictionaries, models, tagged unions. Not here: which field is which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mockserver.validation.fault import EXTRA, NOT_OBJECT, NOT_SHAPED, REQUIRED, Fault
from mockserver.validation.grammar.kinds import Anything, Kind, Text, listed
from mockserver.validation.scope import Scope
from mockserver.wire.parts import Part

_ANYTHING: Final = Anything()
_NOTHING: Final[frozenset[str]] = frozenset()
_TEXT: Final = Text()
_LONGEST_TAG: Final = 100


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a model.

    `nullable`: null means absent. `betas`: any of these opens it; without one it is an unknown key. `legacy`: it
    exists under version 2023-06-01 alone.
    """

    kind: Kind
    required: bool = False
    nullable: bool = False
    betas: frozenset[str] = frozenset()
    legacy: bool = False

    def is_open(self, scope: Scope) -> bool:
        """Whether the request may use the field at all."""
        if scope.lenient:
            return True
        return not (self.betas and self.betas.isdisjoint(scope.betas)) and (scope.is_legacy or not self.legacy)

    @property
    def is_gated(self) -> bool:
        """Whether it is not open to every request."""
        return bool(self.betas) or self.legacy


def required(kind: Kind) -> Field:
    """Return a field that must be there."""
    return Field(kind, required=True)


def optional(kind: Kind, *betas: str, legacy: bool = False) -> Field:
    """Return a field that may be absent, but not null."""
    return Field(kind, betas=frozenset(betas), legacy=legacy)


def nullable(kind: Kind, *betas: str) -> Field:
    """Return a field that may be absent or null."""
    return Field(kind, nullable=True, betas=frozenset(betas))


class Record:
    """An object with known fields, reported in their order; unknown keys come after them, in the body's order.

    `open_keys` lets other keys pass; `sentence` is what is said of a value that is no object.
    """

    def __init__(self, fields: Mapping[str, Field], *, open_keys: bool = False, sentence: str = NOT_SHAPED) -> None:
        self.fields = dict(fields)
        self.open_keys = open_keys
        self.sentence = sentence
        self._rows = tuple((name, f, f.kind.check) for name, f in self.fields.items())
        self._known = self.fields.keys()
        self._gated = frozenset(name for name, f in self.fields.items() if f.is_gated)

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Return the first fault: of the fields in order, then the first unknown key."""
        if not isinstance(value, dict):
            return Fault(self.sentence)
        closed = self._closed(value, scope) if self._gated else _NOTHING
        for name, field, look in self._rows:
            if name in value:
                member = value[name]
                if (member is None and field.nullable) or (closed and name in closed):
                    continue
                if fault := look(member, scope):
                    return fault.within(name)
            elif field.required:
                return Fault(REQUIRED, [name])
        if self.open_keys or scope.lenient or (not closed and value.keys() <= self._known):
            return None
        return self._unknown(value, closed)

    def _closed(self, value: dict[str, Any], scope: Scope) -> frozenset[str]:
        gated = self._gated.intersection(value)
        return frozenset(name for name in gated if not self.fields[name].is_open(scope)) if gated else _NOTHING

    def _unknown(self, value: dict[str, Any], closed: frozenset[str]) -> Fault:
        name = next(name for name in value if name not in self.fields or name in closed)
        return Fault(EXTRA, [name])


class Tagged:
    """A discriminated union, told apart by `type`; the tag is a part of the path, but where `tagged` is false.

    `absent` is the tag that a missing or null `type` means. `betas` maps a tag to what opens it. `listed_as` is the
    order in which a refusal lists the tags, where it is not the alphabetical one.
    """

    def __init__(
        self,
        members: Mapping[str, Record],
        *,
        absent: str | None = None,
        tagged: bool = True,
        listed_as: Sequence[str] = (),
        betas: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.members = {tag: members[tag] for tag in listed_as or sorted(members)}
        self.absent = absent
        self.tagged = tagged
        self.betas = dict(betas or {})

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is no object, names no known tag, or has a fault inside."""
        if not isinstance(value, dict):
            return Fault(NOT_OBJECT)
        tag = value.get("type")
        if tag is None:
            if self.absent is None and "type" not in value:
                return Fault(REQUIRED, ["type"])
            tag = self.absent
        if not isinstance(tag, str):
            return Fault(self._unknown(tag, scope))
        member = self.members.get(tag)
        if member is None or not self._is_open(tag, scope):
            return None if scope.lenient else Fault(self._unknown(tag, scope))
        fault = member.check(value, scope)
        return fault.within(tag) if fault and self.tagged else fault

    def _is_open(self, tag: str, scope: Scope) -> bool:
        betas = self.betas.get(tag)
        return not betas or scope.lenient or not betas.isdisjoint(scope.betas)

    def _unknown(self, tag: Any, scope: Scope) -> str:
        tags = tuple(tag for tag in self.members if self._is_open(tag, scope))
        found, expected = str(tag)[:_LONGEST_TAG], listed(tags, last=", ")
        return f"Input tag '{found}' found using 'type' does not match any of the expected tags: {expected}"


@dataclass(frozen=True, slots=True)
class Array:
    """A list of one kind; `none` is what the API says of an empty one, where that is a sentence of its own."""

    item: Kind
    least: int = 0
    most: int | None = None
    none: str = ""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is no list, too short, too long, or has a faulty item."""
        if not isinstance(value, list):
            return Fault("Input should be a valid array")
        look = self.item.check
        for index, item in enumerate(value):
            if isinstance(item, Part) and item.notes.get(look) == scope:
                continue  # it was right, and nobody changes it
            if fault := look(item, scope):
                return fault.within(index)
            if isinstance(item, Part):
                item.notes[look] = scope
        count = len(value)
        if not count and self.none:
            return Fault(self.none)
        if count < self.least:
            return Fault(f"List should have at least {_items(self.least)} after validation, not {count}")
        if self.most is not None and count > self.most:
            return Fault(f"List should have at most {_items(self.most)} after validation, not {count}")
        return None


def _items(number: int) -> str:
    return f"{number} item{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Dictionary:
    """An object with any keys, whose values are of one kind."""

    item: Kind = _ANYTHING

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is no object, or has a faulty value."""
        if not isinstance(value, dict):
            return Fault(NOT_OBJECT)
        for name, item in value.items():
            if fault := self.item.check(item, scope):
                return fault.within(name)
        return None


@dataclass(frozen=True, slots=True)
class TextOr:
    """A string, or else another kind, whose sentences are the ones that are reported.

    `segment` stands in the path of what is wrong with the other kind (`container.ContainerParams`).
    """

    other: Kind
    text: Kind = _TEXT
    segment: str = ""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Look at a string as text, at everything else as the other kind."""
        if isinstance(value, str):
            return self.text.check(value, scope)
        fault = self.other.check(value, scope)
        return fault.within(self.segment) if fault and self.segment else fault
