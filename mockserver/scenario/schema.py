"""The scenario format: these models are its only definition. Not here: reading files, compiling, matching.

The JSON Schema for editors, the reference table of the docs and every load error come from them.
"""

import difflib
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from mockserver.scenario.answers import ErrorName, ErrorReply, HeaderValues, Usage
from mockserver.scenario.blocks import Entry
from mockserver.scenario.durations import Duration
from mockserver.scenario.faults import Fault
from mockserver.scenario.match import Match
from mockserver.scenario.pacing import Stream
from mockserver.scenario.parts import FULL, SHORT, Part, found, problem, short_or_full, text_or_other
from mockserver.scenario.verbatim import AnyEvent, Event, check_message
from mockserver.wire.messages import STOP_REASONS

OUTCOMES = ("reply", "message", "events", "error")
"""What a turn can answer with; `attempts` is a list of such turns."""
DEFAULTS = ("stream", "usage", "headers", "model")
"""Keys that beside `turns` are defaults for all of them."""


def _one_of(*names: str) -> Any:
    """Return the JSON Schema of a map with one of these keys; beside `chance` there may be an error and an answer."""
    keys = [{"required": [name]} for name in names]
    return {"if": {"required": ["chance", "error"]}, "then": True, "else": {"oneOf": keys}}


def _maps(value: Any) -> Any:
    if not isinstance(value, dict | list | Part):
        raise problem(f"expected a map, such as {{after: {{events: 4}}, disconnect: reset}}, or a list; {found(value)}")
    return value


_Faults = Annotated[list[Fault], Field(min_length=1)]


class Turn(Part):
    """One answer of the assistant."""

    model_config = ConfigDict(json_schema_extra=_one_of(*OUTCOMES, "attempts"))
    label = "a turn"
    no_value = MappingProxyType({"reply": " ([] says nothing at all)"})
    nullable = frozenset({"stop_sequence", "stop_details", "container"})

    reply: (
        Annotated[Annotated[str, Tag(SHORT)] | Annotated[list[Entry], Tag(FULL)], Discriminator(text_or_other)] | None
    ) = Field(None, description="a text, or a list of blocks")
    message: dict[str, Any] | None = Field(None, description="a whole response body, served verbatim")
    events: list[AnyEvent] | None = Field(
        None, min_length=1, description="a whole stream, event by event, served verbatim"
    )
    error: (
        Annotated[
            Annotated[ErrorName, Tag(SHORT)] | Annotated[ErrorReply, Tag(FULL)],
            Discriminator(short_or_full),
        ]
        | None
    ) = Field(None, description="an API error instead of a reply: a type such as `overloaded`, or a map")
    attempts: "list[Turn] | None" = Field(
        None, min_length=1, description="outcomes of consecutive identical requests; after the last, the last again"
    )
    chance: float | None = Field(
        None,
        ge=0,
        le=1,
        description="share of the requests for which this happens; else the next of `attempts`, or the turn without "
        "its `error` and `fault`",
    )
    delay: Duration | None = Field(None, description="time before the response's first byte")
    batch_delay: Duration | None = Field(
        None, description="how long a row of a batch takes; from `24h` on it expires; the setting where it is not given"
    )
    fault: (
        Annotated[
            Annotated[_Faults, Tag(SHORT)] | Annotated[Fault, Tag(FULL)],
            Discriminator(short_or_full),
            BeforeValidator(_maps, json_schema_input_type=_Faults | Fault),
        ]
        | None
    ) = Field(None, description="what breaks; several, in this order: a list")
    expect: Match | None = Field(None, description="must hold for the request, or it is answered with a 400")
    stop_reason: str | None = Field(None, description="derived where it is not given")
    stop_sequence: str | None = Field(None, description="derived where it is not given")
    stop_details: dict[str, Any] | None = Field(None, description="derived for a refusal, else null")
    container: dict[str, Any] | None = Field(None, description="derived where code ran; null takes it away")
    usage: Usage | None = Field(None, description="counters that win over the derived ones")
    cache: Literal["warm", "cold", "off"] | None = Field(
        None,
        description="the prompt cache: `warm`: everything marked is read; `cold`: nothing is; `off`: there is none",
    )
    stream: Stream | None = Field(None, description="how the stream is cut and paced")
    headers: HeaderValues | None = Field(None, description="response headers; null takes one away")
    model: str | None = Field(None, description="the `model` of the answer")
    id: str | None = Field(None, description="the `id` of the answer")

    @field_validator("reply", mode="before")
    @classmethod
    def _text_or_blocks(cls, value: Any) -> Any:
        if not isinstance(value, str | list):
            raise problem(f"expected text or a list of blocks; {found(value)}")
        return value

    @field_validator("message")
    @classmethod
    def _streams(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            check_message(value)
        return value

    @field_validator("events")
    @classmethod
    def _in_time(cls, value: list[Event] | None) -> list[Event] | None:
        times = [event.at for event in value or [] if event.at is not None]
        if times != sorted(times):
            raise problem("the events' times ('at') go back; each counts from the request")
        return value

    @field_validator("attempts")
    @classmethod
    def _leaves(cls, value: "list[Turn] | None") -> "list[Turn] | None":
        """Check the outcomes that only make sense in their place."""
        outcomes = value or []
        for number, outcome in enumerate(outcomes):
            if outcome.attempts is not None:
                raise problem("'attempts' stand in 'attempts'; write one list", number)
        for number, outcome in enumerate(outcomes[:-1]):
            if outcome.chance is not None and len(outcome.answers) > 1:
                words = f"{outcome.answers[0]!r} is never used: without its chance, the next attempt answers"
                raise problem(f"{words}; remove it", number)
        if outcomes and (words := outcomes[-1].idle_chance):
            raise problem(words, len(outcomes) - 1)
        return value

    @field_validator("stop_reason")
    @classmethod
    def _near_no_other(cls, value: str | None) -> str | None:
        """Refuse what is nearly a stop reason; any other word may be a newer one."""
        close = difflib.get_close_matches(value or "", STOP_REASONS, n=1, cutoff=0.7)
        if close and value != close[0]:
            raise problem(f"unknown stop reason {value!r}; did you mean {close[0]!r}?")
        return value

    @model_validator(mode="after")
    def _one_outcome(self) -> "Turn":
        if self.attempts is not None:
            self._refuse_idle_keys("attempts", _BESIDE_ATTEMPTS)
            return self
        given = self.answers
        by_chance = self.chance is not None and "error" in given and len(given) == len(("error", "answer"))
        if not (len(given) == 1 or by_chance or getattr(self, "turns", None)):
            words = " and ".join(map(repr, given)) or "none"
            raise problem(
                f"a turn has one of {', '.join((*OUTCOMES, 'attempts'))}; found {words}", given[1] if given else None
            )
        if given:
            effective = set().union(*(_EFFECTIVE[name] for name in given), given, _EFFECTIVE_ALWAYS)
            self._refuse_idle_keys(given[0], effective)
        return self

    @property
    def answers(self) -> list[str]:
        """The outcomes that stand here; two where chance decides between an error and an answer."""
        return [name for name in OUTCOMES if getattr(self, name) is not None]

    @property
    def faults(self) -> list[Fault]:
        """What breaks, in this order."""
        return self.fault if isinstance(self.fault, list) else [self.fault] if self.fault is not None else []

    @property
    def idle_chance(self) -> str:
        """What is wrong with a chance behind which no other attempt comes; nothing where it decides something."""
        if self.chance is not None and self.error is None and not self.faults:
            return "'chance' decides on an 'error' or a 'fault', and there is none"
        if self.chance is not None and self.answers == ["error"]:
            return "without its 'chance' nothing answers; add a 'reply' beside 'error'"
        return ""

    def outcomes(self) -> "list[Turn]":
        """Return the outcomes of consecutive attempts, with what stands beside `attempts` as their defaults."""
        if self.attempts is None:
            return [self]
        return [outcome.over(self) for outcome in self.attempts]

    def over(self, default: "Turn") -> "Turn":
        """Return this turn with the defaults of another where it says nothing."""
        return self.model_copy(update={n: _filled(getattr(default, n), getattr(self, n)) for n in DEFAULTS})

    def _refuse_idle_keys(self, outcome: str, effective: set[str]) -> None:
        """Refuse keys that change nothing about this kind of answer."""
        idle = (self.model_fields_set & set(Turn.model_fields)) - effective
        if idle:
            key = min(idle)
            raise problem(f"{key!r} changes nothing beside {outcome!r}; remove it", key)


_EFFECTIVE_ALWAYS = {"expect", "headers", "delay", "batch_delay", "fault", "chance"}
_EFFECTIVE: dict[str, set[str]] = {
    "reply": set(Turn.model_fields) - {*OUTCOMES, "attempts"},
    "message": {"stream"},
    "events": set(),
    "error": set(),
}
"""Outcome -> the keys beside it that have an effect; some have one beside each."""
_BESIDE_ATTEMPTS = {"attempts", "expect", *DEFAULTS}


def _check_chance(turn: Turn) -> Turn:
    """Refuse a chance that decides nothing."""
    if words := turn.idle_chance:
        raise problem(words, "chance")
    return turn


def _filled(default: Any, own: Any) -> Any:
    """Return a turn's value with the scenario's default where it says nothing; maps are filled key by key."""
    if default is None or own is None:
        return default if own is None else own
    if isinstance(own, dict):
        return default | own
    if isinstance(own, Stream):
        return own.over(default)
    if isinstance(own, Part):
        return type(own).model_validate(default.model_dump(exclude_unset=True) | own.model_dump(exclude_unset=True))
    return own


class Scenario(Turn):
    """Who asks what, and what the assistant answers. A turn's key here is shorthand for a single turn."""

    model_config = ConfigDict(
        json_schema_extra=_one_of(*OUTCOMES, "attempts", "turns"),
    )
    label = "a scenario"

    json_schema: str | None = Field(None, alias="$schema", description="for editors; not read")
    name: str | None = Field(None, min_length=1, description="the path without suffix where it is not given")
    description: str = Field("", description="for the reader")
    match: Match = Field(default_factory=Match, description="which requests; all keys must hold")
    priority: int = Field(0, description="higher is asked first")
    turns: list[Annotated[Turn, AfterValidator(_check_chance)]] | None = Field(
        None, min_length=1, description="the answers in their order"
    )
    anchor: Literal["prompt", "start"] = Field(
        "prompt", description="a turn's number counts assistant messages after the `prompt` or from the `start`"
    )
    after_last: Literal["error", "repeat", "restart"] | None = Field(
        None, description="past the last turn; `error`, or `repeat` where there is one turn"
    )
    vars: dict[str, Any] = Field(default_factory=dict, description="names for templates")

    @model_validator(mode="after")
    def _turns_or_turn(self) -> "Scenario":
        if self.turns is None:
            _check_chance(self)
            return self
        beside = [n for n in Turn.model_fields if n not in DEFAULTS and getattr(self, n) is not None]
        if beside:
            raise problem(f"{beside[0]!r} stands beside 'turns'; move it into one of them", beside[0])
        return self

    def all_turns(self) -> list[Turn]:
        """Return the turns with the scenario's defaults filled in."""
        if self.turns is None:
            return [self]
        return [turn.over(self) for turn in self.turns]

    @property
    def past_last(self) -> str:
        """What happens past the last turn."""
        return self.after_last or ("repeat" if self.turns is None or len(self.turns) == 1 else "error")
