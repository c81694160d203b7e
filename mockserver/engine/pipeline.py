"""The pipeline: a request becomes a plan. Synchronous and deterministic; owns all state; knows no socket.

The order of the stages is that of `Engine._answered`. Each refusal is an `ApiError`; there is one place that catches
it, and one where a bug becomes a 500.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import unquote

from mockserver.engine import answering, chaos, counting, failing, falling_back, limiting, pages, resources, threads
from mockserver.engine.asking import Asking
from mockserver.engine.composing import compose
from mockserver.engine.delivery import Made, deliver, refuse
from mockserver.engine.disturbing import finish
from mockserver.engine.prompting import owner
from mockserver.reply import plan
from mockserver.reply.fallback import fallback_entries
from mockserver.reply.managing import Managed, manage
from mockserver.reply.steps import Reply
from mockserver.scenario.library import Library
from mockserver.scenario.schema import Turn
from mockserver.scenario.selection import explain_miss, select
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.state.episodes import Episode
from mockserver.state.journal import Exchange, Sent, Trial
from mockserver.state.resilience import judge as judge_client
from mockserver.state.sessions import DEFAULT_SESSION, Session, Sessions
from mockserver.validation.incoming import Incoming
from mockserver.validation.pipeline import Court, judge
from mockserver.validation.schema import readable
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError, own_refusal
from mockserver.wire.headers import redact_headers
from mockserver.wire.registry import Registry
from mockserver.wire.telling import redact
from mockserver.wire.traits import Model

_LATEST: Final = 50
"""Exchanges among which the failure is looked for that a request answers, for the log."""

SESSION_PREFIX: Final = "/_s/"
SESSION_HEADER: Final = "x-mock-session"


class Arrival(NamedTuple):
    """When a request had come: a time of the mock clock, real seconds, and by how many the clock had been advanced."""

    moment: datetime
    steady: float
    advanced: float


@dataclass(frozen=True, slots=True)
class Handled:
    """The plan of an answer, and its entry in the journal, which whoever plays it closes."""

    reply: Reply
    exchange: Exchange


class Engine:
    """All sessions of one server, and the pipeline through which each request goes."""

    def __init__(self, library: Library, settings: Settings, clock: Clock | None = None) -> None:
        self.library = library
        self.settings = settings
        self.clock = clock or Clock(settings.freeze, settings.speed)
        self.sessions = Sessions()
        self.models = Registry(settings.model)
        self._last_managed: tuple[JsonObject, Model, Managed] | None = None
        self.court = Court(
            accepted_keys=settings.api_key,
            models=self.models,
            rejects_retired=settings.retired_models == "reject",
            estimate=self._tokens,
            exists=_nothing_exists if settings.objects == "strict" else None,
        )

    def arrival(self, ago: float = 0.0) -> Arrival:
        """Return what the time was when a request came, so many real seconds ago; it is handled when its turn comes."""
        return Arrival(self.clock.now(ago), self.clock.steady() - ago, self.clock.advanced)

    def handle(self, incoming: Incoming, arrival: Arrival | None = None) -> Handled:
        """Return the answer to a request. Never raises: a bug becomes a 500 and stands in the journal.

        `arrival` is when it had come, from which its times count; now, where it is not given.
        """
        session, incoming = self._locate(incoming)
        exchange = Exchange(
            number=session.count_request(),
            session=session.name,
            method=incoming.method,
            path=incoming.path,
            trial=_trial(incoming, arrival or self.arrival()),
            headers=redact_headers(incoming.headers),
        )
        session.journal.open(exchange)
        asking = Asking(
            incoming,
            session,
            exchange,
            self.settings.seed,
            exchange.trial.arrived,
            self.models,
            session.limits.rates if session.limits.are_own else self.settings.limits_of(session.name),
            self._managed,
            edge=self.settings.edge_headers == "on",
        )
        reply = self._guarded(asking)
        exchange.status = reply.head.status if reply.is_sent else 0
        exchange.streamed = reply.head.length is None
        exchange.trial.failure = failing.failure_of(asking, reply)
        return Handled(reply, exchange)

    def ending(self, exchange: Exchange) -> None:
        """Note that the rest of an answer is sent now: whatever its client does next, it does behind this."""
        exchange.trial.advanced_by_end = self.clock.advanced

    def close(self, exchange: Exchange, sent: Sent) -> None:
        """Note how an answer ended on the wire, and when."""
        exchange.sent = sent
        trial = exchange.trial
        trial.ended, trial.finished, advanced = self.arrival()
        if trial.advanced_by_end is None:
            trial.advanced_by_end = advanced

    def answered_failure(self, exchange: Exchange) -> Episode | None:
        """Return the failure that this request answered, as far as the latest requests tell; None: it is no retry."""
        latest = self.sessions.get(exchange.session).journal.latest(_LATEST)
        if not any(other.trial.failure for other in latest):
            return None
        return next((e for e in judge_client(latest).episodes if e.retry is exchange), None)

    def _managed(self, body: JsonObject, model: Model) -> Managed:
        """Return the prompt of a body; the last one is kept, since judging and answering both ask for it."""
        if self._last_managed is None or self._last_managed[0] is not body or self._last_managed[1] is not model:
            self._last_managed = (body, model, manage(body, model))
        return self._last_managed[2]

    def _tokens(self, body: JsonObject, model: Model) -> int:
        return self._managed(body, model).weight.total

    def _locate(self, incoming: Incoming) -> tuple[Session, Incoming]:
        """Return the request's session, and the request with the path behind the session's prefix."""
        name = incoming.headers.get(SESSION_HEADER) or DEFAULT_SESSION
        path = incoming.path
        if path.startswith(SESSION_PREFIX):
            named, slash, rest = path.removeprefix(SESSION_PREFIX).partition("/")
            name, path = unquote(named) or name, slash + rest
        return self.sessions.get(name), incoming.at(unquote(path) or "/")

    def _guarded(self, asking: Asking) -> Reply:
        try:
            return self._page(asking) or self._answered(asking)
        except ApiError as error:
            asking.exchange.body = asking.exchange.body or readable(asking.incoming.body)
            asking.extra_headers, asking.delay = {}, 0.0  # what a scenario says belongs to its own answer
            if asking.exchange.verdict in ("answered", "fallback"):  # the answer could not be made of this request
                asking.exchange.verdict = "refused"
            asking.exchange.reason = asking.exchange.reason or self._why(asking, error)
            asking.authenticated = self.court.knows(asking.incoming)
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
        return pages.hint(asking.incoming, redact(error.message), self.models) + rule

    def _page(self, asking: Asking) -> Reply | None:
        page = pages.find(asking.incoming, asking.now)
        if page is not None:
            asking.exchange.verdict = "page"
        return page

    def _answered(self, asking: Asking) -> Reply:
        level = self.settings.validation_of(asking.session.name)
        strict = self.settings.objects == "strict"
        court = replace(self.court, resume=lambda body: threads.resume(asking, body, strict=strict))
        judged = judge(asking.incoming, level, court, asking.now.date())
        asking.body, asking.exchange.body = judged.body, judged.sent
        asking.endpoint = judged.route.operation
        asking.exchange.verdict = "answered"
        handler = _HANDLERS.get(judged.route.operation)
        return handler(self, asking) if handler else resources.answer(asking, judged.route)

    def _messages(self, asking: Asking) -> Reply:
        limiting.admit(asking)
        asking.warn_of_retired_model()
        mishap = chaos.strike(asking, self.settings.chaos)
        if mishap is not None and mishap.error is not None:
            return chaos.failed(asking, mishap.error)
        answer = falling_back.answer(asking, self._answer)
        if mishap is not None and mishap.fault is not None:
            chaos.broken(asking, mishap.fault)
        return finish(asking, deliver(asking, answer) if isinstance(answer, Made) else answer)

    def _answer(self, asking: Asking) -> Reply | Made:
        """Return what one model answers."""
        chosen = select(self.library.scripts, asking.subject)
        if chosen is None:
            return self._unmatched(asking)
        asking.exchange.scenario, asking.exchange.turn = chosen.script.name, chosen.turn
        return answering.answer(asking, chosen)

    def _unmatched(self, asking: Asking) -> Made:
        why = explain_miss(self.library.scripts, asking.subject)
        if asking.declined:
            why = f"{asking.declined}, and the next model's answer is missing: {why}"
        if self.settings.on_unmatched == "error":
            refuse(asking, "unmatched", "not_found_error", why)
        asking.exchange.verdict = "fallback"
        asking.exchange.reason = why
        entries, uncut = fallback_entries(asking.conversation, asking.source)
        return Made(compose(asking, entries, _FALLBACK_TURN, uncut=uncut))

    def _count_tokens(self, asking: Asking) -> Reply:
        limiting.admit(asking)
        chosen = select(self.library.scripts, asking.subject)
        if chosen is None:
            asking.exchange.verdict = "counted"
            return counting.count(asking)
        asking.exchange.scenario, asking.exchange.turn = chosen.script.name, chosen.turn
        counted = answering.answer(asking, chosen)
        assert isinstance(counted, Reply)  # nothing but a count or an error, where tokens are counted
        return finish(asking, counted)


_HANDLERS: Final[dict[str, Callable[[Engine, Asking], Reply]]] = {
    "messages": Engine._messages,
    "count_tokens": Engine._count_tokens,
}
"""Operation -> what answers it; the others are `resources`."""

_FALLBACK_TURN: Final = Turn(reply="")


def _trial(incoming: Incoming, arrival: Arrival) -> Trial:
    declared = incoming.headers.get("x-stainless-retry-count", "")
    return Trial(
        arrival.moment,
        arrival.steady,
        whose=zlib.crc32(owner(incoming.headers)),
        declared=int(declared) if declared.isdecimal() else None,
        advanced=arrival.advanced,
    )


def _nothing_exists(_kind: str, _id: str) -> bool:
    """Say of every object that it is not known: this version keeps none."""
    return False


def _bug(bug: Exception, exchange: Exchange) -> ApiError:
    exchange.verdict, exchange.bug = "bug", bug
    exchange.reason = f"a bug of the mock server, please report it: {type(bug).__name__}: {bug}"
    return own_refusal("api_error", exchange.reason)
