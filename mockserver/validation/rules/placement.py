"""Which block may stand in whose message. Not here: what a system message may hold (`conversation`)."""

from typing import Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Place, Subject
from mockserver.wire.content import KNOWN_TYPES, THINKING_TYPES
from mockserver.wire.encoding import JsonObject

_ASSISTANT_ONLY: Final = tuple(sorted(KNOWN_TYPES - {"text", *THINKING_TYPES, "container_upload", "compaction"}))
"""What an answer may hold and a user's message may not, beside thinking, which is refused in other words."""
_NOT_IN_ASSISTANT: Final = ("image", "container_upload", "search_result")
_TOOL_CHANGES: Final = ("tool_addition", "tool_removal")


def user_blocks(subject: Subject) -> str | None:
    """Refuse a tool_result outside of a user message."""
    for place in subject.of("tool_result"):
        if place.role != "user":
            return f"messages.{place.message}: `tool_result` blocks can only be in `user` messages"
    return None


def assistant_blocks(subject: Subject) -> str | None:
    """Refuse an assistant's block in a user message."""
    for place in subject.of(*_ASSISTANT_ONLY):
        if place.role == "user":
            kind = place.block["type"]
            return f"messages.{place.message}: `{kind}` blocks can only be in `assistant` messages"
    return None


def thinking_blocks(subject: Subject) -> str | None:
    """Refuse thinking in a user message."""
    for place in subject.of(*THINKING_TYPES):
        if place.role == "user":
            return f"messages.{place.message}.content: thinking blocks may only be in `assistant` messages"
    return None


def no_media_of_assistants(subject: Subject) -> str | None:
    """Refuse an image in an assistant message, and since version 2026-10-21 a document."""
    kinds = _NOT_IN_ASSISTANT if subject.scope.is_legacy else (*_NOT_IN_ASSISTANT, "document")
    for place in subject.of(*kinds):
        if place.role == "assistant":
            kind = place.block["type"]
            return f"messages.{place.message}.content: '{kind}' blocks are not permitted within assistant turns"
    return None


def tool_changes(subject: Subject) -> str | None:
    """Refuse a change of tools outside of a system message."""
    for place in subject.of(*_TOOL_CHANGES):
        if place.role != "system":
            kind = place.block["type"]
            return f"messages.{place.message}: `{kind}` blocks can only be in `system` messages"
    return None


def user_citations(subject: Subject) -> str | None:
    """Refuse citations in a user message, also in a search result's texts, since version 2026-10-21."""
    if subject.scope.is_legacy:
        return None
    for place in subject.of("text", "search_result"):
        for path, block in _texts(place):
            if place.role == "user" and block.get("citations"):
                return f"{path}.citations: Extra inputs are not permitted"
    return None


def _texts(place: Place) -> list[tuple[str, JsonObject]]:
    if place.block["type"] == "text":
        return [(f"{place.path}.text", place.block)]
    start = f"{place.path}.search_result.content"
    return [(f"{start}.{i}.text", block) for i, block in enumerate(place.block["content"])]


RULES: Final = (
    Rule("user_blocks", user_blocks, "quoted", "2026-09", blocks=("tool_result",)),
    Rule("assistant_blocks", assistant_blocks, "quoted", "2026-10", blocks=_ASSISTANT_ONLY),
    Rule("thinking_blocks", thinking_blocks, "quoted", "2026-04", blocks=THINKING_TYPES),
    Rule(
        "no_media_of_assistants",
        no_media_of_assistants,
        "quoted",
        "2026-09",
        "quoted for image and container_upload; documents are refused since 2026-10-21 by the migration guide",
        blocks=(*_NOT_IN_ASSISTANT, "document"),
    ),
    Rule("tool_changes", tool_changes, "inferred", "2026-11", blocks=_TOOL_CHANGES),
    Rule(
        "user_citations",
        user_citations,
        "inferred",
        "2026-10",
        "the refusal is documented, its words are not",
        blocks=("text", "search_result"),
    ),
)
