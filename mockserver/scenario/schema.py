"""The scenario format: these models are its only definition. Not here: reading files, compiling, matching.

The JSON Schema for editors, the reference table of the docs and every load error come from them.
"""

import difflib
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from mockserver.scenario.answers import ErrorName, ErrorReply, HeaderValues, Usage
from mockserver.scenario.blocks import Entry
from mockserver.scenario.match import Match
from mockserver.scenario.parts import FULL, SHORT, Part, found, problem, short_or_full, text_or_other
from mockserver.wire.content import ID_PREFIX
from mockserver.wire.messages import STOP_REASONS

OUTCOMES = ("reply", "message", "events", "error")
DEFAULTS = ("stream", "usage", "headers", "model")
"""Keys that beside `turns` are defaults for all of them."""


class Stream(Part):
    """How the reply is cut and paced when it streams."""

    chunk: (
        Annotated[
            Annotated[Literal["word", "char", "token", "message"], Tag(SHORT)] | Annotated[int, Field(ge=1), Tag(FULL)],
            Discriminator(text_or_other),
        ]
        | None
    ) = Field(None, description="size of a delta, or a number of characters; `token`: the sizes that real streams show")

    planned = frozenset({"first_token", "interval", "tokens_per_second", "jitter", "profile", "ping"})


class Event(Part):
    """One event of a verbatim stream."""

    event: str | None = Field(
        None, min_length=1, pattern=r"^[^\r\n]*$", description="the name; the data's `type` where it is not given"
    )
    data: dict[str, Any] | str = Field(description="the payload; text is sent as it is")

    planned = frozenset({"at"})

    @model_validator(mode="after")
    def _has_name(self) -> "Event":
        if self.event is None and not (isinstance(self.data, dict) and isinstance(self.data.get("type"), str)):
            raise problem("an event needs a name: 'event: …', or a 'type' in its data")
        return self

    @property
    def name(self) -> str:
        """The event's name."""
        return self.event or str(self.data["type"] if isinstance(self.data, dict) else "")


def _bare_event(value: Any) -> Any:
    """Take an event's data alone for the event."""
    bare = isinstance(value, dict) and "type" in value and "data" not in value and "event" not in value
    return {"data": value} if bare else value


_BARE_SCHEMA = {
    "type": "object",
    "required": ["type"],
    "not": {"anyOf": [{"required": ["data"]}, {"required": ["event"]}]},
}


class Turn(Part):
    """One answer of the assistant."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [name]} for name in OUTCOMES]})
    label = "a turn"
    empty = MappingProxyType({"reply": " ([] says nothing at all)"})
    nullable = frozenset({"stop_sequence", "stop_details", "container"})

    reply: (
        Annotated[Annotated[str, Tag(SHORT)] | Annotated[list[Entry], Tag(FULL)], Discriminator(text_or_other)] | None
    ) = Field(None, description="a text, or a list of blocks")
    message: dict[str, Any] | None = Field(None, description="a whole response body, served verbatim")
    events: (
        list[
            Annotated[
                Event,
                BeforeValidator(
                    _bare_event, json_schema_input_type=Event | Annotated[Any, WithJsonSchema(_BARE_SCHEMA)]
                ),
            ]
        ]
        | None
    ) = Field(None, min_length=1, description="a whole stream, event by event, served verbatim")
    error: (
        Annotated[
            Annotated[ErrorName, Tag(SHORT)] | Annotated[ErrorReply, Tag(FULL)],
            Discriminator(short_or_full),
        ]
        | None
    ) = Field(None, description="an API error instead of a reply: a type such as `overloaded`, or a map")
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
    stream: Stream | None = Field(None, description="how the stream is cut")
    headers: HeaderValues | None = Field(None, description="response headers; null takes one away")
    model: str | None = Field(None, description="the `model` of the answer")
    id: str | None = Field(None, description="the `id` of the answer")

    planned = frozenset({"attempts", "chance", "batch_delay", "delay", "fault"})

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
            _check_message(value)
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
        given = [name for name in OUTCOMES if getattr(self, name) is not None]
        if len(given) != 1 and not getattr(self, "turns", None):
            words = " and ".join(map(repr, given)) or "none"
            raise problem(f"a turn has one of {', '.join(OUTCOMES)}; found {words}", given[1] if given else None)
        if len(given) == 1:
            self._refuse_idle_keys(given[0])
        return self

    def _refuse_idle_keys(self, outcome: str) -> None:
        """Refuse keys that change nothing about this kind of answer."""
        idle = self.model_fields_set & set(Turn.model_fields) - {outcome, "expect", "headers"} - _EFFECTIVE[outcome]
        if idle:
            key = min(idle)
            raise problem(f"{key!r} changes nothing beside {outcome!r}; remove it", key)


_EFFECTIVE: dict[str, set[str]] = {
    "reply": set(Turn.model_fields),
    "message": {"stream"},
    "events": set(),
    "error": set(),
}
"""Outcome -> the keys beside it that have an effect; `expect` and `headers` have one beside each."""


def _check_message(message: dict[str, Any]) -> None:
    content = message.get("content")
    if not isinstance(content, list) or not all(
        isinstance(b, dict) and isinstance(b.get("type"), str) for b in content
    ):
        raise problem("a message needs 'content': a list of blocks, each with a 'type'", "content")
    if not isinstance(message.get("usage", {}), dict):
        raise problem("'usage' must be a map", "usage")
    for number, block in enumerate(content):
        if not isinstance(block.get("citations") or [], list):
            raise problem(f"block {number} ({block['type']}): 'citations' must be a list or null", "content")
        key, kind, words = _STREAMED.get(block["type"], ("type", str, "text"))
        if not isinstance(block.get(key), kind):
            words = f"block {number} ({block['type']}) cannot be streamed: {key!r} must be {words}"
            raise problem(words, "content")


_STREAMED: dict[Any, tuple[str, type, str]] = {
    "text": ("text", str, "text"),
    "thinking": ("thinking", str, "text"),
    **dict.fromkeys(ID_PREFIX, ("input", dict, "a map")),
}
"""Block type -> the key whose value is sent in deltas, what it must be, and how to say it."""


def _filled(default: Any, own: Any) -> Any:
    """Return a turn's value with the scenario's default where it says nothing; maps are filled key by key."""
    if default is None or own is None:
        return default if own is None else own
    if isinstance(own, dict):
        return default | own
    if isinstance(own, Part):
        return type(own).model_validate(default.model_dump(exclude_unset=True) | own.model_dump(exclude_unset=True))
    return own


class Scenario(Turn):
    """Who asks what, and what the assistant answers. A turn's key here is shorthand for a single turn."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [name]} for name in (*OUTCOMES, "turns")]},
    )
    label = "a scenario"

    json_schema: str | None = Field(None, alias="$schema", description="for editors; not read")
    name: str | None = Field(None, min_length=1, description="the path without suffix where it is not given")
    description: str = Field("", description="for the reader")
    match: Match = Field(default_factory=Match, description="which requests; all keys must hold")
    priority: int = Field(0, description="higher is asked first")
    turns: list[Turn] | None = Field(None, min_length=1, description="the answers in their order")
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
            return self
        beside = [n for n in Turn.model_fields if n not in DEFAULTS and getattr(self, n) is not None]
        if beside:
            raise problem(f"{beside[0]!r} stands beside 'turns'; move it into one of them", beside[0])
        return self

    def all_turns(self) -> list[Turn]:
        """Return the turns with the scenario's defaults filled in."""
        if self.turns is None:
            return [self]
        return [
            turn.model_copy(update={n: _filled(getattr(self, n), getattr(turn, n)) for n in DEFAULTS})
            for turn in self.turns
        ]

    @property
    def past_last(self) -> str:
        """What happens past the last turn."""
        return self.after_last or ("repeat" if self.turns is None or len(self.turns) == 1 else "error")
