"""One request on its way through the engine: what is known of it, computed once. Not here: deciding anything."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final

from mockserver.engine.coming import kept_bytes
from mockserver.engine.contents import with_contents
from mockserver.engine.prompting import Prompt, owner
from mockserver.engine.worlds import World
from mockserver.reply.caching import Charge
from mockserver.reply.identifiers import Source
from mockserver.reply.made_up import fake
from mockserver.reply.managing import Managed
from mockserver.reply.plan import Envelope
from mockserver.reply.render import Asked
from mockserver.scenario.faults import Fault
from mockserver.scenario.matching import Subject
from mockserver.scenario.parts import nearest
from mockserver.scenario.scripts import Script
from mockserver.scenario.selection import Chosen
from mockserver.scenario.texts import Groups
from mockserver.settings import Settings
from mockserver.state.journal import Exchange
from mockserver.state.store import own, told
from mockserver.validation.incoming import Incoming
from mockserver.validation.memory import Notes
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.parts import noted
from mockserver.wire.rates import RateLimits
from mockserver.wire.registry import Registry
from mockserver.wire.traits import Model

WARNING_HEADER: Final = "x-mock-warning"
"""Response header with what the real API would do otherwise."""


@dataclass
class Asking:
    """A request, its session and its exchange.

    `body` is set once it has been judged: the whole conversation, also where its beginning stands in a thread. `charge`
    is set once an answer was made: what its input costs. `declined` says which model refused before this one was asked.
    `delay` is in seconds, and so is `batch_delay`: how long a row of a batch takes, None where nothing says so.
    `faults` are what breaks about the answer, each with its error where it has one, `faults_by` who broke it, for the
    journal, and `broken` those that changed something. `message` is the answer, `passes` what each model said of
    several. `work` is what is left to be done before the answer goes out, step by step. `notes` are what follows from
    the body alone; requests with equal bodies may share them. `chosen` is the scenario that answers; `stands` says that
    its answer stood already.
    """

    incoming: Incoming
    world: World
    exchange: Exchange
    managed: Callable[[JsonObject, Model], Managed]
    body: JsonObject | None = None
    charge: Charge = field(default_factory=lambda: Charge(0))
    authenticated: bool = True
    endpoint: str = "messages"
    declined: str = ""
    extra_headers: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0.0
    batch_delay: float | None = None
    faults: tuple[tuple[Fault, JsonObject | None], ...] = ()
    faults_by: str = ""
    message: JsonObject | None = None
    passes: list[tuple["Asking", JsonObject]] = field(default_factory=list)
    broken: list[tuple[Fault, JsonObject | None]] = field(default_factory=list)
    warnings: Mapping[str, str] = field(default_factory=dict)
    work: Iterator[None] | None = None
    notes: Notes = field(default_factory=Notes)
    chosen: Chosen | None = None
    stands: bool = False

    @property
    def settings(self) -> Settings:
        """The settings of its session."""
        return self.world.settings

    @property
    def models(self) -> Registry:
        """The models of its session."""
        return self.world.models

    @property
    def rates(self) -> RateLimits | None:
        """The rate limits of its session; None where there are none."""
        return self.world.settings.limits

    @property
    def now(self) -> datetime:
        """When it came, by the clock of its session."""
        return self.exchange.trial.arrived

    @cached_property
    def source(self) -> Source:
        """All that chance decides in the answer; a streamed request has the same as a plain one."""
        seed, session = self.settings.seed, self.world.name
        first: Source = self.noted(("source", seed, session), lambda: Source(seed, session, self._canonical(), 0))
        return first.numbered(self.exchange.number)

    def _canonical(self) -> bytes:
        if self.body is not None:
            with contextlib.suppress(RecursionError):  # nested too deeply to be written again: as it came, then
                return canonical(self.body, without=("stream", "thread"))
        return kept_bytes(self.incoming)

    @cached_property
    def conversation(self) -> Conversation:
        """The body, read."""
        found: Conversation = self.noted("conversation", lambda: Conversation(self.body or {}))
        return found

    def noted(self, key: Any, find: Callable[[], Any]) -> Any:
        """Return what follows from the body alone; it is found out once for all requests that share the notes."""
        if key in self.notes:
            return self.notes[key]
        found = self.notes[key] = find()
        return found

    @cached_property
    def owner(self) -> bytes:
        """Whose request it is: nobody else sees its cache, its threads and its traces."""
        return owner(self.incoming.headers, self.settings.dialect)

    @cached_property
    def prompt(self) -> Prompt:
        """What the model reads of the request."""
        body = self.body or {}
        model = self.models.find(body.get("model"))
        managed: Managed = self.noted(("managed", model.id), lambda: self.managed(body, model))
        return Prompt(body, managed, model, self.world, self.owner, self.now)

    def asked(self, charge: Charge) -> Asked:
        """Return what an answer is made for and from, where its input costs so much; of files, what they hold."""
        body = self.body or {}
        read = with_contents(body, self.world, self.now, named=True)
        conversation = self.conversation if read is body else Conversation(read)
        tier = "batch" if self.endpoint == "batches" else "standard"
        return Asked(conversation, charge, self.source, self.models, self.now, tier)

    @cached_property
    def subject(self) -> Subject:
        """The request as matchers see it."""
        return Subject(self.conversation, self.incoming.headers, self.endpoint)

    @property
    def envelope(self) -> Envelope:
        """What stands around the answer."""
        return Envelope(
            source=self.source,
            now=self.begins,
            request_headers=self.incoming.headers,
            authenticated=self.authenticated,
            edge=self.settings.edge_headers == "on",
            extra={**self.warnings, **self.extra_headers},
            late=self.delay,
            drops=self.settings.dialect.drops,
            adds=self.settings.dialect.headers,
        )

    @property
    def begins(self) -> datetime:
        """When the answer begins."""
        stalled = sum(fault.stall or 0.0 for fault, _ in self.faults if fault.before is not None)
        return self.now + timedelta(seconds=self.delay + stalled)

    def warn(self, words: str) -> None:
        """Say in log and response header what the real API would do otherwise."""
        self.exchange.warning = "; ".join(filter(None, [self.exchange.warning, words]))
        self.warnings = {WARNING_HEADER: f"mockserver: {self.exchange.warning}"}

    def warn_of_others(self, book: str) -> None:
        """Warn that another worker may know of a book what this one does not."""
        store = self.world.store
        words = f"this is {store.place}, and each has its own {told([book])}: another may know what this one does not"
        if own(store, [book]) and words not in self.exchange.warning:
            self.warn(words)

    def warn_of_retired_model(self) -> None:
        """Warn where the real API does not answer for the request's model any more."""
        model = self.models.known((self.body or {}).get("model"))
        if model is not None and model.is_retired(self.now.date()):
            self.warn(f"model {model.id} was retired on {model.retires}; the real API answers 404")

    def attempt(self, where: str) -> int:
        """Count this request and return how often the same one met the same place before in this session."""
        key = f"{where}/".encode() + canonical(self.body or {}, without=("stream", "metadata", "thread"))
        return self.world.count_attempt(hashlib.blake2b(key, digest_size=16).digest())

    def context(self, script: Script, turn: int, attempt: int, groups: Groups) -> dict[str, Any]:
        """Return what templates may name."""
        results = self.conversation.tool_results
        return {
            "match": script.no_groups | groups,
            "vars": script.vars,
            "request": self.body,
            "headers": self.incoming.headers,
            "prompt": self.conversation.prompt,
            "turn": turn,
            "attempt": attempt,
            "fake": _Fake(self.source, self.now),
            "now": self.now,
            **({"tool_result": results[-1].text} if results else {}),
        }


class _Fake:
    """A Faker that is made when a template first asks it for something."""

    def __init__(self, source: Source, now: datetime) -> None:
        self._source = source
        self._now = now

    @cached_property
    def _faker(self) -> Any:
        return fake(self._source.random("template"), self._now)

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._faker, name)
        except AttributeError:
            raise LookupError(f"Faker has no {name!r}; {nearest(name, dir(self._faker))[:80]}") from None


def canonical(body: JsonObject, without: tuple[str, ...]) -> bytes:
    """Return the body's JSON with sorted keys, so that the order of keys and spaces do not matter."""
    members = (b"%b:%b" % (encode(key), _sorted(body[key])) for key in sorted(body) if key not in without)
    return b"{%b}" % b",".join(members)


def _sorted(value: Any) -> bytes:
    """Return a value's JSON with sorted keys; of a list entry by entry, since parts are known."""
    if not isinstance(value, list):
        return encode(value, sort_keys=True)
    entries = (noted(entry, canonical, partial(encode, entry, sort_keys=True)) for entry in value)
    return b"[%b]" % b",".join(entries)
