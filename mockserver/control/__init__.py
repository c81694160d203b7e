"""The control API under `/_mock/`: what is asked of the server besides the API. Not here: sockets (`serving`).

What it is made of is imported when it is first asked for, since most servers never are.
"""

from typing import Final
from urllib.parse import quote

from mockserver.engine import Engine, locate
from mockserver.state.sessions import DEFAULT_SESSION, SESSION_PREFIX
from mockserver.validation.incoming import Incoming

PREFIX: Final = "/_mock"


def controlled(engine: Engine, incoming: Incoming) -> Incoming | None:
    """Return a request for the control API, at its path without a dialect's prefix; None where it is for another.

    What a client's base URL ends in may stand before it: so `base_url + "/_mock"` leads here in every dialect.
    """
    if PREFIX not in incoming.path:
        return None
    asked = incoming.at(_without(engine.sessions.prefix_of(DEFAULT_SESSION), incoming.path))
    name, located = locate(asked)
    behind = _without(engine.sessions.prefix_of(name), located.path)
    if behind != PREFIX and not behind.startswith(f"{PREFIX}/"):
        return None
    return asked if behind == located.path else asked.at(f"{SESSION_PREFIX}{quote(name, safe='')}{quote(behind)}")


def _without(prefix: str, path: str) -> str:
    """Return the path without a dialect's prefix, where something of this server's own stands behind it."""
    behind = path.removeprefix(prefix)
    return behind if behind.startswith((PREFIX, SESSION_PREFIX)) else path
