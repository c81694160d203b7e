"""What is asked of the answer: its length, its end, who it is for. Not here: structured output."""

import re
from typing import Any, Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

_NOT_BESIDE_ZERO: Final[tuple[tuple[str, Any], ...]] = (
    ("stream is true", lambda s: s.body.get("stream")),
    ("thinking is enabled", lambda s: s.thinking == "enabled"),
    ("output_config.format is set", lambda s: s.output_schema),
    ("tool_choice forces tool use", lambda s: s.forces_tool),
)


def prewarming(subject: Subject) -> str | None:
    """Refuse `max_tokens: 0` beside what would need an answer."""
    if subject.body.get("max_tokens") != 0:
        return None
    reason = next((words for words, holds in _NOT_BESIDE_ZERO if holds(subject)), None)
    return reason and f"max_tokens: must be greater than or equal to 1 when {reason}"


def stop_sequences(subject: Subject) -> str | None:
    """Refuse a stop sequence of whitespace alone."""
    if all(sequence.strip() for sequence in subject.body.get("stop_sequences") or ()):
        return None
    return "stop_sequences: each stop sequence must contain non-whitespace"


SMALLEST_TASK_BUDGET: Final = 20_000


def task_budget(subject: Subject) -> str | None:
    """Refuse a task budget below 20,000 tokens; the field itself takes 1,024."""
    budget = subject.output_config.get("task_budget")
    if not budget or budget["total"] >= SMALLEST_TASK_BUDGET:
        return None
    return f"output_config.task_budget.total: Input should be greater than or equal to {SMALLEST_TASK_BUDGET}"


def user_id(subject: Subject) -> str | None:
    """Refuse an e-mail address as the user's id."""
    found = (subject.body.get("metadata") or {}).get("user_id")
    if found and _EMAIL.fullmatch(found):
        return (
            "metadata.user_id: user_id appears to contain an email address. Please send a uuid or hash value instead."
        )
    return None


RULES: Final = (
    Rule("prewarming", prewarming, "inferred", "2026-11", "the refusal is documented, its words are not"),
    Rule("stop_sequences", stop_sequences, "quoted", "2026-10", fields=("stop_sequences",)),
    Rule("task_budget", task_budget, "documented", "2026-10", fields=("output_config",)),
    Rule("user_id", user_id, "quoted", "2025-04", "the end of the sentence is inferred", fields=("metadata",)),
)
