"""Structured output and strict tools: schemas that the API compiles, and how much of them. Not here: how (`compiling`).

The limits on optional and union parameters count over the whole request (recorded: 25 and 17 are
refused, 24 optional ones over 12 tools are accepted).
"""

from collections.abc import Iterator
from typing import Any, Final

from mockserver.validation.compiling import count_optional, count_unions, fault_of
from mockserver.validation.grammar.json_schema import is_schema
from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject
from mockserver.wire.encoding import JsonObject

MOST_STRICT_TOOLS: Final = 20
MOST_OPTIONAL: Final = 24
MOST_UNIONS: Final = 16

_Schema = dict[str, Any]
_SCHEMAS: Final = ("tools", "output_config", "output_format")
"""Fields that may hold schemas to compile."""


def strict_count(subject: Subject) -> str | None:
    """Refuse more strict tools than the API compiles."""
    count = sum(bool(tool.get("strict")) for tool in subject.tools)
    if count <= MOST_STRICT_TOOLS:
        return None
    return (
        f"Too many strict tools ({count}). The maximum number of strict tools supported is {MOST_STRICT_TOOLS}. "
        "Try reducing the number of tools marked as strict."
    )


def compilable(subject: Subject) -> str | None:
    """Refuse a schema with what the API cannot compile."""
    for path, schema in _schemas(subject):
        if not is_schema(schema):
            return f"{path}: Invalid JSON Schema in output format"
        if words := fault_of(schema):
            return f"{path}: {words}"
    return None


def _schemas(subject: Subject) -> Iterator[tuple[str, _Schema]]:
    for index, tool in enumerate(subject.tools):
        if tool.get("strict") and "input_schema" in tool:
            yield f"tools.{index}.custom", tool["input_schema"]
    if subject.output_schema:
        yield subject.output_schema


def optional_count(subject: Subject) -> str | None:
    """Refuse more optional parameters than the API compiles, in all schemas together."""
    count = sum(count_optional(schema) for _, schema in _schemas(subject))
    if count <= MOST_OPTIONAL:
        return None
    return (
        f"Schemas contains too many optional parameters ({count}), which would make grammar compilation inefficient. "
        f"Reduce the number of optional parameters in your tool schemas (limit: {MOST_OPTIONAL})."
    )


def union_count(subject: Subject) -> str | None:
    """Refuse more parameters of several types than the API compiles, in all schemas together."""
    count = sum(count_unions(schema) for _, schema in _schemas(subject))
    if count <= MOST_UNIONS:
        return None
    return (
        f"Schemas contains too many parameters with union types ({count} parameters with type arrays or anyOf). This "
        "causes exponential compilation cost. Reduce the number of nullable or union-typed parameters (limit: "
        f"{MOST_UNIONS} parameters with unions)."
    )


def no_citations(subject: Subject) -> str | None:
    """Refuse citations beside structured output."""
    if subject.output_schema is None:
        return None
    for place in subject.of("document", "search_result"):
        if _cites(place.block):
            return "Citations cannot be enabled when output_config.format is set."
    return None


def _cites(block: JsonObject) -> bool:
    return bool((block.get("citations") or {}).get("enabled"))


def no_prefill(subject: Subject) -> str | None:
    """Refuse a prefilled answer beside structured output."""
    last = subject.messages[-1]
    if subject.output_schema is None or last["role"] != "assistant" or not last["content"]:
        return None
    if not subject.model.prefill:  # which has a refusal of its own
        return None
    return "Prefilling the assistant message is not supported when output_config.format is set."


RULES: Final = (
    Rule("strict_count", strict_count, "quoted", "2026-10", fields=("tools",)),
    Rule(
        "compilable",
        compilable,
        "recorded",
        "2026-10",
        "which keywords are refused is recorded and quoted for most; unresolved references, lookaround and what is no "
        "schema at all are inferred",
        fields=_SCHEMAS,
    ),
    Rule("optional_count", optional_count, "recorded", "2026-08", fields=_SCHEMAS),
    Rule(
        "union_count",
        union_count,
        "recorded",
        "2026-08",
        "the API also refuses schemas below the limits as 'too complex for compilation', by its own measure",
        fields=_SCHEMAS,
    ),
    Rule("no_citations", no_citations, "inferred", "2026-11", blocks=("document", "search_result")),
    Rule("no_prefill", no_prefill, "inferred", "2026-11", fields=("output_config", "output_format")),
)
