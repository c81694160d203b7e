"""What a PDF says about itself: whether it is one, is encrypted, and how many pages it has. Not here: limits.

Read without a parser: pages are counted where they are named, also inside compressed object streams, which are unpacked
to a limit. What hides its pages deeper than that counts as one page.
"""

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

_HEADER: Final = re.compile(rb"%PDF-\d")
_HEADER_WITHIN: Final = 1024
_PAGE: Final = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_OBJECTS: Final = re.compile(rb"/Type\s*/ObjStm")
_STREAM: Final = re.compile(rb"stream\r?\n")
_END_OF_STREAM: Final = b"endstream"
_LONGEST_DICTIONARY: Final = 400
_TOKEN: Final = re.compile(rb"\(((?:[^()\\]++|\\.)*+)(\))?|(T[*dDmjJ'])|(BT(?=\s))|(ET(?!\S))", re.DOTALL)
"""A string that is shown (or only begun), an operator that ends a line or a word, the borders of a text.

Whatever it looks at, it takes: no byte is looked at twice, in whatever file.
"""

_MOST_STREAMS: Final = 10_000
_MOST_TOKENS: Final = 200_000
_MOST_UNPACKED: Final = 8 * 1024 * 1024
"""Bytes of all streams of a PDF together; what is packed deeper is not read."""
_ALWAYS_UNPACKED: Final = 64 * 1024
_DENSITY_OF_OBJECTS: Final = 32
_DENSITY_OF_TEXT: Final = 4
"""How many times its own size a PDF may unpack to: small files that unpack to very large ones hold nothing to read."""
_DENSEST: Final = 1032
"""How many times its own size a stream can unpack to (documentation of zlib)."""


class Pdf(NamedTuple):
    """Number of pages, and whether a password is asked for."""

    pages: int
    encrypted: bool


def read(data: bytes) -> Pdf | None:
    """Return what the bytes say; None where they are no PDF."""
    if not _HEADER.search(data, 0, _HEADER_WITHIN):
        return None
    parts = (data, *_streams(data, _DENSITY_OF_OBJECTS, _OBJECTS))
    return Pdf(max(sum(len(_PAGE.findall(part)) for part in parts), 1), b"/Encrypt" in data)


def text(data: bytes) -> str:
    """Return the text of a simple PDF: strings that its pages show, in the order of the file.

    Fonts with an encoding of their own, and text as glyph numbers, are not read.
    """
    return "".join(page_texts(data))


def page_texts(data: bytes) -> list[str]:
    """Return the text of each part of a simple PDF that shows any: a page, in most files."""
    shown = (b"".join(_shown(content)) for content in _streams(data, _DENSITY_OF_TEXT))
    return [part.decode("latin-1") for part in shown if part.strip()]


def _shown(content: bytes) -> Iterator[bytes]:
    """Yield the strings between `BT` and `ET` of a stream that is no image or font."""
    inside = False
    tokens = () if b"\0" in content else islice(_TOKEN.finditer(content), _MOST_TOKENS)
    for string, closed, moves, begins, ends in (token.groups() for token in tokens):
        inside = bool(begins) or (inside and not ends)
        if inside and (closed or moves):
            yield string if closed else b"\n"


def _streams(data: bytes, density: int, wanted: re.Pattern[bytes] | None = None) -> Iterator[bytes]:
    """Yield the streams, unpacked, up to the limits: all, or those with something wanted in their dictionary."""
    left, at = min(_ALWAYS_UNPACKED + density * len(data), _MOST_UNPACKED), 0
    for _ in range(_MOST_STREAMS):
        start = _STREAM.search(data, at)
        if start is None or left <= 0:
            return
        end = data.find(_END_OF_STREAM, start.end())
        end = len(data) if end < 0 else end
        dictionary = max(at, start.start() - _LONGEST_DICTIONARY)
        if wanted is None or wanted.search(data, dictionary, start.start()):
            unpacked, cost = _unpacked(data[start.end() : end], left)
            left -= cost
            yield unpacked
        at = end + len(_END_OF_STREAM)


def _unpacked(raw: bytes, limit: int) -> tuple[bytes, int]:
    """Return a stream, unpacked where it is packed, and the bytes that this may have cost at most."""
    if not _is_packed(raw):
        return raw, len(raw)
    try:
        unpacked = zlib.decompressobj().decompress(raw, limit)
    except zlib.error:
        return raw, min(limit, _DENSEST * len(raw))
    return unpacked, len(unpacked)


def _is_packed(raw: bytes) -> bool:
    """Whether the bytes begin with the two of zlib's header."""
    return len(raw) > 1 and raw[0] & 0x0F == zlib.DEFLATED and int.from_bytes(raw[:2], "big") % 31 == 0
