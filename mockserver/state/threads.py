"""Threads: conversations that the server holds, each under the id of the answer that it ends with.

Not here: which requests may continue one.
"""

from dataclasses import dataclass, field

from mockserver.state.journal import Exchange
from mockserver.wire.encoding import JsonObject


@dataclass(slots=True)
class Thread:
    """A conversation up to and with one answer.

    `fields` are what only its first request may say (`system`, `tools`); `continued_by` is the exchange that went on
    from here; `size` are the bytes of all of it, as it came.
    """

    messages: list[JsonObject]
    fields: JsonObject = field(default_factory=dict)
    continued_by: Exchange | None = None
    size: int = 0
