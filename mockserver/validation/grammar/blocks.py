"""Content blocks by type, as a message may hold them. Not here: which role may hold which (that is a rule).

Source: the API reference and the `anthropic` package (2026-11); limits as they are documented there.
"""

from typing import Final

from mockserver.validation.betas import ADVISOR, COMPACTION, FALLBACKS, MCP
from mockserver.validation.grammar import common as c
from mockserver.validation.grammar.containers import (
    Array,
    Dictionary,
    Record,
    Tagged,
    TextOr,
    nullable,
    optional,
    required,
)
from mockserver.validation.grammar.kinds import Anything, Boolean, Integer, OneOf, Text
from mockserver.validation.grammar.server_results import SERVER_RESULTS
from mockserver.validation.grammar.tools import MCP_LISTED_TOOL, TOOLS

TEXT: Final = c.member(
    {"text": required(c.STRING), "citations": nullable(Array(Tagged(c.CITATIONS)))},
)

_MEDIA_TYPES: Final = OneOf("image/jpeg", "image/png", "image/gif", "image/webp")
_FILE: Final = Record({"type": c.TYPE, "file_id": required(Text(least=1))})
_URL: Final = Record({"type": c.TYPE, "url": required(Text(least=1))})

IMAGE: Final = c.member(
    {
        "source": required(
            Tagged(
                {
                    "base64": Record(
                        {"type": c.TYPE, "media_type": required(_MEDIA_TYPES), "data": required(c.STRING)}
                    ),
                    "file": _FILE,
                    "url": _URL,
                }
            )
        ),
        "transformations": nullable(Record({"oversized_image": optional(OneOf("downsize", "error"))})),
    }
)

DOCUMENT: Final = c.member(
    {
        "source": required(
            Tagged(
                {
                    "base64": Record(
                        {
                            "type": c.TYPE,
                            "media_type": required(OneOf("application/pdf")),
                            "data": required(c.STRING),
                        }
                    ),
                    "content": Record(
                        {
                            "type": c.TYPE,
                            "content": required(TextOr(Array(Tagged({"image": IMAGE, "text": TEXT})))),
                        }
                    ),
                    "file": _FILE,
                    "text": Record(
                        {"type": c.TYPE, "media_type": required(OneOf("text/plain")), "data": required(c.STRING)}
                    ),
                    "url": _URL,
                }
            )
        ),
        "title": nullable(Text(least=1, most=500)),
        "context": nullable(Text(least=1)),
        "citations": nullable(c.CITATIONS_CONFIG),
    }
)

SEARCH_RESULT: Final = c.member(
    {
        "source": required(c.STRING),
        "title": required(c.STRING),
        "content": required(Array(Tagged({"text": TEXT}))),
        "citations": nullable(c.CITATIONS_CONFIG),
    }
)

TOOL_REFERENCE: Final = c.member({"tool_name": required(Text(least=1, most=256))})

_BROWSER_STATE: Final = c.member(
    {
        "tabs": required(
            Array(
                Record(
                    {
                        "tab_id": required(c.STRING),
                        "title": required(c.STRING),
                        "url": required(Text(most=4096)),
                        "active": optional(Boolean()),
                    }
                ),
                most=100,
            )
        ),
        "state_changes": nullable(
            Array(
                Tagged(
                    {
                        "download_completed": Record(
                            {
                                "type": c.TYPE,
                                "download_id": required(c.STRING),
                                "url": required(c.STRING),
                                "path": nullable(c.STRING),
                                "size_bytes": nullable(Integer(least=0)),
                            }
                        ),
                        "download_failed": Record(
                            {
                                "type": c.TYPE,
                                "download_id": required(c.STRING),
                                "url": required(c.STRING),
                                "error": nullable(c.STRING),
                            }
                        ),
                        "download_started": Record(
                            {"type": c.TYPE, "download_id": required(c.STRING), "url": required(c.STRING)}
                        ),
                        "tab_opened": Record({"type": c.TYPE, "tab_id": required(c.STRING)}),
                    }
                ),
                least=1,
                most=200,
            )
        ),
    }
)

_TOOL_RESULT_BLOCKS: Final = Tagged(
    {
        "browser_state": _BROWSER_STATE,
        "document": DOCUMENT,
        "image": IMAGE,
        "search_result": SEARCH_RESULT,
        "text": TEXT,
        "tool_reference": TOOL_REFERENCE,
    }
)

_TOOL_NAME: Final = Text(least=1, most=200, pattern="^[a-zA-Z0-9_-]{1,200}$", quoted="^[a-zA-Z0-9_-]{1,64}$")
"""The limit of 200 is newer than the pattern that the sentence still quotes."""

_TOOLSET_NAME: Final = nullable(Text(least=1, most=64))

_CALLED_TOOLS: Final = OneOf(
    "web_search",
    "web_fetch",
    "code_execution",
    "bash_code_execution",
    "text_editor_code_execution",
    "tool_search_tool_regex",
    "tool_search_tool_bm25",
    "advisor",
)

TOOL_CHANGES: Final = {
    "mcp_tool_reference": Record({"type": c.TYPE, "server_name": required(c.STRING), "name": required(c.STRING)}),
    "mcp_toolset_reference": Record({"type": c.TYPE, "server_name": required(c.STRING)}),
    "tool_reference": Record({"type": c.TYPE, "name": required(Text(least=1, most=128))}),
}

TOOL_ADDITION: Final = c.member(
    {
        "tool": required(
            Tagged({"tool_definition": Record({"type": c.TYPE, "definition": required(TOOLS)}), **TOOL_CHANGES})
        )
    }
)
TOOL_REMOVAL: Final = c.member({"tool": required(Tagged(TOOL_CHANGES))})

_NAMED_MODEL: Final = Record({"model": required(Text(least=1, most=256))})

BLOCKS: Final = Tagged(
    {
        **SERVER_RESULTS,
        "compaction": c.member(
            {
                "content": nullable(Text(least=1)),
                "encrypted_content": nullable(c.STRING),
                "signature": nullable(c.STRING),
                "tool_changes": nullable(Array(Tagged({"tool_addition": TOOL_ADDITION, "tool_removal": TOOL_REMOVAL}))),
            }
        ),
        "container_upload": c.member({"file_id": required(c.STRING)}),
        "document": DOCUMENT,
        "fallback": c.member(
            {"from": required(_NAMED_MODEL), "to": required(_NAMED_MODEL), "trigger": optional(Anything())},
            cached=False,
        ),
        "image": IMAGE,
        "mcp_tool_listing": c.member(
            {"mcp_server_name": required(c.STRING), "tools": required(Array(MCP_LISTED_TOOL))}, cached=False
        ),
        "mcp_tool_result": c.member(
            {
                "tool_use_id": required(c.TOOL_USE_ID),
                "content": optional(TextOr(Array(Tagged({"text": TEXT})))),
                "is_error": optional(Boolean()),
            }
        ),
        "mcp_tool_use": c.member(
            {
                "id": required(c.TOOL_USE_ID),
                "name": required(c.STRING),
                "server_name": required(c.STRING),
                "input": required(Dictionary()),
            }
        ),
        "redacted_thinking": c.member({"data": required(c.STRING)}, cached=False),
        "search_result": SEARCH_RESULT,
        "server_tool_use": c.member(
            {
                "id": required(c.SERVER_TOOL_USE_ID),
                "name": required(_CALLED_TOOLS),
                "input": required(Dictionary()),
                "caller": optional(c.CALLER),
            }
        ),
        "text": TEXT,
        "thinking": c.member({"thinking": required(c.STRING), "signature": required(c.STRING)}, cached=False),
        "tool_addition": TOOL_ADDITION,
        "tool_removal": TOOL_REMOVAL,
        "tool_result": c.member(
            {
                "tool_use_id": required(c.TOOL_USE_ID),
                "content": optional(TextOr(Array(_TOOL_RESULT_BLOCKS))),
                "is_error": optional(Boolean()),
                "toolset_name": _TOOLSET_NAME,
            }
        ),
        "tool_use": c.member(
            {
                "id": required(c.TOOL_USE_ID),
                "name": required(_TOOL_NAME),
                "input": required(Dictionary()),
                "caller": optional(c.CALLER),
                "toolset_name": _TOOLSET_NAME,
            }
        ),
    },
    betas={
        "advisor_tool_result": frozenset(ADVISOR),
        "compaction": frozenset(COMPACTION),
        "fallback": frozenset(FALLBACKS),
        "mcp_tool_listing": frozenset(MCP),
        "mcp_tool_result": frozenset(MCP),
        "mcp_tool_use": frozenset(MCP),
    },
)
"""Every block that a message may hold. Changes of tools need a beta by the documentation; the recordings that show
them accepted lack their headers, so that they pass without it."""
