"""A request as the prompt that the model reads: its blocks in prefix order, tools, system, messages.

Not here: what a block weighs (`reply.tokens`), what of a prefix is cached (`reply.caching`). Nothing here raises on a
malformed body: what is no block is left out.

Source: documentation of prompt caching (order; a string is one text block; on models that do not keep it, thinking of
earlier turns is no part of the prompt) and of compaction (what stands before a compaction block is none, either).
"""

from collections.abc import Iterator
from functools import partial
from typing import Final, Literal, NamedTuple

from mockserver.wire.content import THINKING_TYPES, blocks_of
from mockserver.wire.encoding import JsonObject
from mockserver.wire.parts import noted
from mockserver.wire.traits import Model

Section = Literal["tools", "system", "messages"]


class PromptBlock(NamedTuple):
    """One block of the prompt: its section, the role of its message (empty outside of messages), and itself.

    `message` is the index of its message in the request; -1 for tools and the system prompt.
    """

    section: Section
    role: str
    message: int
    block: JsonObject


class Trace(NamedTuple):
    """What cache diagnostics keep of a request: hashes of its parts, and the tokens that it had in the cache.

    `model` is the model's id and the speed; `messages` are the hashes of the messages, one behind the
    other.
    """

    model: tuple[str, str]
    tools: bytes
    system: bytes
    messages: bytes
    parameters: bytes
    cached: int


def prompt_blocks(body: JsonObject, model: Model) -> list[PromptBlock]:
    """Return the blocks of the prompt in prefix order.

    Left out is what the model does not read: thinking that it does not keep, and messages that were compacted.
    """
    tools = [PromptBlock("tools", "", -1, tool) for tool in blocks_of(body.get("tools"))]
    system = [PromptBlock("system", "", -1, block) for block in blocks_of(body.get("system"))]
    return [*tools, *system, *_of_messages(body, model)]


def _of_messages(body: JsonObject, model: Model) -> Iterator[PromptBlock]:
    messages = blocks_of(body.get("messages"))
    kept_from = 0 if model.keeps_thinking else _current_turn(messages)
    begins, at = _last_compaction(messages)
    for index, message in enumerate(messages[begins:], start=begins):
        role = str(message.get("role", ""))
        for block in blocks_of(message.get("content"))[at:]:
            if index >= kept_from or block.get("type") not in THINKING_TYPES:
                yield PromptBlock("messages", role, index, block)
        at = 0


def _last_compaction(messages: list[JsonObject]) -> tuple[int, int]:
    """Return where the last compaction block with content stands (message, position); what is before it is dropped."""
    found = (
        (index, position)
        for index, message in enumerate(messages)
        for position in noted(message, _compactions, partial(_compactions, message))
    )
    return max(found, default=(0, 0))


def _compactions(message: JsonObject) -> list[int]:
    """Return where in a message compaction blocks with content stand."""
    blocks = enumerate(blocks_of(message.get("content")))
    return [place for place, block in blocks if block.get("type") == "compaction" and block.get("content")]


def _current_turn(messages: list[JsonObject]) -> int:
    """Return the index of the last user message that is more than tool results: thinking before it is dropped."""
    prompts = (i for i, message in enumerate(messages) if message.get("role") == "user" and not _is_results(message))
    return max(prompts, default=0)


def _is_results(message: JsonObject) -> bool:
    return any(block.get("type") == "tool_result" for block in blocks_of(message.get("content")))


def marks_of(block: JsonObject) -> list[str]:
    """Return the lifetimes (`5m`, `1h`) of the `cache_control` marks on a block and inside a tool_result.

    A mark inside a tool_result's content counts as the result's own (recorded, probed 2026-09).
    """
    return noted(block, marks_of, lambda: _marks_of(block))


def _marks_of(block: JsonObject) -> list[str]:
    own = [block] if block.get("type") != "tool_result" else [block, *blocks_of(block.get("content"))]
    controls = (b.get("cache_control") for b in own)
    return [str(c.get("ttl") or SHORT_LIFE) for c in controls if isinstance(c, dict)]


SHORT_LIFE: Final = "5m"
LONG_LIFE: Final = "1h"
"""Values of `cache_control.ttl`; the first is the default."""
