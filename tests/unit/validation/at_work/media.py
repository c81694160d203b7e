"""Images and PDFs in a request."""

import base64
import struct
import zlib

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import OLD, Works, ask, block

MEGABYTE = 1024 * 1024
SIZE = "At least one of the image dimensions exceed max allowed size"
FORMAT = "The file format is invalid or unsupported"
FIRST = "messages.0.content.0"
IMAGE = f"{FIRST}.image.source.base64"
PDF = f"{FIRST}.pdf.source.base64.data"


def png(width=1, height=1):
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def encoded(data):
    return base64.b64encode(data).decode()


def shown(data, media_type="image/png"):
    """An image block; bytes are encoded, a string is taken as it is."""
    words = data if isinstance(data, str) else encoded(data)
    return block("image", source=block("base64", media_type=media_type, data=words))


def addressed(kind="image", url="https://a.example/a"):
    return block(kind, source=block("url", url=url))


def read(data):
    words = data if isinstance(data, str) else encoded(data)
    return block("document", source=block("base64", media_type="application/pdf", data=words))


def holding(*blocks):
    """A document that holds blocks."""
    return block("document", source=block("content", content=[*blocks]))


def pdf(pages, *, packed=False, more=b""):
    """A PDF of so many pages; `packed`: they stand in a compressed object stream."""
    listed = b"<</Type /Page /Parent 1 0 R>>" * pages
    if packed:
        listed = b"9 0 obj <</Type /ObjStm /Filter /FlateDecode>>\nstream\n" + zlib.compress(listed) + b"\nendstream"
    return b"%PDF-1.7\n1 0 obj <</Type /Pages>> endobj\n" + listed + more


def asked(*blocks, **more):
    return ask(user([*blocks]), **more)


def resulting(*blocks):
    """Blocks inside a tool's result."""
    return ask("a", assistant([tool_use()]), user([tool_result([*blocks])]))


def _long_image(characters):
    words = encoded(png())
    return shown(words + "A" * (characters - len(words)))


def _pages(most):
    return f"{PDF}: A maximum of {most} PDF pages may be provided."


ROWS = {
    "count": Works(
        refused=[
            (asked(*[addressed()] * 101, model=OLD), "too many images and documents: 101 + 0 > 100"),
            (asked(*[addressed()] * 601), "too many images and documents: 601 + 0 > 600"),
            (resulting(*[addressed()] * 601), "too many images and documents: 601 + 0 > 600"),
            (asked(*[addressed()] * 60, *[addressed("document")] * 41, model=OLD), "too many images and documents: 60 + 41 > 100"),
            (asked(holding(*[addressed()] * 600)), "too many images and documents: 600 + 1 > 600"),
        ],
        accepted=[
            asked(*[addressed()] * 100, model=OLD),
            asked(*[addressed()] * 600),
            asked(*[addressed()] * 60, *[addressed("document")] * 40, model=OLD),
            resulting(*[addressed()] * 600),
        ],
    ),
    "image_data": Works(
        refused=[
            (asked(shown("")), f"{IMAGE}: image cannot be empty"),
            (
                lambda: asked(_long_image(10 * MEGABYTE + 4)),
                f"{IMAGE}: image exceeds 10 MB maximum: 10485764 bytes > 10485760 bytes",
            ),
            (asked(shown("a")), f"{IMAGE}: invalid base64 data"),
            (asked(shown("ä===")), f"{IMAGE}: invalid base64 data"),
            (asked(shown(b"text")), "Could not process image"),
            (asked(shown(png()[:20])), "Could not process image"),
            (
                asked(shown(png(), "image/jpeg")),
                f"{IMAGE}: The image was specified using the image/jpeg media type, "
                "but the image appears to be a image/png image",
            ),
            (asked(shown(png(8001, 1))), f"{IMAGE}.data: {SIZE}: 8000 pixels"),
            (asked(shown(png(1, 8001))), f"{IMAGE}.data: {SIZE}: 8000 pixels"),
            (
                asked(*[shown(png())] * 20, shown(png(1, 2001))),
                f"messages.0.content.20.image.source.base64.data: {SIZE} for many-image requests: 2000 pixels",
            ),
            (
                asked(*[addressed()] * 20, shown(png(1, 2001))),
                f"messages.0.content.20.image.source.base64.data: {SIZE} for many-image requests: 2000 pixels",
            ),
            (resulting(shown(png()), shown("")), "messages.2.content.0.tool_result.content.1.image.source.base64: image cannot be empty"),
            (
                asked(addressed("document"), holding(shown(""))),
                "messages.0.content.1.document.source.content.content.0.image.source.base64: image cannot be empty",
            ),
        ],
        accepted=[
            asked(shown("\n".join(encoded(png()).partition("R")) + "\n")),
            lambda: asked(_long_image(10 * MEGABYTE)),
            asked(shown(png(8000, 8000))),
            asked(*[shown(png())] * 19, shown(png(1, 2001))),
            asked(*[shown(png())] * 20, shown(png(2000, 2000))),
            resulting(shown(png())),
            asked(holding(shown(png())), addressed()),
            asked(block("document", source=block("content", content="a"))),
            ask("a", assistant([tool_use()]), user([tool_result("b")])),
        ],
    ),
    "document_urls": Works(
        refused=[
            (asked(addressed("document", "https://a.example/a.TXT?b=c.pdf")), f"{FIRST}.image.source.base64.data: {FORMAT}"),
            (resulting(addressed("document", "https://a.example/a.docx")), f"messages.2.content.0.tool_result.content.0.image.source.base64.data: {FORMAT}"),
        ],
        accepted=[
            asked(addressed("document", "https://a.example/a.pdf?b=c.txt")),
            asked(addressed("document", "https://a.example/txt")),
            asked(addressed("image", "https://a.example/a.txt")),
            asked(addressed("document", "https://[a")),
        ],
    ),
    "pdf_data": Works(
        refused=[
            (asked(read("")), f"{FIRST}.document.source.base64: PDF cannot be empty"),
            (asked(read("a")), f"{PDF}: The PDF specified was not valid."),
            (asked(read(b"text")), f"{PDF}: The PDF specified was not valid."),
            (asked(read(pdf(1, more=b"trailer <</Encrypt 5 0 R>>"))), f"{PDF}: The PDF specified is password protected."),
            (asked(read(pdf(601))), _pages(600)),
            (asked(read(pdf(601, packed=True))), _pages(600)),
            (asked(read(pdf(101)), model=OLD), _pages(100)),
            (asked(read(pdf(101, packed=True)), model=OLD), _pages(100)),
            (resulting(read(b"text")), "messages.2.content.0.tool_result.content.0.pdf.source.base64.data: The PDF specified was not valid."),
        ],
        accepted=[
            asked(read(pdf(1))),
            asked(read(pdf(600))),
            asked(read(pdf(600, packed=True))),
            asked(read(pdf(100)), model=OLD),
            asked(read(pdf(100, packed=True)), model=OLD),
            asked(addressed("document"), read(pdf(0))),
        ],
    ),
}  # fmt: skip
