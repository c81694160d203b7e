"""How a text is cut into deltas. Not here: the pauses between them.

The sizes of `token`, the default, follow recorded streams: those of texts and of thinking are the model's (`traits`),
those of a tool's JSON are the same for all. The first delta of a text is shorter. Most deltas end where a word does,
one in eight within it; JSON is cut anywhere.
"""

import random
from bisect import bisect
from collections.abc import Callable
from itertools import accumulate
from typing import Final

from mockserver.reply.tokens import pieces as tokens_of
from mockserver.wire.traits import Sizes

Chunk = str | int
"""`word`, `char`, `token`, `message`, or a number of characters."""

JSON_DELTAS: Final[Sizes] = (2, 4, 7, 9, 11, 21)
"""Sizes of recorded pieces of `partial_json` (16,162 of them)."""

_SHARES: Final = (0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1)
_LONGEST: Final = 1.2
"""What the longest delta has of those that 99 % do not exceed."""

FIRST: Final = 0.5
"""What the first delta of a text has of the others: 5 of 10 characters in the middle, over all models."""

INSIDE: Final = 0.12
"""Share of text deltas that end inside a word (767 of 6,270 borders)."""


def cut_text(text: str, chunk: Chunk, sizes: Sizes, chance: random.Random) -> list[str]:
    """Return the deltas of a text or of thinking; joined they are the text."""
    if isinstance(chunk, int):
        return _by_length(text, chunk)
    return _CUTS[chunk](text, sizes, chance)


def cut_json(text: str, chunk: Chunk, chance: random.Random) -> list[str]:
    """Return the deltas of a tool's input, cut anywhere."""
    if chunk == "message":
        return [text] if text else []
    if chunk in ("token", "word"):
        return _anywhere(text, JSON_DELTAS, chance)
    return _by_length(text, 1 if isinstance(chunk, str) else chunk)


def _by_length(text: str, length: int) -> list[str]:
    return [text[i : i + length] for i in range(0, len(text), length)]


def _size(sizes: Sizes, chance: random.Random) -> float:
    """Return a size that chance takes from the distribution: between its known points every size is as likely."""
    points = (0, *sizes, sizes[-1] * _LONGEST)
    share = chance.random()
    above = bisect(_SHARES, share)
    low, high = _SHARES[above - 1], _SHARES[above]
    return points[above - 1] + (points[above] - points[above - 1]) * (share - low) / (high - low)


def _anywhere(text: str, sizes: Sizes, chance: random.Random) -> list[str]:
    parts, at = [], 0
    while at < len(text):
        end = at + max(1, round(_size(sizes, chance)))
        parts.append(text[at:end])
        at = end
    return parts


def _words(text: str, _sizes: Sizes, _chance: random.Random) -> list[str]:
    words: list[str] = []
    for piece in tokens_of(text):
        if words and not piece[0].isspace() and not words[-1][-1].isspace():
            words[-1] += piece
        else:
            words.append(piece)
    return words


def _tokens(text: str, sizes: Sizes, chance: random.Random) -> list[str]:
    """Return deltas of the model's sizes; but for a few they end at the nearest border of a word."""
    borders = list(accumulate(map(len, tokens_of(text))))
    parts: list[str] = []
    at = 0
    while at < len(text):
        size = _size(sizes, chance) * (1 if parts else FIRST)
        end = min(len(text), at + max(1, round(size)))
        if chance.random() >= INSIDE:
            end = _nearest(borders, end, at)
        parts.append(text[at:end])
        at = end
    return parts


def _nearest(borders: list[int], end: int, begin: int) -> int:
    """Return the border that is nearest to `end`, of those behind `begin`; the text's own end is always one."""
    above = bisect(borders, end)
    near = [border for border in borders[max(0, above - 1) : above + 1] if border > begin]
    return min(near, key=lambda border: abs(border - end))


_CUTS: Final[dict[str, Callable[[str, Sizes, random.Random], list[str]]]] = {
    "char": lambda text, *_: list(text),
    "message": lambda text, *_: [text] if text else [],
    "word": _words,
    "token": _tokens,
}
