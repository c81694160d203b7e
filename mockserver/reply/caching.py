"""The prompt cache: what a request reads, what it writes, what it pays for. Not here: the memory (`state.ledger`).

Source: documentation of prompt caching, and the rules that reproduce the recorded counters: a breakpoint covers all up
to and with its block; reads look back at most 20 positions from each breakpoint, which is the first of them, and the
longest prefix wins; writes happen at breakpoints alone, from the model's minimum on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from mockserver.reply.fingerprint import Fingerprint
from mockserver.reply.tokens import Weight
from mockserver.wire.content import THINKING_TYPES
from mockserver.wire.encoding import JsonObject
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


@dataclass(frozen=True, slots=True)
class Charge:
    """What the input of one request is made of, in tokens; `total` is all of it.

    `stored` are the prefixes that it leaves behind, `used` the keys of those that it read.
    """

    total: int
    read: int = 0
    written_5m: int = 0
    written_1h: int = 0
    cached: int = 0
    stored: tuple[Entry, ...] = ()
    used: tuple[bytes, ...] = ()

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
    stored = tuple(Entry(keys[m.at], weight.upto[m.at], m.ttl) for m in marks)
    read = 0 if hit < 0 else _read(keys[hit], weight.upto[hit], find)
    end = max(read, weight.upto[last.at])
    long_lived = [weight.upto[m.at] for m in marks if m.ttl == LONG_LIFE]
    middle = max([read, *long_lived])
    return Charge(
        total=weight.total,
        read=read,
        written_5m=end - middle,
        written_1h=middle - read,
        cached=end,
        stored=stored,
        used=tuple(key for key in keys[: hit + 1] if find(key) is not None),
    )


def _read(key: bytes, weight: int, find: Find) -> int:
    """Return the tokens of the prefix that is read: as many as were stored."""
    known = find(key)
    return weight if known is None else min(known, weight)


def _longest(marks: list[Mark], keys: list[bytes], find: Find) -> int:
    """Return the index of the block with which the longest stored prefix ends; -1 where there is none."""
    longest = -1
    for mark in marks:
        first = max(mark.at - LOOK_BACK, longest)
        longest = next((i for i in range(mark.at, first, -1) if find(keys[i]) is not None), longest)
    return longest


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
