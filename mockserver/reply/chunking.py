"""How a text is cut into deltas. Not here: the pauses between them, which are none yet.

The sizes of `token`, the default, follow recorded streams: text deltas have the model's median length, the first
two of a block are shorter; pieces of a tool's JSON have 1 to 21 characters, median 7, cut anywhere.
"""

import random
from collections.abc import Callable
from typing import Final

from mockserver.reply.tokens import pieces as tokens_of
from mockserver.wire.traits import Model

Chunk = str | int
"""`word`, `char`, `token`, `message`, or a number of characters."""

_JSON_SIZES: Final = (1, 3, 5, 6, 7, 7, 8, 9, 11, 14, 21)
"""Lengths of recorded `partial_json` pieces, at equal shares."""

_SPREAD: Final = (0.3, 0.5, 0.8, 1.0, 1.0, 1.3, 1.9, 2.8)
"""Lengths of recorded text deltas as multiples of the model's median, at equal shares."""


def cut_text(text: str, chunk: Chunk, model: Model, chance: random.Random) -> list[str]:
    """Return the deltas of a text or of thinking; joined they are the text."""
    if isinstance(chunk, int):
        return _by_length(text, chunk)
    return _CUTS[chunk](text, model, chance)


def cut_json(text: str, chunk: Chunk, chance: random.Random) -> list[str]:
    """Return the deltas of a tool's input, cut anywhere."""
    if chunk == "message":
        return [text] if text else []
    if chunk in ("token", "word"):
        return _by_sizes(text, lambda: chance.choice(_JSON_SIZES))
    return _by_length(text, 1 if isinstance(chunk, str) else chunk)


def _by_length(text: str, length: int) -> list[str]:
    return [text[i : i + length] for i in range(0, len(text), length)]


def _by_sizes(text: str, size: Callable[[], int]) -> list[str]:
    parts, at = [], 0
    while at < len(text):
        end = at + size()
        parts.append(text[at:end])
        at = end
    return parts


def _words(text: str, _model: Model, _chance: random.Random) -> list[str]:
    words: list[str] = []
    for piece in tokens_of(text):
        if words and not piece[0].isspace() and not words[-1][-1].isspace():
            words[-1] += piece
        else:
            words.append(piece)
    return words


def _tokens(text: str, model: Model, chance: random.Random) -> list[str]:
    median = model.delta_chars
    parts: list[str] = []
    full = True
    for piece in tokens_of(text):
        if full:
            parts.append("")
            early = 0.5 if len(parts) <= 2 else 1.0  # noqa: PLR2004 - the first two deltas are shorter
            want = median * chance.choice(_SPREAD) * early
        parts[-1] += piece
        full = len(parts[-1]) >= want
    return parts


_CUTS: Final[dict[str, Callable[[str, Model, random.Random], list[str]]]] = {
    "char": lambda text, *_: list(text),
    "message": lambda text, *_: [text] if text else [],
    "word": _words,
    "token": _tokens,
}
