"""The tools of a request by type. Which of them stand together, and with which model, are rules.

Source: the API reference and the `anthropic` package (2026-11). An absent `type` means `custom`.
"""

from typing import Final

from mockserver.validation.betas import ADVISOR, COMPUTER_2024, COMPUTER_2025_01, COMPUTER_2025_11, MCP
from mockserver.validation.grammar import common as c
from mockserver.validation.grammar.containers import (
    Array,
    Dictionary,
    Field,
    Record,
    Tagged,
    nullable,
    optional,
    required,
)
from mockserver.validation.grammar.kinds import Boolean, Integer, OneOf, Text

CALLERS: Final = OneOf("direct", "code_execution_20250825", "code_execution_20260120", "code_execution_20260521")

INPUT_SCHEMA: Final = Record(
    {
        "type": required(OneOf("object")),
        "properties": nullable(Dictionary()),
        "required": nullable(Array(c.STRING)),
    },
    open_keys=True,
)

_NAME: Final = Text(least=1, most=128, pattern="^[a-zA-Z0-9_-]{1,128}$")
_SERVED: Final = {
    "allowed_callers": optional(Array(CALLERS)),
    "defer_loading": optional(Boolean()),
    "strict": optional(Boolean()),
}
_EXAMPLES: Final = {"input_examples": optional(Array(Dictionary()))}
_DISPLAY: Final = {
    "display_width_px": required(Integer(least=1)),
    "display_height_px": required(Integer(least=1)),
    "display_number": nullable(Integer(least=0)),
}
_DOMAINS: Final = {
    "allowed_domains": nullable(Array(c.STRING)),
    "blocked_domains": nullable(Array(c.STRING)),
    "max_uses": nullable(Integer(above=0)),
}
_INCLUSION: Final = {"response_inclusion": optional(OneOf("full", "excluded"))}


def _named(name: str, *more: dict[str, Field]) -> Record:
    """Return a tool whose name is fixed."""
    fields = {key: field for part in more for key, field in part.items()}
    return c.member({"name": required(OneOf(name)), **fields, **_SERVED})


_LOCATION: Final = Tagged(
    {
        "approximate": Record(
            {
                "type": c.TYPE,
                "city": nullable(Text(least=1, most=255)),
                "region": nullable(Text(least=1, most=255)),
                "country": nullable(Text(least=2, most=2)),
                "timezone": nullable(Text(least=1, most=255)),
            }
        )
    },
    tagged=False,
)
_SEARCHED: Final = {**_DOMAINS, "user_location": nullable(_LOCATION)}

_EVERYWHERE: Final = {"all": Record({"type": c.TYPE}), "none": Record({"type": c.TYPE})}
_NAMED_TOOLS: Final = Record(
    {
        "type": c.TYPE,
        "tools": required(Array(Tagged({"tool_reference": Record({"type": c.TYPE, "name": required(c.STRING)})}))),
    }
)
_RESULTS: Final = Tagged({**_EVERYWHERE, "only": _NAMED_TOOLS, "except": _NAMED_TOOLS})
_FETCHED: Final = {
    **_DOMAINS,
    "max_content_tokens": nullable(Integer(above=0)),
    "citations": nullable(c.CITATIONS_CONFIG),
    "url_sources": nullable(
        Record(
            {
                "user_input": optional(Tagged(_EVERYWHERE)),
                "client_tool_results": optional(_RESULTS),
                "server_tool_results": optional(_RESULTS),
            }
        )
    ),
}
_USE_CACHE: Final = {"use_cache": optional(Boolean())}

_MEMBER: Final = nullable(Record({"enabled": nullable(Boolean()), "defer_loading": nullable(Boolean())}))

COMPUTER_MEMBERS: Final = [
    "key",
    "hold_key",
    "type",
    "cursor_position",
    "mouse_move",
    "left_mouse_down",
    "left_mouse_up",
    "left_click",
    "left_click_drag",
    "right_click",
    "middle_click",
    "double_click",
    "triple_click",
    "scroll",
    "wait",
    "screenshot",
    "zoom",
]
BROWSER_MEMBERS: Final = [
    "navigate",
    "list_tabs",
    "new_tab",
    "switch_tab",
    "close_tab",
    "read_page",
    "get_page_text",
    "read_console",
    "read_network",
    "find",
    "form_input",
    "file_upload",
    "scroll_to",
    "screenshot",
    "zoom",
    "left_click",
    "right_click",
    "middle_click",
    "double_click",
    "triple_click",
    "hover",
    "left_click_drag",
    "left_mouse_down",
    "left_mouse_up",
    "mouse_move",
    "scroll",
    "type",
    "key",
    "hold_key",
    "wait",
    "javascript_exec",
]
"""Members of the two toolsets, each with its own switch in `configs`."""


def _toolset(members: list[str]) -> Record:
    return c.member(
        {
            "configs": nullable(Record(dict.fromkeys(members, _MEMBER))),
            "allowed_callers": optional(Array(OneOf("direct"))),
            "name": optional(c.STRING),
        }
    )


CUSTOM: Final = Record(
    {
        "type": nullable(OneOf("custom")),
        "name": required(_NAME),
        "input_schema": required(INPUT_SCHEMA),
        "description": optional(c.STRING),
        **_SERVED,
        "eager_input_streaming": nullable(Boolean()),
        **_EXAMPLES,
        **c.CACHE,
    }
)

_MCP_SWITCHES: Final = Record({"enabled": optional(Boolean()), "defer_loading": optional(Boolean())})
MCP_LISTED_TOOL: Final = Record(
    {"name": required(c.STRING), "description": nullable(c.STRING), "input_schema": required(Dictionary())}
)

_EDIT_TOOL: Final = "str_replace_based_edit_tool"

TOOLS: Final = Tagged(
    {
        "advisor_20260301": _named(
            "advisor",
            {
                "model": required(Text(least=1, most=256)),
                "max_tokens": nullable(Integer(least=1024)),
                "max_uses": nullable(Integer(above=0)),
                "caching": nullable(c.CACHE_CONTROL),
            },
        ),
        "bash_20241022": _named("bash", _EXAMPLES),
        "bash_20250124": _named("bash", _EXAMPLES),
        "browser_toolset_20260801": _toolset(BROWSER_MEMBERS),
        "code_execution_20250522": _named("code_execution"),
        "code_execution_20250825": _named("code_execution"),
        "code_execution_20260120": _named("code_execution"),
        "code_execution_20260521": _named("code_execution"),
        "computer_20241022": _named("computer", _DISPLAY, _EXAMPLES),
        "computer_20250124": _named("computer", _DISPLAY, _EXAMPLES),
        "computer_20251124": _named("computer", _DISPLAY, {"enable_zoom": optional(Boolean())}, _EXAMPLES),
        "computer_toolset_20260801": _toolset(COMPUTER_MEMBERS),
        "custom": CUSTOM,
        "mcp_toolset": c.member(
            {
                "mcp_server_name": required(Text(least=1)),
                "default_config": optional(_MCP_SWITCHES),
                "configs": nullable(Dictionary(_MCP_SWITCHES)),
                "tools": nullable(Array(MCP_LISTED_TOOL)),
            }
        ),
        "memory_20250818": _named("memory", _EXAMPLES),
        "text_editor_20241022": _named("str_replace_editor", _EXAMPLES),
        "text_editor_20250124": _named("str_replace_editor", _EXAMPLES),
        "text_editor_20250429": _named(_EDIT_TOOL, _EXAMPLES),
        "text_editor_20250728": _named(_EDIT_TOOL, {"max_characters": nullable(Integer(least=1))}, _EXAMPLES),
        "tool_search_tool_bm25": _named("tool_search_tool_bm25"),
        "tool_search_tool_bm25_20251119": _named("tool_search_tool_bm25"),
        "tool_search_tool_regex": _named("tool_search_tool_regex"),
        "tool_search_tool_regex_20251119": _named("tool_search_tool_regex"),
        "web_fetch_20250910": _named("web_fetch", _FETCHED),
        "web_fetch_20260209": _named("web_fetch", _FETCHED),
        "web_fetch_20260309": _named("web_fetch", _FETCHED, _USE_CACHE),
        "web_fetch_20260318": _named("web_fetch", _FETCHED, _USE_CACHE, _INCLUSION),
        "web_search_20250305": _named("web_search", _SEARCHED),
        "web_search_20260209": _named("web_search", _SEARCHED),
        "web_search_20260318": _named("web_search", _SEARCHED, _INCLUSION),
    },
    absent="custom",
    betas={
        "advisor_20260301": frozenset(ADVISOR),
        "bash_20241022": frozenset(COMPUTER_2024),
        "computer_20241022": frozenset(COMPUTER_2024),
        "computer_20250124": frozenset(COMPUTER_2025_01),
        "computer_20251124": frozenset(COMPUTER_2025_11),
        "mcp_toolset": frozenset(MCP),
        "text_editor_20241022": frozenset(COMPUTER_2024),
    },
)
"""Every tool, in the alphabetical order in which the API lists the tags."""
