"""Content blocks: the order of their keys and how each streams. Not here: limits on what a request may hold.

Source: recorded blocks since 2026 (key order) and recorded streams (deltas).
"""

from typing import Any, Final

from mockserver.wire.encoding import JsonObject

KEY_ORDER: Final[dict[str, tuple[str, ...]]] = {
    "text": ("citations", "type", "text"),
    "thinking": ("type", "thinking", "signature"),
    "redacted_thinking": ("type", "data"),
    "tool_use": ("type", "id", "name", "input", "caller"),
    "server_tool_use": ("type", "id", "name", "input", "caller"),
    "mcp_tool_use": ("type", "id", "name", "input", "server_name"),
    "mcp_tool_result": ("type", "tool_use_id", "is_error", "content"),
    "compaction": ("type", "content", "encrypted_content", "signature"),
    "fallback": ("type", "from", "to", "trigger"),
    "container_upload": ("type", "file_id"),
}
"""Block type -> its known keys in wire order; other keys follow as they are given."""

RESULT_ORDER: Final = ("type", "tool_use_id", "content", "caller")
"""The same for every `*_tool_result` that is not named above."""

KNOWN_TYPES: Final = frozenset(KEY_ORDER) | {
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "advisor_tool_result",
    "mcp_tool_listing",
}
"""Every block type that an answer is known to hold."""

THINKING_TYPES: Final = ("thinking", "redacted_thinking")
"""Blocks of thinking, shown and not."""

ID_PREFIX: Final = {
    "tool_use": "toolu_",
    "server_tool_use": "srvtoolu_",
    "mcp_tool_use": "mcptoolu_",
}
"""Calls: block type -> prefix of its id. Their `input` streams as `input_json_delta`."""

SERVER_CALLS: Final = ("server_tool_use", "mcp_tool_use")
"""Calls of tools that the API itself runs."""


def is_result(kind: str) -> bool:
    """Whether a block of this type is the result of a tool that the API itself ran."""
    return kind.endswith("_tool_result")


def is_server_block(kind: str) -> bool:
    """Whether the block belongs to a tool that the API itself runs (a call or its result)."""
    return kind in SERVER_CALLS or is_result(kind)


def in_order(block: JsonObject) -> JsonObject:
    """Return the block with its keys in wire order."""
    kind = block["type"]
    known = KEY_ORDER.get(kind) or (RESULT_ORDER if is_result(kind) else ("type",))
    return {k: block[k] for k in known if k in block} | block


def text_of(content: Any) -> str:
    """Return the text of a message's or system prompt's `content`: its text blocks joined by newlines."""
    if isinstance(content, str):
        return content
    texts = (b.get("text") for b in blocks_of(content) if b.get("type") == "text")
    return "\n".join(t for t in texts if isinstance(t, str))


def blocks_of(content: Any) -> list[JsonObject]:
    """Return the blocks of a `content` value; a string is one text block, and what is no block is left out."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [b for b in content if isinstance(b, dict)] if isinstance(content, list) else []
