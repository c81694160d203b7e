"""Calls and their results: every call is answered, and every answer was asked for.

Checked on merged turns: consecutive messages of one role are one (recorded).
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Place, Subject, Turn
from mockserver.wire.content import is_result

_RESULT_OF: Final = {
    "advisor": "advisor_tool_result",
    "bash_code_execution": "bash_code_execution_tool_result",
    "code_execution": "code_execution_tool_result",
    "text_editor_code_execution": "text_editor_code_execution_tool_result",
    "tool_search_tool_bm25": "tool_search_tool_result",
    "tool_search_tool_regex": "tool_search_tool_result",
    "web_fetch": "web_fetch_tool_result",
    "web_search": "web_search_tool_result",
}
"""Name of a server tool -> the type of its result's block."""


_DIRECT: Final = {"type": "direct"}


def unique_calls(subject: Subject) -> str | None:
    """Refuse two calls with one id."""
    seen: set[str] = set()
    for place in (place for turn in subject.turns for place in turn.of("tool_use")):
        if place.block["id"] in seen:
            return f"{place.path}: `tool_use` ids must be unique"
        seen.add(place.block["id"])
    return None


def asked_results(subject: Subject) -> str | None:
    """Refuse a tool_result whose call is not in the turn before."""
    asked: set[str] = set()
    for turn in subject.turns:
        if turn.role == "assistant":
            asked = {place.block["id"] for place in turn.of("tool_use")}
        elif not (subject.continues_thread and turn.index == 0):
            for place in turn.of("tool_result"):
                if place.block["tool_use_id"] not in asked:
                    return _unexpected(place, "tool_use", "in the previous message")
    return None


def _unexpected(place: Place, call: str, where: str) -> str:
    kind, name = place.block["type"], place.block["tool_use_id"]
    return (
        f"{place.path}: unexpected `tool_use_id` found in `{kind}` blocks: {name}. "
        f"Each `{kind}` block must have a corresponding `{call}` block {where}."
    )


def single_results(subject: Subject) -> str | None:
    """Refuse two results of one call."""
    for turn in subject.turns:
        seen: set[str] = set()
        for place in turn.of("tool_result"):
            name = place.block["tool_use_id"]
            if name in seen:
                return (
                    f"{place.path}: each tool_use must have a single result. "
                    f"Found multiple `tool_result` blocks with id: {name}"
                )
            seen.add(name)
    return None


def answered_calls(subject: Subject) -> str | None:
    """Refuse a call that the next turn does not answer before all else; reported at the turn that should have."""
    turns = subject.turns
    for turn in turns:
        calls = [place.block["id"] for place in turn.of("tool_use")]
        if not calls:
            continue
        answer = turns[turn.index + 1] if turn.index + 1 < len(turns) else None
        answered = {place.block["tool_use_id"] for place in _leading_results(answer)} if answer else set()
        missing = [name for name in calls if name not in answered]
        if missing:
            where = answer.index if answer else turn.index
            return (
                f"messages.{where}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
                "next message."
            )
    return None


def _leading_results(turn: Turn) -> Iterable[Place]:
    return takewhile(lambda place: place.block["type"] == "tool_result", turn.places)


def asked_server_results(subject: Subject) -> str | None:
    """Refuse the result of a server tool that was not called before."""
    if not any(is_result(kind) for kind in subject.kinds):
        return None
    calls = {"mcp_tool_use": set[str](), "server_tool_use": set[str]()}
    for place in subject.places:
        kind = place.block["type"]
        if kind in calls:
            calls[kind].add(place.block["id"])
        elif is_result(kind):
            call = "mcp_tool_use" if kind == "mcp_tool_result" else "server_tool_use"
            if place.block["tool_use_id"] not in calls[call] and not subject.continues_thread:
                return _unexpected(place, call, "before it")
    return None


def answered_server_calls(subject: Subject) -> str | None:
    """Refuse a server tool's call that was still without result when the user went on to something else.

    It may wait while the client answers tools of its own, and nothing else, and in the last turn, which may be resumed.
    """
    waiting: dict[str, str] = {}
    for turn in subject.turns:
        if turn.role == "user" and waiting and any(place.block["type"] != "tool_result" for place in turn.places):
            name, tool = next(iter(waiting.items()))
            return f"`{tool}` tool use with id `{name}` was found without a corresponding `{_RESULT_OF[tool]}` block"
        for place in turn.places:
            if place.block["type"] == "server_tool_use":
                waiting[place.block["id"]] = place.block["name"]
            elif is_result(place.block["type"]):
                waiting.pop(place.block["tool_use_id"], None)
    return None


def container_of_code(subject: Subject) -> str | None:
    """Refuse to answer a tool that code called without naming the container in which that code waits."""
    container = subject.body.get("container")
    if container.get("id") if isinstance(container, dict) else container:
        return None
    asking = [turn for turn in subject.turns[-2:] if turn.role == "assistant"]
    calls = [place.block for turn in asking for place in turn.of("tool_use")]
    if all(call.get("caller", _DIRECT) == _DIRECT for call in calls):
        return None
    return "container_id is required when there are pending tool uses generated by code execution with tools."


def browser_states(subject: Subject) -> str | None:
    """Refuse a second browser_state in one tool_result."""
    for place in subject.of("tool_result"):
        content = place.block.get("content")
        if isinstance(content, list) and sum(block["type"] == "browser_state" for block in content) > 1:
            return f"{place.path}.tool_result.content: at most one `browser_state` block is permitted"
    return None


RULES: Final = (
    Rule("unique_calls", unique_calls, "quoted", "2026-10", blocks=("tool_use",)),
    Rule("asked_results", asked_results, "recorded", "2026-11", blocks=("tool_result",)),
    Rule("single_results", single_results, "quoted", "2026-09", blocks=("tool_result",)),
    Rule(
        "answered_calls",
        answered_calls,
        "recorded",
        "2026-11",
        "that results come before all other blocks of their turn is documented, not recorded",
        blocks=("tool_use",),
    ),
    Rule("asked_server_results", asked_server_results, "quoted", "2026-06"),
    Rule("answered_server_calls", answered_server_calls, "documented", "2026-10", blocks=("server_tool_use",)),
    Rule("container_of_code", container_of_code, "quoted", "2026-09", blocks=("tool_use",)),
    Rule(
        "browser_states",
        browser_states,
        "inferred",
        "2026-11",
        "the limit is documented, the words are not",
        blocks=("tool_result",),
    ),
)
