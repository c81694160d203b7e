"""Tools: names, choice, schemas, loading. Not here: calls and results (`pairing`), strict tools (`structured`)."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from mockserver.validation.grammar.json_schema import is_schema
from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject, tool_kind
from mockserver.wire.encoding import JsonObject
from mockserver.wire.parts import noted

_PROPERTY_KEY: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_FIRST_MCP: Final = "mcp-client-2025-04-04"
_COMBINATORS: Final = ("oneOf", "allOf", "anyOf")


def _custom(subject: Subject) -> Iterator[tuple[str, JsonObject]]:
    """Yield path and schema of the custom tools."""
    for path, tool in _custom_tools(subject):
        yield f"{path}.input_schema", tool["input_schema"]


def _custom_tools(subject: Subject) -> Iterator[tuple[str, JsonObject]]:
    for index, tool in enumerate(subject.tools):
        if tool_kind(tool) == "custom":
            yield f"tools.{index}.custom", tool


def valid_schemas(subject: Subject) -> str | None:
    """Refuse an input_schema that is no JSON Schema."""
    for path, tool in _custom_tools(subject):
        if not noted(tool, is_schema, partial(is_schema, tool["input_schema"])):
            return (
                f"{path}.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 "
                "(https://json-schema.org/draft/2020-12). Learn more about tool use at "
                "https://docs.claude.com/en/docs/tool-use."
            )
    return None


def no_top_level_combinators(subject: Subject) -> str | None:
    """Refuse `oneOf`, `allOf`, `anyOf` at the top of an input_schema."""
    for path, schema in _custom(subject):
        if any(word in schema for word in _COMBINATORS):
            return f"{path}: input_schema does not support oneOf, allOf, or anyOf at the top level"
    return None


def property_keys(subject: Subject) -> str | None:
    """Refuse names of top-level properties that a model could not write."""
    for path, schema in _custom(subject):
        if not all(_PROPERTY_KEY.fullmatch(key) for key in schema.get("properties") or ()):
            return f"{path}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{{1,64}}$'"
    return None


def valid_examples(subject: Subject) -> str | None:
    """Refuse an example of an input that lacks what its schema requires, or is of another type."""
    for path, tool in _custom_tools(subject):
        for index, example in enumerate(tool.get("input_examples", ())):
            if not _fits(example, tool["input_schema"]):
                return f"{path}.input_examples.{index}: Input example does not match the tool's input_schema"
    return None


def _fits(example: JsonObject, schema: JsonObject) -> bool:
    """Whether an input has what is required, and the types of top-level properties; deeper nothing is looked at."""
    if any(name not in example for name in schema.get("required") or ()):
        return False
    properties = schema.get("properties") or {}
    return all(_is_of_type(value, properties[name]) for name, value in example.items() if name in properties)


_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def _is_of_type(value: Any, schema: Any) -> bool:
    declared = schema.get("type") if isinstance(schema, dict) else None
    if declared is None:
        return True
    allowed = declared if isinstance(declared, list) else [declared]
    if isinstance(value, bool):
        return "boolean" in allowed
    return any(isinstance(value, _PYTHON_TYPES[name]) for name in allowed)


def toolset_names(subject: Subject) -> str | None:
    """Refuse a name on a toolset."""
    for index, tool in enumerate(subject.tools):
        if "_toolset_" in tool_kind(tool) and "name" in tool:
            return (
                f"tools.{index}.{tool_kind(tool)}: name is not accepted on a toolset entry: the member names are fixed "
                "by the dated type, and the served tool keeps the family's bare name"
            )
    return None


def unique_names(subject: Subject) -> str | None:
    """Refuse two tools of one name; a toolset takes its family's."""
    names = [_name(tool) for tool in subject.tools if _name(tool)]
    return None if len(set(names)) == len(names) else "tools: Tool names must be unique."


def _name(tool: JsonObject) -> str:
    family, is_toolset, _ = tool_kind(tool).partition("_toolset_")
    return family if is_toolset else str(tool.get("name", ""))


def known_choice(subject: Subject) -> str | None:
    """Refuse a forced choice where there is no tool, or none of that name."""
    choice = subject.body.get("tool_choice") or {}
    if choice.get("type") == "any" and not subject.tools:
        return "tool_choice.any may only be specified while providing tools"
    if choice.get("type") == "tool" and not _is_known(choice["name"], subject):
        return f"Tool '{choice['name']}' not found in provided tools"
    return None


def _is_known(name: str, subject: Subject) -> bool:
    return name in subject.tool_names or subject.has_unlisted_tools


def some_tool_loaded(subject: Subject) -> str | None:
    """Refuse tools that are all deferred."""
    if subject.tools and all(tool.get("defer_loading") for tool in subject.tools):
        return "All tools have defer_loading set. At least one tool must be non-deferred."
    return None


def no_cached_deferred_tool(subject: Subject) -> str | None:
    """Refuse a cache mark on a deferred tool."""
    for tool in subject.tools:
        if tool.get("defer_loading") and tool.get("cache_control"):
            return (
                f"Tool '{tool['name']}' cannot have both defer_loading=true and cache_control set. "
                "Tools with defer_loading cannot use prompt caching."
            )
    return None


def known_references(subject: Subject) -> str | None:
    """Refuse a tool_reference in a tool_result to a tool that the request does not define."""
    for place in subject.of("tool_result"):
        content = place.block.get("content")
        for block in content if isinstance(content, list) else ():
            if block["type"] == "tool_reference" and not _is_known(block["tool_name"], subject):
                return f"Tool reference '{block['tool_name']}' has no corresponding tool definition"
    return None


def referenced_servers(subject: Subject) -> str | None:
    """Refuse an MCP server that no toolset uses, and a toolset whose server is not defined.

    Without any tools the request is one in the format of 2025-04-04, which recordings show accepted.
    """
    if not subject.tools or _FIRST_MCP in subject.scope.betas:
        return None
    used = [tool["mcp_server_name"] for tool in subject.tools if tool_kind(tool) == "mcp_toolset"]
    servers = [server["name"] for server in subject.body.get("mcp_servers") or ()]
    for name in servers:
        if name not in used:
            return f"MCP server '{name}' is defined but not referenced by any `mcp_toolset` in `tools`."
    for name in used:
        if name not in servers:
            return f"MCP toolset references server '{name}' which is not defined in `mcp_servers`."
    return None


def one_domain_list(subject: Subject) -> str | None:
    """Refuse a web tool with both lists of domains."""
    for index, tool in enumerate(subject.tools):
        if tool.get("allowed_domains") and tool.get("blocked_domains"):
            kind = tool_kind(tool)
            return f"tools.{index}.{kind}: Only one of allowed_domains and blocked_domains may be specified"
    return None


RULES: Final = (
    Rule("toolset_names", toolset_names, "quoted", "2026-09", fields=("tools",)),
    Rule("no_top_level_combinators", no_top_level_combinators, "quoted", "2026-09", fields=("tools",)),
    Rule("property_keys", property_keys, "quoted", "2026-09", fields=("tools",)),
    Rule(
        "valid_schemas",
        valid_schemas,
        "quoted",
        "2026-10",
        "the sentence is quoted up to 'draft 2020-12', its tail is recollected",
        fields=("tools",),
    ),
    Rule(
        "valid_examples", valid_examples, "inferred", "2026-11", "required keys and top-level types", fields=("tools",)
    ),
    Rule("unique_names", unique_names, "quoted", "2026-08", fields=("tools",)),
    Rule("known_choice", known_choice, "quoted", "2026-09", fields=("tool_choice",)),
    Rule("some_tool_loaded", some_tool_loaded, "quoted", "2026-09", fields=("tools",)),
    Rule("no_cached_deferred_tool", no_cached_deferred_tool, "quoted", "2026-07", fields=("tools",)),
    Rule("known_references", known_references, "quoted", "2026-09", blocks=("tool_result",)),
    Rule(
        "referenced_servers",
        referenced_servers,
        "quoted",
        "2026-05",
        "inferred for a toolset without server",
        fields=("tools",),
    ),
    Rule("one_domain_list", one_domain_list, "inferred", "2026-11", fields=("tools",)),
)
