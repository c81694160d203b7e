"""An answer that is the same each time but for its id is made once, and kept with the body. Not here: making it.

What an answer is made of follows from its scenario, the request, seed and session, unless the prompt cache, templates
or the time have a part in it; those are made anew each time.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from mockserver.engine.asking import Asking
from mockserver.engine.delivery import Made
from mockserver.reply.caching import Charge
from mockserver.wire.encoding import encode

LONGEST: Final = 64 * 1024
"""Bytes of the longest answer that is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and what is noted beside it; `maker` is what made it, `is_named` says whether its id is derived."""

    maker: object
    made: Made
    charge: Charge
    note: str
    is_named: bool


def remembered(asking: Asking, maker: object, make: Callable[[], Made]) -> Made:
    """Return the answer of a turn (`maker`) to a request, as `make` makes it."""
    key = "made", id(maker), asking.settings.seed, asking.world.name, asking.endpoint, asking.declined
    kept: Kept | None = asking.notes.get(key)
    if kept is None:
        warning, made = asking.exchange.warning, make()
        if asking.exchange.warning == warning and _is_constant(asking, made):
            is_named = made.answer.message["id"] == asking.source.message_id()
            made = replace(made, frames=[] if is_named else None)
            asking.notes[key] = Kept(maker, made, asking.charge, asking.exchange.note, is_named)
        return made
    asking.charge, asking.exchange.note = kept.charge, kept.note
    return renamed(kept.made, asking.source.message_id()) if kept.is_named else kept.made


def _is_constant(asking: Asking, made: Made) -> bool:
    """Whether nothing but the request decides about the answer, neither the cache nor the time; and it is not long."""
    message = made.answer.message
    if len(encode(message)) > LONGEST:
        return False
    return not asking.prompt.marks and "diagnostics" not in message and "container" not in message


def renamed(made: Made, name: str) -> Made:
    """Return the same message under another id."""
    return replace(made, answer=replace(made.answer, message=made.answer.message | {"id": name}))
