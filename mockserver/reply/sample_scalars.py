"""Strings and numbers for a JSON Schema. Not here: objects, arrays and references (`samples`)."""

import random
import re
from collections.abc import Callable
from decimal import Decimal
from math import ceil, floor, inf
from re import _parser  # the generator reads patterns with the same parser
from typing import Any, Final

import rstr
from faker import Faker

from mockserver.wire.encoding import JsonObject

MAX_LENGTH: Final = 100_000
"""Characters of a text; a schema that asks for more gets no value."""

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

_SHORT_EMAIL: Final = "a@b.co"


def pick(schema: JsonObject, chance: random.Random) -> Any:
    """Return one of the schema's `enum`, within its numeric limits where it has some."""
    low, high = schema.get("minimum", -inf), schema.get("maximum", inf)
    within = [v for v in schema["enum"] if not isinstance(v, int | float) or low <= v <= high]
    return chance.choice(within or schema["enum"])


def make_string(schema: JsonObject, name: str, fake: Faker, chance: random.Random) -> str:
    """Return a text of the schema's pattern, format or length; else one that suits the property's name."""
    low, high = int(schema.get("minLength") or 0), int(schema.get("maxLength", MAX_LENGTH))
    if low > MAX_LENGTH:
        raise ValueError(f"it asks for {low} characters; {MAX_LENGTH} are made at most")
    if pattern := schema.get("pattern"):
        return _matching(str(pattern), low, high, chance)
    if make := _FORMATS.get(str(schema.get("format"))):
        made = next((text for text in (make(fake) for _ in range(20)) if low <= len(text) <= high), make(fake))
        return _SHORT_EMAIL if schema["format"] == "email" and len(made) > high else made
    named = _NAMED.get(name.lower())
    text = named(fake) if named else " ".join(fake.words(2))
    if len(text) < low:
        text += f" {fake.word()}" * low
        return text[: max(low, min(high, low + 8))]
    return text[:high]


def _matching(pattern: str, low: int, high: int, chance: random.Random) -> str:
    """Return a text that matches; an empty one where Python, or the generator, does not know the pattern."""
    try:
        parsed = _parser.parse(pattern)
        shortest, longest = parsed.getwidth()
        if shortest > high or longest < low or _most(parsed) > MAX_PATTERN:
            raise _NoMatchError(f"no text of {low} to {high} characters is made for the pattern {pattern!r}")
        generator = rstr.Rstr(chance)
        tries = (str(generator.xeger(pattern)) for _ in range(20))
        return next((text for text in tries if low <= len(text) <= high), "")
    except (re.error, KeyError, NotImplementedError):
        return ""


class _NoMatchError(ValueError):
    """A pattern and a length that do not go together, or that are too much."""


MAX_PATTERN: Final = 20_000
_MAX_REPEAT: Final = 100
"""What the generator makes of `*` and `+` at most."""


def _most(tokens: Any) -> int:
    """Return the length of the longest text that the generator may make of a parsed pattern."""
    total = 0
    for operator, argument in tokens:
        name = str(operator)
        if name.endswith("_REPEAT"):
            least, most, inner = argument
            total += max(int(least), min(int(most), _MAX_REPEAT)) * _most(inner)
        elif name == "SUBPATTERN":
            total += _most(argument[-1])
        elif name == "BRANCH":
            total += max(map(_most, argument[1]), default=0)
        else:
            total += 1
    return total


def make_number(schema: JsonObject, chance: random.Random) -> int | float:
    """Return a number within the schema's limits; a whole one where its type is `integer` or the limits allow one."""
    whole = schema.get("type") == "integer"
    low, high = _limits(schema, whole=whole)
    step = schema.get("multipleOf") or (1 if whole else None)
    if step is None:
        rounded = round(chance.uniform(low, high), 2)
        return rounded if _inside(rounded, schema) else (low + high) / 2 if _inside((low + high) / 2, schema) else low
    size = Decimal(str(step))
    first, last = ceil(Decimal(str(low)) / size), floor(Decimal(str(high)) / size)
    values = (size * chance.randint(first, max(first, last)) for _ in range(50))
    # Of decimal fractions, take one that a validator that divides floats accepts, too.
    value = next((v for v in values if (float(v) / float(step)).is_integer() and _fits(v, whole=whole)), size * first)
    return int(value) if value == int(value) else float(value)


def _fits(value: Decimal, *, whole: bool) -> bool:
    return not whole or value == int(value)


def _inside(value: float, schema: JsonObject) -> bool:
    low, high = schema.get("minimum", -inf), schema.get("maximum", inf)
    above, below = schema.get("exclusiveMinimum", -inf), schema.get("exclusiveMaximum", inf)
    return bool(low <= value <= high and above < value < below)


def _limits(schema: JsonObject, *, whole: bool) -> tuple[float, float]:
    """Return the least and the greatest number; for a whole one, exclusive limits are moved to the next."""
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if whole:
        above = None if above is None else floor(above) + 1
        below = None if below is None else ceil(below) - 1
    low = max((v for v in (schema.get("minimum"), above) if v is not None), default=None)
    high = min((v for v in (schema.get("maximum"), below) if v is not None), default=None)
    if low is None:
        low = 0 if high is None or high >= 0 else high - 100
    return low, low + 100 if high is None else high
