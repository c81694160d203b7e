"""The format as documents: a JSON Schema for editors, a table of every key. Not here: the format (`schema`)."""

from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from mockserver.scenario.parts import Part
from mockserver.scenario.schema import Scenario

_FIRST = "Who asks what, and what the assistant answers."

_ORDER = ("Scenario", "Turn", "Match", "TextOperator", "ToolResultMatch", "Entry")
"""The maps in the order in which a reader meets them; the others follow."""


class _Schema(GenerateJsonSchema):
    """Keeps the keys of a map in the order in which the models name them."""

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ARG002 - overrides
        return value


def as_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scenario file."""
    schema = Scenario.model_json_schema(schema_generator=_Schema)
    parts = {part.__name__: part for part in _parts(Part)}
    for name, properties in _maps(schema):
        for key, field in properties.items():
            if key not in parts[name].nullable:
                _without_null(field)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario file"} | schema


def _parts(part: type[Part]) -> Iterator[type[Part]]:
    for child in part.__subclasses__():
        yield child
        yield from _parts(child)


def _maps(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (name of the model, its properties)."""
    yield "Scenario", schema["properties"]
    yield from ((name, part["properties"]) for name, part in schema["$defs"].items() if "properties" in part)


def _without_null(field: dict[str, Any]) -> None:
    """Take null out of what a key may be: here it stands for a key that is not written."""
    if field.get("default", 0) is None:
        del field["default"]
    options = [option for option in field.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        del field["anyOf"]
        field |= options[0] | {k: v for k, v in field.items() if k == "description"}
    elif options:
        field["anyOf"] = options


def as_markdown() -> str:
    """Return a table for each map of the format."""
    schema = as_json_schema()
    own = {k: v for k, v in schema["properties"].items() if k not in schema["$defs"]["Turn"]["properties"]}
    beside = "Beside these keys, every key of a [Turn](#turn): shorthand for a single turn."
    scenario = {"description": f"{_FIRST} {beside}", "properties": own}
    maps = {"Scenario": scenario} | schema["$defs"]
    names = [n for n in _ORDER if n in maps] + sorted(n for n in maps if n not in _ORDER)
    intro = (
        "# Every key of a scenario file\n\n"
        "Generated from the models by `mockserver schema --format markdown`. "
        "The tour is in [scenarios.md](scenarios.md).\n"
    )
    return "\n".join([intro, *(_table(name, maps[name]) for name in names)])


def _table(name: str, schema: dict[str, Any]) -> str:
    rows = [
        f"| `{key}` | {_kind(field)} | {field.get('description', '')} |"
        for key, field in schema.get("properties", {}).items()
    ]
    summary = schema.get("description", "").replace("\n", " ")
    return "\n".join([f"## {name}\n\n{summary}\n", "| key | value | meaning |", "|---|---|---|", *rows, ""])


def _kind(field: dict[str, Any]) -> str:
    """Return what may stand there, in few words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    options = field.get("anyOf") or field.get("oneOf")
    if options:
        return " or ".join(dict.fromkeys(_kind(option) for option in options if option.get("type") != "null"))
    if "enum" in field or "const" in field:
        names = field.get("enum", [field.get("const")])
        return " or ".join(f"`{name}`" for name in names) if len(names) <= _FEW else "a name"
    if field.get("type") == "array":
        return f"list of {_kind(field['items'])}" if field.get("items") else "list"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"map of {_kind(inner)}" if isinstance(inner, dict) and inner else "map"
    return _WORDS.get(str(field.get("type")), "anything")


_FEW = 6
"""More names than this are no help in a table."""

_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
