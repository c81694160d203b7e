"""Rate limits: a request is let through or gets a 429, and an answer is paid for. Not here: the buckets (`state`).

Source: the API's page on rate limits. Requests and input tokens are looked at before a request runs; what it reads from
the cache counts for nothing. Output tokens count as they are produced, `max_tokens` does not; so a request runs while
anything is left of them, and may leave less than nothing.
"""

from collections.abc import Iterator
from typing import Final, Literal

from mockserver.engine.asking import Asking
from mockserver.engine.errors import words
from mockserver.state.limits import COUNTING, seconds_to_fill, whole_seconds
from mockserver.wire.catalogue.limits import exceeded
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError
from mockserver.wire.rates import KINDS, Limit, RateLimits, after_answer, level_headers, model_class

Kind = Limit | Literal["count_tokens"]

_FIELDS: Final[dict[Kind, str]] = {COUNTING: "count_tokens", **dict[Kind, str](KINDS.items())}


def admit(asking: Asking) -> None:
    """Let the request through, which counts it; raise the 429 of the limit that it would exceed."""
    rates = asking.rates
    if rates is None:
        return
    asking.exchange.limited = True
    whose, limits = _whose(asking), asking.world.limits
    for kind, amount in _needed(asking):
        size: int = getattr(rates, _FIELDS[kind])
        held = limits.held(whose, kind, size, asking.now)
        if amount > held:
            raise _refusal(asking, rates, kind, seconds_to_fill(amount - held, size), alone=amount > size)
    kind = _counted(asking)
    limits.spend(whose, kind, getattr(rates, _FIELDS[kind]), 1, asking.now)


def told(asking: Asking) -> dict[str, str]:
    """Return the headers that tell what the answer leaves of the limits of the model that gives it."""
    serving, message = _passes(asking)[-1]
    spent = _spent(serving, message)
    if asking.rates is None:
        return after_answer(asking.now, spent["input-tokens"], spent["output-tokens"])
    return level_headers(asking.world.limits.levels(_whose(serving), asking.rates, asking.now, spent))


def spent_by(asking: Asking) -> tuple[int, int]:
    """Return what an answer spent where nobody counts: input and output tokens."""
    spent = _spent(asking, asking.message or {})
    return spent["input-tokens"], spent["output-tokens"]


def pay(asking: Asking) -> None:
    """Take what an answer spent out of the buckets, of each model its own; rows of batches have other limits."""
    if asking.rates is None or asking.endpoint == "batches":
        return
    for other, message in _passes(asking):
        for kind, amount in _spent(other, message).items():
            asking.world.limits.spend(_whose(other), kind, getattr(asking.rates, KINDS[kind]), amount, asking.now)


def _passes(asking: Asking) -> list[tuple[Asking, JsonObject]]:
    return asking.passes or [(asking, asking.message or {})]


def _spent(asking: Asking, message: JsonObject) -> dict[Limit, int]:
    output = (message.get("usage") or {}).get("output_tokens")
    return {
        "input-tokens": asking.charge.uncached + asking.charge.written,
        "output-tokens": output if isinstance(output, int) else 0,
    }


def _whose(asking: Asking) -> tuple[bytes, str]:
    return asking.owner, model_class(asking.models.find((asking.body or {}).get("model")))


def _counted(asking: Asking) -> Kind:
    return COUNTING if asking.endpoint == "count_tokens" else "requests"


def _needed(asking: Asking) -> Iterator[tuple[Kind, float]]:
    """Yield how much of which limit the request needs, in the order in which they are looked at."""
    yield _counted(asking), 1
    if asking.endpoint != "count_tokens":
        charge = asking.prompt.charge()
        yield "input-tokens", charge.uncached + charge.written
        yield "output-tokens", 1


def _refusal(asking: Asking, rates: RateLimits, kind: Kind, seconds: float, *, alone: bool) -> ApiError:
    """Return the 429; a request that alone exceeds the limit need not be sent again (recorded)."""
    asking.exchange.verdict = "limited"
    named = exceeded("requests" if kind == COUNTING else kind, f"{getattr(rates, _FIELDS[kind]):,}")
    advice = {"x-should-retry": "false"} if alone else {"retry-after": str(max(1, whole_seconds(seconds)))}
    if kind != COUNTING:
        advice |= level_headers(asking.world.limits.levels(_whose(asking), rates, asking.now))
    return ApiError(named.type, words(named.message, asking), headers=advice)
