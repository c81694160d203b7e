"""What an author writes out whole: events, and a message. Not here: serving them."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from mockserver.scenario.durations import Duration
from mockserver.scenario.parts import Part, problem
from mockserver.wire.content import ID_PREFIX


class Event(Part):
    """One event of a verbatim stream."""

    event: str | None = Field(
        None, min_length=1, pattern=r"^[^\r\n]*$", description="the name; the data's `type` where it is not given"
    )
    data: dict[str, Any] | str = Field(description="the payload; text is sent as it is")
    at: Duration | None = Field(None, description="time from the request to this event, as it was recorded")

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

AnyEvent = Annotated[
    Event,
    BeforeValidator(_bare_event, json_schema_input_type=Event | Annotated[Any, WithJsonSchema(_BARE_SCHEMA)]),
]
"""An event, or its data alone."""


def check_message(message: dict[str, Any]) -> None:
    """Refuse a message that cannot be streamed."""
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
