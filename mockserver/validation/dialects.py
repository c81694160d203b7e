"""What a dialect changes about judging: its grammar, its betas, its own refusals. Not here: the dialects (`wire`)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from mockserver.validation.grammar.blocks import BLOCKS
from mockserver.validation.grammar.containers import Field, Record
from mockserver.validation.grammar.limited import EveryTool, Limited, Narrowed, unknown_tag
from mockserver.validation.grammar.requests import MESSAGES
from mockserver.validation.grammar.tools import TOOLS
from mockserver.validation.incoming import Incoming
from mockserver.validation.schema import BODIES
from mockserver.validation.subject import Subject
from mockserver.validation.transport import ROUTES, Route
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialect_parts import Parameter
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import own_refusal
from mockserver.wire.frozen import frozen

_KEPT: Final = 64
"""Dialects whose grammar is kept."""


@frozen
class Law:
    """A dialect as the stages of validation ask it.

    `bodies` are the bodies by operation, `betas` those that nobody need ask for, `foreign` the parameters that are not
    the API's, of which no rule of the API knows.
    """

    bodies: Mapping[str, Record]
    betas: frozenset[str]
    foreign: frozenset[str]


@lru_cache(_KEPT)
def law_of(dialect: Dialect) -> Law:
    """Return what requests in a dialect are judged by."""
    foreign = frozenset(name for name, given in dialect.parameters.items() if given.type)
    betas = frozenset(beta for name in dialect.opens for beta in _opening(name))
    bodies = dict(BODIES)
    if dialect.parameters or dialect.missing or dialect.tools.fields or dialect.tools.required:
        for operation in ("messages", "batches"):
            bodies[operation] = _body(dialect, BODIES[operation], foreign)
        counted = BODIES["count_tokens"]
        taken = {name for name in foreign if name in counted.fields or name not in MESSAGES.fields}
        bodies["count_tokens"] = _body(dialect, counted, frozenset(taken), optional=True)
    return Law(bodies, betas, foreign)


def _opening(name: str) -> frozenset[str]:
    """Return the betas any of which opens a parameter, a type of tools or a type of blocks."""
    field = MESSAGES.fields.get(name)
    return field.betas if field else TOOLS.betas.get(name) or BLOCKS.betas[name]


def _body(dialect: Dialect, own: Record, foreign: frozenset[str], *, optional: bool = False) -> Record:
    """Return a body of the API as the dialect has it; `optional`: its own parameters need not be there."""
    fields = {name: field for name, field in own.fields.items() if name not in dialect.missing}
    if "tools" in fields and (dialect.tools.fields or dialect.tools.required):
        more = {name: _field(given) for name, given in dialect.tools.fields.items()}
        fields["tools"] = replace(fields["tools"], kind=EveryTool(TOOLS, more, dialect.tools.required))
    for name, places in _places(dialect).items():
        if name in fields:
            narrowed = Narrowed(fields[name].kind, places, of_messages=name == "messages")
            fields[name] = replace(fields[name], kind=narrowed)
    more = {name: _field(given) for name, given in dialect.parameters.items() if name in foreign}
    return Record(
        fields | {name: replace(field, required=field.required and not optional) for name, field in more.items()}
    )


def _field(given: Parameter) -> Field:
    return Field(Limited(given), required=given.required, nullable=given.nullable)


def _places(dialect: Dialect) -> dict[str, dict[tuple[str, ...], Parameter]]:
    """Return what a dialect narrows: parameter -> the place inside of it -> what is left there."""
    found: dict[str, dict[tuple[str, ...], Parameter]] = {}
    for name, given in dialect.parameters.items():
        if not given.type:
            root, *inner = name.split(".")
            found.setdefault(root, {})[tuple(inner)] = given
    return found


# -------------------------------------------------------------- where it is asked


def behind_prefix(incoming: Incoming, dialect: Dialect) -> Incoming:
    """Return the request at the path behind the dialect's prefix; as it is where it has another one, or none."""
    prefix = dialect.prefix
    if not prefix or not incoming.path.startswith(f"{prefix}/"):
        return incoming
    path, base = incoming.path.removeprefix(prefix), incoming.base + prefix
    return replace(incoming, path=path, base=base, prefix=prefix)


def check_place(incoming: Incoming, dialect: Dialect) -> None:
    """Refuse a request that is not below the dialect's prefix."""
    if incoming.prefix != dialect.prefix:
        words = (
            f"the dialect {dialect.name!r} serves the API under {dialect.prefix}, as {dialect.prefix}/v1/messages, "
            f"not {incoming.path}; let the client's base URL end in {dialect.prefix}"
        )
        raise own_refusal("not_found_error", words)


def check_served(route: Route, method: str, dialect: Dialect) -> None:
    """Refuse what the API has, and the dialect has not."""
    if route.operation.partition(".")[0] in dialect.endpoints:
        return
    path = next(path for path, methods in ROUTES.items() if methods.get(method) == route.operation)
    served = (path for path, methods in ROUTES.items() if _group(methods) in dialect.endpoints)
    words = f"the dialect {dialect.name!r} has no {method} {path}; it serves {', '.join(served)}"
    raise own_refusal("not_found_error", words)


def _group(methods: Mapping[str, str]) -> str:
    return next(iter(methods.values())).partition(".")[0]


# -------------------------------------------------------------- what is asked


def refusal(subject: Subject, dialect: Dialect) -> str | None:
    """Return what a dialect says of a whole request that the grammar cannot say."""
    return (_alternation(subject) if dialect.alternating_roles else None) or _medium(subject, dialect.media)


def _alternation(subject: Subject) -> str | None:
    """Refuse two messages of one role behind each other, in the words that the API had for it until 2024."""
    roles = [message["role"] for message in subject.messages]
    twice = next((role for role, following in pairwise(roles) if role == following), None)
    if twice is None:
        return None
    return f'messages: roles must alternate between "user" and "assistant", but found multiple "{twice}" roles in a row'


def _medium(subject: Subject, sources: tuple[str, ...]) -> str | None:
    """Refuse an image or a document from elsewhere than the dialect takes it from."""
    found = (medium for kind in ("image", "document") for medium in subject.media(kind))
    for medium in found if sources else ():
        kind = medium.block["source"]["type"]
        if kind not in sources:
            return f"{medium.path}.source: {unknown_tag(kind, sources)}"
    return None


def meant(body: JsonObject, dialect: Dialect) -> JsonObject:
    """Return the body with what the dialect's own parameters mean in the API's."""
    for name, given in dialect.parameters.items():
        if given.means and body.get(name):
            stops = [body[name]] if isinstance(body[name], str) else body[name]
            own = body.get(given.means)
            if isinstance(stops, list):
                body = {**body, given.means: [*(own if isinstance(own, list) else ()), *stops]}
    return body
