"""Citations in the history: do they lie within the documents that they cite? Not here: whose texts may cite."""

from typing import Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject


def within_document(subject: Subject) -> str | None:
    """Refuse a citation that begins behind the end of its document; asked only where all documents are plain texts."""
    lengths = _lengths(subject)
    if lengths is None:
        return None
    for place in subject.of("text"):
        for index, citation in enumerate(place.block.get("citations") or ()):
            number, start = citation.get("document_index", -1), citation.get("start_char_index", 0)
            if 0 <= number < len(lengths) and start > lengths[number]:
                return (
                    f"{place.path}.citations.{index}: Start index {start} is beyond document length {lengths[number]}"
                )
    return None


def _lengths(subject: Subject) -> list[int] | None:
    """Return the documents' lengths in characters, by their number; None where other things may have numbers, too."""
    sources = [medium.block["source"] for medium in subject.media("document")]
    if "search_result" in subject.kinds or any(source["type"] != "text" for source in sources):
        return None
    return [len(source["data"]) for source in sources]


RULES: Final = (
    Rule(
        "within_document",
        within_document,
        "quoted",
        "2026-09",
        "of PDFs and blocks nothing is known",
        blocks=("document",),
    ),
)
