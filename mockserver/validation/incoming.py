"""A request as it came in, before anybody looked inside. Not here: sockets."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final
from urllib.parse import parse_qs

from mockserver.wire.frozen import frozen

LATE: Final = "the rest of it did not come in time ('request_timeout')"
"""Why a body is unreadable that was waited for in vain."""


@frozen
class Incoming:
    """One HTTP request.

    `path` has no query and is still percent-encoded, since a session's name may hold a slash; `headers` have
    lower-case names; `size` is the body's length in bytes, which is more than `len(body)` where the body was too
    large to be kept; `unreadable` says why a body could not be read (its encoding, its framing); `query` is what stands
    behind the question mark, still percent-encoded; `base` is what a client puts before the API's paths to reach this
    server and session: `http://127.0.0.1:8080/_s/NAME`. `prefix` is what a dialect has before the API's paths, where it
    stood there; `path` is without it, and `base` is with it.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    size: int = -1
    unreadable: str = ""
    query: str = ""
    base: str = ""
    prefix: str = ""

    @property
    def body_size(self) -> int:
        """The number of bytes that were sent."""
        return max(self.size, len(self.body))

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The query, read: name -> its values in their order; a name without a value has an empty one."""
        return parse_qs(self.query, keep_blank_values=True)

    def at(self, path: str, base: str | None = None) -> "Incoming":
        """Return the same request at another path, and behind another base where one is given."""
        base = self.base if base is None else base
        return self if (path, base) == (self.path, self.base) else replace(self, path=path, base=base)
