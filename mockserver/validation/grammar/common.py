"""Parts of blocks and tools alike: cache_control, callers, citations. Source: the API reference (2026-11)."""

from typing import Final

from mockserver.validation.betas import CACHE_SCOPE
from mockserver.validation.grammar.containers import Field, Record, Tagged, nullable, optional, required
from mockserver.validation.grammar.kinds import Anything, Boolean, Integer, OneOf, Text

TYPE: Final = required(Anything())
"""The tag of a member of a union, which the union has looked at."""

STRING: Final = Text()
TOOL_USE_ID: Final = Text(pattern="^[a-zA-Z0-9_-]+$")
SERVER_TOOL_USE_ID: Final = Text(pattern="^srvtoolu_[a-zA-Z0-9_]+$")

CACHE_CONTROL: Final = Tagged(
    {
        "ephemeral": Record(
            {"type": TYPE, "ttl": optional(OneOf("5m", "1h")), "scope": optional(Anything(), *CACHE_SCOPE)}
        )
    }
)
CACHE: Final = {"cache_control": nullable(CACHE_CONTROL)}


def member(fields: dict[str, Field], *, cached: bool = True) -> Record:
    """Return a member of a union: its tag, its fields, and `cache_control` where it may be cached."""
    return Record({"type": TYPE, **fields, **(CACHE if cached else {})})


CALLER: Final = Tagged(
    {
        "direct": Record({"type": TYPE}),
        "code_execution_20250825": Record({"type": TYPE, "tool_id": required(SERVER_TOOL_USE_ID)}),
        "code_execution_20260120": Record({"type": TYPE, "tool_id": required(SERVER_TOOL_USE_ID)}),
    }
)

CITATIONS_CONFIG: Final = Record({"enabled": optional(Boolean())})

_INDEX: Final = Integer(least=0)
_TITLE: Final = nullable(Text(least=1, most=500))


def _located(fields: dict[str, Field]) -> Record:
    return member({"cited_text": required(STRING), **fields, "file_id": nullable(STRING)}, cached=False)


CITATIONS: Final = {
    "char_location": _located(
        {
            "document_index": required(_INDEX),
            "document_title": _TITLE,
            "start_char_index": required(_INDEX),
            "end_char_index": required(Integer()),
        }
    ),
    "content_block_location": _located(
        {
            "document_index": required(_INDEX),
            "document_title": _TITLE,
            "start_block_index": required(_INDEX),
            "end_block_index": required(Integer()),
        }
    ),
    "page_location": _located(
        {
            "document_index": required(_INDEX),
            "document_title": _TITLE,
            "start_page_number": required(Integer(least=1)),
            "end_page_number": required(Integer()),
        }
    ),
    "search_result_location": _located(
        {
            "search_result_index": required(_INDEX),
            "source": required(STRING),
            "title": nullable(STRING),
            "start_block_index": required(_INDEX),
            "end_block_index": required(Integer()),
        }
    ),
    "web_search_result_location": _located(
        {
            "url": required(STRING),
            "title": nullable(Text(least=1, most=512)),
            "encrypted_index": required(STRING),
        }
    ),
}
"""Citations by type; an answer's own `file_id: null` may come back."""
