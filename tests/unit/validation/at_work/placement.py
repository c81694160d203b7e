"""Which block may stand in whose message."""

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import CURRENT, LEGACY, Works, ask, block, search_result, searched, system, text, thought

ONLY = "blocks can only be in"
NO_THINKING = "messages.0.content: thinking blocks may only be in `assistant` messages"
IMAGE = block("image", source=block("url", url="https://a.example/a.png"))
DOCUMENT = block("document", source=block("text", media_type="text/plain", data="a"))
SEARCH = block("search_result", source="a", title="b", content=[text()])
UPLOAD = block("container_upload", file_id="file_1")
GONE = block("tool_removal", tool=block("tool_reference", name="a"))
COME = block("tool_addition", tool=block("tool_reference", name="a"))
CITED = text(
    citations=[block("page_location", cited_text="a", document_index=0, start_page_number=1, end_page_number=2)]
)
MCP = "mcp-client-2025-11-20"
MCP_CALL = block("mcp_tool_use", id="mcptoolu_1", name="a", server_name="b", input={})
MCP_RESULT = block("mcp_tool_result", tool_use_id="mcptoolu_1", content="a")


def within(role, *blocks, **more):
    """Blocks in a message in the midst of a conversation."""
    return ask("a", assistant("b"), {"role": role, "content": list(blocks)}, "c", **more)


def _not_an_assistant_s(kind):
    return f"messages.2.content: '{kind}' blocks are not permitted within assistant turns"


ROWS = {
    "user_blocks": Works(
        refused=[(ask("a", assistant([text(), tool_result()])), f"messages.1: `tool_result` {ONLY} `user` messages")],
        accepted=[ask("a", assistant([text(), tool_use()]), user([tool_result()]))],
    ),
    "assistant_blocks": Works(
        refused=[
            (ask(user([tool_use()])), f"messages.0: `tool_use` {ONLY} `assistant` messages"),
            (ask("a", user([searched()])), f"messages.1: `server_tool_use` {ONLY} `assistant` messages"),
            (ask(user([search_result()])), f"messages.0: `web_search_tool_result` {ONLY} `assistant` messages"),
            (ask(user([MCP_CALL]), betas=MCP), f"messages.0: `mcp_tool_use` {ONLY} `assistant` messages"),
            (ask(user([MCP_RESULT]), betas=MCP), f"messages.0: `mcp_tool_result` {ONLY} `assistant` messages"),
        ],
        accepted=[
            ask("a", assistant([tool_use()]), user([tool_result()])),
            ask("a", assistant([searched(), search_result()])),
            ask("a", assistant([MCP_CALL, MCP_RESULT]), "b", betas=MCP),
        ],
    ),
    "thinking_blocks": Works(
        refused=[
            (ask(user([thought()])), NO_THINKING),
            (ask(user([text(), block("redacted_thinking", data="a")])), NO_THINKING),
        ],
        accepted=[ask("a", assistant([thought(), text()]), "b")],
    ),
    "no_media_of_assistants": Works(
        refused=[
            (within("assistant", IMAGE), _not_an_assistant_s("image")),
            (within("assistant", text(), UPLOAD), _not_an_assistant_s("container_upload")),
            (within("assistant", SEARCH), _not_an_assistant_s("search_result")),
            (within("assistant", DOCUMENT, version=CURRENT), _not_an_assistant_s("document")),
        ],
        accepted=[
            within("user", IMAGE, UPLOAD, SEARCH, DOCUMENT, version=CURRENT),
            within("assistant", DOCUMENT, version=LEGACY),
        ],
    ),
    "tool_changes": Works(
        refused=[
            (ask(user([GONE])), f"messages.0: `tool_removal` {ONLY} `system` messages"),
            (ask("a", assistant([COME]), "b"), f"messages.1: `tool_addition` {ONLY} `system` messages"),
        ],
        accepted=[ask("a", system([GONE, COME]))],
    ),
    "user_citations": Works(
        refused=[
            (ask(user([text(), CITED]), version=CURRENT), "messages.0.content.1.text.citations: Extra inputs are not permitted"),
        ],
        accepted=[
            ask(user([CITED]), version=LEGACY),
            ask(user([text(citations=[]), text(citations=None)]), version=CURRENT),
            ask("a", assistant([CITED]), "b", version=CURRENT),
        ],
    ),
}  # fmt: skip
