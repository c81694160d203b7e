"""The stages in order; the only place that knows the order. Not here: the stages themselves.

Order measured on the live API: edge, route and method, credentials, headers, JSON, schema with unknown keys, shape of
the conversation, semantics, model, limits. The first failure wins.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, cast

from mockserver.settings import Validation
from mockserver.validation.batches import check_batch
from mockserver.validation.betas import check_betas
from mockserver.validation.credentials import check_credentials, check_version
from mockserver.validation.dialects import check_place, check_served, law_of, meant, refusal
from mockserver.validation.fallbacks import attempts
from mockserver.validation.incoming import Incoming
from mockserver.validation.memory import Memory, Notes
from mockserver.validation.rules.rule import Rule
from mockserver.validation.rules.table import rules_for, rules_of_attempts
from mockserver.validation.schema import check_depth, check_object, check_shape, parse
from mockserver.validation.scope import CURRENT, Scope
from mockserver.validation.subject import Endpoint, Subject
from mockserver.validation.transport import Route, check_body, find_route
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialects import ANTHROPIC
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.errors import ApiError
from mockserver.wire.headers import betas
from mockserver.wire.parts import Parts, noted, split
from mockserver.wire.registry import STANDARD, Registry
from mockserver.wire.traits import Model


@dataclass(frozen=True, slots=True)
class Court:
    """What a server judges by, beside the API's own rules.

    `accepted_keys`: the only valid ones; none: every key. `estimate` counts the input tokens of a body. `exists` says
    whether an object (kind, id) is there; None: every well-formed id is taken. `file_type` is that of a file that is
    known, though it may have expired. `resume` puts the whole conversation of a thread into a body that continues it,
    or refuses it. `dialect` is what requests are written in. `memory` is what was judged before, and `parts` are
    those of which that was made up; None: nothing is kept.
    """

    accepted_keys: Collection[str] = ()
    models: Registry = STANDARD
    rejects_retired: bool = False
    estimate: Callable[[JsonObject, Model], int] | None = None
    exists: Callable[[str, str], bool] | None = None
    file_type: Callable[[str], str | None] | None = None
    resume: Callable[[JsonObject], JsonObject] | None = None
    dialect: Dialect = ANTHROPIC
    memory: "Memory[Judged] | None" = None
    parts: Parts | None = None

    def knows(self, incoming: Incoming) -> bool:
        """Whether the credentials are good; an answer to others names no organization (recorded)."""
        try:
            check_credentials(incoming.headers, self.accepted_keys, self.dialect)
        except ApiError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Judged:
    """A request that the API would answer: what is asked for, and the body, empty where the operation has none.

    `sent` is the body as it came, without what its thread holds. `notes` are whatever else follows from the body alone,
    by whoever found it out: requests with equal bodies may share them.
    """

    route: Route
    body: JsonObject = field(default_factory=dict)
    sent: JsonObject = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes, compare=False)


def judge(incoming: Incoming, level: Validation, court: Court, today: date) -> Judged:
    """Return what is asked, or raise the `ApiError` that the real API would answer with.

    `strict` judges everything; `lenient` transport, credentials, version, JSON and the kinds of known fields; `off`
    transport, credentials and JSON.
    """
    check_body(incoming)
    check_place(incoming, court.dialect)
    route = find_route(incoming.method, incoming.path)
    check_served(route, incoming.method, court.dialect)
    check_credentials(incoming.headers, court.accepted_keys, court.dialect)
    scope = _scope(incoming, level, court.dialect)
    if route.operation == "models.retrieve":
        _check_model(route.id, court, today, level)
    if route.operation not in ("messages", "count_tokens", "batches.create"):
        return Judged(route)
    key = _key(incoming, route, scope, level, court, today)
    if court.memory is not None and (known := court.memory.find(key)):
        return known
    judged = _judged(incoming, route, scope, level, court, today)
    if court.memory is not None and _is_settled(judged):
        court.memory.keep(key, judged)
    return judged


def _key(
    incoming: Incoming, route: Route, scope: Scope, level: Validation, court: Court, today: date
) -> tuple[bytes, *tuple[Any, ...]]:
    """Return all that a verdict on a body hangs on, but for what `_is_settled` excludes."""
    asked = incoming.body, route.operation, scope.version, scope.betas, level
    return *asked, today, court.rejects_retired, court.models, court.dialect


def _is_settled(judged: Judged) -> bool:
    """Whether the verdict would be the same again: it need not where things of the session have a part in it."""
    if judged.route.operation == "batches.create" or "thread" in judged.sent or "container" in judged.sent:
        return False
    parts, rest = split(judged.sent)
    return not _names_file(rest) and not any(noted(part, _names_file, partial(_names_file, part)) for part in parts)


def _names_file(value: JsonObject) -> bool:
    return b"file_id" in encode(value)


def _judged(incoming: Incoming, route: Route, scope: Scope, level: Validation, court: Court, today: date) -> Judged:
    value = parse(incoming.body)
    if isinstance(value, dict):
        parts = Parts() if court.parts is None else court.parts
        value = parts.known(value)
    check_depth(value)
    body = check_object(value)
    if level != "off" or route.operation == "batches.create":  # a batch that cannot be read has no rows
        scope = scope.of_model(court.models.known(body.get("model")))
        check_shape(body, route.operation, scope, law_of(court.dialect).bodies)
    whole = court.resume(body) if court.resume and body.get("thread") else body
    if level == "strict" and route.operation == "batches.create":
        check_batch(body)
    elif level == "strict":
        endpoint = cast(Endpoint, route.operation)
        _check_meaning(whole, endpoint, scope, court, today, incoming.body_size, resumed=whole is not body)
    return Judged(route, meant(whole, court.dialect), body)


JudgeRow = Callable[[JsonObject, int], JsonObject]
"""Returns what a body of a row means, of so many bytes, or raises the `ApiError` that becomes of it."""


def judge_of_rows(batch: Incoming, level: Validation, court: Court, today: date) -> JudgeRow:
    """Return who judges the rows of a batch that was judged itself: all have its headers."""
    outer = _scope(batch, level, court.dialect)
    bodies = law_of(court.dialect).bodies

    def judge_row(body: JsonObject, size: int) -> JsonObject:
        scope = outer.of_model(court.models.known(body.get("model")))
        if level != "off":
            check_shape(body, "batches", scope, bodies)
        if level == "strict":
            _check_meaning(body, "batches", scope, court, today, size)
        body = meant(body, court.dialect)
        return {name: value for name, value in body.items() if name != "stream"} if "stream" in body else body

    return judge_row


def _check_model(name: str, court: Court, today: date, level: Validation) -> None:
    """Refuse to tell of a model that does not exist; of one that is retired, where requests to it are refused."""
    model = court.models.known(name)
    rejects_retired = court.rejects_retired and level == "strict"
    if model is None or (rejects_retired and model.is_retired(today)):
        raise ApiError("not_found_error", f"model: {name}")


def _scope(incoming: Incoming, level: Validation, dialect: Dialect) -> Scope:
    if level == "off":
        return Scope(lenient=True)
    asked = betas(incoming.headers)
    if level == "lenient":
        if not incoming.headers.get("anthropic-version"):
            check_version(incoming.headers, dialect)
        return Scope(CURRENT, frozenset(asked), lenient=True)
    version = check_version(incoming.headers, dialect)
    check_betas(asked)
    return Scope(version, law_of(dialect).betas.union(asked))


def _check_meaning(
    body: JsonObject, endpoint: Endpoint, scope: Scope, court: Court, today: date, size: int, *, resumed: bool = False
) -> None:
    law = law_of(court.dialect)
    if law.foreign:
        body = {name: value for name, value in body.items() if name not in law.foreign}
    subject = Subject(
        body,
        scope,
        endpoint,
        today=today,
        rejects_retired=court.rejects_retired,
        estimate=court.estimate,
        exists=court.exists,
        file_type=court.file_type,
        size=size,
        models=court.models,
        resumed=resumed,
    )
    if words := refusal(subject, court.dialect):
        raise ApiError("invalid_request_error", words)
    waived = court.dialect.waives
    _ask(rules_for(frozenset(body), subject.kinds), subject, waived)
    for number, attempt in enumerate(attempts(body, court.models)):
        asked = scope.of_model(court.models.known(attempt["model"]))
        attempted = replace(subject, body=attempt, scope=asked)
        _ask(rules_of_attempts(frozenset(attempt), subject.kinds), attempted, waived, f"fallbacks.{number}: ")


def _ask(rules: Iterable[Rule], subject: Subject, waived: Collection[str], place: str = "") -> None:
    """Raise the first refusal; its words stand behind the place that they are about. Nobody asks what is `waived`."""
    for rule in (rule for rule in rules if rule.full_name not in waived) if waived else rules:
        refused = rule.check(subject)
        if refused is not None:
            error = refused if isinstance(refused, ApiError) else ApiError("invalid_request_error", place + refused)
            error.rule = rule.full_name
            raise error
