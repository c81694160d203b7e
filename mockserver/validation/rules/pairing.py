"""Calls and their results: every call is answered, and every answer was asked for.

Checked on merged turns: consecutive messages of one role are one (recorded).
"""

from collections import Counter
from itertools import pairwise
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


def unique_calls(subject: Subject) -> str | None:
    """Refuse two calls with one id."""
    seen: set[str] = set()
    for place in _calls(subject):
        if place.block["id"] in seen:
            return f"{place.path}: `tool_use` ids must be unique"
        seen.add(place.block["id"])
    return None


def _calls(subject: Subject) -> list[Place]:
    if "tool_use" not in subject.kinds:
        return []
    return [place for turn in subject.turns for place in turn.of("tool_use")]


def asked_results(subject: Subject) -> str | None:
    """Refuse a tool_result whose call is not in the turn before."""
    if "tool_result" not in subject.kinds:
        return None
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
    if "tool_result" not in subject.kinds:
        return None
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
    """Refuse a call that the next turn does not answer; reported at the turn that should have answered."""
    if "tool_use" not in subject.kinds:
        return None
    turns = subject.turns
    for turn in turns:
        calls = [place.block["id"] for place in turn.of("tool_use")]
        if not calls:
            continue
        answer = turns[turn.index + 1] if turn.index + 1 < len(turns) else None
        answered = {place.block["tool_use_id"] for place in answer.of("tool_result")} if answer else set()
        missing = [name for name in calls if name not in answered]
        if missing:
            where = answer.index if answer else turn.index
            return (
                f"messages.{where}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
                "next message."
            )
    return None


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
    """Refuse a server tool's call without result, but in the last turn of the assistant, where it may be resumed.

    The result may come in the next turn of the assistant where the call waited for a client's tool (recorded).
    """
    if "server_tool_use" not in subject.kinds:
        return None
    turns = [turn for turn in subject.turns if turn.role == "assistant"]
    for turn, following in pairwise(turns):
        answered = _answered(turn) | _answered(following)
        for place in turn.of("server_tool_use"):
            name = place.block["name"]
            if place.block["id"] not in answered:
                return (
                    f"`{name}` tool use with id `{place.block['id']}` was found without a corresponding "
                    f"`{_RESULT_OF[name]}` block"
                )
    return None


def _answered(turn: Turn) -> set[str]:
    return {place.block["tool_use_id"] for place in turn.places if is_result(place.block["type"])}


def browser_states(subject: Subject) -> str | None:
    """Refuse a second browser_state in one tool_result."""
    for place in subject.of("tool_result"):
        content = place.block.get("content")
        kinds = Counter(b["type"] for b in content) if isinstance(content, list) else Counter[str]()
        if kinds["browser_state"] > 1:
            return f"{place.path}.tool_result.content: at most one `browser_state` block is permitted"
    return None


RULES: Final = (
    Rule("unique_calls", unique_calls, "quoted", "2026-10"),
    Rule("asked_results", asked_results, "recorded", "2026-11"),
    Rule("single_results", single_results, "quoted", "2026-09"),
    Rule("answered_calls", answered_calls, "recorded", "2026-11"),
    Rule("asked_server_results", asked_server_results, "quoted", "2026-06"),
    Rule("answered_server_calls", answered_server_calls, "documented", "2026-10"),
    Rule("browser_states", browser_states, "inferred", "2026-11", "the limit is documented, the words are not"),
)
