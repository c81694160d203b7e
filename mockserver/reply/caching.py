"""The prompt cache: what a request reads, what it writes, what it pays for. Not here: the memory (`state.ledger`).

Source: documentation of prompt caching, and the rules that reproduce the recorded counters: a breakpoint covers all up
to and with its block; reads look back at most 20 positions from each breakpoint, which is the first of them, and the
longest prefix wins; writes happen at breakpoints alone, from the model's minimum on.
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from mockserver.reply.fingerprint import Fingerprint
from mockserver.reply.tokens import Weight
from mockserver.wire.content import THINKING_TYPES
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen
from mockserver.wire.prefix import LONG_LIFE, SHORT_LIFE, PromptBlock, marks_of
from mockserver.wire.traits import Model

LOOK_BACK: Final = 20
"""Positions, from a breakpoint backwards, at which a stored prefix is looked for; the breakpoint's own is the first."""

Preset = Literal["warm", "cold", "off"]
"""The cache as a scenario wants it: everything marked is stored already; nothing is; there is none."""

Find = Callable[[bytes], int | None]
"""Key of a prefix -> its tokens where it is stored, else None."""


class Mark(NamedTuple):
    """A breakpoint: at the block of that index in the prompt, with the lifetime that it asks for (`5m`, `1h`)."""

    at: int
    ttl: str


class Entry(NamedTuple):
    """A prefix to store: its key, its tokens, its lifetime."""

    key: bytes
    tokens: int
    ttl: str


@frozen
class Charge:
    """What the input of one request is made of, in tokens; `total` is all of it.

    `stored` are the prefixes that it leaves behind, `used` the keys of those that it read, `forgotten` of those that a
    scenario wants out of the cache.
    """

    total: int
    read: int = 0
    written_5m: int = 0
    written_1h: int = 0
    cached: int = 0
    stored: tuple[Entry, ...] = ()
    used: tuple[bytes, ...] = ()
    forgotten: tuple[bytes, ...] = ()

    @property
    def written(self) -> int:
        """Tokens that were written to the cache."""
        return self.written_5m + self.written_1h

    @property
    def uncached(self) -> int:
        """Tokens that the cache had no part in: `input_tokens`."""
        return self.total - self.read - self.written


def shortfall(marks: list[Mark], weight: Weight, model: Model) -> int | None:
    """Return the tokens of the longest marked prefix where the model caches none as short; else None."""
    longest = weight.upto[marks[-1].at] if marks else model.cache_minimum
    return longest if longest < model.cache_minimum else None


def charge(prompt: Fingerprint, marks: list[Mark], weight: Weight, find: Find, preset: Preset | None = None) -> Charge:
    """Return what a request with these breakpoints is charged for, given what is stored."""
    marks = [mark for mark in marks if weight.upto[mark.at] >= prompt.model.cache_minimum]
    if not marks or preset == "off":
        return Charge(weight.total)
    keys, last = prompt.keys, marks[-1]
    hit = {None: _longest(marks, keys, find), "warm": last.at, "cold": -1}[preset]
    upto = [0, *weight.upto]
    begun = upto[hit + 1]
    read = min(find(keys[hit]) or begun, begun) if hit >= 0 else 0
    # What is new is told from the border of what was read: a stored prefix may have weighed otherwise.
    new = [max(0, upto[mark.at + 1] - begun) for mark in marks]
    long_lived = max((tokens for mark, tokens in zip(marks, new, strict=True) if mark.ttl == LONG_LIFE), default=0)
    written = new[-1]
    return Charge(
        total=weight.total,
        read=read,
        written_5m=written - long_lived,
        written_1h=long_lived,
        cached=read + written,
        stored=tuple(
            Entry(keys[mark.at], min(read, upto[mark.at + 1]) if mark.at <= hit else read + tokens, mark.ttl)
            for mark, tokens in zip(marks, new, strict=True)
        ),
        used=tuple(key for key in keys[: hit + 1] if find(key) is not None),
        forgotten=tuple(keys) if preset == "cold" else (),
    )


def _longest(marks: list[Mark], keys: list[bytes], find: Find) -> int:
    """Return the index of the block with which the longest stored prefix ends; -1 where there is none."""
    unseen = len(keys)
    for mark in reversed(marks):
        for index in range(min(mark.at, unseen - 1), max(mark.at - LOOK_BACK, -1), -1):
            if find(keys[index]) is not None:
                return index
            unseen = index
    return -1


def marks_in(body: JsonObject, blocks: list[PromptBlock]) -> list[Mark]:
    """Return the breakpoints in prefix order: the explicit ones, and the automatic one."""
    found = ((index, marks_of(block.block)) for index, block in enumerate(blocks))
    explicit = [Mark(index, ttls[0]) for index, ttls in found if ttls]
    automatic = body.get("cache_control")
    if not isinstance(automatic, dict):
        return explicit
    last = next((i for i in reversed(range(len(blocks))) if _can_be_cached(blocks[i].block)), None)
    if last is None or any(mark.at == last for mark in explicit):
        return explicit
    return sorted([*explicit, Mark(last, str(automatic.get("ttl") or SHORT_LIFE))])


def _can_be_cached(block: JsonObject) -> bool:
    """Whether the automatic mark may stand on a block: not on thinking, nor on an empty text."""
    kind = block.get("type")
    return kind not in THINKING_TYPES and not (kind == "text" and not block.get("text"))
