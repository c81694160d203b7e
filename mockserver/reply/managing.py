"""Context management: which edits apply to a request, and the prompt that they leave. Not here: the answer's shape.

Source: documentation of context editing and compaction (what each edit clears, its defaults and its conditions); a
recorded answer names the edits that were applied, and none where nothing was cleared.
"""

from collections.abc import Callable
from typing import Any, Final

from mockserver.reply.tokens import Weight, weigh
from mockserver.wire.content import THINKING_TYPES, blocks_of
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen
from mockserver.wire.traits import Model

CLEARED: Final = "[Old tool result content cleared]"
"""What stands in place of a cleared result (its words are inferred)."""

_CLEARING_TRIGGER: Final = 100_000
_COMPACTION_TRIGGER: Final = 150_000
"""Input tokens from which an edit applies where the request names none (documentation)."""
_KEPT_TOOL_USES: Final = 3
_KEPT_THINKING_TURNS: Final = 1


@frozen
class Managed:
    """A request's prompt after its edits: the body, its weight, and `original`, the tokens before.

    `edits` are the `applied_edits`, None where no management was asked for. `compaction` is the edit that replaces the
    prompt with a summary now; `can_compact` says whether the request has such an edit at all.
    """

    body: JsonObject
    weight: Weight
    original: int
    edits: list[JsonObject] | None = None
    compaction: JsonObject | None = None
    can_compact: bool = False


def manage(body: JsonObject, model: Model) -> Managed:
    """Apply the edits of `context_management` in their order."""
    weight = weigh(body, model)
    management = body.get("context_management")
    if not isinstance(management, dict):
        return Managed(body, weight, weight.total)
    original, applied = weight.total, []
    edits = _first_of_each(blocks_of(management.get("edits")))
    for edit in edits:
        cleared = _CLEARINGS.get(str(edit.get("type")), _clear_nothing)(body, edit, weight.total)
        if cleared is None:
            continue
        after = weigh(cleared.body, model)
        gone = weight.total - after.total
        if gone > 0 and gone >= _amount(edit.get("clear_at_least"), 0):
            applied.append({"type": edit["type"], cleared.counter: cleared.count, "cleared_input_tokens": gone})
            body, weight = cleared.body, after
    compactions = [edit for edit in edits if edit.get("type") == "compact_20260112"]
    due = [e for e in compactions if weight.total >= _amount(e.get("trigger"), _COMPACTION_TRIGGER)]
    return Managed(body, weight, original, applied, next(iter(due), None), bool(compactions))


def _first_of_each(edits: list[JsonObject]) -> list[JsonObject]:
    """Leave out a second edit of one type; only a server that does not judge lets one through."""
    first: dict[str, JsonObject] = {}
    for edit in edits:
        first.setdefault(str(edit.get("type")), edit)
    return list(first.values())


@frozen
class _Cleared:
    """What an edit would leave, and how much of what it would clear."""

    body: JsonObject
    counter: str
    count: int


def _clear_nothing(_body: JsonObject, _edit: JsonObject, _tokens: int) -> None:
    return None


def _amount(setting: Any, default: int) -> int:
    """Return the `value` of a trigger or limit."""
    value = setting.get("value") if isinstance(setting, dict) else None
    return value if isinstance(value, int) else default


# ------------------------------------------------------------------ tool uses


def _clear_tool_uses(body: JsonObject, edit: JsonObject, tokens: int) -> _Cleared | None:
    calls = [block for block in _all_blocks(body) if block.get("type") == "tool_use"]
    reached = len(calls) if _unit(edit.get("trigger")) == "tool_uses" else tokens
    if reached < _amount(edit.get("trigger"), _CLEARING_TRIGGER):
        return None
    listed = edit.get("exclude_tools")
    excluded = listed if isinstance(listed, list) else []
    older = calls[: max(0, len(calls) - _amount(edit.get("keep"), _KEPT_TOOL_USES))]
    cleared = {str(call.get("id")): call for call in older if call.get("name") not in excluded}
    if not cleared:
        return None
    inputs = edit.get("clear_tool_inputs")

    def change(block: JsonObject) -> JsonObject:
        if block.get("type") == "tool_result" and str(block.get("tool_use_id")) in cleared:
            return block | {"content": CLEARED}
        if block.get("type") == "tool_use" and str(block.get("id")) in cleared and _names(inputs, block.get("name")):
            return block | {"input": {}}
        return block

    return _Cleared(_changed(body, change), "cleared_tool_uses", len(cleared))


def _unit(trigger: Any) -> str:
    return str(trigger.get("type")) if isinstance(trigger, dict) else "input_tokens"


def _names(inputs: Any, name: Any) -> bool:
    """Whether `clear_tool_inputs` names a tool: by its name, or all of them."""
    return name in inputs if isinstance(inputs, list) else inputs is True


# ------------------------------------------------------------------ thinking


def _clear_thinking(body: JsonObject, edit: JsonObject, _tokens: int) -> _Cleared | None:
    keep = edit.get("keep")
    if keep == "all" or (isinstance(keep, dict) and keep.get("type") == "all"):
        return None
    turns = _thinking_turns(body)
    older = turns[: max(0, len(turns) - _amount(keep, _KEPT_THINKING_TURNS))]
    if not older:
        return None
    gone = {index for turn in older for index in turn}
    messages = [
        _without_thinking(message) if index in gone else message
        for index, message in enumerate(blocks_of(body.get("messages")))
    ]
    return _Cleared(body | {"messages": messages}, "cleared_thinking_turns", len(older))


def _thinking_turns(body: JsonObject) -> list[list[int]]:
    """Return, for each assistant turn that thought, the indexes of its messages; tool results do not end a turn."""
    turns: list[list[int]] = [[]]
    for index, message in enumerate(blocks_of(body.get("messages"))):
        kinds = [block.get("type") for block in blocks_of(message.get("content"))]
        if message.get("role") == "user" and "tool_result" not in kinds:
            turns.append([])
        elif message.get("role") == "assistant" and any(kind in THINKING_TYPES for kind in kinds):
            turns[-1].append(index)
    return [turn for turn in turns if turn]


def _without_thinking(message: JsonObject) -> JsonObject:
    kept = [block for block in blocks_of(message.get("content")) if block.get("type") not in THINKING_TYPES]
    return message | {"content": kept}


_CLEARINGS: Final[dict[str, Callable[[JsonObject, JsonObject, int], _Cleared | None]]] = {
    "clear_tool_uses_20250919": _clear_tool_uses,
    "clear_thinking_20251015": _clear_thinking,
}
"""Type of an edit -> what it would clear of a body with so many input tokens; None: nothing, or not yet."""


# ------------------------------------------------------------------ blocks


def _all_blocks(body: JsonObject) -> list[JsonObject]:
    return [b for message in blocks_of(body.get("messages")) for b in blocks_of(message.get("content"))]


def _changed(body: JsonObject, change: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """Return the body with each block of its messages changed."""
    messages = [
        message | {"content": [change(block) for block in blocks_of(message.get("content"))]}
        for message in blocks_of(body.get("messages"))
    ]
    return body | {"messages": messages}
