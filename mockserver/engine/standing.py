"""An answer that stands: what met a request once meets the same one again, until something is scripted or set anew.

It stands where nothing but the request decides about it: no attempts, chance, `expect`, delay, fault, limit or cache,
and no scenario that looks at headers. Everything else goes through the whole of `conversing`.
"""

from dataclasses import dataclass
from typing import Any

from mockserver.engine.asking import Asking
from mockserver.engine.delivery import Made, deliver
from mockserver.engine.keeping import renamed
from mockserver.reply.caching import Charge
from mockserver.reply.steps import Reply
from mockserver.scenario.scripts import Script
from mockserver.scenario.selection import Chosen
from mockserver.settings import Settings
from mockserver.state.journal import Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """An answer, and what is noted beside it; it stands as long as `settings` and `scripts` are the session's."""

    settings: Settings
    scripts: tuple[Script, ...]
    chosen: Chosen | None
    made: Made
    charge: Charge
    verdict: Verdict
    noted: tuple[Any, ...]

    def reply(self, asking: Asking) -> Reply:
        """Return the plan of the answer to one more request."""
        exchange = asking.exchange
        exchange.verdict, asking.charge = self.verdict, self.charge
        exchange.reason, exchange.note, exchange.nearest = self.noted
        asking.stands, asking.chosen = True, self.chosen
        if self.chosen is not None:
            exchange.scenario, exchange.turn = self.chosen.script.name, self.chosen.turn
            asking.world.used[self.chosen.script.key] += 1
        reply = deliver(asking, renamed(self.made, asking.source.message_id()))
        exchange.usage = (asking.message or {}).get("usage")
        return reply


def standing(asking: Asking) -> Standing | None:
    """Return the answer that stands for a request; None where it has to be made."""
    known: Standing | None = asking.notes.get(_key(asking))
    if known is None or known.settings is not asking.settings or known.scripts is not asking.world.scripts:
        return None
    return known


def keep(asking: Asking, made: Made, chosen: Chosen | None) -> None:
    """Let an answer stand, if nothing but the request decides about it."""
    exchange, scripts = asking.exchange, asking.world.scripts
    disturbed = asking.faults or asking.delay or asking.extra_headers or asking.warnings or asking.passes
    if made.frames is None or disturbed or not _is_free(asking, chosen) or any(s.reads_headers for s in scripts):
        return
    noted = exchange.reason, exchange.note, exchange.nearest
    asking.notes[_key(asking)] = Standing(
        asking.settings, scripts, chosen, made, asking.charge, exchange.verdict, noted
    )


def _key(asking: Asking) -> tuple[Any, ...]:
    return Standing, asking.world.name, asking.endpoint


def _is_free(asking: Asking, chosen: Chosen | None) -> bool:
    """Whether neither limits nor chaos nor the scenario's own conditions have a part in the answer."""
    if asking.settings.limits is not None or asking.settings.chaos != "off" or asking.declined:
        return False
    return chosen is None or not chosen.script.has_conditions
