"""Calls and their results."""

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import Works, ask, block, search_result, searched, text

SINGLE = "each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
THREAD = {"betas": "message-threads-2026-08-12", "thread": block("continue", previous_message_id="msg_1")}
MCP = {"betas": "mcp-client-2025-11-20"}
MCP_CALL = block("mcp_tool_use", id="mcptoolu_1", name="a", server_name="b", input={})
MCP_RESULT = block("mcp_tool_result", tool_use_id="mcptoolu_1", content="a")
STATE = block("browser_state", tabs=[])


def _unasked(path, kind, name, call, where):
    return (
        f"messages.{path}: unexpected `tool_use_id` found in `{kind}` blocks: {name}. "
        f"Each `{kind}` block must have a corresponding `{call}` block {where}."
    )


def _not_called(path, name="toolu_1"):
    return _unasked(path, "tool_result", name, "tool_use", "in the previous message")


def _unanswered(index, ids):
    return (
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: {ids}. "
        "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
    )


def _called(*calls):
    return [tool_use(id_=name) for name in calls]


def _answered(*calls):
    return user([tool_result(id_=name) for name in calls])


ROWS = {
    "unique_calls": Works(
        refused=[
            (
                ask("a", assistant(_called("toolu_1", "toolu_1")), _answered("toolu_1")),
                "messages.1.content.1: `tool_use` ids must be unique",
            ),
            (
                ask("a", *[assistant(_called("toolu_1")), _answered("toolu_1")] * 2),
                "messages.3.content.0: `tool_use` ids must be unique",
            ),
        ],
        accepted=[ask("a", assistant(_called("toolu_1", "toolu_2")), _answered("toolu_1", "toolu_2"))],
    ),
    "asked_results": Works(
        refused=[
            (ask(user([tool_result()])), _not_called("0.content.0")),
            (ask("a", user([text(), tool_result()])), _not_called("0.content.2")),
            (ask("a", assistant(_called("toolu_1")), _answered("toolu_1", "toolu_2")), _not_called("2.content.1", "toolu_2")),
            (
                ask("a", assistant(_called("toolu_1")), _answered("toolu_1"), assistant("b"), _answered("toolu_1")),
                _not_called("4.content.0"),
            ),
            (ask("a", assistant("b"), user([tool_result()]), **THREAD), _not_called("2.content.0")),
        ],
        accepted=[
            ask("a", assistant(_called("toolu_1")), _answered("toolu_1")),
            ask("a", assistant("b"), assistant(_called("toolu_1")), _answered("toolu_1"), "c"),
            ask(user([tool_result()]), **THREAD),
        ],
    ),
    "single_results": Works(
        refused=[
            (
                ask("a", assistant(_called("toolu_1")), _answered("toolu_1", "toolu_1")),
                f"messages.2.content.1: {SINGLE}toolu_1",
            ),
            (
                ask("a", assistant(_called("toolu_1")), _answered("toolu_1"), _answered("toolu_1")),
                f"messages.2.content.1: {SINGLE}toolu_1",
            ),
        ],
        accepted=[ask("a", assistant(_called("toolu_1", "toolu_2")), _answered("toolu_2", "toolu_1"))],
    ),
    "answered_calls": Works(
        refused=[
            (ask("a", assistant(_called("toolu_1", "toolu_2")), "b"), _unanswered(2, "toolu_1, toolu_2")),
            (ask("a", assistant(_called("toolu_1", "toolu_2")), _answered("toolu_1")), _unanswered(2, "toolu_2")),
            (ask("a", assistant(_called("toolu_1"))), _unanswered(1, "toolu_1")),
            (ask("a", assistant(_called("toolu_1")), user([text(), tool_result()])), _unanswered(2, "toolu_1")),
        ],
        accepted=[
            ask("a", assistant(_called("toolu_1", "toolu_2")), _answered("toolu_1"), _answered("toolu_2")),
            ask("a", assistant(_called("toolu_1")), _answered("toolu_1"), assistant("b"), "c"),
            ask("a", assistant(_called("toolu_1")), user([tool_result(), text()])),
        ],
    ),
    "asked_server_results": Works(
        refused=[
            (
                ask("a", assistant([search_result()]), "b"),
                _unasked("1.content.0", "web_search_tool_result", "srvtoolu_1", "server_tool_use", "before it"),
            ),
            (
                ask("a", assistant([search_result(), searched()])),
                _unasked("1.content.0", "web_search_tool_result", "srvtoolu_1", "server_tool_use", "before it"),
            ),
            (
                ask("a", assistant([MCP_RESULT]), "b", **MCP),
                _unasked("1.content.0", "mcp_tool_result", "mcptoolu_1", "mcp_tool_use", "before it"),
            ),
        ],
        accepted=[
            ask("a", assistant([searched(), search_result()]), "b"),
            ask("a", assistant([MCP_CALL, MCP_RESULT]), "b", **MCP),
            ask("a", assistant([search_result()]), "b", **THREAD),
        ],
    ),
    "answered_server_calls": Works(
        refused=[
            (
                ask("a", assistant([searched()]), "b", assistant("c"), "d"),
                "`web_search` tool use with id `srvtoolu_1` was found without a corresponding "
                "`web_search_tool_result` block",
            ),
            (
                ask("a", assistant([searched("srvtoolu_1"), searched("srvtoolu_2"), search_result("srvtoolu_1")]), "b"),
                "`web_search` tool use with id `srvtoolu_2` was found without a corresponding "
                "`web_search_tool_result` block",
            ),
        ],
        accepted=[
            ask("a", assistant([searched(), search_result()]), "b", assistant("c"), "d"),
            ask("a", assistant([searched(), tool_use()]), _answered("toolu_1"), assistant([search_result()]), "b"),
            ask("a", assistant([searched()])),
            ask("a", assistant([tool_use(), searched()]), _answered("toolu_1")),
        ],
    ),
    "browser_states": Works(
        refused=[
            (
                ask("a", assistant([tool_use()]), user([tool_result([STATE, STATE])])),
                "messages.2.content.0.tool_result.content: at most one `browser_state` block is permitted",
            ),
        ],
        accepted=[ask("a", assistant([tool_use()]), user([tool_result([STATE, text()])]))],
    ),
}  # fmt: skip
