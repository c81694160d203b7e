"""The `usage` of an answer: counters, iterations, and what the author lays over them. Not here: counting tokens.

Source: recorded usage since 2026-04 (keys, order); iterations as recorded for compaction and the advisor.
"""

from typing import Final

from mockserver.reply.caching import Charge
from mockserver.scenario.answers import Usage
from mockserver.wire.encoding import JsonObject
from mockserver.wire.messages import USAGE_ORDER, ordered

_ITERATION_ORDER: Final = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "type",
    "model",
)


def input_counters(charge: Charge) -> JsonObject:
    """Return the counters of the input."""
    return {
        "input_tokens": charge.uncached,
        "cache_creation_input_tokens": charge.written,
        "cache_read_input_tokens": charge.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": charge.written_5m,
            "ephemeral_1h_input_tokens": charge.written_1h,
        },
    }


def iteration(kind: str, counters: JsonObject, output_tokens: int, model: str | None = None) -> JsonObject:
    """Return one entry of `iterations`: `message`, `compaction`, `advisor_message` or `fallback_message`."""
    named = {} if model is None else {"model": model}
    return ordered({**counters, "output_tokens": output_tokens, "type": kind, **named}, _ITERATION_ORDER)


def counters_of(usage: JsonObject) -> JsonObject:
    """Return the counters of the input that a usage shows."""
    return {key: usage[key] for key in input_counters(Charge(0)) if key in usage}


def laid_over(usage: JsonObject, override: Usage | None) -> JsonObject:
    """Return the usage with the author's counters in place of the derived ones."""
    given = override.model_dump(exclude_unset=True) if override else {}
    for key, value in given.items():
        inner = usage.get(key)
        usage[key] = inner | value if isinstance(inner, dict) and isinstance(value, dict) else value
    return ordered(usage, USAGE_ORDER)
