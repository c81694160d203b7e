"""Fallbacks: where the model refuses, the next one answers. Not here: what a scenario says for either.

Source: the `anthropic` package's types: entries are tried in order; a `fallback` block stands where one model's output
gives way to the next one's; the answer's usage is that of the model that served it, and `iterations` has an entry for
each that ran, the last one a `fallback_message`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from mockserver.engine.asking import Asking
from mockserver.engine.delivery import Made
from mockserver.reply.render import Answer
from mockserver.reply.steps import Reply
from mockserver.reply.usage import counters_of, iteration
from mockserver.wire.encoding import JsonObject
from mockserver.wire.messages import USAGE_ORDER, ordered
from mockserver.wire.traits import Model

_OVERRIDES: Final = ("max_tokens", "thinking", "output_config", "speed")
"""Fields that an entry may set for its attempt."""


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
    for body in _bodies(asking):
        if not hops[-1].declined:
            break
        asked = replace(asking, body=body, declined=f"{hops[-1].name} refused (scenario {asking.exchange.scenario!r})")
        made = attempt(asked)
        if not isinstance(made, Made):
            return made
        hops.append(_Hop(asked, made, made.answer.model.id))
    return _joined(hops) if len(hops) > 1 else hops[0].made


def _bodies(asking: Asking) -> Iterator[JsonObject]:
    """Yield the request as it is made to each fallback model."""
    body = asking.body or {}
    for entry in _entries(body, asking.prompt.model):
        model = asking.models.find(entry["model"])
        given = {key: entry[key] for key in _OVERRIDES if entry.get(key) is not None}
        yield {key: value for key, value in body.items() if key != "fallbacks" and _fits(key, value, model)} | {
            "model": entry["model"],
            **given,
        }


def _entries(body: JsonObject, model: Model) -> list[JsonObject]:
    fallbacks = body.get("fallbacks")
    if fallbacks == "default":
        return [{"model": name} for name in model.fallbacks[:1]]
    found = fallbacks if isinstance(fallbacks, list) else []
    return [entry for entry in found if isinstance(entry, dict) and isinstance(entry.get("model"), str)]


def _fits(key: str, value: Any, model: Model) -> bool:
    """Whether a field of the request goes for a fallback model, too: a mode of thinking that it has not does not."""
    return key != "thinking" or not isinstance(value, dict) or value.get("type") in model.thinking


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
    hops[0].asking.extra_headers = served.asking.extra_headers
    hops[0].asking.exchange.note = f"{served.asking.declined}, {served.name} answered"
    for hop in hops[1:]:
        hop.asking.prompt.settle(hop.asking.charge, str(message["id"]))
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
