"""The scenario format: these models are its only definition. Not here: reading files, compiling, matching.

The JSON Schema for editors, the reference table of the docs and every load error come from them.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from mockserver.scenario.blocks import Entry
from mockserver.scenario.match import Match
from mockserver.scenario.parts import FULL, SHORT, Part, found, nearest, problem, short_or_full
from mockserver.wire.errors import ERRORS, full_name
from mockserver.wire.events import split

OUTCOMES = ("reply", "message", "events", "error")
DEFAULTS = ("stream", "usage", "headers", "model")
"""Keys that beside `turns` are defaults for all of them."""

HeaderValues = dict[str, str | int | float | None]


class ErrorReply(Part):
    """An API error in full."""

    type: str = Field(description="with or without `_error`: " + ", ".join(ERRORS))
    message: str | None = Field(None, description="the usual words where it is not given")
    status: int | None = Field(None, ge=400, le=599, description="the type's own where it is not given")
    retry_after: int | float | None = Field(None, ge=0, description="seconds, sent as `retry-after`")
    headers: HeaderValues | None = Field(None, description="added to the response; null takes one away")
    details: Any = Field(None, description="`error.details`")

    @model_validator(mode="after")
    def _known_type(self) -> "ErrorReply":
        if full_name(self.type) is None and self.status is None:
            raise problem(f"unknown error {self.type!r}; {nearest(self.type, ERRORS)}", "type")
        return self


def _named_error(value: str) -> str:
    if full_name(value) is None:
        raise problem(f"unknown error {value!r}; {nearest(value, ERRORS)}")
    return value


class CacheCreation(Part):
    """`usage.cache_creation`."""

    ephemeral_5m_input_tokens: int | None = Field(None, ge=0)
    ephemeral_1h_input_tokens: int | None = Field(None, ge=0)


class Usage(Part):
    """Counters that win over the derived ones."""

    input_tokens: int | None = Field(None, ge=0)
    output_tokens: int | None = Field(None, ge=0)
    cache_creation_input_tokens: int | None = Field(None, ge=0)
    cache_read_input_tokens: int | None = Field(None, ge=0)
    cache_creation: CacheCreation | None = None
    output_tokens_details: dict[str, int] | None = None
    server_tool_use: dict[str, int] | None = None
    iterations: list[dict[str, Any]] | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None


class Stream(Part):
    """How the reply is cut and paced when it streams."""

    chunk: Literal["word", "char", "token", "message"] | int | None = Field(
        None, description="size of a delta, or a number of characters; `token`: the sizes that real streams show"
    )

    planned = frozenset({"first_token", "interval", "tokens_per_second", "jitter", "profile", "ping"})

    @field_validator("chunk")
    @classmethod
    def _positive(cls, value: str | int | None) -> str | int | None:
        if isinstance(value, int) and value < 1:
            raise problem("a chunk has at least one character")
        return value


class Event(Part):
    """One event of a verbatim stream."""

    event: str | None = Field(None, description="the name; the data's `type` where it is not given")
    data: dict[str, Any] | str = Field(description="the payload; text is sent as it is")

    planned = frozenset({"at"})

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        bare = isinstance(value, dict) and "type" in value and "data" not in value and "event" not in value
        return {"data": value} if bare else value

    @model_validator(mode="after")
    def _has_name(self) -> "Event":
        if self.event is None and not (isinstance(self.data, dict) and isinstance(self.data.get("type"), str)):
            raise problem("an event needs a name: 'event: …', or a 'type' in its data")
        return self

    @property
    def name(self) -> str:
        """The event's name."""
        return self.event or str(self.data["type"] if isinstance(self.data, dict) else "")


def _text_or_list(value: Any) -> str:
    return SHORT if isinstance(value, str) else FULL


class Turn(Part):
    """One answer of the assistant."""

    reply: (
        Annotated[Annotated[str, Tag(SHORT)] | Annotated[list[Entry], Tag(FULL)], Discriminator(_text_or_list)] | None
    ) = Field(None, description="a text, or a list of blocks")
    message: dict[str, Any] | None = Field(None, description="a whole response body, served verbatim")
    events: list[Event] | None = Field(None, description="a whole stream, event by event, served verbatim")
    error: (
        Annotated[
            Annotated[str, Tag(SHORT)] | Annotated[ErrorReply, Tag(FULL)],
            Discriminator(short_or_full),
        ]
        | None
    ) = Field(None, description="an API error instead of a reply: a type, or a map")
    expect: Match | None = Field(None, description="must hold for the request, or it is answered with a 400")
    stop_reason: str | None = Field(None, description="derived where it is not given")
    stop_sequence: str | None = Field(None, description="derived where it is not given")
    stop_details: dict[str, Any] | None = Field(None, description="null where it is not given")
    usage: Usage | None = Field(None, description="counters that win over the derived ones")
    stream: Stream | None = Field(None, description="how the stream is cut")
    headers: HeaderValues | None = Field(None, description="response headers; null takes one away")
    model: str | None = Field(None, description="the `model` of the answer")
    id: str | None = Field(None, description="the `id` of the answer")

    planned = frozenset({"attempts", "chance", "cache", "batch_delay", "delay", "fault"})

    @field_validator("reply", mode="before")
    @classmethod
    def _text_or_blocks(cls, value: Any) -> Any:
        if not isinstance(value, str | list):
            raise problem(f"expected text or a list of blocks; {found(value)}")
        return value

    @field_validator("headers")
    @classmethod
    def _legal_headers(cls, value: HeaderValues | None) -> HeaderValues | None:
        for name, text in (value or {}).items():
            if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or re.search(r"[\r\n\0]", str(text)):
                raise problem(f"{name!r} is no HTTP header", name)
        return value

    @field_validator("error")
    @classmethod
    def _error_name(cls, value: Any) -> Any:
        return _named_error(value) if isinstance(value, str) else value

    @field_validator("message")
    @classmethod
    def _streams(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            _check_message(value)
        return value

    @model_validator(mode="after")
    def _one_outcome(self) -> "Turn":
        given = [name for name in OUTCOMES if getattr(self, name) is not None]
        if len(given) != 1 and not getattr(self, "turns", None):
            words = " and ".join(map(repr, given)) or "none"
            raise problem(f"a turn has one of {', '.join(OUTCOMES)}; found {words}", given[1] if given else None)
        return self


def _check_message(message: dict[str, Any]) -> None:
    content = message.get("content")
    if not isinstance(content, list) or not all(isinstance(b, dict) and "type" in b for b in content):
        raise problem("a message needs 'content': a list of blocks, each with a 'type'", "content")
    try:
        split(message)
    except (KeyError, TypeError, AttributeError) as error:
        raise problem(f"this message cannot be streamed: a block lacks or mistypes {error}", "content") from error


class Scenario(Turn):
    """Who asks what, and what the assistant answers. A turn's key here is shorthand for a single turn."""

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
        defaults = {n: getattr(self, n) for n in DEFAULTS}
        if self.turns is None:
            return [self]
        return [t.model_copy(update={n: v for n, v in defaults.items() if getattr(t, n) is None}) for t in self.turns]

    @property
    def past_last(self) -> str:
        """What happens past the last turn."""
        return self.after_last or ("repeat" if self.turns is None or len(self.turns) == 1 else "error")
