"""The format as documents: a JSON Schema for editors, a table of every key. Not here: the format (`schema`)."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from mockserver.scenario.schema import Scenario

_FIRST = "Who asks what, and what the assistant answers."

_ORDER = ("Scenario", "Turn", "Match", "RequiredTextOperator", "ToolResultMatch", "Entry")
"""The maps in the order in which a reader meets them; the others follow."""


class _Schema(GenerateJsonSchema):
    """Keeps the keys of a map in the order in which the models name them."""

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ARG002 - overrides
        return value


def as_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scenario file."""
    schema = Scenario.model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario file"} | schema


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
        return " or ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        return f"list of {_kind(field['items'])}" if field.get("items") else "list"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"map of {_kind(inner)}" if isinstance(inner, dict) and inner else "map"
    return _WORDS.get(str(field.get("type")), "anything")


_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
