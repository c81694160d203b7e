"""The chosen turn and the request make a `Message`. Not here: streams (`plan`), errors, choosing.

Order: entries rendered, blocks made, cut, stop reason derived, usage counted, thinking hidden.
"""

from dataclasses import field
from datetime import datetime

from mockserver.reply.blocks import Content, make_content, stepped_in
from mockserver.reply.caching import Charge
from mockserver.reply.container import container_of
from mockserver.reply.ending import REFUSED, end, limit_of
from mockserver.reply.identifiers import Source
from mockserver.reply.thinking import is_shown
from mockserver.reply.tokens import count_output, count_thinking
from mockserver.reply.usage import input_counters
from mockserver.scenario.schema import Turn
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen
from mockserver.wire.messages import MESSAGE_ORDER, USAGE_ORDER, ordered
from mockserver.wire.registry import Registry
from mockserver.wire.traits import Model


@frozen
class Answer:
    """A message, and by block index the deltas that the author wrote out.

    `model` is the one that answers; `cut` says whether `max_tokens` cut the last block; None where only the stop
    reason can tell.
    """

    message: JsonObject
    model: Model
    deltas: dict[int, list[str]] = field(default_factory=dict)
    cut: bool | None = None


@frozen
class Asked:
    """What an answer is made for and from: the request, what its input costs, chance, the models, and the time."""

    conversation: Conversation
    charge: Charge
    source: Source
    models: Registry
    now: datetime
    service_tier: str = "standard"


def render(entries: list[JsonObject], turn: Turn, asked: Asked, *, uncut: bool = False) -> Answer:
    """Return the message of rendered entries; `uncut` leaves it whole unless `max_tokens` is 0."""
    conversation, source = asked.conversation, asked.source
    served = turn.model or stepped_in(entries)
    model = asked.models.find(served or conversation.body.get("model"))
    content = make_content(entries, conversation, source, model)
    content, ending = end(content, conversation, model, asked.charge.total, uncut=uncut)
    usage = _usage(content, asked, model)
    if not is_shown(conversation, model):
        content.hide_thinking()
    reason = turn.stop_reason or ending.reason
    message: JsonObject = {
        "model": turn.model or model.id,
        "id": turn.id or source.message_id(),
        "type": "message",
        "role": "assistant",
        "content": content.blocks,
        "stop_reason": reason,
        "stop_sequence": turn.stop_sequence if turn.given("stop_sequence") else ending.sequence,
        "stop_details": _details(turn, reason),
        "usage": usage,
    }
    if container := _container(content, turn, asked):
        message["container"] = container
    cut = None if turn.stop_reason else content.cut
    return Answer(ordered(message, MESSAGE_ORDER), model, content.deltas, cut)


def _details(turn: Turn, reason: str) -> JsonObject | None:
    """Return the details of a refusal, what the author gave of them first; else what the author gave."""
    if reason != "refusal" or (turn.given("stop_details") and turn.stop_details is None):
        return turn.stop_details
    return REFUSED | (turn.stop_details or {})


def _container(content: Content, turn: Turn, asked: Asked) -> JsonObject | None:
    if turn.given("container"):
        return turn.container
    return container_of(content.blocks, asked.conversation, asked.source, asked.now)


def _usage(content: Content, asked: Asked, model: Model) -> JsonObject:
    body = asked.conversation.body
    limit, _ = limit_of(asked.conversation.max_tokens, model.context - asked.charge.total)
    choice = str((asked.conversation.tool_choice or {}).get("type"))
    output = count_output(content.blocks, model, choice)
    thinking = count_thinking(content.blocks, model)
    usage: JsonObject = input_counters(asked.charge) | {
        "output_tokens": output if limit is None else min(output, limit),
        "service_tier": asked.service_tier,
        "inference_geo": geo if isinstance(geo := body.get("inference_geo"), str) else model.inference_geo,
    }
    if model.counts_thinking or thinking:
        usage["output_tokens_details"] = {"thinking_tokens": min(thinking, usage["output_tokens"])}
    if searches := _server_tool_use(content):
        usage["server_tool_use"] = searches
    if isinstance(speed := body.get("speed"), str):
        usage["speed"] = speed
    return ordered(usage, USAGE_ORDER)


def _server_tool_use(content: Content) -> JsonObject | None:
    """Count the web tools' calls, as usage does; None where neither was called."""
    names = [b.get("name") for b in content.blocks if b["type"] == "server_tool_use"]
    counts = {f"{name}_requests": names.count(name) for name in ("web_search", "web_fetch")}
    return counts if any(counts.values()) else None
