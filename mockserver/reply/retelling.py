"""A plan that is told again: the same but for its head and the id in its first data. Not here: whether it is the same.

What follows from the rest (its pieces, how it is played) is worked out once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.reply.plan import started
from mockserver.reply.steps import Data, Head, Pause, Reply, Run, Step
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen


class Told(NamedTuple):
    """A plan, the pieces of its body, the whole body where nothing stands in its way, and else how it is played."""

    reply: Reply
    pieces: tuple[bytes, ...]
    ready: bytes | None
    runs: list[Run] | None


@frozen
class Retelling:
    """The plan without what differs.

    `lead` stands between the head and the first data, `rest` behind it. `start` is the event that the first data are.
    `runs` is how it is played where it is not `ready`, with the first run that holds data at `first_run`, behind whose
    id `behind_id` stands.
    """

    lead: tuple[Step, ...]
    before_id: bytes
    after_id: bytes
    start: JsonObject | None
    rest: tuple[Step, ...]
    pieces: tuple[bytes, ...]
    rest_bytes: bytes
    is_ready: bool
    runs: tuple[Run, ...]
    first_run: int
    behind_id: bytes

    def told(self, head: Head, name: str) -> Told:
        """Return the plan with this head and this id."""
        encoded = name.encode()
        first = Data(b"%b%b%b" % (self.before_id, encoded, self.after_id), started(self.start, name))
        reply = Reply(head, (head, *self.lead, first, *self.rest))
        pieces = (first.bytes, *self.pieces)
        if self.is_ready:
            return Told(reply, pieces, first.bytes + self.rest_bytes, None)
        runs = [head, *self.runs[1:]]
        runs[self.first_run] = Data(b"%b%b%b" % (self.before_id, encoded, self.behind_id))
        return Told(reply, pieces, None, runs)


def retelling(reply: Reply, name: str) -> Retelling | None:
    """Return a plan without its head and without this id; None where it has other steps than data and pauses."""
    head, *steps = reply.steps
    if not isinstance(head, Head) or not head.is_ordinary or not all(isinstance(step, Data | Pause) for step in steps):
        return None
    place = next((place for place, step in enumerate(steps) if isinstance(step, Data)), None)
    if place is None:
        return None
    first, encoded = steps[place], name.encode()
    assert isinstance(first, Data)
    if first.bytes.count(encoded) != 1:
        return None
    before, _, after = first.bytes.partition(encoded)
    pieces = tuple(step.bytes for step in steps[place + 1 :] if isinstance(step, Data))
    runs = tuple(reply.runs())
    at, run = _first_data(runs)
    return Retelling(
        lead=tuple(steps[:place]),
        before_id=before,
        after_id=after,
        start=first.event,
        rest=tuple(steps[place + 1 :]),
        pieces=pieces,
        rest_bytes=b"".join(pieces),
        is_ready=reply.ready is not None,
        runs=runs,
        first_run=at,
        behind_id=run.partition(encoded)[2],
    )


def _first_data(runs: Sequence[Run]) -> tuple[int, bytes]:
    return next((at, run.bytes) for at, run in enumerate(runs) if isinstance(run, Data))
