"""Texts: none is empty, none is only whitespace. Not here: the system messages of a conversation."""

from typing import Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject
from mockserver.wire.encoding import JsonObject

_EMPTY: Final = "text content blocks must be non-empty"
_BLANK: Final = "text content blocks must contain non-whitespace text"


def cached_empty_text(subject: Subject) -> str | None:
    """Refuse a cache mark on an empty text."""
    for place in subject.of("text"):
        if not place.block["text"] and place.block.get("cache_control"):
            return f"{place.path}.text: cache_control cannot be set for empty text blocks"
    for index, block in enumerate(_system_blocks(subject)):
        if not block["text"] and block.get("cache_control"):
            return f"system.{index}.text: cache_control cannot be set for empty text blocks"
    return None


def empty_text(subject: Subject) -> str | None:
    """Refuse a text block without text; the API names no place."""
    blocks = (place.block["text"] for place in subject.of("text") if place.role != "system")
    return None if all(blocks) else f"messages: {_EMPTY}"


def blank_text(subject: Subject) -> str | None:
    """Refuse a text of whitespace alone, but in a final assistant message, which has a rule of its own."""
    last = len(subject.messages) - 1
    written = [
        (i, m["role"], m["content"]) for i, m in enumerate(subject.messages) if isinstance(m.get("content"), str)
    ]
    for index, role, text in written + [(p.message, p.role, p.block["text"]) for p in subject.of("text")]:
        is_own_rule = role == "system" or (index == last and role == "assistant")
        if text and not is_own_rule and not text.strip():
            return f"messages: {_BLANK}"
    return None


def system_text(subject: Subject) -> str | None:
    """Refuse an empty block of the system prompt, and a prompt of whitespace alone; an empty string is none at all."""
    system = subject.body.get("system")
    texts = [system] if isinstance(system, str) and system else [b["text"] for b in _system_blocks(subject)]
    if not all(texts):
        return f"system: {_EMPTY}"
    return None if all(text.strip() for text in texts) else f"system: {_BLANK}"


def trailing_whitespace(subject: Subject) -> str | None:
    """Refuse a final assistant message that ends in whitespace."""
    message = subject.messages[-1]
    if message["role"] != "assistant" or not message["content"]:
        return None
    content = message["content"]
    last = content if isinstance(content, str) else content[-1].get("text", "")
    if last and last != last.rstrip():
        return "messages: final assistant content cannot end with trailing whitespace"
    return None


def _system_blocks(subject: Subject) -> list[JsonObject]:
    system = subject.body.get("system")
    return system if isinstance(system, list) else []


RULES: Final = (
    Rule("cached_empty_text", cached_empty_text, "quoted", "2026-09"),
    Rule("empty_text", empty_text, "quoted", "2026-06"),
    Rule("blank_text", blank_text, "quoted", "2026-02"),
    Rule("system_text", system_text, "quoted", "2026-10"),
    Rule("trailing_whitespace", trailing_whitespace, "quoted", "2026-09"),
)
