"""Thinking: its budget, what it forbids, and its blocks."""

import base64
import random

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import COUNT, CURRENT, OLD, Works, ask, block, enabled, text, thought, tool

from mockserver.wire.signatures import redacted

GUIDE = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
NEW_GUIDE = "https://platform.claude.com/docs/en/build-with-claude/extended-thinking"
BUDGET = (
    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
    f"{GUIDE}#max-tokens-and-context-window-size"
)
FORCED = "Thinking may not be enabled when tool_choice forces tool use."
TEMPERATURE = (
    "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. "
    f"Please consult our documentation at {NEW_GUIDE}"
)
TOP_P = "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in adaptive mode"
TOP_K = "`top_k` must be unset when thinking is enabled or in adaptive mode"
LEADING = (
    "messages.1.content.0: If an assistant message contains any thinking blocks, the first block must be `thinking` or "
    "`redacted_thinking`. Found `text`."
)
EXPECTED = (
    "Expected `thinking` or `redacted_thinking`, but found `{}`. When `thinking` is enabled, a final `assistant` "
    "message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We "
    "recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`. Please "
    f"consult our documentation at {GUIDE}"
)
MODIFIED = (
    "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. "
    "These blocks must remain as they were in the original response."
)
SIGNATURE = "messages.1.content.0: Invalid `signature` in `thinking` block"
DATA = "messages.1.content.0: Invalid `data` in `redacted_thinking` block"
CLEARED = "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive"

NOISE = random.Random(0).randbytes(200)
FOREIGN = base64.b64encode(b"\x12\xd0\x01\x0a\x04\x08\x01\x18\x02\x2a\xc7\x01" + NOISE[:199]).decode()
REDACTED = block("redacted_thinking", data=redacted(NOISE))
CLEAR = {
    "context_management": {"edits": [block("clear_thinking_20251015")]},
    "betas": "context-management-2025-06-27",
}
USED = user([tool_result()])


def _told(*blocks, **more):
    """An assistant's blocks, and another question."""
    return ask("a", assistant([*blocks]), "b", **more)


def _expected(found, index=1):
    return f"messages.{index}.content.0.type: {EXPECTED.format(found)}"


ROWS = {
    "budget": Works(
        refused=[
            (ask(**enabled() | {"max_tokens": 1024}), BUDGET),
            (ask(**enabled(2000) | {"max_tokens": 1999}), BUDGET),
        ],
        accepted=[
            ask(**enabled() | {"max_tokens": 1025}),
            ask(**enabled() | {"max_tokens": 1024}, betas="interleaved-thinking-2025-05-14"),
            ask(model=OLD, thinking=block("disabled"), max_tokens=1),
            ask(path=COUNT, model=OLD, thinking=block("enabled", budget_tokens=1024)),
        ],
    ),
    "no_forced_tool": Works(
        refused=[
            (ask(**enabled(), tools=[tool()], tool_choice=block("any")), FORCED),
            (ask(**enabled(), tools=[tool()], tool_choice=block("tool", name="get_weather")), FORCED),
        ],
        accepted=[
            ask(**enabled(), tools=[tool()], tool_choice=block("auto")),
            ask(**enabled(), tools=[tool()], tool_choice=block("none")),
            ask(thinking=block("adaptive"), tools=[tool()], tool_choice=block("any")),
        ],
    ),
    "sampling": Works(
        refused=[
            (ask(**enabled(), temperature=0.5), TEMPERATURE),
            (ask(thinking=block("adaptive"), temperature=0.5), TEMPERATURE),
            (ask(**enabled(), top_p=0.94), TOP_P),
            (ask(**enabled(), top_k=5), TOP_K),
        ],
        accepted=[
            ask(**enabled(), temperature=1),
            ask(**enabled(), temperature=1.0),
            ask(**enabled(), top_p=0.95),
            ask(**enabled(), version=CURRENT),
            ask(model=OLD, thinking=block("disabled"), temperature=0.5, top_k=5),
        ],
    ),
    "leading_block": Works(
        refused=[
            (_told(text(), thought(), **enabled()), LEADING),
            (_told(text(), REDACTED, **enabled()), LEADING),
        ],
        accepted=[
            _told(thought(), text(), **enabled()),
            _told(REDACTED, text(), thought(), **enabled()),
            _told(text(), **enabled()),
            ask("a", assistant([]), **enabled()),
            ask("a", assistant([thought(), text()]), "b", assistant([]), **enabled()),
            _told(text(), thought(), model=OLD),
            ask("a", assistant([thought(), text()]), "b", assistant("c"), "d", **enabled()),
        ],
    ),
    "leading_thinking": Works(
        refused=[
            (ask("a", assistant([tool_use()]), USED, **enabled()), _expected("tool_use")),
            (ask("a", assistant("b"), "c", assistant([text()]), **enabled()), _expected("text", 3)),
            (ask("a", assistant("b"), **enabled()), _expected("text")),
        ],
        accepted=[
            ask("a", assistant([thought(), tool_use()]), USED, **enabled()),
            ask("a", assistant([REDACTED, tool_use()]), USED, **enabled()),
            ask("a", assistant([tool_use()]), USED, model=OLD),
            ask("a", assistant([tool_use()]), USED, assistant("b"), "c", **enabled()),
            ask("a", assistant("b"), "c", **enabled()),
            ask("a", **enabled()),
        ],
    ),
    "signatures": Works(
        refused=[
            (
                ask("a", assistant([block("thinking", thinking="", signature=""), text()]), "b"),
                "messages.1.content.0.thinking: each thinking block must contain thinking",
            ),
            (_told(thought(over="Ha."), text()), MODIFIED),
            (ask("a", assistant([thought(over="Ha."), text()]), "b", assistant("c"), "d"), SIGNATURE),
            (_told(thought() | {"signature": "a"}, text()), SIGNATURE),
            (_told(thought() | {"signature": ""}, text()), SIGNATURE),
            (_told(block("redacted_thinking", data="a"), text()), DATA),
        ],
        accepted=[
            _told(thought(), text()),
            _told(thought("", over="Hmm."), text()),
            _told(thought() | {"signature": FOREIGN}, text()),
            _told(REDACTED, text()),
            _told(block("redacted_thinking", data=FOREIGN), text()),
        ],
    ),
    "cleared_thinking": Works(
        refused=[
            (ask(**CLEAR, model=OLD), CLEARED),
            (ask(**CLEAR, thinking=block("disabled")), CLEARED),
        ],
        accepted=[
            ask(**CLEAR),
            ask(**CLEAR, thinking=block("adaptive")),
            ask(**CLEAR, **enabled()),
            ask(**CLEAR | {"context_management": {"edits": [block("clear_tool_uses_20250919")]}}, model=OLD),
            ask(**CLEAR | {"context_management": {}}, model=OLD),
        ],
    ),
}
