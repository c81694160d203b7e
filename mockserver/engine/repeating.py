"""A request that repeats another one to the byte, headers and all, has its answer at once.

Where an answer stands (`standing`), and who asks is the same as well, all that differs is the number of the request and
the time: the ids and headers that tell them, and the entry in the journal. Not here: whether an answer stands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from mockserver.engine.asking import Asking
from mockserver.engine.coming import Arrival
from mockserver.engine.limiting import spent_by
from mockserver.engine.worlds import World
from mockserver.reply.identifiers import Source
from mockserver.reply.plan import started
from mockserver.reply.steps import Data, Head, Reply
from mockserver.scenario.scripts import Script
from mockserver.settings import Settings
from mockserver.state.journal import Exchange, Trial
from mockserver.wire.encoding import JsonObject
from mockserver.wire.headers import date_header
from mockserver.wire.rates import after_answer

_OWN: Final = frozenset({"number", "trial", "answer_headers", "pieces", "faults", "written", "sent"})
"""What each exchange has of its own."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """What answers one more request of the same print in a session, as long as nothing was scripted or set anew."""

    world: World
    settings: Settings
    scripts: tuple[Script, ...]
    day: date
    source: Source
    head: Head
    spent: tuple[int, int]
    around: tuple[bytes, bytes]
    start: JsonObject | None
    rest: tuple[Data, ...]
    rest_pieces: tuple[bytes, ...]
    rest_bytes: bytes
    used: str | None
    exchange: Callable[..., Exchange]
    trial: Callable[..., Trial]

    def holds(self, world: World, arrival: Arrival) -> bool:
        """Whether the answer is still the same, for a request that has come just now."""
        is_same = self.world is world and self.settings is world.settings and self.scripts is world.scripts
        return is_same and self.day == arrival.moment.date()

    def answer(self, arrival: Arrival) -> tuple[Reply, bytes, Exchange]:
        """Return the plan of the answer to one more request, its whole body, and its entry in the journal."""
        world = self.world
        number = world.count_request()
        source = self.source.numbered(number)
        before, after = self.around
        name = source.message_id()
        first = Data(b"%b%b%b" % (before, name.encode(), after), started(self.start, name))
        head = self.head_at(source, arrival)
        if self.used is not None:
            world.used[self.used] += 1
        exchange = self.exchange(
            number=number,
            trial=self.trial(arrival.moment, arrival.steady, advanced=arrival.advanced),
            answer_headers=head.headers,
            pieces=(first.bytes, *self.rest_pieces),
            faults=[],
        )
        world.journal.record(exchange)
        return Reply(head, (head, first, *self.rest)), first.bytes + self.rest_bytes, exchange

    def head_at(self, source: Source, arrival: Arrival) -> Head:
        """Return the head of the answer to a request that came then."""
        now = arrival.moment
        told = date_header(now) | after_answer(now, *self.spent) | {"request-id": source.request_id()}
        return Head(self.head.status, self.head.headers | told, self.head.length)


def repeat_of(asking: Asking, reply: Reply) -> Repeat | None:
    """Return what answers a request of the same print once more; None where its answer is not that simple.

    It is one where it is ready, and nothing but its id, the date and what counts for limits tells it from the next.
    """
    exchange, dialect = asking.exchange, asking.settings.dialect
    name = asking.source.message_id().encode()
    datas = tuple(step for step in reply.steps if isinstance(step, Data))
    first, rest = datas[0], datas[1:]
    if first.bytes.count(name) != 1 or dialect.drops or dialect.headers:
        return None
    before, _, after = first.bytes.partition(name)
    kept = {key: getattr(exchange, key) for key in Exchange.__slots__ if key not in _OWN}
    trial = exchange.trial
    repeat = Repeat(
        world=asking.world,
        settings=asking.settings,
        scripts=asking.world.scripts,
        day=asking.now.date(),
        source=asking.source,
        head=reply.head,
        spent=spent_by(asking),
        around=(before, after),
        start=first.event,
        rest=rest,
        rest_pieces=tuple(data.bytes for data in rest),
        rest_bytes=b"".join(data.bytes for data in rest),
        used=asking.chosen.script.key if asking.chosen else None,
        exchange=partial(Exchange, **kept),
        trial=partial(Trial, whose=trial.whose, declared=trial.declared),
    )
    arrival = Arrival(asking.now, trial.began, trial.advanced)
    return repeat if repeat.head_at(asking.source, arrival) == reply.head else None
