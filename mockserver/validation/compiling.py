"""Which JSON Schemas the API can compile, and what makes them costly. Not here: which schemas are compiled (`rules`).

The sentences are live ones of 2026, without the path that stands before them.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

_Schema = dict[str, Any]

_UNSUPPORTED: Final = {
    "array": ("contains", "maxContains", "maxItems", "minContains", "uniqueItems"),
    "integer": ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"),
    "number": ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"),
    "object": ("maxProperties", "minProperties", "patternProperties", "propertyNames"),
    "string": ("maxLength", "minLength"),
}
"""Type -> keywords that cannot be compiled."""

_WORDS: Final = ("oneOf", "not", "if", "dependentSchemas", "dependentRequired")
_TYPE_OF: Final = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_TYPES: Final = {list: "array", dict: "object"} | _TYPE_OF
_SHAPES: Final = ("anyOf", "allOf", "$ref", "enum", "const")
"""Keywords that say what a value is without a type."""
_LOOKAROUND: Final = re.compile(r"\(\?<?[=!]")


def fault_of(schema: _Schema) -> str | None:
    """Return the first thing in a schema that cannot be compiled."""
    return _Compiler(schema).fault()


def count_optional(schema: _Schema) -> int:
    """Return the number of properties that may be absent, at any depth."""
    return sum(_optional(node) for node in _nodes(schema))


def count_unions(schema: _Schema) -> int:
    """Return the number of properties of several types, at any depth."""
    return sum(_unions(node) for node in _nodes(schema))


class _Compiler:
    """One schema and its definitions."""

    def __init__(self, schema: _Schema) -> None:
        self.schema = schema
        self.definitions: dict[str, Any] = {
            f"#/{word}/{name}": value
            for word in ("$defs", "definitions")
            for name, value in (schema.get(word) or {}).items()
        }

    def fault(self) -> str | None:
        """Return the first thing that cannot be compiled."""
        if circle := self._circle():
            return (
                f"Invalid schema: Circular reference detected in schema definitions: {circle}. "
                "Self-referencing or mutually-referencing definitions are not supported."
            )
        nodes = [self.schema, *self.definitions.values()]
        return next((words for node in nodes if (words := self._fault(node))), None)

    def _circle(self) -> str | None:
        """Return the names of a circle of definitions, joined by arrows."""
        uses = {
            path: [ref for ref in _references(node) if ref in self.definitions]
            for path, node in self.definitions.items()
        }
        clean: set[str] = set()
        for start in uses:
            if trail := _walk(start, uses, clean):
                return " -> ".join(path.rsplit("/", 1)[1] for path in trail)
        return None

    def _fault(self, node: Any) -> str | None:
        if not isinstance(node, dict):
            return None
        own = self._own_fault(node)
        return own or next((words for child in _children(node) if (words := self._fault(child))), None)

    def _own_fault(self, node: _Schema) -> str | None:
        if not node:
            return "Empty schema ({}) that accepts any JSON value is not supported."
        reference = node.get("$ref")
        if reference is not None and reference not in self.definitions and reference != "#":
            kind = "Reference" if reference.startswith("#") else "External reference"
            return f"Invalid schema: {kind} '{reference}' could not be resolved"
        for word in _WORDS:
            if word in node:
                return f"Schema type '{word}' is not supported"
        declared = node.get("type")
        if declared is None and not any(word in node for word in _SHAPES):
            return f"Invalid schema: Schema type is missing for schema: {_shortened(node)}"
        types = declared if isinstance(declared, list) else [declared]
        return _enum_fault(node, types) or next((w for kind in types if (w := _type_fault(node, kind))), None)


def _walk(start: str, uses: dict[str, list[str]], clean: set[str]) -> list[str] | None:
    """Return the trail from `start` into a circle; definitions from which none is reached become clean."""
    trail = {start: iter(uses[start])} if start not in clean else {}  # in the order of the walk
    while trail:
        path = next(reversed(trail))
        following = next(trail[path], None)
        if following is None:
            clean.add(path)
            del trail[path]
        elif following in trail:
            names = list(trail)
            return [*names[names.index(following) :], following]
        elif following not in clean:
            trail[following] = iter(uses[following])
    return None


def _shortened(node: _Schema) -> str:
    return repr(node)[:500]


def _children(node: _Schema) -> Iterator[Any]:
    yield from (node.get("properties") or {}).values()
    for word in ("anyOf", "allOf", "prefixItems"):
        yield from node.get(word) or ()
    if "items" in node:
        yield node["items"]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in _children(node):
            yield from _references(child)


def _enum_fault(node: _Schema, types: list[str | None]) -> str | None:
    if types == [None]:
        return None
    for value in node.get("enum") or ():
        kind = _TYPES.get(type(value), "")
        if kind not in types and not (kind == "integer" and "number" in types):
            declared = types if isinstance(node["type"], list) else node["type"]
            return f"Invalid schema: Enum value '{value}' does not match declared type '{declared}'"
    return None


def _type_fault(node: _Schema, kind: str | None) -> str | None:
    if kind == "object" and (words := _open_object(node)):
        return words
    found = [word for word in _UNSUPPORTED.get(kind or "", ()) if word in node]
    if kind == "array" and (words := _few_items(node)):
        return words
    if len(found) > 1:
        return f"For '{kind}' type, properties {', '.join(found)} are not supported"
    if found:
        return f"For '{kind}' type, property '{found[0]}' is not supported"
    if kind == "string" and _LOOKAROUND.search(str(node.get("pattern", ""))):
        return "Invalid regex in pattern field: lookaround assertions are not supported"
    return None


def _open_object(node: _Schema) -> str | None:
    extra = node.get("additionalProperties")
    if extra is False:
        return None
    if extra is True:
        return (
            "For 'object' type, 'additionalProperties: true' is not supported. "
            "Please set 'additionalProperties' to false"
        )
    return "For 'object' type, 'additionalProperties' must be explicitly set to false"


def _few_items(node: _Schema) -> str | None:
    least = node.get("minItems", 0)
    if least in (0, 1):
        return None
    got = f"[{least}, {node.get('maxItems', '∞')}]"
    return f"For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: {got})"


def _optional(node: _Schema) -> int:
    return len((node.get("properties") or {}).keys() - set(node.get("required") or ()))


def _unions(node: _Schema) -> int:
    return sum(
        isinstance(p, dict) and (isinstance(p.get("type"), list) or "anyOf" in p)
        for p in (node.get("properties") or {}).values()
    )


def _nodes(schema: Any) -> Iterator[_Schema]:
    """Yield every sub-schema, definitions too."""
    if isinstance(schema, dict):
        yield schema
        for child in _children(schema):
            yield from _nodes(child)
        for word in ("$defs", "definitions"):
            for child in (schema.get(word) or {}).values():
                yield from _nodes(child)
