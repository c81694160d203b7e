"""A request that repeats another one to the byte, headers and all, has its answer at once.

Where an answer stands (`standing`), and who asks is the same as well, all that differs is the number of the request and
the time: the ids and headers that tell them, and the entry in the journal. Not here: whether an answer stands.
"""

from collections.abc import Callable
from dataclasses import field
from datetime import date, datetime
from functools import partial
from typing import Final
from weakref import ReferenceType, ref

from mockserver.engine.asking import Asking
from mockserver.engine.coming import Arrival
from mockserver.engine.limiting import spent_by
from mockserver.engine.worlds import World
from mockserver.reply.identifiers import Source
from mockserver.reply.retelling import Retelling, Told, retelling
from mockserver.reply.steps import Head, Reply, lines_of
from mockserver.scenario.scripts import Script
from mockserver.settings import Settings
from mockserver.state.journal import Exchange, Trial
from mockserver.wire.frozen import frozen
from mockserver.wire.headers import date_header
from mockserver.wire.rates import after_answer

_OWN: Final = frozenset({"number", "trial", "answer_headers", "pieces", "faults", "written", "sent", "own"})
"""What each exchange has of its own."""


@frozen
class Repeat:
    """What answers one more request of the same print in a session, as long as nothing was scripted or set anew.

    A session that is forgotten goes, although this is still kept.
    """

    session: str
    world: ReferenceType[World]
    settings: Settings
    scripts: tuple[Script, ...]
    day: date
    source: Source
    head: Head
    plan: Retelling
    spent: tuple[int, int]
    used: str | None
    exchange: Callable[..., Exchange]
    trial: Callable[..., Trial]
    latest: "list[_Second]" = field(default_factory=list)

    def holds(self, world: World, arrival: Arrival) -> bool:
        """Whether the answer is still the same, for a request that has come just now."""
        is_same = self.world() is world and self.settings is world.settings and self.scripts is world.scripts
        return is_same and self.day == arrival.moment.date()

    def answer(self, world: World, arrival: Arrival) -> tuple[Told, Exchange]:
        """Return the plan of the answer to one more request, and its entry in the journal."""
        number = world.count_request()
        source = self.source.numbered(number)
        head = self.head_at(source, arrival)
        told = self.plan.told(head, source.message_id())
        if self.used is not None:
            world.used[self.used] += 1
        exchange = self.exchange(
            number=number,
            trial=self.trial(arrival.moment, arrival.steady, advanced=arrival.advanced),
            answer_headers=head.headers,
            pieces=told.pieces,
            faults=[],
        )
        world.journal.record(exchange)
        return told, exchange

    def head_at(self, source: Source, arrival: Arrival) -> Head:
        """Return the head of the answer to a request that came then."""
        second = arrival.moment.replace(microsecond=0)
        if not self.latest or self.latest[0].second != second:
            told = date_header(second) | after_answer(second, *self.spent) | {_ID: _ID}
            self.latest[:] = [_Second.of(second, self.head.headers | told)]
        return self.latest[0].head(source.request_id(), self.head)


@frozen
class _Second:
    """What the heads of one second have in common: their headers, and the lines before and behind the request's id."""

    second: datetime
    headers: dict[str, str]
    before: bytes
    after: bytes

    @classmethod
    def of(cls, second: datetime, headers: dict[str, str]) -> "_Second":
        """Return it for headers in which the name stands in the place of the id."""
        before, line, after = lines_of(headers).partition(lines_of({_ID: _ID}))
        return cls(second, headers, before + line.removesuffix(f"{_ID}\r\n".encode()), b"\r\n" + after)

    def head(self, request_id: str, like: Head) -> Head:
        """Return one head."""
        known = b"%b%b%b" % (self.before, request_id.encode(), self.after)
        return Head(like.status, {**self.headers, _ID: request_id}, like.length, known=known)


_ID: Final = "request-id"
"""The header that tells a request's id."""


def repeat_of(asking: Asking, reply: Reply) -> Repeat | None:
    """Return what answers a request of the same print once more; None where its answer is not that simple.

    It is one where nothing but its id, the date and what counts for limits tells it from the next.
    """
    exchange, dialect = asking.exchange, asking.settings.dialect
    plan = retelling(reply, asking.source.message_id())
    if plan is None or dialect.drops or dialect.headers:
        return None
    kept = {key: getattr(exchange, key) for key in Exchange.__slots__ if key not in _OWN}
    trial = exchange.trial
    repeat = Repeat(
        session=asking.world.name,
        world=ref(asking.world),
        settings=asking.settings,
        scripts=asking.world.scripts,
        day=asking.now.date(),
        source=asking.source,
        head=reply.head,
        plan=plan,
        spent=spent_by(asking),
        used=asking.chosen.script.key if asking.chosen else None,
        exchange=partial(Exchange, **kept),
        trial=partial(Trial, whose=trial.whose, declared=trial.declared),
    )
    arrival = Arrival(asking.now, trial.began, trial.advanced)
    return repeat if repeat.head_at(asking.source, arrival) == reply.head else None
