"""What the first bytes of an image say: its real type and its size. Not here: limits, tokens."""

import re
import struct
from collections.abc import Callable
from typing import Final, NamedTuple


class Image(NamedTuple):
    """The media type that the bytes have, and width and height in pixels."""

    media_type: str
    width: int
    height: int


_Reader = Callable[[bytes], tuple[int, int]]


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


_MARKER: Final = re.compile(rb"\xff+([^\xff])", re.DOTALL)
_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers whose segment holds the size."""


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while found := _MARKER.search(data, at):
        (length,) = struct.unpack_from(">H", data, found.end())
        if found[1][0] in _SIZES:
            height, width = struct.unpack_from(">HH", data, found.end() + 3)
            return width, height
        at = found.end() + max(length, 2)
    raise IndexError("a JPEG that ends before its size")


_EXTENDED_HEADER: Final = 30


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if data[8:12] != b"WEBP" or (kind == b"VP8X" and len(data) < _EXTENDED_HEADER):
        raise IndexError("no WebP, or one that ends before its size")
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    return width, height


_FORMATS: Final[tuple[tuple[bytes, str, _Reader], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", _png),
    (b"\xff\xd8\xff", "image/jpeg", _jpeg),
    (b"GIF8", "image/gif", _gif),
    (b"RIFF", "image/webp", _webp),
)
"""First bytes -> media type and how its size is read."""


def read(data: bytes) -> Image | None:
    """Return what the bytes are; None where they are no image of the four types, or end before the size."""
    for start, media_type, size in _FORMATS:
        if data.startswith(start):
            try:
                width, height = size(data)
            except (struct.error, IndexError):
                return None
            return Image(media_type, width, height)
    return None
