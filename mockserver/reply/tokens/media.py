"""Images and documents: what they weigh. Not here: their limits (`validation`), reading their bytes (`wire`).

An image weighs its patches after it was scaled down, a PDF its pages as images and their text, any other document its
text. What a url or a file id stands for is not in the request; it weighs a usual amount.
"""

import binascii
from math import ceil, sqrt
from typing import Any, Final

from mockserver.reply.tokens.figures import FIGURES, PATCH, TIERS, UNREAD_IMAGE, Tier
from mockserver.reply.tokens.texts import count_text
from mockserver.wire import images, pdfs
from mockserver.wire.encoding import JsonObject
from mockserver.wire.traits import Model

_HEAD: Final = 1 << 16
"""Characters of base64 in which nearly every image says its size."""


def weigh_image(block: JsonObject, model: Model) -> float:
    """Return the tokens of an image block."""
    data = _source(block).get("data")
    text = data if isinstance(data, str) else ""
    found = images.read(_decoded(text[:_HEAD])) or (images.read(_decoded(text)) if len(text) > _HEAD else None)
    if found is None:
        return UNREAD_IMAGE
    return count_patches(found.width, found.height, TIERS[model.tokenizer]) + FIGURES[model.tokenizer].image


def count_patches(width: float, height: float, tier: Tier) -> int:
    """Return the tokens of an image of that size, scaled down to what the tier allows."""
    scale = min(1.0, tier.edge / max(width, height, 1))
    while True:
        patches = max(1, ceil(width * scale / PATCH)) * max(1, ceil(height * scale / PATCH))
        if patches <= tier.tokens:
            return patches
        scale *= min(0.995, sqrt(tier.tokens / patches))


def weigh_document(block: JsonObject, model: Model) -> float:
    """Return the tokens of a document block: a PDF, a plain text, or blocks."""
    source = _source(block)
    around = sum(count_text(text, model) for key in ("title", "context") if isinstance(text := block.get(key), str))
    if source.get("type") in ("text", "content"):
        told = source.get("data") if source["type"] == "text" else source.get("content")
        return around + FIGURES[model.tokenizer].document + count_texts(told, model)
    return around + _weigh_pdf(source.get("data"), model, twice=is_cited(block))


def _weigh_pdf(data: object, model: Model, *, twice: bool) -> float:
    """Return the tokens of a PDF's pages and text; one that is cited has its text twice (recorded)."""
    page = FIGURES[model.tokenizer].page
    raw = _decoded(data) if isinstance(data, str) else b""
    read = pdfs.read(raw)
    if read is None:
        return page
    return read.pages * page + count_text(pdfs.text(raw), model) * (2 if twice else 1)


def is_cited(block: JsonObject) -> bool:
    """Whether a block asks for citations of itself."""
    citations = block.get("citations")
    return isinstance(citations, dict) and citations.get("enabled") is True


def _source(block: JsonObject) -> JsonObject:
    source = block.get("source")
    return source if isinstance(source, dict) else {}


def _decoded(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text[: len(text) // 4 * 4])
    except ValueError:
        return b""


_TEXT_KEYS: Final = ("text", "thinking", "content", "title", "source", "data", "tool_references")


def count_texts(value: Any, model: Model) -> float:
    """Return the tokens of the texts that a value holds at any depth; types, ids and signatures are none."""
    total, left = 0.0, [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            total += count_text(part, model)
        elif isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            left += [part[key] for key in _TEXT_KEYS if key in part]
    return total
