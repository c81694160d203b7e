"""The plan: what an answer does on the wire, as values. Whoever plays it decides nothing.

Not here: sockets and waiting (`serving`).
"""

from dataclasses import dataclass
from itertools import groupby

from mockserver.wire.encoding import JsonObject


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers. `length` is that of the body in bytes; None: the body is a stream."""

    status: int
    headers: dict[str, str]
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of the body; `event` is the stream event that they are, where they are one."""

    bytes: bytes
    event: JsonObject | None = None


Step = Head | Data


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: one `Head`, then the rest."""

    steps: tuple[Step, ...]

    @property
    def head(self) -> Head:
        """The first step."""
        head = self.steps[0]
        assert isinstance(head, Head)
        return head

    @property
    def body(self) -> bytes:
        """All the bytes of the body."""
        return b"".join(step.bytes for step in self.steps if isinstance(step, Data))

    def writes(self) -> list[bytes]:
        """Return the body as it is written: steps with nothing between them in one piece."""
        runs = groupby(self.steps[1:], key=lambda step: isinstance(step, Data))
        return [b"".join(s.bytes for s in run if isinstance(s, Data)) for is_data, run in runs if is_data]
