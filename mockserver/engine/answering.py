"""The answer of one chosen scenario to one request. Not here: choosing it."""

import contextlib
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

from mockserver.engine.asking import Asking
from mockserver.engine.composing import compose
from mockserver.engine.counting import count
from mockserver.engine.delivery import Made, promise, refuse
from mockserver.engine.errors import make_error
from mockserver.engine.keeping import remembered
from mockserver.reply import plan
from mockserver.reply.dialects import uncounted
from mockserver.reply.render import Answer
from mockserver.reply.steps import Reply
from mockserver.scenario.match import Match
from mockserver.scenario.matching import Matcher, compile_match
from mockserver.scenario.positions import Document
from mockserver.scenario.problems import problems_of
from mockserver.scenario.scripts import PreparedFault, PreparedTurn, Rendered
from mockserver.scenario.selection import Chosen
from mockserver.scenario.templates import TemplateError
from mockserver.scenario.texts import Groups
from mockserver.scenario.verbatim import Event
from mockserver.wire.encoding import JsonObject, decode
from mockserver.wire.events import fold
from mockserver.wire.headers import wrong_header
from mockserver.wire.telling import redact


def answer(asking: Asking, chosen: Chosen) -> Reply | Made:
    """Return the chosen scenario's answer: a message, or the plan of what is none. Raises `ApiError`."""
    return _Answering(asking, chosen).reply()


class _Answering:
    """The answer of one chosen scenario to one request."""

    def __init__(self, asking: Asking, chosen: Chosen) -> None:
        self.asking = asking
        self.script = chosen.script
        self.turn = chosen.turn
        self.groups: Groups = chosen.groups
        self.attempt = 0

    def reply(self) -> Reply | Made:
        step = self._step()
        if step.counts_attempts:
            self.attempt = self.asking.attempt(f"{self.turn}/{self.script.key}")
            self.asking.exchange.attempt = self.attempt
        try:
            self._expect(step)
            outcome, happens = self._outcome(step)
            if outcome is not step:
                self._expect(outcome)
            self._disturb(outcome, happens=happens)
            self.asking.exchange.rendered = outcome.is_rendered
            self.asking.extra_headers = self._legal(outcome.headers.given(self._context))
            return self._maker(outcome, happens=happens)(self, outcome)
        except TemplateError as error:
            refuse(self.asking, "unexpected", "invalid_request_error", f"{self._where}: template {error.args[0]}")

    def _outcome(self, step: PreparedTurn) -> tuple[PreparedTurn, bool]:
        """Return what this attempt meets, and whether its error and faults happen, which chance may decide."""
        outcomes = step.outcomes
        first = min(self.attempt, len(outcomes) - 1)
        for number, outcome in enumerate(outcomes[first:], first):
            if self._happens(outcome.spec.chance, number):
                return outcome, True
        return outcomes[-1], False

    def _happens(self, chance: float | None, number: int) -> bool:
        """Let chance decide, by seed, request and attempt alone."""
        if chance is None:
            return True
        return self.asking.source.random(f"chance{self.turn}/{self.attempt}/{number}").random() < chance

    def _disturb(self, outcome: PreparedTurn, *, happens: bool) -> None:
        self.asking.delay += outcome.spec.delay or 0.0
        self.asking.batch_delay = outcome.spec.batch_delay
        chance = outcome.spec.chance
        if happens and chance is not None and outcome.error is not None:
            self.asking.exchange.faults.append(f"error: {outcome.error.value['type']} by chance {chance:g}")
        if happens:
            faults = ((fault.spec, self._fault_error(fault)) for fault in outcome.faults)
            self.asking.faults = (*self.asking.faults, *faults)

    def _fault_error(self, fault: PreparedFault) -> JsonObject | None:
        if fault.error is None:
            return None
        error: JsonObject = fault.error.given(self._context)
        self._legal(error.get("headers") or {})
        return error

    def _maker(self, outcome: PreparedTurn, *, happens: bool) -> Callable[["_Answering", PreparedTurn], Reply | Made]:
        makers = _COUNTS if self.asking.endpoint == "count_tokens" else _OUTCOMES
        keys = outcome.spec.answers if happens else [key for key in outcome.spec.answers if key != "error"]
        return next(make for key, make in makers.items() if key in keys)

    @property
    def _where(self) -> str:
        source = f" ({self.script.source})" if self.script.source else ""
        return f"scenario {self.script.name!r}{source}, turn {self.turn}"

    def _step(self) -> PreparedTurn:
        index = self.script.step_index(self.turn)
        if index is None:
            count = len(self.script.steps)
            why = (
                f"scenario {self.script.name!r} has {count} turn{'s' * (count > 1)}, and this is turn {self.turn} "
                "(counted from 0); add a turn (in code: .then(…)), or say 'after_last: repeat' or 'restart'"
            )
            refuse(self.asking, "unmatched", "not_found_error", why)
        return self.script.steps[index]

    def _context(self) -> dict[str, Any]:
        return self.asking.context(self.script, self.turn, self.attempt, self.groups)

    def _expect(self, step: PreparedTurn) -> None:
        if step.expect is None:
            return
        matcher = step.expects or self._rendered_match(step.expect.given(self._context))
        differences, groups = matcher.differences(self.asking.subject, self.script.anchor)
        if differences:
            words = "; ".join(map(str, differences))
            refuse(self.asking, "unexpected", "invalid_request_error", f"{self._where}, expected {words}")
        self.groups = self.groups | groups

    def _legal(self, headers: JsonObject) -> JsonObject:
        """Refuse headers that became illegal when they were rendered."""
        for name, value in headers.items():
            if reason := wrong_header(name, value):
                refuse(self.asking, "unexpected", "invalid_request_error", f"{self._where}: {reason}")
        return headers

    def _rendered_match(self, rendered: JsonObject) -> Matcher:
        try:
            return compile_match(Match.model_validate(rendered))
        except ValidationError as error:
            reasons = "; ".join(map(str, problems_of(error, Document(rendered), "")))
            refuse(self.asking, "unexpected", "invalid_request_error", f"{self._where}: expect, rendered: {reasons}")

    def _error(self, step: PreparedTurn) -> Reply:
        assert step.error is not None
        spec = step.error.given(self._context)
        error = make_error(spec, self.asking)
        self.asking.extra_headers = {**self._legal(spec.get("headers") or {}), **self.asking.extra_headers}
        self.asking.exchange.reason = redact(error.message)
        return plan.failed(error, self.asking.envelope)

    def _reply(self, step: PreparedTurn) -> Made:
        assert step.reply is not None
        if step.reply.render is not None:
            return self._composed(step, step.reply)
        reply = step.reply
        return remembered(self.asking, step, lambda: self._composed(step, reply))

    def _composed(self, step: PreparedTurn, reply: Rendered) -> Made:
        entries = reply.given(self._context)
        for words in uncounted(
            step.spec.usage.model_fields_set if step.spec.usage else (), self.asking.settings.dialect
        ):
            self.asking.warn(words)
        return Made(compose(self.asking, entries, step.spec), step.spec.stream)

    def _message(self, step: PreparedTurn) -> Made:
        message = step.spec.message
        assert message is not None
        model = self.asking.models.find(message.get("model"))
        self.asking.charge = self.asking.prompt.charge(step.spec.cache)
        return Made(Answer(message, model), step.spec.stream, verbatim=True)

    def _events(self, step: PreparedTurn) -> Reply:
        events = step.spec.events or []
        self.asking.charge = self.asking.prompt.charge(step.spec.cache)
        if not self.asking.conversation.streams:
            message = self._folded(events)
            more = promise(self.asking, message)
            return plan.plain(message, self.asking.envelope, more)
        message = {}
        with contextlib.suppress(ValueError):  # whatever is no message is remembered as none
            message = _fold(events)
        more = promise(self.asking, message)
        return plan.verbatim(events, self.asking.envelope, more)

    def _folded(self, events: list[Event]) -> JsonObject:
        try:
            return _fold(events)
        except ValueError as error:
            why = f"{self._where}: the request asks for no stream, and these events make no message: {error}"
            refuse(self.asking, "unexpected", "invalid_request_error", why)

    def _count(self, step: PreparedTurn) -> Reply:
        given = step.spec.usage.input_tokens if step.spec.usage else None
        verbatim = (step.spec.message or {}).get("usage", {}).get("input_tokens")
        return count(self.asking, verbatim if given is None else given)


def _fold(events: list[Event]) -> JsonObject:
    return fold(decode(event.data) if isinstance(event.data, str) else event.data for event in events)


_OUTCOMES: Final[dict[str, Callable[[_Answering, PreparedTurn], Reply | Made]]] = {
    "error": _Answering._error,
    "reply": _Answering._reply,
    "message": _Answering._message,
    "events": _Answering._events,
}
"""Key of a turn -> what answers."""

_COUNTS: Final[dict[str, Callable[[_Answering, PreparedTurn], Reply | Made]]] = {
    "error": _Answering._error,
    "reply": _Answering._count,
    "message": _Answering._count,
    "events": _Answering._count,
}
"""The same where tokens are counted: `usage`, or that of `message`, may give the number."""
