"""Server-sent events: an event to bytes and back. Not here: which events there are.

Framing: `event: NAME`, `data: JSON` on one line, an empty line; LF only, no `id:`, no `[DONE]` (3,033 of 3,034
recorded streams). Every event but `ping` carries 0 to 15 spaces before its last brace; `ping` is a literal.
"""

from collections.abc import Iterator
from typing import Final

from mockserver.wire.encoding import JsonObject, decode, encode

PADDING_BITS: Final = 4
"""So many random bits are the padding: 0 to 15, all as likely."""
_PING: Final = b'event: ping\ndata: {"type": "ping"}\n\n'


def encode_event(event: JsonObject, padding: int = 0) -> bytes:
    """Return one event's frame; `padding` spaces (0 to 15) stand before the closing brace."""
    kind: str = event["type"]
    if kind == "ping" and len(event) == 1:
        return _PING
    return frame(kind, encode(event)[:-1] + b" " * padding + b"}")


def frame(name: str, payload: bytes) -> bytes:
    """Return a frame with this name and this data, as they are."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), payload)


class Decoder:
    """Turns bytes, cut anywhere, into events.

    `feed` yields (name, data) of each complete frame; data is the decoded JSON. `rest` is what has not been
    understood yet: after the last byte of a whole stream it is empty.
    """

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, chunk: bytes) -> Iterator[tuple[str, JsonObject]]:
        """Take the next bytes; raises `ValueError` where a frame is not the API's."""
        *frames, self.rest = (self.rest + chunk).split(b"\n\n")
        for raw in frames:
            name, separator, payload = raw.partition(b"\n")
            if not (separator and name.startswith(b"event: ") and payload.startswith(b"data: ")):
                raise ValueError(f"not a frame of the API: {raw[:80]!r}")
            yield name[7:].decode(), decode(payload[6:])
