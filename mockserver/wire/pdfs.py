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
"""Bytes of all object streams together; what is packed deeper counts no pages."""


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
    left = _MOST_UNPACKED
    for found in _OBJECTS.finditer(data):
        if left <= 0:
            return
        with contextlib.suppress(zlib.error):
            unpacked = zlib.decompressobj().decompress(memoryview(data)[found.end() :], left)
            left -= len(unpacked)
            yield unpacked
