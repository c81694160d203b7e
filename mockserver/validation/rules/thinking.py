"""Thinking: its budget, what it forbids, and its blocks. Not here: which model takes which mode (`models`)."""

from itertools import dropwhile
from typing import Final

from mockserver.validation.betas import INTERLEAVED
from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import UNSET, Place, Subject, Turn
from mockserver.wire.content import THINKING_TYPES
from mockserver.wire.signatures import has_shape, verify

_GUIDE: Final = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
_NEW_GUIDE: Final = (
    "Please consult our documentation at https://platform.claude.com/docs/en/build-with-claude/extended-thinking"
)
_ON: Final = ("enabled", "adaptive")
_BEFORE_ALL: Final = ("compaction", "fallback", "mcp_tool_listing")
_EMPTY: Final = "each thinking block must contain thinking"
_SMALLEST_TOP_P: Final = 0.95


def _is_enabled(subject: Subject) -> bool:
    """Whether thinking is enabled on a model that can; one that cannot has a refusal of its own (`models`)."""
    return subject.thinking == "enabled" and "enabled" in subject.model.thinking


def budget(subject: Subject) -> str | None:
    """Refuse a budget that leaves nothing to answer with; interleaved thinking may exceed max_tokens."""
    limit = subject.body.get("max_tokens")
    if limit is None or not _is_enabled(subject) or INTERLEAVED in subject.scope.betas:
        return None
    if limit > subject.body["thinking"]["budget_tokens"]:
        return None
    return (
        "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
        f"{_GUIDE}#max-tokens-and-context-window-size"
    )


def no_forced_tool(subject: Subject) -> str | None:
    """Refuse a forced tool beside enabled thinking; adaptive thinking allows it."""
    if _is_enabled(subject) and subject.forces_tool:
        return "Thinking may not be enabled when tool_choice forces tool use."
    return None


def sampling(subject: Subject) -> str | None:
    """Refuse sampling parameters beside thinking."""
    if subject.thinking not in _ON or not subject.scope.is_legacy:
        return None
    body = subject.body
    if body.get("temperature", 1) != 1:
        return f"`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. {_NEW_GUIDE}"
    if body.get("top_p", 1) < _SMALLEST_TOP_P:
        return "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in adaptive mode"
    if body.get("top_k", UNSET) != UNSET:
        return "`top_k` must be unset when thinking is enabled or in adaptive mode"
    return None


def leading_block(subject: Subject) -> str | None:
    """Refuse, under enabled thinking, a message with thinking that does not begin with it."""
    if not _is_enabled(subject):
        return None
    for turn in subject.turns:
        kinds = [place.block["type"] for place in _written(turn)]
        if turn.role == "assistant" and not set(THINKING_TYPES).isdisjoint(kinds) and kinds[0] not in THINKING_TYPES:
            return (
                f"messages.{turn.index}.content.0: If an assistant message contains any thinking blocks, the first "
                f"block must be `thinking` or `redacted_thinking`. Found `{kinds[0]}`."
            )
    return None


def _written(turn: Turn) -> list[Place]:
    """Return the blocks of a turn behind those that the API itself puts first."""
    return list(dropwhile(lambda place: place.block["type"] in _BEFORE_ALL, turn.places))


def leading_thinking(subject: Subject) -> str | None:
    """Refuse, under enabled thinking, a tool loop or a prefill whose last assistant turn does not begin with it."""
    if not _is_enabled(subject):
        return None
    turn = next((t for t in reversed(subject.turns) if t.role == "assistant"), None)
    written = _written(turn) if turn else []
    last = subject.turns[-1]
    if turn is None or not written or (last is not turn and not last.of("tool_result")):
        return None
    found = written[0].block["type"]
    if found in THINKING_TYPES:
        return None
    return (
        f"messages.{turn.index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. When "
        "`thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost "
        "set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To "
        f"avoid this requirement, disable `thinking`. Please consult our documentation at {_GUIDE}"
    )


def signatures(subject: Subject) -> str | None:
    """Refuse a signature that was never one, and one of ours over another thinking."""
    for place in subject.of(*THINKING_TYPES):
        if words := _forged(place, subject.latest_assistant):
            member = ".thinking" if words == _EMPTY else ""
            return f"{place.path}{member}: {words}"
    return None


def _forged(place: Place, latest: int) -> str | None:
    block = place.block
    if block["type"] == "redacted_thinking":
        return None if has_shape(block["data"]) else "Invalid `data` in `redacted_thinking` block"
    if not (block["signature"] or block["thinking"]):
        return _EMPTY
    verdict = verify(block["signature"], block["thinking"])
    if verdict == "changed" and place.message == latest:
        return (
            "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks "
            "must remain as they were in the original response."
        )
    return "Invalid `signature` in `thinking` block" if verdict in ("changed", "malformed") else None


def cleared_thinking(subject: Subject) -> str | None:
    """Refuse to clear thinking where there is none."""
    edits = (subject.body.get("context_management") or {}).get("edits", ())
    clears = any(edit["type"] == "clear_thinking_20251015" for edit in edits)
    if clears and (subject.thinking == "disabled" or not (subject.thinking or subject.model.thinks_by_default)):
        return "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive"
    return None


RULES: Final = (
    Rule(
        "budget",
        budget,
        "recorded",
        "2026-01",
        "the tail with the documentation's address is the recorded one",
        fields=("thinking",),
    ),
    Rule("no_forced_tool", no_forced_tool, "quoted", "2026-09", fields=("thinking",)),
    Rule("sampling", sampling, "quoted", "2026-09", fields=("thinking",)),
    Rule("leading_block", leading_block, "quoted", "2026", fields=("thinking",)),
    Rule("leading_thinking", leading_thinking, "quoted", "2026-10", fields=("thinking",)),
    Rule(
        "signatures",
        signatures,
        "quoted",
        "2026-10",
        "signatures of the real API are taken for their shape; whether they belong to this text is not known here",
        blocks=THINKING_TYPES,
    ),
    Rule("cleared_thinking", cleared_thinking, "quoted", "2026-09", fields=("context_management",)),
)
