"""The token estimator: how many tokens a text, a request or an answer has. Deterministic, without a vocabulary.

Not here: the prompt cache. The structural figures are fitted to recorded usage (one user message costs 7 tokens and
its text; tools cost 495 once on the 4.5 and 4.6 models; an answer costs its text and 3); the text itself is counted
in pieces of about one token.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from mockserver.wire.content import ID_PREFIX, blocks_of, text_of
from mockserver.wire.encoding import JsonObject, encode, spaced
from mockserver.wire.prefix import PromptBlock, prompt_blocks
from mockserver.wire.traits import Model, Tokenizer

_PIECE: Final = re.compile(
    r" ?[^\W\d_]{1,9}|[^\W\d_]+"  # a word, with the space before it; a long one in several pieces
    r"|\d{1,3}| ?(?:[^\w\s]|_)+|\s+?(?=\s\S)|\s+",
)

PER_PIECE: Final[dict[Tokenizer, float]] = {"old": 1.08, "new": 1.42}
"""Tokens a piece: the newer tokenizer makes about 30 % more of the same text."""

LONGEST_READ: Final = 400_000
"""Characters of one text that are cut in pieces; more would keep every other request waiting."""

FIRST_MESSAGE: Final = 7
NEXT_MESSAGE: Final = 4
ANSWER: Final = 3
TOOLS: Final[dict[Tokenizer, int]] = {"old": 495, "new": 290}
PER_TOOL: Final = 7.5
CALL: Final = 12
IMAGE: Final = 1500
DOCUMENT: Final = 1600


def pieces(text: str) -> list[str]:
    """Return the text in pieces of about one token each; joined they are the text."""
    return _PIECE.findall(text)


def count_text(text: str, model: Model) -> float:
    """Return the tokens of a text, not yet rounded; of a very long one the beginning is counted and stands for all."""
    read = text[:LONGEST_READ]
    scale = len(text) / len(read) if len(text) > len(read) else 1
    return len(pieces(read)) * PER_PIECE[model.tokenizer] * scale


def cut(text: str, budget: int, model: Model) -> str:
    """Return the beginning of `text`, at a piece's border, that `budget` tokens pay for; one token pays for a piece."""
    paid = int(budget / PER_PIECE[model.tokenizer])
    return "".join(pieces(text)[: max(paid, min(budget, 1))])


def count_input(body: JsonObject, model: Model) -> int:
    """Return the input tokens of a request body."""
    total: float = FIRST_MESSAGE + count_text(text_of(body.get("system")), model)
    messages = blocks_of(body.get("messages"))
    total += NEXT_MESSAGE * max(0, len(messages) - 1)
    total += sum(_count_block(b, model) for m in messages for b in blocks_of(m.get("content")))
    if tools := blocks_of(body.get("tools")):
        total += TOOLS[model.tokenizer]
        total += sum(PER_TOOL + count_text(encode(tool).decode(), model) for tool in tools)
    return ceil(total)


def count_output(content: list[JsonObject], model: Model) -> int:
    """Return the output tokens of an answer's blocks; 0 where there are none."""
    return ceil(ANSWER + sum(count_answer_block(b, model) for b in content)) if content else 0


def count_thinking(content: list[JsonObject], model: Model) -> int:
    """Return the output tokens that are thinking."""
    return ceil(sum(count_answer_block(b, model) for b in content if b["type"] == "thinking"))


def count_answer_block(block: JsonObject, model: Model) -> float:
    """Return the output tokens of one block; what the API's own tools returned was not written by the model."""
    written = block["type"] in ("text", "thinking") or block["type"] in ID_PREFIX
    return _count_block(block, model) if written else 0


def _count_block(block: JsonObject, model: Model) -> float:
    kind = str(block.get("type"))
    if kind in ("image", "document"):
        return IMAGE if kind == "image" else DOCUMENT
    if kind in ID_PREFIX:
        return CALL + count_text(f"{block.get('name')}{spaced(block.get('input'))}", model)
    extra = CALL if kind == "tool_result" else 0
    return extra + sum(count_text(text, model) for text in _texts(block))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts that a block holds, at any depth; keys, types, ids and signatures are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key in ("text", "thinking", "content", "title", "source"):
            yield from _texts(value.get(key))


@dataclass(frozen=True, slots=True)
class Weight:
    """What a request weighs: its prompt's blocks, the tokens up to and with each, and all its input tokens."""

    blocks: list[PromptBlock]
    upto: list[int]
    total: int


def weigh(body: JsonObject, model: Model) -> Weight:
    """Return what a request weighs."""
    blocks = prompt_blocks(body, model)
    upto: list[int] = []
    total: float = FIRST_MESSAGE + (TOOLS[model.tokenizer] if any(b.section == "tools" for b in blocks) else 0)
    for b in blocks:
        total += _count_block(b.block, model) if b.section != "tools" else count_text(encode(b.block).decode(), model)
        upto.append(ceil(total))
    return Weight(blocks, upto, ceil(total) + 3)
