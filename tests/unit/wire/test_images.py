"""Images: type and size from the first bytes, whatever the bytes are."""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.wire.images import Image, read


def png(width, height):
    return b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", width, height)


def gif(width, height, version=b"GIF89a"):
    return version + struct.pack("<HH", width, height)


def segment(marker, content, length=None):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2 if length is None else length) + content


def frame(width, height, marker=0xC0):
    """The segment of a JPEG that holds its size."""
    return segment(marker, b"\x08" + struct.pack(">HH", height, width))


def jpeg(*segments):
    return b"\xff\xd8" + b"".join(segments)


APP0 = segment(0xE0, b"JFIF\0")
TABLE = segment(0xC4, b"\0" * 20)


def webp(kind, content):
    return b"RIFF\0\0\0\0WEBP" + kind + struct.pack("<I", len(content)) + content


def lossy(width, height):
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def lossless(width, height):
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (height - 1) << 14 | (width - 1)))


def extended(width, height):
    return webp(b"VP8X", b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


IMAGES = {
    "PNG": (png(640, 480), "image/png", 640, 480),
    "GIF 89a": (gif(640, 480), "image/gif", 640, 480),
    "GIF 87a": (gif(640, 480, b"GIF87a"), "image/gif", 640, 480),
    "JPEG": (jpeg(APP0, frame(640, 480)), "image/jpeg", 640, 480),
    "progressive JPEG behind tables": (jpeg(APP0, TABLE, frame(640, 480, 0xC2)), "image/jpeg", 640, 480),
    "JPEG with other tables": (
        jpeg(segment(0xC8, b"\0" * 9), segment(0xCC, b"\0" * 9), frame(640, 480)),
        "image/jpeg",
        640,
        480,
    ),
    "JPEG with a fill byte": (jpeg(APP0, b"\xff", frame(640, 480)), "image/jpeg", 640, 480),
    "JPEG with fill bytes": (jpeg(APP0, b"\xff\xff", frame(640, 480)), "image/jpeg", 640, 480),
    "JPEG with a segment of no length": (jpeg(segment(0xE0, b"", length=0), frame(640, 480)), "image/jpeg", 640, 480),
    "WebP, lossy": (lossy(640, 480), "image/webp", 640, 480),
    "WebP, lossy and scaled": (lossy(640 | 0x4000, 480 | 0x8000), "image/webp", 640, 480),
    "WebP, lossless": (lossless(640, 480), "image/webp", 640, 480),
    "WebP, the largest lossless": (lossless(16384, 16384), "image/webp", 16384, 16384),
    "WebP, extended": (extended(640, 70_000), "image/webp", 640, 70_000),
}


@pytest.mark.parametrize(("data", "media_type", "width", "height"), IMAGES.values(), ids=IMAGES)
def test_an_image_says_its_type_and_size(data, media_type, width, height):
    assert read(data) == Image(media_type, width, height)
    assert read(data + b"more") == Image(media_type, width, height)


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_that_ends_before_its_size_is_none(name):
    data = IMAGES[name][0]
    assert [length for length in range(len(data)) if read(data[:length]) is not None] == []


NO_IMAGES = [
    b"",
    b"text",
    b"%PDF-1.7",
    b"BM\0\0\0\0",
    b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 20,
    b"\x89PNG",
    b"\xff\xd8",
    jpeg(APP0, TABLE),
    jpeg(b"\xff" * 50),
    b"<svg/>",
]


@pytest.mark.parametrize("data", NO_IMAGES)
def test_other_bytes_are_none(data):
    assert read(data) is None


STARTS = st.sampled_from(
    [b"", png(1, 1)[:8], b"\xff\xd8\xff", b"GIF8", b"RIFF", b"RIFF\0\0\0\0WEBPVP8X", b"RIFF\0\0\0\0WEBPVP8L"]
)


@given(STARTS, st.binary(max_size=100))
@example(b"\xff\xd8\xff", b"\xe0\xff\xff")
def test_any_bytes_are_read_or_refused(start, rest):
    image = read(start + rest)
    assert image is None or (image.media_type.startswith("image/") and image.width >= 0 <= image.height)
