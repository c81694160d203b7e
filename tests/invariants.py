"""What holds of every answer that the engine derives, whichever test asks for it."""

from mockserver.reply.usage import counters_of

INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def broken(asking, turn, answer):
    """Return what does not add up in an answer's usage; an author's own counters are no fault."""
    usage = answer.message["usage"]
    if turn.usage is not None:
        return []
    iterations = usage.get("iterations") or []
    faults = [f"{name} is negative: {usage[name]}" for name in INPUT if usage[name] < 0]
    faults += _split(usage) + _output(usage, (asking.body or {}).get("max_tokens"))
    kinds = [entry["type"] for entry in iterations]
    if not iterations and sum(usage[name] for name in INPUT) != asking.prompt.managed.weight.total:
        faults.append("the input's counters are not the prompt's tokens")
    if "message" in kinds and "fallback_message" not in kinds:
        faults += _sums(usage, [entry for entry in iterations if entry["type"] == "message"])
    return faults


def _split(usage):
    return [
        f"cache_creation does not add up: {counters_of(counters)}"
        for counters in (usage, *(usage.get("iterations") or []))
        if sum(counters["cache_creation"].values()) != counters["cache_creation_input_tokens"]
    ]


def _output(usage, limit):
    faults = []
    if isinstance(limit, int) and not isinstance(limit, bool) and usage["output_tokens"] > limit >= 0:
        faults.append(f"{usage['output_tokens']} output tokens are more than {limit}")
    if (usage.get("output_tokens_details") or {}).get("thinking_tokens", 0) > usage["output_tokens"]:
        faults.append("more thinking than output")
    return faults


def _sums(usage, iterations):
    keys = (*INPUT, "output_tokens")
    return [f"{key}: the iterations do not add up" for key in keys if sum(i[key] for i in iterations) != usage[key]]


def unjoined(message):
    """Return what does not add up where a fallback served: its own passes are the usage."""
    usage = message["usage"]
    iterations = usage["iterations"]
    served = next((entry["model"] for entry in iterations if entry["type"] == "fallback_message"), None)
    own = [e for e in iterations if e["type"] in ("message", "fallback_message") and e["model"] == served]
    return _sums(usage, own) if served else []
