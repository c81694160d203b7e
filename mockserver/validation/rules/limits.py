"""Limits of the context window, by the token estimate. Not here: rate limits."""

from typing import Final

from mockserver.validation.rules.objects import sources
from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject

_STOPS_AT_THE_WINDOW: Final = "2025-09-29"
"""Models released since then take more than fits, and stop with `model_context_window_exceeded` (documentation)."""


def prompt_length(subject: Subject) -> str | None:
    """Refuse a prompt that is longer than the model's window."""
    tokens = _input_tokens(subject)
    if tokens <= subject.model.context:
        return None
    return f"prompt is too long: {tokens} tokens > {subject.model.context} maximum"


def window(subject: Subject) -> str | None:
    """Refuse, on models before 4.5, a prompt that with max_tokens is longer than the window."""
    model, asked = subject.model, subject.body.get("max_tokens", 0)
    if not model.released or model.released >= _STOPS_AT_THE_WINDOW:
        return None
    tokens = _input_tokens(subject, room=asked)
    if tokens + asked <= model.context:
        return None
    return (
        f"input length and `max_tokens` exceed context limit: {tokens} + {asked} > {model.context}, "
        "decrease input length or `max_tokens` and try again"
    )


def _input_tokens(subject: Subject, room: int = 0) -> int:
    """Return the estimate; 0 where the body is so small that it fits for certain: no byte is more than a token.

    Of what stands in files a body says nothing.
    """
    is_small = subject.size + room <= subject.model.context and next(sources(subject), None) is None
    if subject.endpoint == "count_tokens" or is_small:
        return 0
    return subject.input_tokens


RULES: Final = (
    Rule("prompt_length", prompt_length, "recorded", "2026-08", "the number is our estimate"),
    Rule("window", window, "quoted", "2026-10", "the number is our estimate"),
)
