"""What answers a conversation: the scenario that matches, or what stands in for it. Not here: judging the request."""

from typing import Final

from mockserver.engine import answering, chaos, counting, falling_back, limiting
from mockserver.engine.asking import Asking
from mockserver.engine.composing import compose
from mockserver.engine.delivery import Made, deliver, refuse
from mockserver.engine.disturbing import finish
from mockserver.engine.keeping import remembered
from mockserver.engine.standing import keep, standing
from mockserver.reply.fallback import fallback_entries
from mockserver.reply.steps import Reply
from mockserver.scenario.schema import Turn
from mockserver.scenario.selection import Chosen, explain_miss, nearest, select, told
from mockserver.wire.telling import redact

_FALLBACK_TURN: Final = Turn(reply="")


def message(asking: Asking) -> Reply:
    """Return the plan of the message that a request asks for. Raises `ApiError`."""
    known = standing(asking)
    if known is not None:
        return known.reply(asking)
    limiting.admit(asking)
    asking.warn_of_retired_model()
    mishap = chaos.strike(asking, asking.settings.chaos)
    if mishap is not None and mishap.error is not None:
        return chaos.failed(asking, mishap.error)
    answer = falling_back.answer(asking, one_answer)
    if mishap is not None and mishap.fault is not None:
        chaos.broken(asking, mishap.fault)
    if isinstance(answer, Made):
        keep(asking, answer, asking.chosen)
    return finish(asking, deliver(asking, answer) if isinstance(answer, Made) else answer)


def count_tokens(asking: Asking) -> Reply:
    """Return the plan of a token count. Raises `ApiError`."""
    limiting.admit(asking)
    chosen = _chosen(asking)
    if chosen is None:
        asking.exchange.verdict = "counted"
        return counting.count(asking)
    counted = answering.answer(asking, chosen)
    assert isinstance(counted, Reply)  # nothing but a count or an error, where tokens are counted
    return finish(asking, counted)


def one_answer(asking: Asking) -> Reply | Made:
    """Return what one model answers. Raises `ApiError`."""
    chosen = _chosen(asking)
    return _unmatched(asking) if chosen is None else answering.answer(asking, chosen)


def _chosen(asking: Asking) -> Chosen | None:
    chosen = asking.chosen = select(asking.world.scripts, asking.subject)
    if chosen is not None:
        asking.exchange.scenario, asking.exchange.turn = chosen.script.name, chosen.turn
        asking.world.used[chosen.script.key] += 1
    return chosen


def _unmatched(asking: Asking) -> Made:
    scripts = asking.world.scripts
    asking.exchange.nearest = [redact(line) for line in told(nearest(scripts, asking.subject))]
    why = explain_miss(scripts, asking.subject, asking.exchange.nearest)
    if asking.declined:
        why = f"{asking.declined}, and the next model's answer is missing: {why}"
    if asking.settings.on_unmatched == "error":
        refuse(asking, "unmatched", "not_found_error", why)
    asking.exchange.verdict = "fallback"
    asking.exchange.reason = why
    return remembered(asking, _FALLBACK_TURN, lambda: _made_up(asking))


def _made_up(asking: Asking) -> Made:
    entries, uncut = fallback_entries(asking.conversation, asking.source)
    return Made(compose(asking, entries, _FALLBACK_TURN, uncut=uncut))
