"""Cache breakpoints: how many, in which order, and where not. Not here: what they do (the ledger)."""

from typing import Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject, inner_marks
from mockserver.wire.content import THINKING_TYPES
from mockserver.wire.encoding import JsonObject

MOST_MARKS: Final = 4


def nested_marks(subject: Subject) -> str | None:
    """Refuse a second mark on one tool_result; a single one inside its content counts as its own (probed 2026-09)."""
    for place in subject.of("tool_result"):
        inner = len(inner_marks(place.block))
        if inner and inner + bool(place.block.get("cache_control")) > 1:
            return (
                "cache_control may not be specified within `tool_result.content`. "
                "Instead, place it directly on `tool_result`"
            )
    return None


def automatic_ttl(subject: Subject) -> str | None:
    """Refuse an automatic mark whose lifetime differs from that of the block where it would stand."""
    automatic, last = subject.body.get("cache_control"), _last_mark(subject)
    if not automatic or last is None:
        return None
    asked = automatic.get("ttl", "5m")
    if asked == last:
        return None
    return (
        f"Top-level cache_control has ttl='{asked}' but the target block already has cache_control with "
        f"ttl='{last}'. When both are specified on the same block, they must have matching TTLs."
    )


def _last_mark(subject: Subject) -> str | None:
    """Return the lifetime of the mark on the last block that can be cached; None where that has none."""
    content = subject.messages[-1]["content"]
    blocks = reversed(content) if isinstance(content, list) else ()
    last: JsonObject = next((block for block in blocks if block["type"] not in THINKING_TYPES), {})
    control = last.get("cache_control")
    return control.get("ttl", "5m") if control else None


def mark_count(subject: Subject) -> str | None:
    """Refuse more than four marks; the automatic one takes a place where it marks a block of its own."""
    automatic = bool(subject.body.get("cache_control")) and _last_mark(subject) is None
    found = len(subject.marks) + automatic
    if found <= MOST_MARKS:
        return None
    return f"A maximum of {MOST_MARKS} blocks with cache_control may be provided. Found {found}."


def ttl_order(subject: Subject) -> str | None:
    """Refuse a mark of an hour behind one of five minutes."""
    short = False
    for mark in subject.marks:
        if mark.ttl == "1h" and short:
            return (
                f"{mark.path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
                "cache_control block."
            )
        short = short or mark.ttl == "5m"
    return None


RULES: Final = (
    Rule(
        "nested_marks",
        nested_marks,
        "quoted",
        "2026-10",
        "a single nested mark is accepted in recordings and probes, though the documentation says otherwise",
        blocks=("tool_result",),
    ),
    Rule("automatic_ttl", automatic_ttl, "quoted", "2026-09", fields=("cache_control",)),
    Rule("mark_count", mark_count, "quoted", "2026-10"),
    Rule("ttl_order", ttl_order, "quoted", "2026-08"),
)
