"""The plan: what an answer does on the wire, as values. Whoever plays it decides nothing.

Not here: sockets and waiting (`serving`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import lru_cache
from http import HTTPStatus

from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen


@frozen
class Head:
    """Status and headers. `length` is that of the body in bytes; None: the body is a stream, sent in chunks.

    `between` is what happens behind the status line; `over` seconds the head comes byte by byte. `known` are the lines
    of the headers where they are known already.
    """

    status: int
    headers: dict[str, str]
    length: int | None = None
    between: tuple["Step", ...] = ()
    over: float = 0.0
    known: bytes | None = field(default=None, compare=False)

    @property
    def is_ordinary(self) -> bool:
        """Whether an HTTP server sends it by itself."""
        return not (self.between or self.over)

    def spelled(self) -> Iterator["Step"]:
        """Yield it as bytes of the wire and what happens between them."""
        size = len(self.status_line) + len(self.fields)
        pause = self.over / size
        yield from _slowly(self.status_line, pause)
        yield from self.between
        yield from _slowly(self.fields, pause)

    @property
    def status_line(self) -> bytes:
        """The first line, as bytes of the wire."""
        return _status_line(self.status)

    @property
    def fields(self) -> bytes:
        """The headers and the empty line behind them, as bytes of the wire; the connection ends with the answer."""
        framing = {"transfer-encoding": "chunked"} if self.length is None else {"content-length": str(self.length)}
        return b"%b%b\r\n" % (self.lines, lines_of({**framing, "connection": "close"}))

    @property
    def lines(self) -> bytes:
        """The headers that are planned, as bytes of the wire: a line each."""
        return lines_of(self.headers) if self.known is None else self.known


def lines_of(headers: Mapping[str, str]) -> bytes:
    """Return headers as bytes of the wire: a line each."""
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()]).encode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)
def _status_line(status: int) -> bytes:
    known = HTTPStatus._value2member_map_.get(status)
    phrase = known.phrase if isinstance(known, HTTPStatus) else ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


def _slowly(data: bytes, pause: float) -> Iterator["Step"]:
    if not pause:
        yield Raw(data)
        return
    for byte in data:
        yield Raw(bytes([byte]))
        yield Pause(pause)


@frozen
class Data:
    """Bytes of the body; `event` is the stream event that they are, where they are one and whole."""

    bytes: bytes
    event: JsonObject | None = None


@frozen
class Raw:
    """Bytes beside the body and its framing: a part of the head, or what stands instead of one."""

    bytes: bytes


@frozen
class Pause:
    """Silence for so many seconds of the mock clock. 0: what follows is written apart from what came before."""

    seconds: float


@frozen
class Hang:
    """Silence until the client gives up."""


@frozen
class Cut:
    """The end of the connection: FIN, or with `reset` RST."""

    reset: bool


Step = Head | Data | Raw | Pause | Hang | Cut


@frozen
class Beats:
    """Data behind pauses, in the midst of a stream: seconds and bytes, one after the other.

    `chunks` are the bytes as HTTP/1.1 frames them, as soon as they were sent once.
    """

    pairs: tuple[tuple[float, bytes], ...]
    chunks: list[bytes] = field(default_factory=list, repr=False, compare=False)


Run = Step | Beats
"""What is played at a stretch."""


@frozen
class Reply:
    """An answer: its head, and the steps, of which the head is one where it goes out."""

    head: Head
    steps: tuple[Step, ...]

    @property
    def body(self) -> bytes:
        """All the bytes of the body."""
        return b"".join(step.bytes for step in self.steps if isinstance(step, Data))

    @property
    def ready(self) -> bytes | None:
        """The same where nothing stands between an ordinary head and the body, so that both can go out at once."""
        first, *rest = self.steps or (None,)
        is_ready = isinstance(first, Head) and first.is_ordinary and all(isinstance(step, Data) for step in rest)
        return self.body if is_ready else None

    @property
    def events(self) -> list[JsonObject]:
        """The events of the stream."""
        return [step.event for step in self.steps if isinstance(step, Data) and step.event is not None]

    @property
    def is_ordinary(self) -> bool:
        """Whether it is nothing but HTTP, in time or not: a head, then data."""
        return self.head.is_ordinary and not any(isinstance(step, Raw) for step in self.steps)

    @property
    def is_sent(self) -> bool:
        """Whether a status goes out."""
        return any(isinstance(step, Head) for step in self.steps)

    def runs(self) -> Iterator[Run]:
        """Yield the steps as they are played: joined, the midst of a stream in beats, a head that breaks as bytes."""
        if self.is_ordinary:
            yield from self.joined() if self.head.length is not None else _in_beats(list(self.joined()))
            return
        for step in self.joined():
            if isinstance(step, Head):
                yield from step.spelled()
            else:
                yield step

    def joined(self) -> Iterator[Step]:
        """Yield the steps with data that nothing stands between in one piece."""
        held: list[Data] = []
        for step in self.steps:
            if isinstance(step, Data):
                held.append(step)
                continue
            if held:
                yield _joined(held)
                held = []
            yield step
        if held:
            yield _joined(held)

    def with_steps(self, steps: Iterable[Step]) -> "Reply":
        """Return it with other steps; a length that the head tells becomes that of the new body."""
        reply = Reply(self.head, tuple(steps))
        if self.head.length is None:
            return reply
        return reply.with_head(replace(self.head, length=len(reply.body)))

    def with_head(self, head: Head) -> "Reply":
        """Return it with another head."""
        return Reply(head, tuple(head if isinstance(step, Head) else step for step in self.steps))


def _in_beats(steps: list[Step]) -> Iterator[Run]:
    """Yield the steps, with the pairs of a pause and data as one between the first data and the last step."""
    body = next((place for place, step in enumerate(steps) if isinstance(step, Data)), len(steps))
    place = 0
    while place < len(steps):
        pairs = tuple(_pairs(steps[place:-1])) if place > body else ()
        if pairs:
            yield Beats(pairs)
            place += 2 * len(pairs)
        else:
            yield steps[place]
            place += 1


def _pairs(steps: list[Step]) -> Iterator[tuple[float, bytes]]:
    """Yield the pauses and the data that the steps begin with."""
    for pause, data in zip(steps[::2], steps[1::2], strict=False):
        if not (isinstance(pause, Pause) and isinstance(data, Data)):
            return
        yield pause.seconds, data.bytes


def _joined(pieces: list[Data]) -> Data:
    return pieces[0] if len(pieces) == 1 else Data(b"".join(piece.bytes for piece in pieces))


def whole(head: Head, *data: Step) -> Reply:
    """Return the answer that begins with its head."""
    return Reply(head, (head, *data))
