"""The shape of the conversation: where system messages stand, and that nobody says nothing.

Checked after every field and every unknown key (measured 2026-08 to 2026-09); positions are the client's.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject, tool_kind
from mockserver.wire.encoding import JsonObject

_DIRECTIVE: Final = "; the directive-only form (content: [] with output_config) is accepted at any position"
_TURN_SCOPED: Final = "next_user_message"
_SYSTEM_BLOCKS: Final = frozenset(["text", "tool_addition", "tool_removal"])


def system_messages(subject: Subject) -> str | None:
    """Return the first fault of the system messages: each is looked at whole before the next."""
    for index, message in enumerate(subject.messages):
        if message["role"] == "system" and not _is_directive(message):
            words = _system_fault(subject.messages, index)
            if words:
                return f"messages.{index}: {words}"
    return None


def _is_directive(message: JsonObject) -> bool:
    return not message.get("content") and bool(message.get("output_config"))


def _system_fault(messages: list[JsonObject], index: int) -> str | None:
    content = messages[index].get("content")
    if not content:
        return "system content must contain at least one block"
    kinds = {block["type"] for block in content} if isinstance(content, list) else {"text"}
    if not kinds <= _SYSTEM_BLOCKS:
        return "role 'system' supports text, tool_addition, and tool_removal blocks only"
    if messages[index].get("clear_at") == _TURN_SCOPED and kinds != {"text"}:
        return f"a turn-scoped system message supports text blocks only (clear_at: '{_TURN_SCOPED}')"
    if index == 0:
        return f"use the top-level 'system' parameter for the initial system prompt{_DIRECTIVE}"
    return _misplaced(messages, index) or _says_nothing(content)


def _misplaced(messages: list[JsonObject], index: int) -> str | None:
    """Say where a run of system messages may not begin (reported at its first) or end (at its last)."""
    before, after = messages[index - 1], messages[index + 1 : index + 2]
    if before["role"] != "system" and not _may_precede(before):
        return (
            "role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result"
            + _DIRECTIVE
        )
    if after and after[0]["role"] == "user":
        return f"role 'system' must precede an 'assistant' message or end the array{_DIRECTIVE}"
    return None


def _may_precede(message: JsonObject) -> bool:
    content = message.get("content")
    if message["role"] == "user":
        return True
    return isinstance(content, list) and bool(content) and content[-1]["type"].endswith("_tool_result")


def _says_nothing(content: Any) -> str | None:
    texts = [content] if isinstance(content, str) else [b["text"] for b in content if b["type"] == "text"]
    return None if all(text.strip() for text in texts) else "system text blocks must contain non-whitespace text"


def empty_user_turn(subject: Subject) -> str | None:
    """Refuse a run of user messages that is empty as a whole."""
    for first, _ in _empty_runs(subject.messages, "user"):
        return f"messages.{first}: user messages must have non-empty content"
    return None


def empty_assistant_turn(subject: Subject) -> str | None:
    """Refuse a run of assistant messages that is empty as a whole and not the last one."""
    for first, is_last in _empty_runs(subject.messages, "assistant"):
        if not is_last:
            words = "all messages must have non-empty content except for the optional final assistant message"
            return f"messages.{first}: {words}"
    return None


def _empty_runs(messages: list[JsonObject], role: str) -> Iterator[tuple[int, bool]]:
    """Yield the first index of each run of one role without any content, and whether it ends the conversation."""
    for found, run in groupby(enumerate(messages), key=lambda entry: entry[1]["role"]):
        entries = list(run)
        if found == role and not any(message["content"] for _, message in entries):
            yield entries[0][0], entries[-1][0] == len(messages) - 1


_RUNS_CODE: Final = ("code_execution_", "web_search_2026", "web_fetch_2026")
"""What the types of tools begin with that run in a container; the web tools of 2026 filter with code."""


def container(subject: Subject) -> str | None:
    """Refuse a container where no tool would use it."""
    found = subject.body.get("container")
    if found is None or any(tool_kind(tool).startswith(_RUNS_CODE) for tool in subject.tools):
        return None
    if isinstance(found, str) or found.get("id"):
        return "container: Container identifier can only be provided when using the code execution tool"
    if found.get("skills"):
        return "container: skills can only be used when a code execution tool is enabled"
    return None


RULES: Final = (
    Rule("system_messages", system_messages, "quoted", "2026-10"),
    Rule("empty_user_turn", empty_user_turn, "quoted", "2026-09"),
    Rule("empty_assistant_turn", empty_assistant_turn, "quoted", "2026-09"),
    Rule("container", container, "quoted", "2026-09", fields=("container",)),
)
