"""What a PDF says about itself: whether it is one, is encrypted, and how many pages it has. Not here: limits.

Read without a parser: pages are counted where they are named, also inside compressed object streams, which are unpacked
to a limit. What hides its pages deeper than that counts as one page.
"""

import contextlib
import re
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

_HEADER: Final = re.compile(rb"%PDF-\d")
_HEADER_WITHIN: Final = 1024
_PAGE: Final = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_OBJECTS: Final = re.compile(rb"/Type\s*/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
_MOST_UNPACKED: Final = 8 * 1024 * 1024
"""Bytes of all streams of a PDF together; what is packed deeper is not read."""
_ALWAYS_UNPACKED: Final = 64 * 1024
_DENSITY_OF_OBJECTS: Final = 32
_DENSITY_OF_TEXT: Final = 4
"""How many times its own size a PDF may unpack to: small files that unpack to very large ones hold nothing to read."""


def _limit(data: bytes, density: int) -> int:
    """Return the number of bytes to which a PDF's streams are unpacked."""
    return min(_ALWAYS_UNPACKED + density * len(data), _MOST_UNPACKED)


class Pdf(NamedTuple):
    """Number of pages, and whether a password is asked for."""

    pages: int
    encrypted: bool


def read(data: bytes) -> Pdf | None:
    """Return what the bytes say; None where they are no PDF."""
    if not _HEADER.search(data, 0, _HEADER_WITHIN):
        return None
    pages = sum(len(_PAGE.findall(part)) for part in (data, *_object_streams(data)))
    return Pdf(max(pages, 1), b"/Encrypt" in data)


def _object_streams(data: bytes) -> Iterator[bytes]:
    left = _limit(data, _DENSITY_OF_OBJECTS)
    for found in _OBJECTS.finditer(data):
        if left <= 0:
            return
        with contextlib.suppress(zlib.error):
            unpacked = zlib.decompressobj().decompress(memoryview(data)[found.end() :], left)
            left -= len(unpacked)
            yield unpacked


_STREAM: Final = re.compile(rb"stream\r?\n")
_SHOWN: Final = re.compile(rb"\(((?:[^()\\]|\\.)*)\)|(T[*dDmjJ'])", re.DOTALL)
"""A string that is shown, or an operator that ends a line or a word of them."""
_BEGIN_TEXT: Final = re.compile(rb"(?<!\S)BT\s")
_MOST_STREAMS: Final = 10_000


def text(data: bytes) -> str:
    """Return the text of a simple PDF: strings that its pages show, in the order of the file.

    Fonts with an encoding of their own, and text as glyph numbers, are not read.
    """
    return "".join(page_texts(data))


def page_texts(data: bytes) -> list[str]:
    """Return the text of each part of a simple PDF that shows any: a page, in most files."""
    shown = (b"".join(_shown(content)) for content in _contents(data))
    return [part.decode("latin-1") for part in shown if part.strip()]


def _shown(content: bytes) -> Iterator[bytes]:
    """Yield the strings between `BT` and `ET` of a stream that is no image or font."""
    end = -1 if b"\0" in content else 0
    while end >= 0 and (start := _BEGIN_TEXT.search(content, end)):
        end = content.find(b"ET", start.end())
        if end >= 0:
            yield from (found[1] or b"\n" for found in _SHOWN.finditer(content[start.end() : end]))


def _contents(data: bytes) -> Iterator[bytes]:
    """Yield the streams, unpacked, up to the limits."""
    left, at = _limit(data, _DENSITY_OF_TEXT), 0
    for _ in range(_MOST_STREAMS):
        start = _STREAM.search(data, at)
        if start is None or left <= 0:
            return
        at = data.find(b"endstream", start.end())
        if at < 0:
            return
        raw = data[start.end() : at]
        with contextlib.suppress(zlib.error):
            raw = zlib.decompressobj().decompress(raw, left)
        left -= len(raw)
        yield raw
        at += len(b"endstream")
