"""Values made from a JSON Schema: a tool's input, or structured output. Not here: free text.

The same schema and generator give the same value. A schema that nothing satisfies, or that says more than this
knows (`if`, `dependentSchemas`, `unevaluated…`), gives a value of the right type.
"""

import random
import re
from collections.abc import Callable
from math import ceil, floor
from typing import Any, Final

import rstr
from faker import Faker

from mockserver.wire.encoding import JsonObject

MAX_DEPTH: Final = 6
"""Below this, what is optional is left out, so that a schema that refers to itself ends."""

_FORMATS: Final[dict[str, Callable[[Faker], str]]] = {
    "date": lambda f: f.date(),
    "date-time": lambda f: f.date_time().strftime("%Y-%m-%dT%H:%M:%SZ"),
    "time": lambda f: f.time() + "Z",
    "duration": lambda f: f"PT{f.random_int(1, 59)}M",
    "email": lambda f: f.email(),
    "hostname": lambda f: f.hostname(),
    "ipv4": lambda f: f.ipv4(),
    "ipv6": lambda f: f.ipv6(),
    "uri": lambda f: f.url(),
    "uuid": lambda f: str(f.uuid4()),
}

_NAMED: Final[dict[str, Callable[[Faker], str]]] = {
    "city": lambda f: f.city(),
    "country": lambda f: f.country(),
    "location": lambda f: f"{f.city()}, {f.country_code()}",
    "address": lambda f: f.address().replace("\n", ", "),
    "name": lambda f: f.name(),
    "first_name": lambda f: f.first_name(),
    "last_name": lambda f: f.last_name(),
    "email": lambda f: f.email(),
    "phone": lambda f: f.phone_number(),
    "company": lambda f: f.company(),
    "url": lambda f: f.url(),
    "date": lambda f: f.date(),
    "path": lambda f: f.file_path(),
    "currency": lambda f: f.currency_code(),
}
"""Name of a property -> a text that looks like one."""


class Sampler:
    """Makes values for one schema; `$ref` is looked up in it."""

    def __init__(self, schema: Any, fake: Faker, chance: random.Random) -> None:
        self._root = schema
        self._fake = fake
        self._chance = chance

    def value(self) -> Any:
        """Return a value that satisfies the schema."""
        return self._make(self._root, "", 0)

    def _make(self, schema: Any, name: str, depth: int) -> Any:
        if depth > 2 * MAX_DEPTH:  # it requires itself: nothing satisfies it
            return None
        schema = self._resolve(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._chance.choice(schema["enum"])
        return _MAKERS[self._type(schema)](self, schema, name, depth)

    def _type(self, schema: JsonObject) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            usable = [k for k in kind if k in _MAKERS]
            kind = next((k for k in usable if k != "null"), "null" if usable else None)
        if kind in _MAKERS:
            return str(kind)
        return next((k for k, keys in _IMPLIED.items() if any(key in schema for key in keys)), "string")

    def _resolve(self, schema: Any, depth: int) -> Any:
        """Return the schema with references followed, `allOf` merged and one option chosen."""
        if not isinstance(schema, dict):
            return {}
        for _ in range(20):  # a chain of references that is longer goes in a circle
            if "$ref" in schema:
                schema = self._look_up(schema["$ref"]) | {k: v for k, v in schema.items() if k != "$ref"}
            elif schema.get("allOf"):
                schema = self._merged(schema, depth)
            elif options := [o for o in schema.get("anyOf") or schema.get("oneOf") or [] if isinstance(o, dict)]:
                rest = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
                schema = _merge(rest, self._choose(options, depth))
            else:
                break
        return schema

    def _choose(self, options: list[JsonObject], depth: int) -> JsonObject:
        plain = [o for o in options if o.get("type") != "null"] or options
        if depth >= MAX_DEPTH:
            plain = [o for o in plain if o.get("type") not in ("object", "array") and "$ref" not in o] or options
        return self._chance.choice(plain)

    def _merged(self, schema: JsonObject, depth: int) -> JsonObject:
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        for part in schema["allOf"]:
            merged = _merge(merged, self._resolve(part, depth))
        return merged

    def _look_up(self, reference: Any) -> JsonObject:
        node = self._root
        for part in str(reference).removeprefix("#").strip("/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if key:
                node = node.get(key) if isinstance(node, dict) else None
        return node if isinstance(node, dict) else {}

    # -------------------------------------------------------------- one maker a type

    def _object(self, schema: JsonObject, _name: str, depth: int) -> JsonObject:
        properties = schema.get("properties") or {}
        required = [str(k) for k in schema.get("required") or []]
        wanted = [k for k in properties if k in required or depth < MAX_DEPTH]
        wanted += [k for k in required if k not in properties]
        extra = schema.get("additionalProperties")
        made = {k: self._make(properties.get(k, extra), k, depth + 1) for k in wanted}
        missing = int(schema.get("minProperties") or 0) - len(made)
        made |= {f"key_{i + 1}": self._make(extra, "", depth + 1) for i in range(missing)}
        limit = schema.get("maxProperties")
        optional = [k for k in made if k not in required]
        while limit is not None and len(made) > limit and optional:
            del made[optional.pop()]
        return made

    def _array(self, schema: JsonObject, name: str, depth: int) -> list[Any]:
        first = [self._make(item, name, depth + 1) for item in schema.get("prefixItems") or []]
        low = max(int(schema.get("minItems") or 0), int(bool(schema.get("contains"))))
        high = schema.get("maxItems")
        items = schema.get("items", schema.get("contains"))
        usual = 0 if depth >= MAX_DEPTH or items is False or (items is None and first) else 2
        count = max(low, min(usual, int(high) if high is not None else usual))
        made = first[: int(high)] if high is not None else first
        tries = 0
        while len(made) < count and tries < count * 20:
            item = self._make(items, name.removesuffix("s"), depth + 1)
            tries += 1
            if not schema.get("uniqueItems") or item not in made:
                made.append(item)
        return made

    def _string(self, schema: JsonObject, name: str, _depth: int) -> str:
        low, high = int(schema.get("minLength") or 0), schema.get("maxLength")
        if pattern := schema.get("pattern"):
            return self._matching(str(pattern), low, high)
        text = self._text(schema, name)
        while len(text) < low:
            text += f" {self._fake.word()}"
        return text if high is None else text[: int(high)]

    def _text(self, schema: JsonObject, name: str) -> str:
        if make := _FORMATS.get(str(schema.get("format"))):
            return make(self._fake)
        make = _NAMED.get(name.lower())
        return make(self._fake) if make else " ".join(self._fake.words(2))

    def _matching(self, pattern: str, low: int, high: Any) -> str:
        try:
            generator = rstr.Rstr(self._chance)
            tries = (str(generator.xeger(pattern)) for _ in range(50))
            fits = (t for t in tries if len(t) >= low and (high is None or len(t) <= int(high)))
            return next(fits, "")
        except (re.error, ValueError, KeyError, NotImplementedError):
            return ""  # not a pattern that Python knows

    def _number(self, schema: JsonObject, _name: str, _depth: int) -> int | float:
        low, high = _bounds(schema, 0)
        step: int | float | None = schema.get("multipleOf")
        if step:
            return step * self._chance.randint(ceil(low / step), max(ceil(low / step), floor(high / step)))
        return max(low, min(high, round(self._chance.uniform(low, high), 2)))

    def _integer(self, schema: JsonObject, _name: str, _depth: int) -> int:
        step = int(schema.get("multipleOf") or 1) or 1
        low, high = _bounds(schema, 1)
        first = ceil(low / step)
        return step * self._chance.randint(first, max(first, floor(high / step)))

    def _boolean(self, _schema: JsonObject, _name: str, _depth: int) -> bool:
        return self._chance.random() < 0.5  # noqa: PLR2004 - a fair coin

    def _null(self, _schema: JsonObject, _name: str, _depth: int) -> None:
        return None


def _bounds(schema: JsonObject, gap: int) -> tuple[float, float]:
    """Return the least and the greatest number; `gap` is how far an exclusive bound keeps away (0: a hair)."""
    keep = gap or 0.01
    lows = [schema.get("minimum"), _shift(schema.get("exclusiveMinimum"), keep)]
    highs = [schema.get("maximum"), _shift(schema.get("exclusiveMaximum"), -keep)]
    low = max((v for v in lows if v is not None), default=None)
    high = min((v for v in highs if v is not None), default=None)
    if low is None:
        low = 0 if high is None or high >= 0 else high - 100
    return low, low + 100 if high is None else high


def _shift(value: Any, by: float) -> float | None:
    return value + by if isinstance(value, int | float) and not isinstance(value, bool) else None


def _merge(left: JsonObject, right: JsonObject) -> JsonObject:
    """Return both schemas in one: properties and required of both, else the right one's."""
    merged = left | right
    if "properties" in left and "properties" in right:
        merged["properties"] = left["properties"] | right["properties"]
    if "required" in left and "required" in right:
        merged["required"] = [*left["required"], *(r for r in right["required"] if r not in left["required"])]
    return merged


_MAKERS: Final[dict[str, Callable[[Sampler, JsonObject, str, int], Any]]] = {
    "object": Sampler._object,
    "array": Sampler._array,
    "string": Sampler._string,
    "number": Sampler._number,
    "integer": Sampler._integer,
    "boolean": Sampler._boolean,
    "null": Sampler._null,
}

_IMPLIED: Final = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}
"""A schema without `type` is of the first type whose keys it has; else a text."""
