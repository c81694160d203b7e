"""Images and PDFs in a request: whether they are what they say, and not too many or too large. Not here: URLs, files.

Paths as the API writes them: `image.source.base64` for what the data are, `….data` for what they hold, and `pdf` for a
document with a PDF.
"""

import base64
import binascii
import contextlib
import re
from typing import Final

from mockserver.validation.rules.rule import Refusal, Rule
from mockserver.validation.subject import Medium, Subject
from mockserver.wire import images, pdfs
from mockserver.wire.errors import ApiError

MOST_IMAGE_BYTES: Final = 10 * 1024 * 1024
"""Of base64 text."""
MOST_PIXELS: Final = 8000
MOST_PIXELS_OF_MANY: Final = 2000
MANY_IMAGES: Final = 20
MOST_MEDIA: Final = {True: 600, False: 100}
MOST_PAGES: Final = {True: 600, False: 100}
"""By whether the model's window is the long one."""

_ADDRESS_END: Final = re.compile("[?#]")
_NO_PDF: Final = (".txt", ".md", ".csv", ".json", ".html", ".doc", ".docx", ".xls", ".xlsx", ".pptx")

_MEDIA: Final = ("image", "document", "tool_result")
"""Blocks that are or hold one."""


def count(subject: Subject) -> str | None:
    """Refuse more images and documents than the model takes."""
    shown, read = (len(subject.media(kind)) for kind in ("image", "document"))
    most = MOST_MEDIA[subject.model.has_long_context]
    return f"too many images and documents: {shown} + {read} > {most}" if shown + read > most else None


def image_data(subject: Subject) -> Refusal:
    """Refuse base64 that is no image, not the one it says, or too large."""
    found = subject.media("image")
    for medium in found:
        if medium.data is not None and (words := _image_fault(medium, many=len(found) > MANY_IMAGES)):
            return words
    return None


def _image_fault(medium: Medium, *, many: bool) -> Refusal:
    text, path = medium.data or "", f"{medium.path}.source.base64"
    if not text:
        return f"{path}: image cannot be empty"
    if len(text) > MOST_IMAGE_BYTES:
        most = MOST_IMAGE_BYTES // 1024 // 1024
        return f"{path}: image exceeds {most} MB maximum: {len(text)} bytes > {MOST_IMAGE_BYTES} bytes"
    image = _image(text)
    if image is None:
        return f"{path}: invalid base64 data"
    if isinstance(image, str):
        return image
    said = medium.block["source"]["media_type"]
    if image.media_type != said:
        return (
            f"{path}: The image was specified using the {said} media type, "
            f"but the image appears to be a {image.media_type} image"
        )
    return _too_large(image, path, many=many)


def _too_large(image: images.Image, path: str, *, many: bool) -> ApiError | None:
    largest, most, why = max(image.width, image.height), MOST_PIXELS, ""
    if many and largest <= MOST_PIXELS:
        most, why = MOST_PIXELS_OF_MANY, " for many-image requests"
    if largest <= most:
        return None
    words = f"{path}.data: At least one of the image dimensions exceed max allowed size{why}: {most} pixels"
    code = {"error_code": "image_dimensions_too_large", "max_side_length_pixels": most, "paths": [path]}
    return ApiError("invalid_request_error", words, details=code)


def _image(text: str) -> images.Image | str | None:
    """Return the image; None where the text is no base64, and the API's words where it holds no image."""
    data = _decoded(text)
    return None if data is None else images.read(data) or "Could not process image"


def _decoded(text: str) -> bytes | None:
    """Return the bytes of base64 text, which may be broken into lines."""
    for form in (text, "".join(text.split())):
        with contextlib.suppress(binascii.Error, ValueError):
            return base64.b64decode(form, validate=True)
    return None


def document_urls(subject: Subject) -> str | None:
    """Refuse the address of a document that is no PDF by its name: the API gets it and cannot read it (recorded)."""
    for medium in subject.media("document"):
        source = medium.block["source"]
        if source["type"] == "url" and _ADDRESS_END.split(source["url"])[0].lower().endswith(_NO_PDF):
            path = medium.path.removesuffix("document")
            return f"{path}image.source.base64.data: The file format is invalid or unsupported"
    return None


def pdf_data(subject: Subject) -> str | None:
    """Refuse base64 that is no PDF, asks for a password, or has too many pages."""
    most = MOST_PAGES[subject.model.has_long_context]
    for medium in subject.media("document"):
        if medium.data is not None and (words := _pdf_fault(medium, most)):
            return words
    return None


def _pdf_fault(medium: Medium, most: int) -> str | None:
    if not medium.data:
        return f"{medium.path}.source.base64: PDF cannot be empty"
    path = f"{medium.path.removesuffix('document')}pdf.source.base64.data"
    pdf = _pdf(medium.data)
    if pdf is None:
        return f"{path}: The PDF specified was not valid."
    if pdf.encrypted:
        return f"{path}: The PDF specified is password protected."
    return f"{path}: A maximum of {most} PDF pages may be provided." if pdf.pages > most else None


def _pdf(text: str) -> pdfs.Pdf | None:
    data = _decoded(text)
    return None if data is None else pdfs.read(data)


RULES: Final = (
    Rule("count", count, "quoted", "2026-02", blocks=_MEDIA),
    Rule(
        "image_data",
        image_data,
        "quoted",
        "2026-09",
        "only an image's header is read; one that is broken further in passes. The limit of 10 MB is taken for every "
        "model, though 5 MB was seen until 2026",
        blocks=_MEDIA,
    ),
    Rule(
        "document_urls",
        document_urls,
        "recorded",
        "2025-12",
        "nothing is downloaded: an address is judged by its name alone",
        blocks=_MEDIA,
    ),
    Rule(
        "pdf_data",
        pdf_data,
        "quoted",
        "2026-11",
        "pages are counted without a parser; fonts and images are not read",
        blocks=_MEDIA,
    ),
)
