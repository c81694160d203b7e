"""The pipeline: a request becomes a plan. Synchronous and deterministic; owns all state; knows no socket.

The order of the stages is that of `Engine._answered`. Each refusal is an `ApiError`; there is one place that catches
it, and one where a bug becomes a 500.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from mockserver.engine import batching, conversing, failing, pages, resources, rows, threads
from mockserver.engine.asking import Asking
from mockserver.engine.coming import Come, Print, arrival_at, kept_bytes, locate, opened
from mockserver.engine.contents import files_of, with_contents
from mockserver.engine.repeating import Repeat, repeat_of
from mockserver.engine.worlds import World, Worlds
from mockserver.reply import plan
from mockserver.reply.managing import Managed, manage
from mockserver.reply.steps import Data, Reply, Run
from mockserver.scenario.library import Library
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.state.episodes import Episode
from mockserver.state.journal import Exchange, Sent
from mockserver.state.resilience import judge as judge_client
from mockserver.state.sessions import DEFAULT_SESSION, SESSION_PREFIX
from mockserver.state.store import Store
from mockserver.state.tally import Tally
from mockserver.validation.dialects import behind_prefix
from mockserver.validation.incoming import Incoming
from mockserver.validation.memory import Memory
from mockserver.validation.pipeline import Court, Judged, JudgeRow, judge, judge_of_rows
from mockserver.validation.schema import readable, too_deep
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError, own_refusal
from mockserver.wire.frozen import frozen
from mockserver.wire.parts import Parts
from mockserver.wire.telling import redact, redact_body, redact_bytes
from mockserver.wire.traits import Model

_Failing = Callable[[ApiError, Asking], Reply]
"""Returns the plan of an error."""

_LATEST: Final = 50
"""Exchanges among which the failure is looked for that a request answers, for the log."""


@frozen
class Handled:
    """The plan of an answer, and its entry in the journal of its session, which whoever plays it closes.

    `work` is what is left to be done before the answer goes out, in steps of about a request's length. `ready` is the
    whole body, of an answer that nothing stands in the way of; `runs` are how it is played, where that is known.
    """

    reply: Reply
    exchange: Exchange
    world: World
    work: Iterator[None] | None = None
    ready: bytes | None = None
    runs: list[Run] | None = None


def _failed(error: ApiError, asking: Asking) -> Reply:
    return plan.failed(error, asking.envelope)


class Engine:
    """All sessions of one server, and the pipeline through which each request goes."""

    def __init__(
        self, library: Library, settings: Settings, clock: Clock | None = None, store: Store | None = None
    ) -> None:
        self.library = library
        self.settings = settings
        self.sessions = Worlds(library, settings, clock, store)
        self.tally = Tally()
        self._memory = Memory[Judged]()
        self._parts = Parts()
        self._repeats = Memory[Repeat]()
        self._last_managed: tuple[JsonObject, Model, Managed] | None = None

    @property
    def clock(self) -> Clock:
        """The clock of the session `default`."""
        return self.sessions.get(DEFAULT_SESSION).clock

    def repeat(self, printed: Print) -> Repeat | None:
        """Return what answers a request that repeats another one, if it still does."""
        return self._repeats.find(printed)

    def again(self, repeat: Repeat, ago: float = 0.0) -> Handled | None:
        """Return the answer to a request that came so many real seconds ago; None where it has to be handled."""
        world = self.sessions.get(repeat.session)
        arrival = arrival_at(world.clock, ago)
        if not repeat.holds(world, arrival):
            return None
        world.busy += 1
        told, exchange = repeat.answer(world, arrival)
        return Handled(told.reply, exchange, world, ready=told.ready, runs=told.runs)

    def come(self, incoming: Incoming, ago: float = 0.0, printed: Print | None = None) -> Come:
        """Return a request with its session and its time: it came so many real seconds ago, and is handled in turn.

        By its `printed` it is known again.
        """
        world, incoming = self._locate(incoming)
        world.busy += 1
        return Come(world, incoming, arrival_at(world.clock, ago), printed)

    def handle(self, request: Incoming | Come) -> Handled:
        """Return the answer to a request. Never raises: a bug becomes a 500 and stands in the journal."""
        handled = self.begin(request)
        for _ in handled.work or ():
            pass
        return handled

    def begin(self, request: Incoming | Come) -> Handled:
        """Do the same, but for the work that a long request, which holds many others, leaves to whoever asked."""
        world, incoming, arrival, printed = request if isinstance(request, Come) else self.come(request)
        exchange = opened(world, incoming, arrival)
        kept = kept_bytes(incoming)
        world.journal.open(exchange, len(kept))
        asking = Asking(incoming, world, exchange, partial(self._managed, world, arrival.moment))
        reply = self._guarded(asking, lambda: self._page(asking) or self._answered(asking))
        exchange.trial.failure = failing.failure_of(asking, reply)
        if exchange.trial.failure is not None:
            world.failed = exchange.number
        self._plan(asking, reply)
        if asking.stands and printed is not None and (repeat := repeat_of(asking, reply)):
            self._repeats.keep(printed, repeat)
        return Handled(reply, exchange, world, asking.work, reply.ready)

    @staticmethod
    def _plan(asking: Asking, reply: Reply) -> None:
        """Note in the journal what is to be sent."""
        exchange = asking.exchange
        exchange.status = reply.head.status if reply.is_sent else 0
        exchange.streamed = reply.head.length is None
        exchange.answer_headers = reply.head.headers
        if exchange.body is None:
            exchange.raw = redact_bytes(kept_bytes(asking.incoming))
        pieces = tuple(step.bytes for step in reply.steps if isinstance(step, Data))
        asking.world.journal.planned(exchange, pieces)

    def ending(self, handled: Handled, sent: Sent) -> None:
        """Note how an answer is about to end, and when: whatever its client asks or does next, it does behind this."""
        trial = handled.exchange.trial
        trial.ended, trial.finished, trial.advanced_by_end = arrival_at(handled.world.clock)
        handled.exchange.sent = sent

    def close(self, handled: Handled, sent: Sent) -> None:
        """Note how an answer has ended on the wire, and when; one that went out in one go has, when it was to."""
        exchange, trial = handled.exchange, handled.exchange.trial
        noted = trial.advanced_by_end
        if noted is None or handled.ready is None or sent != exchange.sent:
            self.ending(handled, sent)
        if noted is not None:
            trial.advanced_by_end = noted
        handled.world.busy -= 1
        self.tally.count(exchange)

    def answered_failure(self, handled: Handled) -> Episode | None:
        """Return the failure that this request answered, as far as the latest requests tell; None: it is no retry."""
        if handled.exchange.number - handled.world.failed > _LATEST * handled.world.step:
            return None
        latest = handled.world.journal.latest(_LATEST)
        return next((e for e in judge_client(latest).episodes if e.retry is handled.exchange), None)

    def _managed(self, world: World, now: datetime, body: JsonObject, model: Model) -> Managed:
        """Return the prompt of a body, with the contents of the files that it names.

        The last one is kept, since judging and answering both ask for it.
        """
        if self._last_managed is None or self._last_managed[0] is not body or self._last_managed[1] is not model:
            self._last_managed = (body, model, manage(with_contents(body, world, now), model))
        return self._last_managed[2]

    def _locate(self, incoming: Incoming) -> tuple[World, Incoming]:
        before = self.sessions.prefix_of(DEFAULT_SESSION)
        is_before = bool(before) and incoming.path.startswith(before + SESSION_PREFIX)
        asked = incoming.at(incoming.path.removeprefix(before), incoming.base + before) if is_before else incoming
        name, located = locate(asked)
        world = self.sessions.get(name)
        dialect = world.settings.dialect
        if is_before and dialect.prefix == before and not located.path.startswith(f"{before}/"):
            return world, replace(located, prefix=before)  # the session stands behind a server's base URL
        return world, behind_prefix(located, dialect)

    def _guarded(self, asking: Asking, answer: Callable[[], Reply], failed: _Failing = _failed) -> Reply:
        """Return the answer, or the plan of what goes wrong with it."""
        try:
            return answer()
        except ApiError as error:
            came = asking.exchange.body or readable(kept_bytes(asking.incoming))
            asking.exchange.body = came and redact_body(came)
            asking.extra_headers, asking.delay = {}, 0.0  # what a scenario says belongs to its own answer
            if asking.exchange.verdict in ("answered", "fallback"):  # the answer could not be made of this request
                asking.exchange.verdict = "refused"
            asking.exchange.reason = asking.exchange.reason or self._why(asking, error)
            asking.authenticated = self._court(asking).knows(asking.incoming)
            return failed(error, asking)
        except RecursionError:
            refusal = too_deep()
            asking.exchange.reason = refusal.message
            return failed(refusal, asking)
        except Exception as bug:  # noqa: BLE001 - the one border where a bug becomes an answer
            return failed(_bug(bug, asking.exchange), asking)

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
        asking.body, asking.notes = judged.body, judged.notes
        asking.exchange.body = asking.noted("shown", lambda: redact_body(judged.sent))
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
            estimate=lambda body, model: asking.managed(body, model).weight.total,
            exists=partial(_exists, asking),
            file_type=partial(_file_type, asking),
            resume=lambda body: threads.resume(asking, body, strict=strict),
            dialect=settings.dialect,
            memory=self._memory,
            parts=self._parts,
        )

    def _create_batch(self, asking: Asking) -> Reply:
        reply, batch = batching.create(asking)
        level, today = asking.settings.validation, asking.now.date()
        judge_row = judge_of_rows(asking.incoming, level, self._court(asking), today)
        asking.work = batching.work(asking, batch, partial(self._row, judge_row))
        return reply

    def _row(self, judge_row: JudgeRow, batch: Asking, request: rows.Request) -> rows.Answered:
        """Answer a row of a batch as the request that it is."""
        asking = rows.asked(batch, request)
        reply = self._guarded(asking, lambda: self._row_answered(asking, judge_row, request.params), rows.failed)
        self._plan(asking, reply)
        self.tally.count(asking.exchange)
        return rows.Answered(asking, request.custom_id, reply)

    @staticmethod
    def _row_answered(asking: Asking, judge_row: JudgeRow, params: JsonObject) -> Reply:
        asking.body = judge_row(params, asking.incoming.body_size)
        asking.exchange.verdict = "answered"
        asking.warn_of_retired_model()
        return rows.answered(asking, conversing.one_answer(asking))


_HANDLERS: Final[dict[str, Callable[[Engine, Asking], Reply]]] = {
    "messages": lambda _, asking: conversing.message(asking),
    "count_tokens": lambda _, asking: conversing.count_tokens(asking),
    "batches.create": Engine._create_batch,
}
"""Operation -> what answers it; the others are in `resources`."""


def _exists(asking: Asking, kind: str, name: str) -> bool:
    """Say whether an object is there; of what is not known, every one unless objects are strict.

    Of containers and skills this version keeps none.
    """
    file = files_of(asking.world, asking.now).find(name) if kind == "file" else None
    if kind == "file" and file is None:
        asking.warn_of_others("files")
    return asking.settings.objects != "strict" if file is None else not file.has_expired(asking.now)


def _file_type(asking: Asking, name: str) -> str | None:
    """Return the type of a file that is known, though it may have expired."""
    file = files_of(asking.world, asking.now).find(name)
    return None if file is None else file.mime_type


def _bug(bug: Exception, exchange: Exchange) -> ApiError:
    exchange.verdict, exchange.bug = "bug", bug
    exchange.reason = f"a bug of the mock server, please report it: {type(bug).__name__}: {bug}"
    return own_refusal("api_error", exchange.reason)
