"""Values made from a JSON Schema: a tool's input, or structured output. Not here: free text, judging a schema.

The same schema and generator give the same value. Imitated are types, `enum`, `const`, references, `anyOf`, `oneOf`,
`allOf`, and the limits of objects, arrays, strings and numbers. A schema that says more (`not`, `if`, `dependent…`,
`unevaluated…`, alternatives that exclude each other) gets a value of the right type, which may not satisfy the rest.
"""

import random
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from faker import Faker

from mockserver.reply.sample_scalars import make_number, make_string, pick
from mockserver.wire.encoding import JsonObject

MAX_DEPTH: Final = 6
"""Below this, what is optional is left out, so that a schema that refers to itself ends."""

MAX_VALUES: Final = 300
"""After so many values, too: a schema may refer to itself many times over."""

MAX_ITEMS: Final = 1000
MAX_REQUIRED: Final = 5000
"""So many values, required or not, are made at most."""


class SampleError(ValueError):
    """A schema for which no value can be made; the text says why."""


def make_sample(schema: Any, fake: Faker, chance: random.Random) -> Any:
    """Return a value that satisfies the schema. Raises `SampleError` where the schema is none."""
    try:
        return _Sampler(schema, fake, chance).make(schema, "", 0)
    except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError, RecursionError) as error:
        raise SampleError(f"no value can be made for this JSON Schema: {error}") from error


class _Sampler:
    """Makes values for one schema; `$ref` is looked up in it."""

    def __init__(self, schema: Any, fake: Faker, chance: random.Random) -> None:
        self._root = schema
        self._fake = fake
        self._chance = chance
        self._made = 0
        self._hops = 0

    def make(self, schema: Any, name: str, depth: int) -> Any:
        self._made += 1
        self._hops = 0
        if self._made > MAX_REQUIRED:
            raise SampleError(f"it asks for more than {MAX_REQUIRED} values")
        if depth > 2 * MAX_DEPTH:  # it requires itself: nothing satisfies it
            return None
        schema = self._resolve(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return pick(schema, self._chance)
        return _MAKERS[_type_of(schema)](self, schema, name, depth)

    def _spent(self, depth: int) -> bool:
        """Whether to leave out what may be left out."""
        return depth >= MAX_DEPTH or self._made > MAX_VALUES

    # -------------------------------------------------------------- references and alternatives

    def _resolve(self, schema: Any, depth: int) -> JsonObject:
        """Return the schema with references followed, `allOf` merged and one option chosen."""
        found: Any = schema
        while isinstance(found, dict) and self._hops < _MAX_HOPS:
            self._hops += 1
            if "$ref" in found:
                found = _merge(self._look_up(found["$ref"]), {k: v for k, v in found.items() if k != "$ref"})
            elif found.get("allOf"):
                found = self._merged(found, depth)
            elif options := [o for o in found.get("anyOf") or found.get("oneOf") or [] if isinstance(o, dict)]:
                rest = {k: v for k, v in found.items() if k not in ("anyOf", "oneOf")}
                found = _merge(rest, self._choose(options, depth))
            else:
                return found
        return {}

    def _choose(self, options: list[JsonObject], depth: int) -> JsonObject:
        plain = [o for o in options if o.get("type") != "null"] or options
        if self._spent(depth):
            plain = [o for o in plain if o.get("type") not in ("object", "array") and "$ref" not in o] or options
        return self._chance.choice(plain)

    def _merged(self, schema: JsonObject, depth: int) -> JsonObject:
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        for part in schema["allOf"]:
            merged = _merge(merged, self._resolve(part, depth))
        return merged

    def _look_up(self, reference: Any) -> JsonObject:
        node = self._root
        for part in unquote(str(reference)).removeprefix("#").strip("/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if key:
                node = node.get(key) if isinstance(node, dict) else None
        return node if isinstance(node, dict) else {}

    # -------------------------------------------------------------- one maker a type

    def object(self, schema: JsonObject, _name: str, depth: int) -> JsonObject:
        properties = schema.get("properties") or {}
        required = schema.get("required") or []
        if not isinstance(required, list):
            raise SampleError("'required' must be a list")
        extra = schema.get("additionalProperties")
        made: JsonObject = {}
        for key in (*properties, *(k for k in required if k not in properties)):
            if key in required or not self._spent(depth):
                made[key] = self.make(properties.get(key, extra), key, depth + 1)
        missing = _size(schema.get("minProperties")) - len(made)
        if missing > 0 and extra is False:
            raise SampleError("it asks for more properties than it allows")
        made |= {f"key_{i + 1}": self.make(extra, "", depth + 1) for i in range(missing)}
        limit = schema.get("maxProperties")
        optional = [k for k in made if k not in required]
        while limit is not None and len(made) > limit and optional:
            del made[optional.pop()]
        return made

    def array(self, schema: JsonObject, name: str, depth: int) -> list[Any]:
        low = _size(schema.get("minItems"))
        high = schema.get("maxItems")
        first = [self.make(item, name, depth + 1) for item in schema.get("prefixItems") or []]
        made = first if high is None else first[: int(high)]
        if schema.get("contains") and len(made) < (len(made) + 1 if high is None else high):
            made.append(self.make(schema["contains"], name, depth + 1))
        items = schema.get("items", schema.get("contains"))
        usual = 0 if self._spent(depth) or items is False or (items is None and first) else 2
        count = max(low, min(usual, usual if high is None else int(high)))
        for _ in range(count * 20):
            if len(made) >= count:
                break
            item = self.make(items, name.removesuffix("s"), depth + 1)
            if not schema.get("uniqueItems") or item not in made:
                made.append(item)
        return made

    def string(self, schema: JsonObject, name: str, _depth: int) -> str:
        text = make_string(schema, name, self._fake, self._chance)
        self._made += len(text) // 100
        return text

    def number(self, schema: JsonObject, _name: str, _depth: int) -> int | float:
        return make_number(schema, self._chance)

    def boolean(self, _schema: JsonObject, _name: str, _depth: int) -> bool:
        return self._chance.random() < 0.5  # noqa: PLR2004 - a fair coin

    def null(self, _schema: JsonObject, _name: str, _depth: int) -> None:
        return None


def _size(value: Any) -> int:
    """Return a size that a schema asks for, as far as it can be made."""
    if isinstance(value, int | float) and value > MAX_ITEMS:
        raise SampleError(f"it asks for {value} items; {MAX_ITEMS} are made at most")
    return int(value or 0)


def _type_of(schema: JsonObject) -> str:
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []
    usable = [k for k in kinds if isinstance(k, str) and k in _MAKERS]
    if usable:
        return next((k for k in usable if k != "null"), "null")
    return next((k for k, keys in _IMPLIED.items() if any(key in schema for key in keys)), "string")


_TIGHTEST: Final[dict[str, Callable[[Any, Any], Any]]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
"""Limits that both schemas of a merge set: the tighter one holds."""


def _merge(left: JsonObject, right: JsonObject) -> JsonObject:
    """Return both schemas in one: properties, required and the tighter limits of both, else the right one's."""
    merged = left | right
    for key in left.keys() & right.keys():
        if key in _TIGHTEST:
            merged[key] = _TIGHTEST[key](left[key], right[key])
        elif key == "properties":
            both = left[key].keys() & right[key].keys()
            merged[key] = left[key] | right[key] | {k: _both(left[key][k], right[key][k]) for k in both}
        elif key == "required":
            merged[key] = [*left[key], *(name for name in right[key] if name not in left[key])]
        elif key == "enum":
            merged[key] = [value for value in left[key] if value in right[key]] or right[key]
    return merged


def _both(left: Any, right: Any) -> Any:
    return _merge(left, right) if isinstance(left, dict) and isinstance(right, dict) else right


_MAX_HOPS: Final = 50
"""A chain of references and alternatives that is longer goes in a circle."""

_MAKERS: Final[dict[str, Callable[[_Sampler, JsonObject, str, int], Any]]] = {
    "object": _Sampler.object,
    "array": _Sampler.array,
    "string": _Sampler.string,
    "number": _Sampler.number,
    "integer": _Sampler.number,
    "boolean": _Sampler.boolean,
    "null": _Sampler.null,
}

_IMPLIED: Final = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}
"""A schema without `type` is of the first type whose keys it has; else a text."""
