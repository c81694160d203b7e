"""Where an answer ends and what it says of that: the cuts in their order, then the stop reason and its details.

Not here: how a cut is made (`cutting`); what the author wrote instead (`render`).
"""

from typing import Final, NamedTuple

from mockserver.reply.blocks import Content
from mockserver.reply.cutting import limit_to, stop_at
from mockserver.wire.content import SERVER_CALLS
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject
from mockserver.wire.traits import Model


class Ending(NamedTuple):
    """`stop_reason` and `stop_sequence`."""

    reason: str
    sequence: str | None = None


REFUSED: Final[JsonObject] = {"type": "refusal", "category": None, "explanation": None}
"""`stop_details` of a refusal that falls into no named category (the SDK's types)."""


def end(
    content: Content, conversation: Conversation, model: Model, input_tokens: int, *, uncut: bool
) -> tuple[Content, Ending]:
    """Return what is left of the blocks and why it ends there; `uncut` leaves them whole unless `max_tokens` is 0."""
    sequence = None
    limit, reason = limit_of(conversation.max_tokens, model.context - input_tokens)
    if not uncut:
        content, sequence = stop_at(content, conversation.stop_sequences)
    if limit is not None and not (uncut and limit):
        content, was_cut = limit_to(content, limit, model)
        if was_cut:
            return content, Ending(reason)
    return content, Ending("stop_sequence", sequence) if sequence is not None else Ending(_said_all(content.blocks))


def limit_of(max_tokens: int | None, room: int) -> tuple[int | None, str]:
    """Return how many tokens may be written, and the stop reason where they are not enough.

    The model's window counts as a limit only where it has room at all: a longer prompt is refused, or let through by a
    server that was told not to judge.
    """
    if max_tokens is not None and 0 < room < max_tokens:
        return room, "model_context_window_exceeded"
    return max_tokens, "max_tokens"


def _said_all(blocks: list[JsonObject]) -> str:
    """Return the stop reason of an answer that nothing cut."""
    kinds = [block["type"] for block in blocks]
    if "tool_use" in kinds:
        return "tool_use"
    if kinds == ["compaction"]:
        return "compaction"
    return "pause_turn" if kinds and kinds[-1] in SERVER_CALLS else "end_turn"
