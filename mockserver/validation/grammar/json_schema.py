"""Whether a value is a JSON Schema of draft 2020-12. Not here: which schemas structured output can compile.

Only what the draft's own meta-schema says; unknown keywords pass, as they do there. Checked with the same parts as a
request, but nobody reads the fault: the API names the tool and not the place.
"""

from typing import Any, Final

from mockserver.validation.fault import Fault
from mockserver.validation.grammar.containers import Array, Record, nullable, optional
from mockserver.validation.grammar.kinds import Anything, Boolean, Integer, OneOf, Text
from mockserver.validation.scope import Scope

_WRONG: Final = Fault("JSON schema is invalid")
_SCOPE: Final = Scope()


class _Schema:
    """A schema: an object, or true or false."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is neither."""
        return None if isinstance(value, bool) else _KEYWORDS.check(value, scope)


class _Schemas:
    """An object whose values are schemas."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is none."""
        if not isinstance(value, dict):
            return _WRONG
        return next((fault for v in value.values() if (fault := _SCHEMA.check(v, scope))), None)


class _Number:
    """A number; `positive` leaves out zero and less."""

    def __init__(self, *, positive: bool = False) -> None:
        self.positive = positive

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is none."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and (value > 0 or not self.positive) else _WRONG


class _Count:
    """A whole number of at least 0; 2.0 is one."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is none."""
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        return Integer(least=0).check(number, scope)


class _Types:
    """One type, or a list of different ones."""

    _one: Final = OneOf("array", "boolean", "integer", "null", "number", "object", "string")

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse an unknown type."""
        if not isinstance(value, list):
            return self._one.check(value, scope)
        return Array(self._one, least=1).check(value, scope) or _unique(value)


class _Names:
    """A list of different strings."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is none."""
        return Array(Text()).check(value, scope) or _unique(value)


class _NameLists:
    """An object whose values are lists of different strings."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse what is none."""
        if not isinstance(value, dict):
            return _WRONG
        return next((fault for v in value.values() if (fault := _Names().check(v, scope))), None)


def _unique(names: list[str]) -> Fault | None:
    return None if len(set(names)) == len(names) else _WRONG


_SCHEMA: Final = _Schema()
_SCHEMAS: Final = _Schemas()
_LIST: Final = Array(_SCHEMA, least=1)

_KEYWORDS: Final = Record(
    {
        **dict.fromkeys(
            (
                "additionalProperties",
                "contains",
                "contentSchema",
                "else",
                "if",
                "items",
                "not",
                "propertyNames",
                "then",
                "unevaluatedItems",
                "unevaluatedProperties",
            ),
            optional(_SCHEMA),
        ),
        **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "patternProperties"), optional(_SCHEMAS)),
        "properties": nullable(_SCHEMAS),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), optional(_LIST)),
        **dict.fromkeys(("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"), optional(_Number())),
        "multipleOf": optional(_Number(positive=True)),
        **dict.fromkeys(
            (
                "maxContains",
                "minContains",
                "maxItems",
                "minItems",
                "maxLength",
                "minLength",
                "maxProperties",
                "minProperties",
            ),
            optional(_Count()),
        ),
        **dict.fromkeys(
            ("$anchor", "$comment", "$id", "$ref", "$schema", "description", "format", "pattern", "title"),
            optional(Text()),
        ),
        **dict.fromkeys(("deprecated", "readOnly", "uniqueItems", "writeOnly"), optional(Boolean())),
        "required": nullable(_Names()),
        "dependentRequired": optional(_NameLists()),
        "enum": optional(Array(Anything())),
        "examples": optional(Array(Anything())),
        "type": optional(_Types()),
    },
    open_keys=True,
)


def is_schema(value: Any) -> bool:
    """Whether the value is a JSON Schema."""
    return _SCHEMA.check(value, _SCOPE) is None
