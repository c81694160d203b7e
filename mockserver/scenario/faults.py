"""What breaks, as an author writes it: where and what. Not here: breaking it (`reply.faults`)."""

import difflib
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from mockserver.scenario.answers import ERROR_NAMES, ErrorName, ErrorReply, named_error
from mockserver.scenario.durations import Duration
from mockserver.scenario.parts import FULL, ONE_KEY, SHORT, Part, found, problem, short_or_full
from mockserver.wire.events import EVENT_NAMES
from mockserver.wire.headers import wrong_header

BODILESS: Final = (204, 304)
"""Statuses that have no body."""

POSITIONS: Final = ("events", "deltas", "bytes", "block", "percent")


class After(Part):
    """Behind what a fault happens; one of its keys."""

    model_config = ONE_KEY

    events: int | None = Field(None, ge=0, description="so many events of the stream, `ping` counted")
    deltas: int | None = Field(None, ge=0, description="so many `content_block_delta`")
    bytes: int | None = Field(None, ge=0, description="so many bytes of the body")
    block: int | None = Field(None, ge=0, description="the content block of this `index`, its stop included")
    percent: float | None = Field(None, ge=0, le=100, description="this share of the body's bytes")

    @model_validator(mode="after")
    def _one_key(self) -> "After":
        if len(self.model_fields_set) != 1:
            raise problem(f"'after' has one of {', '.join(POSITIONS)}")
        return self

    @property
    def place(self) -> tuple[str, float]:
        """The key and its number."""
        key = next(iter(self.model_fields_set))
        return key, getattr(self, key)


def _event_name(value: str) -> str:
    """Refuse what is nearly the name of an event; any other may be one of the author's own."""
    close = difflib.get_close_matches(value, EVENT_NAMES, n=1, cutoff=0.7)
    if close and value != close[0]:
        raise problem(f"unknown event {value!r}; did you mean {close[0]!r}?")
    return value


EventName = Annotated[str, Field(min_length=1), AfterValidator(_event_name)]


def _error_first(value: Any) -> Any:
    """Take `error TYPE` for TYPE."""
    if not isinstance(value, str):
        raise problem(f"expected 'error TYPE', such as 'error overloaded'; {found(value)}")
    return named_error(value.removeprefix("error ").strip())


FirstEvent = Annotated[
    str,
    BeforeValidator(_error_first),
    WithJsonSchema({"enum": [f"{before}{name}" for before in ("error ", "") for name in ERROR_NAMES]}),
]


def _type_of_content(value: str) -> str:
    if reason := wrong_header("content-type", value):
        raise problem(reason)
    return value


class Fault(Part):
    """What breaks: where, and one of the things that can break."""

    label = "a fault"

    after: After | None = Field(None, description="where: behind events, deltas, bytes, a block, or a share")
    before: Literal["response", "headers"] | None = Field(
        None, description="where: instead of the first byte of the response, or behind its status line"
    )
    error: (
        Annotated[Annotated[ErrorName, Tag(SHORT)] | Annotated[ErrorReply, Tag(FULL)], Discriminator(short_or_full)]
        | None
    ) = Field(None, description="an `error` event in mid-stream, then the end")
    disconnect: Literal["close", "reset"] | None = Field(
        None, description="the connection ends: `close` sends FIN without the terminating chunk, `reset` sends RST"
    )
    stall: Annotated[Duration, Field(gt=0)] | None = Field(None, description="silence for so long, then it goes on")
    hang: Literal[True] | None = Field(None, description="silence until the client gives up")
    truncate: Literal[True] | None = Field(None, description="the body ends early but cleanly")
    garbage: str | None = Field(None, min_length=1, description="these bytes come between, no JSON and no event")
    drop: EventName | None = Field(None, description="this event is left out")
    duplicate: EventName | None = Field(None, description="this event comes twice")
    malformed: Literal["json"] | None = Field(None, description="the `data` of the event is cut inside a token")
    split: int | None = Field(None, ge=1, description="the body is written in pieces of so many bytes")
    status: int | None = Field(None, ge=200, le=599, description="a proxy's page: its status")
    body: str | None = Field(None, description="a proxy's page: its body; a usual one where it is not given")
    content_type: Annotated[str, Field(min_length=1), AfterValidator(_type_of_content)] | None = Field(
        None, description="a proxy's page: its type; alone: the answer as it is, with this type"
    )
    slow_headers: Annotated[Duration, Field(gt=0)] | None = Field(
        None, description="the head comes byte by byte over that time"
    )
    empty: Literal[True] | None = Field(None, description="status 200 and no body")
    first_event: FirstEvent | None = Field(
        None, description="`error TYPE`: status 200, and the first event is the `error`"
    )

    @model_validator(mode="after")
    def _one_thing_at_one_place(self) -> "Fault":
        kinds = {_PAGE.get(key, key) for key in self.model_fields_set - {"after", "before"}}
        if len(kinds) != 1:
            told = f"found {' and '.join(sorted(kinds))}" if kinds else "found none"
            raise problem(f"a fault does one thing, of {', '.join(KEYS)}; {told} (several faults: a list of maps)")
        if self.status in BODILESS and (self.body is not None or self.content_type is not None):
            raise problem(f"a {self.status} has no body; remove 'body' and 'content_type'", "status")
        self._check_place(kinds.pop(), next(key for key in KEYS if self.given(key)))
        return self

    def _check_place(self, kind: str, key: str) -> None:
        places = [key for key in ("after", "before") if getattr(self, key) is not None]
        if len(places) > 1:
            raise problem("a fault has one place: 'after' or 'before'", "before")
        allowed, needed = KINDS[kind]
        if places and places[0] not in allowed:
            raise problem(f"{places[0]!r} changes nothing about {key!r}; remove it", places[0])
        if needed and not places:
            words = " or 'before: response'" if "before" in allowed else ""
            raise problem(f"{kind!r} needs a place: 'after: {{events: 4}}' (or {', '.join(POSITIONS[1:])}){words}")

    @property
    def replaces_answer(self) -> bool:
        """Whether it is somebody else's page."""
        return self.status is not None or self.body is not None

    @property
    def kind(self) -> str:
        """What breaks: a key, or `page` for those of a proxy's page."""
        return next(_PAGE.get(key, key) for key in type(self).model_fields if self.given(key) and key not in _PLACES)


_PLACES: Final = ("after", "before")
_PAGE: Final = dict.fromkeys(("status", "body", "content_type"), "page")
_ANYWHERE: Final = (_PLACES, True)
_AT_EVENT: Final = (("after",), False)
_NOWHERE: Final = ((), False)

KINDS: Final[dict[str, tuple[tuple[str, ...], bool]]] = {
    "error": _ANYWHERE,
    "disconnect": _ANYWHERE,
    "stall": _ANYWHERE,
    "hang": _ANYWHERE,
    "truncate": (("after",), True),
    "garbage": _ANYWHERE,
    "drop": _AT_EVENT,
    "duplicate": _AT_EVENT,
    "malformed": _AT_EVENT,
    "split": _NOWHERE,
    "page": _NOWHERE,
    "slow_headers": _NOWHERE,
    "empty": _NOWHERE,
    "first_event": _NOWHERE,
}
"""What can break -> (the places it may name, whether it must name one)."""

KEYS: Final = (*(kind for kind in KINDS if kind != "page"), *_PAGE)
"""The keys that say what breaks."""
