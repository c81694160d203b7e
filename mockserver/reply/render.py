"""The chosen turn and the request make a `Message`. Not here: streams (`plan`), errors, choosing.

Order: entries rendered, blocks made, cut, stop reason derived, usage counted, overrides laid over it.
"""

from dataclasses import dataclass, field

from mockserver.reply.blocks import Content, make_content
from mockserver.reply.caching import Charge
from mockserver.reply.cutting import limit_to, stop_at
from mockserver.reply.identifiers import Source
from mockserver.reply.tokens import count_output, count_thinking
from mockserver.reply.usage import input_counters, laid_over
from mockserver.scenario.answers import Usage
from mockserver.scenario.schema import Turn
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject
from mockserver.wire.messages import MESSAGE_ORDER, ordered
from mockserver.wire.registry import Registry
from mockserver.wire.traits import Model


@dataclass(frozen=True, slots=True)
class Answer:
    """A message, and by block index the deltas that the author wrote out.

    `model` is the one that answers; `cut` says whether `max_tokens` cut the last block; None where only the stop
    reason can tell.
    """

    message: JsonObject
    model: Model
    deltas: dict[int, list[str]] = field(default_factory=dict)
    cut: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is made for and from: the request, what its input costs, chance, and the models that there are."""

    conversation: Conversation
    charge: Charge
    source: Source
    models: Registry


def render(entries: list[JsonObject], turn: Turn, asked: Asked, *, uncut: bool = False) -> Answer:
    """Return the message of rendered entries; `uncut` leaves it whole unless `max_tokens` is 0."""
    conversation, source = asked.conversation, asked.source
    model = asked.models.find(turn.model or conversation.body.get("model"))
    content = make_content(entries, conversation, source, model)
    stop_sequence = None
    was_cut = False
    limit = conversation.max_tokens
    if not uncut:
        content, stop_sequence = stop_at(content, conversation.stop_sequences)
    if limit is not None and not (uncut and limit):
        content, was_cut = limit_to(content, limit, model)
    stop_reason, stop_sequence = ("max_tokens", None) if was_cut else _stop(content, stop_sequence)
    message: JsonObject = {
        "model": turn.model or model.id,
        "id": turn.id or source.message_id(),
        "type": "message",
        "role": "assistant",
        "content": content.blocks,
        "stop_reason": turn.stop_reason or stop_reason,
        "stop_sequence": turn.stop_sequence if turn.given("stop_sequence") else stop_sequence,
        "stop_details": turn.stop_details,
        "usage": _usage(content, turn.usage, asked, model),
    }
    cut = None if turn.stop_reason else content.cut
    return Answer(ordered(message, MESSAGE_ORDER), model, content.deltas, cut)


def _stop(content: Content, stop_sequence: str | None) -> tuple[str, str | None]:
    """Return the stop reason and sequence of an answer that `max_tokens` did not cut."""
    if stop_sequence is not None:
        return "stop_sequence", stop_sequence
    calls = any(block["type"] == "tool_use" for block in content.blocks)
    return "tool_use" if calls else "end_turn", None


def _usage(content: Content, override: Usage | None, asked: Asked, model: Model) -> JsonObject:
    limit, body = asked.conversation.max_tokens, asked.conversation.body
    choice = str((asked.conversation.tool_choice or {}).get("type"))
    output = count_output(content.blocks, model, choice)
    thinking = count_thinking(content.blocks, model)
    usage: JsonObject = input_counters(asked.charge) | {
        "output_tokens": output if limit is None else min(output, limit),
        "service_tier": "standard",
        "inference_geo": body.get("inference_geo") or model.inference_geo,
    }
    if model.counts_thinking or thinking:
        usage["output_tokens_details"] = {"thinking_tokens": min(thinking, usage["output_tokens"])}
    if searches := _server_tool_use(content):
        usage["server_tool_use"] = searches
    if body.get("speed"):
        usage["speed"] = body["speed"]
    return laid_over(usage, override)


def _server_tool_use(content: Content) -> JsonObject | None:
    """Count the web tools' calls, as usage does; None where neither was called."""
    names = [b.get("name") for b in content.blocks if b["type"] == "server_tool_use"]
    counts = {f"{name}_requests": names.count(name) for name in ("web_search", "web_fetch")}
    return counts if any(counts.values()) else None
