"""Rate limits: what there are, whose they are, and the twelve headers that tell them. Not here: counting (`state`).

Source: the API's page on rate limits, and recorded headers.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from mockserver.wire.frozen import frozen
from mockserver.wire.traits import Model


@frozen
class RateLimits:
    """A minute's limits for each class of models: requests, tokens of either kind, and requests to count tokens.

    What is not given is that of the usage tier Start.
    """

    requests: int = 1_000
    input_tokens: int = 2_000_000
    output_tokens: int = 400_000
    count_tokens: int = 2_000


START: Final = RateLimits()
"""The usage tier Start, as Opus 5, Sonnet 5 and Haiku 4.5 have it (documentation)."""

TIERS: Final = {"start": START}
"""Name of a usage tier -> its limits."""

Limit = Literal["requests", "input-tokens", "output-tokens"]
"""A limit, as headers and messages name it."""

KINDS: Final[dict[Limit, str]] = {
    "input-tokens": "input_tokens",
    "output-tokens": "output_tokens",
    "requests": "requests",
}
"""Limit, in wire order -> the field of `RateLimits`."""

MINUTE: Final = 60.0

_ROUNDED_TO: Final = 1000
"""Remaining tokens are multiples of this (recorded)."""


class Level(NamedTuple):
    """How a limit stands: its size, what remains, and when it is whole again."""

    limit: int
    remaining: float
    whole: datetime


def level_headers(levels: Mapping[str, Level]) -> dict[str, str]:
    """Return the twelve `anthropic-ratelimit-*` headers of the kinds' levels; `tokens` is both kinds together."""
    sent, received = levels["input-tokens"], levels["output-tokens"]
    both = Level(sent.limit + received.limit, sent.remaining + received.remaining, max(sent.whole, received.whole))
    headers: dict[str, str] = {}
    for name, level in {**levels, "tokens": both}.items():
        remaining = max(0.0, level.remaining)
        whole = math.floor(remaining) if name == "requests" else round(remaining / _ROUNDED_TO) * _ROUNDED_TO
        headers |= {
            f"anthropic-ratelimit-{name}-limit": str(level.limit),
            f"anthropic-ratelimit-{name}-remaining": str(whole),
            f"anthropic-ratelimit-{name}-reset": level.whole.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    return headers


def rate_headers(
    now: datetime, spent: Mapping[str, int] = MappingProxyType({}), resets_in: float | None = None
) -> dict[str, str]:
    """Return the headers where nobody counts: `spent` says how much of which limit is gone in this minute.

    A limit is whole again after the time in which as much flows back, or after `resets_in` seconds.
    """
    levels: dict[str, Level] = {}
    for name, field in KINDS.items():
        limit: int = getattr(START, field)
        gone = min(spent.get(name, 0), limit)
        seconds = MINUTE * gone / limit if resets_in is None or not gone else resets_in
        levels[name] = Level(limit, limit - gone, now.replace(microsecond=0) + timedelta(seconds=int(seconds)))
    return level_headers(levels)


def after_answer(now: datetime, input_tokens: int, output_tokens: int) -> dict[str, str]:
    """Return the headers of an answer; what was read from the cache counts for no limit (documentation)."""
    return dict(_after_answer(now.replace(microsecond=0), input_tokens, output_tokens))


@lru_cache(maxsize=64)
def _after_answer(second: datetime, input_tokens: int, output_tokens: int) -> dict[str, str]:
    return rate_headers(second, {"input-tokens": input_tokens, "output-tokens": output_tokens, "requests": 1})


def exhausted_limit(limit: Limit, now: datetime, seconds: float) -> dict[str, str]:
    """Return the headers of an answer after which nothing of one limit remains, for so many seconds."""
    return rate_headers(now, {limit: getattr(START, KINDS[limit])}, seconds)


def model_class(model: Model) -> str:
    """Return the class of models that share limits, such as `sonnet-4`: the versions of a generation (documentation).

    A model of which nothing is known has its own.
    """
    name = model.id.removeprefix("claude-")
    match = re.match(r"(?:(\d)-(?:\d-)?)?([a-z]+)(?:-(\d))?(?:-|$)", name)
    return f"{match[2]}-{match[1] or match[3]}" if match and (match[1] or match[3]) else model.id[:_LONGEST]


_LONGEST: Final = 200
"""Characters of the name of a model that nothing is known of, where it names a class."""
