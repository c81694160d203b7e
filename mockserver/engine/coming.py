"""A request comes: whose session it is, when, and what the journal keeps of it. Not here: answering it (`pipeline`)."""

import zlib
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from mockserver.engine.prompting import owner
from mockserver.engine.worlds import World
from mockserver.state.clock import Clock
from mockserver.state.journal import Exchange, Trial
from mockserver.state.sessions import DEFAULT_SESSION, SESSION_PREFIX
from mockserver.validation.incoming import Incoming
from mockserver.validation.transport import is_upload, most_bytes
from mockserver.wire.headers import redact_headers
from mockserver.wire.telling import redact

SESSION_HEADER: Final = "x-mock-session"


Print = tuple[bytes, *tuple[Any, ...]]
"""A request as it came: all of its bytes, or its body, method, target and headers."""


class Arrival(NamedTuple):
    """When a request had come: a time of the mock clock, real seconds, and by how many the clock had been advanced."""

    moment: datetime
    steady: float
    advanced: float


class Come(NamedTuple):
    """A request that has come: whose session it belongs to, at the path behind the session's prefix, and when.

    `printed` is all of it as it came; None: it is not to be known again.
    """

    world: World
    incoming: Incoming
    arrival: Arrival
    printed: Print | None = None


def locate(incoming: Incoming) -> tuple[str, Incoming]:
    """Return the name of a request's session, and the request at the path behind the session's prefix, decoded."""
    name = incoming.headers.get(SESSION_HEADER) or DEFAULT_SESSION
    path, base = incoming.path, incoming.base
    if path.startswith(SESSION_PREFIX):
        named, slash, rest = path.removeprefix(SESSION_PREFIX).partition("/")
        name, path, base = unquote(named) or name, slash + rest, f"{base}{SESSION_PREFIX}{named}"
    return name, incoming.at(unquote(path) or "/", base)


def kept_bytes(incoming: Incoming) -> bytes:
    """Return what the journal keeps of a body: all of it, but nothing of an upload, nor of what is too long.

    An upload's bytes are kept by the session, where they are kept at all. What is too long was read where its path,
    before the session was found, looked like one of an upload.
    """
    method, path, body = incoming.method, incoming.path, incoming.body
    return b"" if is_upload(method, path) or len(body) > most_bytes(method, path) else body


def arrival_at(clock: Clock, ago: float = 0.0) -> Arrival:
    """Return what the time was so many real seconds ago."""
    return Arrival(clock.now(ago), clock.steady() - ago, clock.advanced)


def opened(world: World, incoming: Incoming, arrival: Arrival) -> Exchange:
    """Return the journal's entry of a request, before anything can fail."""
    return Exchange(
        number=world.count_request(),
        session=world.name,
        method=incoming.method,
        path=redact(incoming.path),
        prefix=incoming.prefix,
        query=redact(incoming.query),
        trial=_trial(world, incoming, arrival),
        headers=redact_headers(incoming.headers),
        received=incoming.body_size,
        validation=world.settings.validation,
    )


def _trial(world: World, incoming: Incoming, arrival: Arrival) -> Trial:
    declared = incoming.headers.get("x-stainless-retry-count", "")
    return Trial(
        arrival.moment,
        arrival.steady,
        whose=zlib.crc32(owner(incoming.headers, world.settings.dialect)),
        declared=int(declared) if declared.isdecimal() else None,
        advanced=arrival.advanced,
    )
