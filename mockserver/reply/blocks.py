"""Entries of a reply to blocks of the wire: short forms filled out, ids and signatures derived. Not here: cutting.

One small function a block type, in one table; a type that is not in it takes its fields verbatim. A maker may also
decide that its entry leaves no block.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic_core import from_json

from mockserver.reply.citing import Citable
from mockserver.reply.identifiers import Source
from mockserver.reply.made_up import sample
from mockserver.reply.thinking import think
from mockserver.wire.content import ID_PREFIX, SERVER_CALLS, in_order, is_result
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen
from mockserver.wire.signatures import sign
from mockserver.wire.traits import Model


@dataclass(slots=True)
class Content:
    """The blocks of an answer, and, by their index, the deltas that the author wrote out.

    `cut` says whether `max_tokens` cut the last block and did not just leave out what follows it.
    """

    blocks: list[JsonObject] = field(default_factory=list)
    deltas: dict[int, list[str]] = field(default_factory=dict)
    cut: bool = False

    def hide_thinking(self) -> None:
        """Leave of each thinking block the signature alone, which was made over all of it."""
        for index, block in enumerate(self.blocks):
            if block["type"] == "thinking":
                self.blocks[index] = block | {"thinking": ""}
                self.deltas.pop(index, None)


@frozen
class Making:
    """What block makers need: the request, chance, the model that answers, and the blocks so far."""

    conversation: Conversation
    source: Source
    model: Model
    content: Content
    citable: Citable

    @property
    def index(self) -> int:
        """The index of the block that is being made."""
        return len(self.content.blocks)


def make_content(entries: list[JsonObject], conversation: Conversation, source: Source, model: Model) -> Content:
    """Return the blocks of rendered entries `{type: short or full}`."""
    content = Content()
    making = Making(conversation, source, model, content, Citable(conversation))
    for entry in entries:
        ((kind, value),) = entry.items()
        made = _MAKERS.get(kind, _verbatim)(kind, value, making)
        if made is None:
            continue
        block, deltas = made
        if deltas is not None:
            content.deltas[making.index] = deltas
        content.blocks.append(in_order(block))
    return content


_Made = tuple[JsonObject, list[str] | None]


def _deltas(written: str | list[str]) -> tuple[str, list[str] | None]:
    return (written, None) if isinstance(written, str) else ("".join(written), written)


def _text(_kind: str, value: Any, making: Making) -> _Made:
    full = value if isinstance(value, dict) else {"text": value}
    text, deltas = _deltas(full["text"])
    block: JsonObject = {"type": "text", "text": text}
    citations = full.get("citations")
    if citations == "auto":
        citations = making.citable.cite(text) or None
    if citations is not None:
        block["citations"] = citations
    return block, deltas


def _thinking(_kind: str, value: Any, making: Making) -> _Made | None:
    full = value if isinstance(value, dict) else {"thinking": value}
    if full.get("auto"):
        full = {"thinking": think(making.conversation, making.model, making.source, making.index)}
    if full["thinking"] is None:
        return None
    thinking, deltas = _deltas(full["thinking"])
    signature = full["signature"] if "signature" in full else sign(thinking, making.model.id)
    return {"type": "thinking", "thinking": thinking, "signature": signature}, deltas


def _redacted_thinking(_kind: str, value: Any, making: Making) -> _Made:
    data = value["data"] if value else making.source.redacted_data(making.index)
    return {"type": "redacted_thinking", "data": data}, None


def _tool_use(kind: str, value: JsonObject, making: Making) -> _Made:
    deltas = value.get("partial_json")
    block: JsonObject = {
        "type": kind,
        "id": value["id"] if "id" in value else making.source.block_id(ID_PREFIX[kind], making.index),
        "name": value["name"],
        "input": _input(value, making),
        "caller": value.get("caller", {"type": "direct"}),
    }
    if value.get("toolset_name"):
        block["toolset_name"] = value["toolset_name"]
    return block, deltas


def _input(value: JsonObject, making: Making) -> JsonObject:
    written = value.get("input")
    if written == "auto":
        return make_input(value["name"], making.conversation, making.source, making.index)
    if written is None and value.get("partial_json"):
        return _parsed("".join(value["partial_json"]))
    return written or {}


def _parsed(text: str) -> JsonObject:
    """Return what the deltas say; deltas that are no JSON (`eager_input_streaming`) say nothing."""
    try:
        parsed = from_json(text, allow_partial=True)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _verbatim(kind: str, value: JsonObject, making: Making) -> _Made:
    block: JsonObject = {"type": kind} | value
    if kind in ID_PREFIX:
        block.setdefault("id", making.source.block_id(ID_PREFIX[kind], making.index))
        block.setdefault("input", {})
    elif is_result(kind):
        answered = [b.get("tool_use_id") for b in making.content.blocks]
        calls = (b["id"] for b in making.content.blocks if b["type"] in SERVER_CALLS)
        waiting = next((call for call in calls if call not in answered), None)
        if waiting is not None:
            block.setdefault("tool_use_id", waiting)
    return block, None


def _fallback(kind: str, value: JsonObject, making: Making) -> _Made:
    asked = making.conversation.body.get("model")
    return {"type": kind, "from": {"model": asked}, "trigger": {"type": "refusal", "category": None}} | value, None


_MAKERS: Final[dict[str, Callable[[str, Any, Making], _Made | None]]] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": _redacted_thinking,
    "tool_use": _tool_use,
    "fallback": _fallback,
}


def stepped_in(entries: list[JsonObject]) -> str | None:
    """Return the model to which the last `fallback` of an answer hands over; None where it holds none."""
    found = None
    for entry in entries:
        to = entry.get("fallback", {}).get("to")
        found = to.get("model", found) if isinstance(to, dict) else found
    return found


# ------------------------------------------------------------------ inputs made from schemas

_TYPED_INPUTS: Final[dict[str, JsonObject]] = {
    "bash": {"command": "ls -la"},
    "str_replace_editor": {"command": "view", "path": "/"},
    "str_replace_based_edit_tool": {"command": "view", "path": "/"},
    "computer": {"action": "screenshot"},
    "memory": {"command": "view", "path": "/memories"},
}
"""Client tools whose schema the API knows and the request does not carry: an input that is valid for each."""


def make_input(name: str, conversation: Conversation, source: Source, index: int) -> JsonObject:
    """Return an input, for the block of that index, that satisfies the `input_schema` of the request's tool."""
    tool = next((t for t in conversation.tools if t.get("name") == name), {})
    if "input_schema" not in tool:
        return dict(_TYPED_INPUTS.get(name, {}))
    made = sample(tool["input_schema"], source, f"input{index}")
    return made if isinstance(made, dict) else {}
