"""The kinds of values that a dialect describes: parameters of its own, and narrower ones. Not here: which there are.

The sentences are pydantic's, in which the API speaks; what a gateway itself says is not known.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.validation.fault import NOT_OBJECT, ONLY_ON_TOP, REQUIRED, Fault, unexpected_role
from mockserver.validation.grammar.containers import Array, Dictionary, Field, Record, Tagged
from mockserver.validation.grammar.kinds import Anything, Kind, listed
from mockserver.validation.scope import Scope
from mockserver.wire.dialect_parts import Parameter, ValueType


class _Type(NamedTuple):
    """A type of JSON: how it is told, what is said of another one, and what is of it."""

    name: str
    sentence: str
    holds: Callable[[Any], bool]


_TYPES: Final[dict[ValueType, _Type]] = {
    "string": _Type("string", "Input should be a valid string", lambda value: isinstance(value, str)),
    "integer": _Type(
        "integer",
        "Input should be a valid integer",
        lambda value: isinstance(value, int) and not isinstance(value, bool),
    ),
    "number": _Type(
        "number",
        "Input should be a valid number",
        lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    ),
    "boolean": _Type("boolean", "Input should be a valid boolean", lambda value: isinstance(value, bool)),
    "array": _Type("array", "Input should be a valid array", lambda value: isinstance(value, list)),
    "object": _Type("object", NOT_OBJECT, lambda value: isinstance(value, dict)),
}


_ANYTHING: Final = Anything()


def _options(options: Sequence[Any]) -> str:
    """Return the options as pydantic writes them: `1, 'a' or 'b'`."""
    told = [f"'{option}'" if isinstance(option, str) else str(option) for option in options]
    return " or ".join(filter(None, [", ".join(told[:-1]), told[-1]]))


class Limited:
    """A value as a dialect describes it."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        self._types = [_TYPES[name] for name in parameter.type]
        self._items = None if parameter.items is None else Limited(parameter.items)
        self._values = None if parameter.values is None else Limited(parameter.values)
        self._enum = f"Input should be {_options(parameter.enum)}" if parameter.enum else ""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse another type, what is out of range, and what is too many; then what is wrong inside."""
        if self._types and not any(kind.holds(value) for kind in self._types):
            return Fault(self._wrong_type())
        if self._enum and not any(value == option and type(value) is type(option) for option in self.parameter.enum):
            return Fault(self._enum)
        return self._out_of_range(value) or self._inside(value, scope)

    def _wrong_type(self) -> str:
        if len(self._types) == 1:
            return self._types[0].sentence
        return f"Input should be a valid {' or '.join(kind.name for kind in self._types)}"

    def _out_of_range(self, value: Any) -> Fault | None:
        if not _TYPES["number"].holds(value):
            return None
        least, most = self.parameter.minimum, self.parameter.maximum
        if least is not None and value < least:
            return Fault(f"Input should be greater than or equal to {least}")
        if most is not None and value > most:
            return Fault(f"Input should be less than or equal to {most}")
        return None

    def _inside(self, value: Any, scope: Scope) -> Fault | None:
        if isinstance(value, list):
            return Array(self._items or _ANYTHING, most=self.parameter.max_items).check(value, scope)
        if isinstance(value, dict) and self._values is not None:
            return Dictionary(self._values).check(value, scope)
        return None


class Narrowed:
    """One of the API's parameters, of which a dialect takes less: what `places` say of what is inside of it."""

    def __init__(self, kind: Kind, places: Mapping[tuple[str, ...], Parameter], *, of_messages: bool = False) -> None:
        self.kind = kind
        self._places = [(path, Limited(parameter)) for path, parameter in places.items()]
        self._of_messages = of_messages

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what the API refuses, then what the dialect does not take."""
        if fault := self.kind.check(value, scope):
            return fault
        for path, limited in self._places:
            if scope.lenient and path[-1:] in _NAMES:
                continue  # as with every name of a kind that is not known
            if fault := self._at(value, path, limited, scope):
                return fault
        return None

    def _at(self, value: Any, path: tuple[str, ...], limited: Limited, scope: Scope) -> Fault | None:
        if not path:
            return limited.check(value, scope)
        if isinstance(value, list):
            found = ((index, self._at(item, path, limited, scope)) for index, item in enumerate(value))
            return next((fault.within(index) for index, fault in found if fault), None)
        if not isinstance(value, dict) or value.get(path[0]) is None:
            return None
        fault = self._at(value[path[0]], path[1:], limited, scope)
        if fault is None:
            return None
        options = limited.parameter.enum
        if path == ("type",) and options:
            return Fault(unknown_tag(value["type"], options))
        if path == ("role",) and self._of_messages and options:
            return Fault(_role(value["role"], options), ["messages"], is_absolute=True)
        tag = value.get("type")
        return fault.within(tag, path[0]) if isinstance(tag, str) else fault.within(path[0])


_NAMES: Final = (("type",), ("role",))
"""Places that say of what kind something is."""


def unknown_tag(tag: Any, options: Sequence[Any]) -> str:
    """Return what is said of a `type` that a union does not have."""
    return (
        f"Input tag '{tag}' found using 'type' does not match any of the expected tags: "
        f"{listed(tuple(map(str, options)), last=', ')}"
    )


def _role(role: Any, options: Sequence[Any]) -> str:
    return ONLY_ON_TOP if role == "system" else unexpected_role(role, options)


class EveryTool:
    """The tools of a request where a dialect says something of each."""

    def __init__(self, tools: Tagged, more: Mapping[str, Field], needed: Sequence[str]) -> None:
        members = {
            tag: Record({**more, **record.fields}, open_keys=record.open_keys, sentence=record.sentence)
            for tag, record in tools.members.items()
        }
        self._array = Array(Tagged(members, absent=tools.absent, tagged=tools.tagged, betas=tools.betas))
        self._absent = tools.absent
        self._needed = tuple(needed)

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what the API refuses of a tool, and one that lacks what every tool needs."""
        if fault := self._array.check(value, scope):
            return fault
        lacking = ((i, tool, name) for i, tool in enumerate(value) for name in self._needed if name not in tool)
        for index, tool, name in lacking:
            return Fault(REQUIRED, [index, str(tool.get("type") or self._absent), name])
        return None
