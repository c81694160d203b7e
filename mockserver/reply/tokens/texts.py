"""Texts: cut in pieces, and what each piece counts. Not here: the figures (`figures`), what a request adds (`prompt`).

A text is cut by one regular expression into what a tokenizer cuts before it merges: words with the space before them,
groups of digits, runs of punctuation, white space. A piece is of a kind (a lower-case word of up to seven letters),
and a kind has a figure. Pieces recur, so what one counts is looked up, and worked out for a new piece alone.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final

from mockserver.reply.tokens.figures import LONGEST_WORD, PIECES
from mockserver.wire.traits import Model, Tokenizer

_PIECE: Final = re.compile(
    rf" ?[a-z]{{1,{LONGEST_WORD}}}+"
    r"| ?[!-/:-@\[-`{-~]{1,6}+"
    rf"| ?[A-Z](?:[a-z]{{1,{LONGEST_WORD}}}+|[A-Z]{{0,7}}(?![a-z]))"
    r"|\d{1,3}+"
    r"| ?[^\W\d_]{1,2}+"
    r"|[^\w\s]{1,2}+"
    r"|\s{1,64}(?= \S)|\s{1,64}+",
)
"""Every character belongs to a piece: a letter, a digit, white space, or none. The usual pieces stand first."""

LONGEST_READ: Final = 300_000
"""Characters of one text that are cut in pieces, a third each of its beginning, middle and end; the rest is like them.

More would keep every other request waiting.
"""

_MOST_KNOWN: Final = 50_000
"""Pieces whose tokens are kept, about 5 MB."""


class _Known(dict[str, int]):
    """Piece -> its hundredths of a token, for one tokenizer. Whole numbers: sums do not depend on the order."""

    def __init__(self, figures: dict[str, float]) -> None:
        super().__init__()
        self._figures = figures

    def __missing__(self, piece: str) -> int:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        kind, times = kind_of(piece)
        found = self[piece] = round(100 * self._figures[kind] * times)
        return found


_HUNDREDTHS: Final[dict[Tokenizer, Callable[[str], int]]] = {
    tokenizer: _Known(figures).__getitem__ for tokenizer, figures in PIECES.items()
}


def pieces(text: str) -> list[str]:
    """Return the text in pieces of about one token each; joined they are the text."""
    return _PIECE.findall(text)


def count_text(text: str, model: Model) -> float:
    """Return the tokens of a text, not yet rounded; of a very long one, samples stand for all."""
    if len(text) > LONGEST_READ:
        return _count_samples(text, model)
    return sum(map(_HUNDREDTHS[model.tokenizer], _PIECE.findall(text))) / 100


def _count_samples(text: str, model: Model) -> float:
    length = LONGEST_READ // 3
    starts = (0, (len(text) - length) // 2, len(text) - length)
    return sum(count_text(text[at : at + length], model) for at in starts) * len(text) / (3 * length)


def cut(text: str, budget: int, model: Model) -> str:
    """Return the beginning of `text`, at a piece's border, that `budget` tokens pay for; one token pays for a piece."""
    found = pieces(text)
    sums = list(accumulate(map(_HUNDREDTHS[model.tokenizer], found)))
    paid = bisect_right(sums, 100 * budget)
    return "".join(found[: max(paid, min(budget, 1))])


def written(value: Any) -> str:
    """Return a JSON value as the prompt has it: a string bare, anything else as spaced JSON; what has none is empty."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):  # a number of thousands of digits, nested a thousand deep
        return ""


def kind_of(piece: str) -> tuple[str, float]:
    """Return the kind of a piece, a key of the table of figures, and how often the figure counts."""
    last = piece[-1]
    if last.isspace():
        return _white_space(piece)
    body = piece.lstrip(" ")
    space = " " if body != piece else ""
    if last.isdigit() and "0" <= last <= "9":
        return "digits", 1
    if not last.isascii():
        return _script(last), len(body)
    return _word(body, space) if last.isalpha() else _punctuation(body, space)


def _white_space(piece: str) -> tuple[str, float]:
    if piece == " ":
        return "space", 1
    lines = piece.count("\n")
    if lines == len(piece):
        return ("newline", 1) if lines == 1 else ("blank lines", max(1, lines / 4))
    return "indentation" if lines else "run", max(1, len(piece) / 16)


_SCRIPTS: Final = ((0x24F, "accented"), (0x52F, "greek"), (0x1DFF, "letter"), (0x1EFF, "accented"), (0x2FFF, "letter"),
                   (0x9FFF, "cjk"), (0xABFF, "letter"), (0xD7AF, "hangul"), (0x10FFFF, "letter"))  # fmt: skip
"""Last code point of a range of letters, and their kind; Cyrillic is with Greek."""
_LASTS: Final = [last for last, _ in _SCRIPTS]
_FIRST_EMOJI: Final = 0x1F000


def _script(character: str) -> str:
    if not character.isalnum():
        return "emoji" if ord(character) >= _FIRST_EMOJI else "symbol"
    return _SCRIPTS[bisect_left(_LASTS, ord(character))][1]


_REPEATED: Final = 8
"""Letters of one kind in a row that merge as no word does: three to a token."""

_LOWER: Final = {" ": (1, 2, 3, 4, 5, 7, 9, 11, 13), "": (1, 2, 3, 5, 7, 9)}
_UPPER: Final = (1, 2, 3, 5)
_TITLE: Final = (4, 7, 9)
_USUAL: Final = {" ": 14, "": 10, "upper": 6}
"""Letters of the usual long word; a longer one counts more."""


def _word(body: str, space: str) -> tuple[str, float]:
    length = len(body)
    if body.islower():
        if length >= _REPEATED and len(set(body)) == 1:
            return "repeated", length
        return _sized(f"{space}lower", length, _LOWER[space], _USUAL[space])
    if body.isupper():
        return _sized(f"{space}UPPER", length, _UPPER, _USUAL["upper"])
    return _sized(f"{space}Title", length, _TITLE, length)


def _sized(kind: str, length: int, sizes: tuple[int, ...], usual: int) -> tuple[str, float]:
    at = bisect_left(sizes, length)
    return (f"{kind} {sizes[at]}", 1) if at < len(sizes) else (f"{kind} L", length / usual)


_COMMON: Final = frozenset(".,:;'\"()-")
_RULE: Final = 4
"""Signs of one kind in a row that are a line, and one token."""


def _punctuation(body: str, space: str) -> tuple[str, float]:
    length = len(body)
    if length >= _RULE and len(set(body)) == 1:
        return "rule", 1
    if length == 1:
        return f"{space}punct {'common' if body in _COMMON else 'other'}", 1
    return f"{space}punct {length}", 1
