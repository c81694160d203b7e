"""Fallbacks: where the model refuses, the next one answers. Not here: what a scenario says for either.

Source: the `anthropic` package's types: entries are tried in order; a `fallback` block stands where one model's output
gives way to the next one's; the answer's usage is that of the model that served it, and `iterations` has an entry for
each that ran, the last one a `fallback_message`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mockserver.engine.asking import Asking
from mockserver.engine.delivery import Made
from mockserver.reply.render import Answer
from mockserver.reply.steps import Reply
from mockserver.reply.usage import counters_of, iteration
from mockserver.validation.fallbacks import attempts
from mockserver.wire.encoding import JsonObject
from mockserver.wire.messages import USAGE_ORDER, ordered


@dataclass(frozen=True, slots=True)
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
    for body in attempts(asking.body or {}, asking.models):
        if not hops[-1].declined:
            break
        asked = replace(asking, body=body, declined=f"{hops[-1].name} refused (scenario {asking.exchange.scenario!r})")
        asked.warn_of_retired_model()
        made = attempt(asked)
        if not isinstance(made, Made):
            return made
        hops.append(_Hop(asked, made, made.answer.model.id))
    return _joined(hops) if len(hops) > 1 else hops[0].made


def _joined(hops: list[_Hop]) -> Made:
    """Return one answer of all hops' content, with the borders between them."""
    served = hops[-1]
    content: list[JsonObject] = []
    deltas: dict[int, list[str]] = {}
    for number, hop in enumerate(hops):
        if number:
            content.append(_border(hops[number - 1], hop))
        deltas |= {len(content) + index: parts for index, parts in hop.made.answer.deltas.items()}
        content += hop.message["content"]
    usage = ordered(served.usage | {"iterations": list(_iterations(hops))}, USAGE_ORDER)
    message = served.message | {"id": hops[0].message.get("id"), "content": content, "usage": usage}
    hops[0].asking.extra_headers, hops[0].asking.warnings = served.asking.extra_headers, served.asking.warnings
    hops[0].asking.exchange.note = f"{served.asking.declined}, {served.name} answered"
    for hop in hops[1:]:
        hop.asking.prompt.settle(hop.asking.charge, message["id"])
    joined = Answer(message, served.made.answer.model, deltas, served.made.answer.cut)
    return Made(joined, served.made.chunk)


def _border(before: _Hop, after: _Hop) -> JsonObject:
    details = before.message.get("stop_details") or {}
    return {
        "type": "fallback",
        "from": {"model": before.name},
        "to": {"model": after.name},
        "trigger": {"type": "refusal", "category": details.get("category")},
    }


def _iterations(hops: list[_Hop]) -> Iterator[JsonObject]:
    for hop in hops:
        serves = hop is hops[-1] and not hop.declined
        kind = "fallback_message" if serves else "message"
        yield iteration(kind, counters_of(hop.usage), hop.usage.get("output_tokens", 0), hop.name)
