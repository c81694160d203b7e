"""`citations: auto`: what of the request's documents a text cites. Not here: citations that the author wrote.

Shapes and spans as recorded (2026-06 to 2026-08): a sentence of a plain text with the blanks behind it, a whole block
of anything that comes in blocks; ends are exclusive, also of pages. `content_block_location` follows the SDK's types.
"""

import base64
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, Final, NamedTuple

from mockserver.wire import pdfs
from mockserver.wire.content import blocks_of
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject

UNREAD: Final = "mockserver: a page that cannot be read here"
"""`cited_text` of a document whose text is not known here."""

_SENTENCE: Final = re.compile(r"\S.*?(?:[.!?]\s+|\Z)", re.DOTALL)
_WORD: Final = re.compile(r"\w+")


class _Passage(NamedTuple):
    """What can be cited: its words decide, and it is cited like this."""

    text: str
    citation: JsonObject


MOST_PASSAGES: Final = 20_000
"""What is behind them is not cited; comparing more would keep every other request waiting."""


class Citable:
    """What a request's documents and search results hold to be cited; read once, and only where it is asked for."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    @cached_property
    def _known(self) -> list[tuple[_Passage, set[str]]]:
        passages = islice(_passages(self._conversation), MOST_PASSAGES)
        return [(passage, _words(passage.text)) for passage in passages]

    def cite(self, text: str) -> list[JsonObject]:
        """Return the one citation of the passage that shares most words with the text, of equal ones the first.

        Empty where the request has nothing that may be cited.
        """
        words = _words(text)
        best = max(self._known, key=lambda known: len(words & known[1]), default=None)
        return [best[0].citation] if best else []


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _passages(conversation: Conversation) -> Iterator[_Passage]:
    """Yield what may be cited; documents and search results are numbered apart, and those that may not count, too."""
    numbers = dict.fromkeys(_SOURCES, 0)
    for block in _blocks(conversation):
        if isinstance(kind := block.get("type"), str) and kind in _SOURCES:
            yield from _citable(block, numbers[kind])
            numbers[kind] += 1


def _citable(block: JsonObject, number: int) -> list[_Passage]:
    """Return a source's passages; a malformed one, which only a server that judges nothing lets through, has none."""
    try:
        found = _SOURCES[block["type"]](block, number) if block["citations"]["enabled"] else ()
        return list(islice(found, MOST_PASSAGES))
    except (KeyError, TypeError, AttributeError, ValueError):
        return []


def _blocks(conversation: Conversation) -> Iterator[JsonObject]:
    for message in conversation.messages:
        for block in message.blocks:
            yield block
            if block.get("type") == "tool_result":
                yield from blocks_of(block.get("content"))


def _of_document(document: JsonObject, number: int) -> Iterator[_Passage]:
    source = document["source"]
    beside = {"document_index": number, "document_title": document.get("title")}
    yield from _BY_SOURCE.get(source["type"], _pages)(source, beside)


def _sentences(source: JsonObject, beside: JsonObject) -> Iterator[_Passage]:
    for found in _SENTENCE.finditer(source["data"]):
        span = {"start_char_index": found.start(), "end_char_index": found.end()}
        cited = {"type": "char_location", "cited_text": found[0], **beside, **span, **_file(source)}
        yield _Passage(found[0], cited)


def _content(source: JsonObject, beside: JsonObject) -> Iterator[_Passage]:
    yield from _whole_blocks("content_block_location", source["content"], beside)


def _pages(source: JsonObject, beside: JsonObject) -> Iterator[_Passage]:
    """Yield the sentences of a PDF by their pages; of what cannot be read here, the first page."""
    pages = [_SENTENCE.findall(page) for page in _read(source)]
    for number, sentences in enumerate(pages or [[""]], start=1):
        span: JsonObject = {"start_page_number": number, "end_page_number": number + 1}
        for sentence in sentences:
            cited = {"type": "page_location", "cited_text": sentence or UNREAD}
            yield _Passage(sentence, cited | beside | span | _file(source))


def _file(source: JsonObject) -> JsonObject:
    """Return which file it is; nothing where the document stands in the request itself."""
    return {"file_id": source["file_id"]} if "file_id" in source else {}


def _read(source: JsonObject) -> list[str]:
    """Return the texts of a PDF's pages; none where it is not in the request, or not every page shows its text."""
    data = base64.b64decode(source["data"]) if source["type"] == "base64" else b""
    pdf, texts = pdfs.read(data), pdfs.page_texts(data)
    return texts if pdf is not None and pdf.pages == len(texts) else []


def _of_search_result(result: JsonObject, number: int) -> Iterator[_Passage]:
    beside = {"source": result["source"], "title": result.get("title"), "search_result_index": number}
    yield from _whole_blocks("search_result_location", result["content"], beside)


def _whole_blocks(kind: str, content: Any, beside: JsonObject) -> Iterator[_Passage]:
    for index, block in enumerate(blocks_of(content)):
        if block.get("type") == "text":
            span = {"start_block_index": index, "end_block_index": index + 1}
            yield _Passage(block["text"], {"type": kind, "cited_text": block["text"], **beside, **span})


_SOURCES: Final[dict[Any, Callable[[JsonObject, int], Iterator[_Passage]]]] = {
    "document": _of_document,
    "search_result": _of_search_result,
}

_BY_SOURCE: Final[dict[str, Callable[[JsonObject, JsonObject], Iterator[_Passage]]]] = {
    "text": _sentences,
    "content": _content,
}
"""Type of a document's source -> its passages; what is not listed is cited by page."""
