"""The pipeline: a request becomes a plan. Synchronous and deterministic; owns all state; knows no socket.

The order of the stages is that of `Engine._answered`. Each refusal is an `ApiError`; there is one place that catches
it, and one where a bug becomes a 500.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from mockserver.engine import answering, chaos, counting, failing, falling_back, limiting, pages, resources, threads
from mockserver.engine.asking import Asking
from mockserver.engine.coming import Come, arrival_at, locate, opened
from mockserver.engine.composing import compose
from mockserver.engine.delivery import Made, deliver, refuse
from mockserver.engine.disturbing import finish
from mockserver.engine.worlds import World, Worlds, check_dialects
from mockserver.reply import plan
from mockserver.reply.fallback import fallback_entries
from mockserver.reply.managing import Managed, manage
from mockserver.reply.steps import Data, Reply
from mockserver.scenario.library import Library
from mockserver.scenario.schema import Turn
from mockserver.scenario.selection import Chosen, explain_miss, nearest, select, told
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.state.episodes import Episode
from mockserver.state.journal import Exchange, Sent
from mockserver.state.resilience import judge as judge_client
from mockserver.state.sessions import DEFAULT_SESSION, SESSION_PREFIX
from mockserver.state.tally import Tally
from mockserver.validation.dialects import behind_prefix
from mockserver.validation.incoming import Incoming
from mockserver.validation.pipeline import Court, judge
from mockserver.validation.schema import readable
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError, own_refusal
from mockserver.wire.telling import redact, redact_bytes, redact_json
from mockserver.wire.traits import Model

_LATEST: Final = 50
"""Exchanges among which the failure is looked for that a request answers, for the log."""


@dataclass(frozen=True, slots=True)
class Handled:
    """The plan of an answer, and its entry in the journal of its session, which whoever plays it closes."""

    reply: Reply
    exchange: Exchange
    world: World


class Engine:
    """All sessions of one server, and the pipeline through which each request goes."""

    def __init__(self, library: Library, settings: Settings, clock: Clock | None = None) -> None:
        check_dialects([settings.dialect, *settings.session_dialect.values()])
        self.library = library
        self.settings = settings
        self.sessions = Worlds(library, settings, clock)
        self.tally = Tally()
        self._last_managed: tuple[JsonObject, Model, Managed] | None = None

    @property
    def clock(self) -> Clock:
        """The clock of the session `default`."""
        return self.sessions.get(DEFAULT_SESSION).clock

    def come(self, incoming: Incoming, ago: float = 0.0) -> Come:
        """Return a request with its session and its time: it came so many real seconds ago, and is handled in turn."""
        world, incoming = self._locate(incoming)
        world.busy += 1
        return Come(world, incoming, arrival_at(world.clock, ago))

    def handle(self, request: Incoming | Come) -> Handled:
        """Return the answer to a request. Never raises: a bug becomes a 500 and stands in the journal."""
        world, incoming, arrival = request if isinstance(request, Come) else self.come(request)
        exchange = opened(world, incoming, arrival)
        world.journal.open(exchange, len(incoming.body))
        asking = Asking(incoming, world, exchange, self._managed)
        reply = self._guarded(asking)
        exchange.status = reply.head.status if reply.is_sent else 0
        exchange.streamed = reply.head.length is None
        exchange.answer_headers = reply.head.headers
        exchange.trial.failure = failing.failure_of(asking, reply)
        if exchange.body is None:
            exchange.raw = redact_bytes(incoming.body)
        world.journal.planned(exchange, tuple(step.bytes for step in reply.steps if isinstance(step, Data)))
        return Handled(reply, exchange, world)

    def ending(self, handled: Handled, sent: Sent) -> None:
        """Note how an answer is about to end, and when: whatever its client asks or does next, it does behind this."""
        trial = handled.exchange.trial
        trial.ended, trial.finished, trial.advanced_by_end = arrival_at(handled.world.clock)
        handled.exchange.sent = sent

    def close(self, handled: Handled, sent: Sent) -> None:
        """Note how an answer has ended on the wire, and when."""
        exchange, trial = handled.exchange, handled.exchange.trial
        noted = trial.advanced_by_end
        self.ending(handled, sent)
        if noted is not None:
            trial.advanced_by_end = noted
        handled.world.busy -= 1
        self.tally.count(exchange)

    def answered_failure(self, handled: Handled) -> Episode | None:
        """Return the failure that this request answered, as far as the latest requests tell; None: it is no retry."""
        latest = handled.world.journal.latest(_LATEST)
        if not any(other.trial.failure for other in latest):
            return None
        return next((e for e in judge_client(latest).episodes if e.retry is handled.exchange), None)

    def _managed(self, body: JsonObject, model: Model) -> Managed:
        """Return the prompt of a body; the last one is kept, since judging and answering both ask for it."""
        if self._last_managed is None or self._last_managed[0] is not body or self._last_managed[1] is not model:
            self._last_managed = (body, model, manage(body, model))
        return self._last_managed[2]

    def _tokens(self, body: JsonObject, model: Model) -> int:
        return self._managed(body, model).weight.total

    def _locate(self, incoming: Incoming) -> tuple[World, Incoming]:
        before = self.sessions.prefix_of(DEFAULT_SESSION)
        is_before = bool(before) and incoming.path.startswith(before + SESSION_PREFIX)
        name, path = locate(incoming.at(incoming.path.removeprefix(before)) if is_before else incoming)
        world = self.sessions.get(name)
        dialect = world.settings.dialect
        if is_before and dialect.prefix == before and not path.startswith(f"{before}/"):
            return world, replace(incoming, path=path, prefix=before)  # the session stands behind a server's base URL
        return world, behind_prefix(incoming.at(path), dialect)

    def _guarded(self, asking: Asking) -> Reply:
        try:
            return self._page(asking) or self._answered(asking)
        except ApiError as error:
            self._keep(asking, asking.exchange.body or readable(asking.incoming.body))
            asking.extra_headers, asking.delay = {}, 0.0  # what a scenario says belongs to its own answer
            if asking.exchange.verdict in ("answered", "fallback"):  # the answer could not be made of this request
                asking.exchange.verdict = "refused"
            asking.exchange.reason = asking.exchange.reason or self._why(asking, error)
            asking.authenticated = self._court(asking).knows(asking.incoming)
            return plan.failed(error, asking.envelope)
        except RecursionError:
            too_deep = own_refusal("invalid_request_error", "the request body is nested too deeply")
            asking.exchange.reason = too_deep.message
            return plan.failed(too_deep, asking.envelope)
        except Exception as bug:  # noqa: BLE001 - the one border where a bug becomes an answer
            return plan.failed(_bug(bug, asking.exchange), asking.envelope)

    def _why(self, asking: Asking, error: ApiError) -> str:
        """Return the reason of a refusal, for journal and log, with the rule that it follows."""
        rule = f" [{error.rule}]" if error.rule else ""
        return pages.hint(asking.incoming, redact(error.message), asking.models) + rule

    def _page(self, asking: Asking) -> Reply | None:
        page = pages.find(asking.incoming, asking.now)
        if page is not None:
            asking.exchange.verdict = "page"
        return page

    def _answered(self, asking: Asking) -> Reply:
        judged = judge(asking.incoming, asking.settings.validation, self._court(asking), asking.now.date())
        asking.body = judged.body
        self._keep(asking, judged.sent)
        asking.endpoint = judged.route.operation
        asking.exchange.verdict = "answered"
        handler = _HANDLERS.get(judged.route.operation)
        return handler(self, asking) if handler else resources.answer(asking, judged.route)

    def _court(self, asking: Asking) -> Court:
        """Return what a request is judged by, beside the API's own rules."""
        settings = asking.settings
        strict = settings.objects == "strict"
        return Court(
            accepted_keys=settings.api_key,
            models=asking.models,
            rejects_retired=settings.retired_models == "reject",
            estimate=self._tokens,
            exists=_nothing_exists if strict else None,
            resume=lambda body: threads.resume(asking, body, strict=strict),
            dialect=settings.dialect,
        )

    @staticmethod
    def _keep(asking: Asking, body: JsonObject | None) -> None:
        """Keep the body that came for the journal, without keys and tokens."""
        asking.exchange.body = redact_json(body, asking.incoming.body)

    def _messages(self, asking: Asking) -> Reply:
        limiting.admit(asking)
        asking.warn_of_retired_model()
        mishap = chaos.strike(asking, asking.settings.chaos)
        if mishap is not None and mishap.error is not None:
            return chaos.failed(asking, mishap.error)
        answer = falling_back.answer(asking, self._answer)
        if mishap is not None and mishap.fault is not None:
            chaos.broken(asking, mishap.fault)
        return finish(asking, deliver(asking, answer) if isinstance(answer, Made) else answer)

    def _answer(self, asking: Asking) -> Reply | Made:
        """Return what one model answers."""
        chosen = self._chosen(asking)
        return self._unmatched(asking) if chosen is None else answering.answer(asking, chosen)

    @staticmethod
    def _chosen(asking: Asking) -> Chosen | None:
        chosen = select(asking.world.scripts, asking.subject)
        if chosen is not None:
            asking.exchange.scenario, asking.exchange.turn = chosen.script.name, chosen.turn
            asking.world.used[chosen.script.key] += 1
        return chosen

    @staticmethod
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
        entries, uncut = fallback_entries(asking.conversation, asking.source)
        return Made(compose(asking, entries, _FALLBACK_TURN, uncut=uncut))

    def _count_tokens(self, asking: Asking) -> Reply:
        limiting.admit(asking)
        chosen = self._chosen(asking)
        if chosen is None:
            asking.exchange.verdict = "counted"
            return counting.count(asking)
        counted = answering.answer(asking, chosen)
        assert isinstance(counted, Reply)  # nothing but a count or an error, where tokens are counted
        return finish(asking, counted)


_HANDLERS: Final[dict[str, Callable[[Engine, Asking], Reply]]] = {
    "messages": Engine._messages,
    "count_tokens": Engine._count_tokens,
}
"""Operation -> what answers it; the others are `resources`."""

_FALLBACK_TURN: Final = Turn(reply="")


def _nothing_exists(_kind: str, _id: str) -> bool:
    """Say of every object that it is not known: this version keeps none."""
    return False


def _bug(bug: Exception, exchange: Exchange) -> ApiError:
    exchange.verdict, exchange.bug = "bug", bug
    exchange.reason = f"a bug of the mock server, please report it: {type(bug).__name__}: {bug}"
    return own_refusal("api_error", exchange.reason)
