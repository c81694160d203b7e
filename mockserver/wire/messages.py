"""The response `Message`: the order of its keys and of its usage. Not here: how the values come about.

Source: recorded answers since 2026-04 (`model` first since 2025-10, `stop_details` since 2026-04).
"""

from typing import Final

from mockserver.wire.encoding import JsonObject

STOP_REASONS: Final = (
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
    "compaction",
)
"""Why an answer ends (the `anthropic` package's types)."""

MESSAGE_ORDER: Final = (
    "model",
    "id",
    "type",
    "role",
    "content",
    "container",
    "stop_reason",
    "stop_sequence",
    "stop_details",
    "usage",
    "diagnostics",
    "context_management",
)

USAGE_ORDER: Final = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cache_creation",
    "iterations",
    "output_tokens",
    "output_tokens_details",
    "service_tier",
    "inference_geo",
    "server_tool_use",
)

USAGE_PARTS: Final = {
    "cache_creation": ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    "output_tokens_details": ("thinking_tokens",),
    "server_tool_use": ("web_search_requests", "web_fetch_requests"),
}
"""What of the usage has parts -> these."""

USAGE_NAMES: Final = (
    *USAGE_ORDER,
    "speed",
    *(f"{name}.{part}" for name, parts in USAGE_PARTS.items() for part in parts),
)
"""Everything that a usage may have; `a.b` is `b` in `a`."""

DELTA_USAGE_ORDER: Final = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "output_tokens_details",
    "server_tool_use",
    "iterations",
)
"""What `message_delta` repeats of the usage; the rest stands in `message_start` alone."""


def ordered(value: JsonObject, order: tuple[str, ...]) -> JsonObject:
    """Return `value` with the keys of `order` first and in that order; other keys follow as they were."""
    return {k: value[k] for k in order if k in value} | value
