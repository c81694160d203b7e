"""Whether a value is a JSON Schema of draft 2020-12. Not here: which schemas structured output can compile.

Only what the draft's own meta-schema says; unknown keywords pass, as they do there, and so do `properties` and
`required` of null, which the API's own types allow. The API names the tool and not the place, so that yes or no is
enough.
"""

from collections.abc import Callable
from typing import Any, Final

_TYPES: Final = frozenset(["array", "boolean", "integer", "null", "number", "object", "string"])


def is_schema(value: Any) -> bool:
    """Whether the value is a JSON Schema: true, false, or an object whose known keywords are right."""
    if not isinstance(value, dict):
        return isinstance(value, bool)
    return all(check(value[word]) for word in value if (check := _KEYWORDS.get(word)))


def _schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(is_schema(schema) for schema in value.values())


def _schema_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(is_schema(schema) for schema in value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _count(value: Any) -> bool:
    return _number(value) and value >= 0 and value == int(value)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value)) and len(set(value)) == len(value)


def _name_lists(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_names, value.values()))


def _type(value: Any) -> bool:
    return value in _TYPES if isinstance(value, str) else _names(value) and bool(value) and _TYPES.issuperset(value)


def _or_null(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


_BY_CHECK: Final[tuple[tuple[Callable[[Any], bool], str], ...]] = (
    (
        is_schema,
        """additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems
        unevaluatedProperties""",
    ),
    (_schemas, "$defs definitions dependentSchemas patternProperties"),
    (_or_null(_schemas), "properties"),
    (_schema_list, "allOf anyOf oneOf prefixItems"),
    (_number, "maximum minimum exclusiveMaximum exclusiveMinimum"),
    (_positive, "multipleOf"),
    (_count, "maxContains minContains maxItems minItems maxLength minLength maxProperties minProperties"),
    (_text, "$anchor $comment $id $ref $schema description format pattern title"),
    (_boolean, "deprecated readOnly uniqueItems writeOnly"),
    (_or_null(_names), "required"),
    (_name_lists, "dependentRequired"),
    (_list, "enum examples"),
    (_type, "type"),
)

_KEYWORDS: Final = {word: check for check, words in _BY_CHECK for word in words.split()}
"""Keyword -> whether its value is right."""
