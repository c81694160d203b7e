"""What became of a request, stage by stage, as sentences. Not here: deciding any of it (`engine`)."""

from collections.abc import Callable
from typing import Final

from mockserver.state.journal import Exchange, Verdict

_NOT_REACHED: Final[dict[Verdict, str]] = {
    "page": "a page of this server",
    "listed": "the models of this server",
    "batched": "the message batches of this session",
    "filed": "the files of this session",
}


def stages(exchange: Exchange) -> dict[str, str]:
    """Return what each stage made of a request, in their order; stages that it did not reach are left out."""
    told = ((name, stage(exchange)) for name, stage in _STAGES.items())
    return {name: words for name, words in told if words}


def _validation(exchange: Exchange) -> str:
    if exchange.verdict == "refused":
        return f"{exchange.validation}: refused: {exchange.reason}"
    creates = exchange.verdict == "batched" and "requests" in (exchange.body or {})
    return (not creates and _NOT_REACHED.get(exchange.verdict)) or f"{exchange.validation}: passed"


def _limits(exchange: Exchange) -> str:
    if exchange.verdict == "limited":
        return exchange.reason
    return "let through" if exchange.limited else ""


def _matching(exchange: Exchange) -> str:
    if exchange.nearest:
        return "no scenario matches; the nearest: " + "; ".join(exchange.nearest)
    if exchange.scenario is None:
        return {"unmatched": exchange.reason, "fallback": exchange.reason, "counted": "the token estimate"}.get(
            exchange.verdict, ""
        )
    attempt = "" if exchange.attempt is None else f", attempt {exchange.attempt}"
    wrong = f": {exchange.reason}" if exchange.verdict in ("unmatched", "unexpected") else ""
    return f"scenario {exchange.scenario!r}, turn {exchange.turn}{attempt}{wrong}"


def _templates(exchange: Exchange) -> str:
    return "rendered" if exchange.rendered else ""


def _cache(exchange: Exchange) -> str:
    usage = exchange.usage or {}
    read, written = usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")
    return f"{read} tokens read, {written} written" if read or written else ""


def _tokens(exchange: Exchange) -> str:
    usage = exchange.usage
    return f"{usage.get('input_tokens')} in, {usage.get('output_tokens')} out" if usage else ""


def _faults(exchange: Exchange) -> str:
    return ", ".join(exchange.faults)


def _answer(exchange: Exchange) -> str:
    kind = "stream, " if exchange.streamed else ""
    sent = f"; {exchange.sent}" if exchange.sent else ""
    note = "".join(f"; {words}" for words in (exchange.note, exchange.warning) if words)
    return f"{exchange.status or 'no status'}, {kind}{exchange.sent_bytes} bytes{sent}{note}"


_STAGES: Final[dict[str, Callable[[Exchange], str]]] = {
    "validation": _validation,
    "limits": _limits,
    "matching": _matching,
    "templates": _templates,
    "cache": _cache,
    "tokens": _tokens,
    "faults": _faults,
    "answer": _answer,
}
"""Stage -> what it made of a request; "" where it was not reached, or had nothing to do."""
