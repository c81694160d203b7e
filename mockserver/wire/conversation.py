"""Reading a request body: prompt, last message, turn number, tool results. Not here: whether it is valid.

For counting and for `prompt` and `last`, system messages are skipped and consecutive messages of one role are one
message. A user message that holds a `tool_result` is no prompt, even with text beside it. A trailing assistant
message (prefill) is not counted, unless it ends in a server-tool block (a resumed `pause_turn`).
Nothing here raises on a malformed body: what is no message is left out.
"""

from functools import cached_property
from typing import Any, Literal

from mockserver.wire.content import blocks_of, is_server_block, text_of
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen

Anchor = Literal["prompt", "start"]


@frozen
class Message:
    """One merged message: its role and all its blocks."""

    role: str
    blocks: list[JsonObject]

    @property
    def text(self) -> str:
        """The text blocks joined by newlines."""
        return text_of(self.blocks)

    @property
    def tool_results(self) -> list[JsonObject]:
        """The `tool_result` blocks."""
        return [b for b in self.blocks if b.get("type") == "tool_result"]


@frozen
class ToolResult:
    """A `tool_result` with the name of the tool that its `tool_use_id` belongs to (None: not in this request)."""

    tool: str | None
    is_error: bool
    text: str


class Conversation:
    """What a request body says, read once and only where asked."""

    def __init__(self, body: JsonObject) -> None:
        self.body = body

    @cached_property
    def messages(self) -> list[Message]:
        """User and assistant messages, consecutive ones of one role merged."""
        merged: list[Message] = []
        found = self.body.get("messages")
        for item in found if isinstance(found, list) else []:
            role = item.get("role") if isinstance(item, dict) else None
            if role not in ("user", "assistant"):
                continue
            blocks = blocks_of(item.get("content"))
            if merged and merged[-1].role == role:
                merged[-1].blocks.extend(blocks)
            else:
                merged.append(Message(role, list(blocks)))
        return merged

    @cached_property
    def _prompt_index(self) -> int:
        """Index of the prompt in `messages`; -1 where there is none."""
        prompts = (i for i, m in enumerate(self.messages) if m.role == "user" and not m.tool_results)
        return max(prompts, default=-1)

    @property
    def prompt(self) -> str:
        """The text of the last user message that carries no `tool_result`."""
        return self.messages[self._prompt_index].text if self._prompt_index >= 0 else ""

    @property
    def last(self) -> str:
        """The text of the very last message."""
        return self.messages[-1].text if self.messages else ""

    @property
    def system(self) -> str:
        """The text of the top-level system prompt."""
        return text_of(self.body.get("system"))

    def turn(self, anchor: Anchor) -> int:
        """Return the number of assistant messages after the prompt, or in the whole request (`start`)."""
        counted = self.messages[self._prompt_index + 1 :] if anchor == "prompt" else self.messages
        turns = sum(m.role == "assistant" for m in counted)
        return turns - self._ends_in_prefill(counted)

    def _ends_in_prefill(self, counted: list[Message]) -> bool:
        if not counted or counted[-1].role != "assistant":
            return False
        blocks = counted[-1].blocks
        return not (blocks and is_server_block(str(blocks[-1].get("type"))))

    @cached_property
    def tools(self) -> list[JsonObject]:
        """The request's tools."""
        return blocks_of(self.body.get("tools"))

    @property
    def tool_names(self) -> list[str]:
        """Names of the request's tools; a toolset, which has none, goes by its type."""
        return [str(t.get("name", t.get("type"))) for t in self.tools]

    @cached_property
    def tool_results(self) -> list[ToolResult]:
        """The tool results of the last message."""
        if not self.messages:
            return []
        calls = (b for m in self.messages for b in m.blocks if b.get("type") == "tool_use")
        names = {str(b.get("id")): b.get("name") for b in calls}
        return [_tool_result(block, names) for block in self.messages[-1].tool_results]

    @property
    def tool_choice(self) -> JsonObject | None:
        """`tool_choice` as it counts: `auto` where there are tools and none is given, None without tools."""
        choice = self.body.get("tool_choice")
        if isinstance(choice, dict):
            return choice
        return {"type": "auto"} if self.tools else None

    @property
    def thinking(self) -> str:
        """The type of `thinking`; `disabled` where none is given."""
        return str(self._thinking.get("type")) if self.sets_thinking else "disabled"

    @property
    def sets_thinking(self) -> bool:
        """Whether the request has a `thinking` at all; some models think where it has none."""
        return bool(self._thinking)

    @property
    def thinking_display(self) -> str | None:
        """`thinking.display`; None where none is given."""
        found = self._thinking.get("display")
        return found if isinstance(found, str) else None

    @property
    def _thinking(self) -> JsonObject:
        found = self.body.get("thinking")
        return found if isinstance(found, dict) else {}

    @property
    def stop_sequences(self) -> list[str]:
        """The request's stop sequences."""
        found = self.body.get("stop_sequences")
        return [s for s in found if isinstance(s, str) and s] if isinstance(found, list) else []

    @property
    def max_tokens(self) -> int | None:
        """The request's `max_tokens`; None where it is no number."""
        found = self.body.get("max_tokens")
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    @property
    def streams(self) -> bool:
        """Whether the answer is asked for as a stream."""
        return self.body.get("stream") is True

    @property
    def output_schema(self) -> Any:
        """The JSON Schema of structured output, in either spelling; None where none is asked for."""
        config = self.body.get("output_config")
        formats = (config.get("format") if isinstance(config, dict) else None, self.body.get("output_format"))
        return next((f["schema"] for f in formats if isinstance(f, dict) and "schema" in f), None)


def _tool_result(block: JsonObject, names: dict[str, Any]) -> ToolResult:
    name = names.get(str(block.get("tool_use_id")))
    return ToolResult(
        tool=name if isinstance(name, str) else None,
        is_error=block.get("is_error") is True,
        text=text_of(block.get("content")),
    )
