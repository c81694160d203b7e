"""Fallbacks: where the model refuses, the next one answers. Not here: what a scenario says for either.

Source: the `anthropic` package's types: entries are tried in order; a `fallback` block stands where one model's output
gives way to the next one's; the answer's usage is that of the model that served it, and `iterations` has an entry for
each that ran, the last one a `fallback_message`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mockserver.engine.asking import Asking
from mockserver.engine.delivery import Made
from mockserver.reply.render import Answer
from mockserver.reply.steps import Reply
from mockserver.reply.usage import counters_of, iteration
from mockserver.validation.fallbacks import attempts
from mockserver.validation.memory import Notes
from mockserver.wire.content import blocks_of
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen
from mockserver.wire.messages import USAGE_ORDER, ordered

_SERVED: Final = "fallback_message"
"""Type of the iteration in which a model wrote that stepped in."""


@frozen
class _Hop:
    """One model's attempt: its request, what it answered, and the name that the client knows it by."""

    asking: Asking
    made: Made
    name: str

    @property
    def message(self) -> JsonObject:
        return self.made.answer.message

    @property
    def usage(self) -> JsonObject:
        return self.message.get("usage") or {}

    @property
    def declined(self) -> bool:
        return self.message.get("stop_reason") == "refusal"


def answer(asking: Asking, attempt: Callable[[Asking], Reply | Made]) -> Reply | Made:
    """Return what the first model that does not refuse answers, or the last one that there is."""
    made = attempt(asking)
    if not isinstance(made, Made):
        return made
    hops = [_Hop(asking, made, str((asking.body or {}).get("model")))]
    refusals: list[str] = []
    for body in attempts(asking.body or {}, asking.models):
        if not hops[-1].declined:
            break
        refusals.append(f"{hops[-1].name} refused (scenario {asking.exchange.scenario!r})")
        asked = replace(hops[-1].asking, body=body, notes=Notes(), declined=", ".join(refusals))
        asked.warn_of_retired_model()
        made = attempt(asked)
        asking.delay, asking.faults = asked.delay, asked.faults
        if not isinstance(made, Made):
            asking.exchange.note = asked.declined
            return made
        hops.append(_Hop(asked, made, made.answer.model.id))
    return _joined(hops) if len(hops) > 1 else hops[0].made


def _joined(hops: list[_Hop]) -> Made:
    """Return one answer of all hops' content, with the borders between them.

    Its id and its diagnostics are those of the request as it was sent: the first hop's.
    """
    first, served = hops[0], hops[-1]
    content: list[JsonObject] = []
    deltas: dict[int, list[str]] = {}
    for number, hop in enumerate(hops):
        if number:
            content.append(_border(hops[number - 1], hop))
        deltas |= {len(content) + index: parts for index, parts in hop.made.answer.deltas.items()}
        content += hop.message["content"]
    usage = ordered(served.usage | {"iterations": _iterations(hops)}, USAGE_ORDER)
    sent = {key: first.message[key] for key in ("id", "diagnostics") if key in first.message}
    message = served.message | sent | {"content": content, "usage": usage}
    first.asking.extra_headers, first.asking.warnings = served.asking.extra_headers, served.asking.warnings
    did = "refused, too" if served.declined else "answered"
    first.asking.exchange.note = f"{served.asking.declined}, {served.name} {did}"
    first.asking.passes = [(hop.asking, hop.message) for hop in hops]
    joined = Answer(message, served.made.answer.model, deltas, served.made.answer.cut)
    return Made(joined, served.made.stream)


def _border(before: _Hop, after: _Hop) -> JsonObject:
    details = before.message.get("stop_details")
    category = details.get("category") if isinstance(details, dict) else None
    return {
        "type": "fallback",
        "from": {"model": before.name},
        "to": {"model": after.name},
        "trigger": {"type": "refusal", "category": category},
    }


def _iterations(hops: list[_Hop]) -> list[JsonObject]:
    """Return the passes of all hops; a list whose author names the one that served is taken as it is."""
    *before, last = [_passes(hop) for hop in hops]
    if any(entry.get("type") == _SERVED for entry in last):
        return last
    if not hops[-1].declined:
        last = _as_served(last)
    return [*(entry for passes in before for entry in passes), *last]


def _passes(hop: _Hop) -> list[JsonObject]:
    """Return the iterations of one hop, with its model's name on those in which it wrote."""
    alone = iteration("message", counters_of(hop.usage), hop.usage.get("output_tokens", 0))
    passes = blocks_of(hop.usage.get("iterations")) or [alone]
    return [{**entry, "model": hop.name} if entry.get("type") == "message" else entry for entry in passes]


def _as_served(passes: list[JsonObject]) -> list[JsonObject]:
    """Return the passes with the last one in which the model wrote as that of a fallback."""
    last = max((index for index, entry in enumerate(passes) if entry.get("type") == "message"), default=None)
    return [{**entry, "type": _SERVED} if index == last else entry for index, entry in enumerate(passes)]
