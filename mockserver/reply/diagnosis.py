"""Cache diagnostics: why a prompt does not go on from an earlier one. Not here: remembering earlier ones.

Source: the `anthropic` package's types and the documentation of cache diagnostics: the first difference in the order
model, tools, system, messages is reported; other settings that decide about the prompt make it `unavailable`.
"""

from mockserver.reply.fingerprint import Fingerprint
from mockserver.wire.encoding import JsonObject
from mockserver.wire.prefix import Trace


def trace(prompt: Fingerprint, cached: int) -> Trace:
    """Return what is kept of a prompt of which `cached` tokens were read from or written to the cache."""
    return Trace(
        model=(prompt.model.id, str(prompt.body.get("speed") or "standard")),
        tools=prompt.digest("tools"),
        system=prompt.digest("system"),
        messages=prompt.message_digests,
        parameters=prompt.parameters_digest,
        cached=cached,
    )


def diagnose(now: Trace, before: Trace | None, read: int) -> JsonObject | None:
    """Return the answer's `diagnostics`: why `read` tokens were read and not more; None where nothing diverged."""
    if before is None:
        return {"cache_miss_reason": {"type": "previous_message_not_found"}}
    reason = _first_difference(now, before)
    if reason is None:
        return None
    if reason == "unavailable":
        return {"cache_miss_reason": {"type": reason}}
    return {"cache_miss_reason": {"type": reason, "cache_missed_input_tokens": max(0, before.cached - read)}}


def _first_difference(now: Trace, before: Trace) -> str | None:
    for section in ("model", "tools", "system"):
        if getattr(now, section) != getattr(before, section):
            return f"{section}_changed"
    if not now.messages.startswith(before.messages):
        return "messages_changed"
    return None if now.parameters == before.parameters else "unavailable"
