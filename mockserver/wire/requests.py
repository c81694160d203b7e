"""The shape of request bodies: kinds of values, not yet their meaning. Not here: the words of a refusal.

Fields stand in the measured order in which the real API reports them (`model` first, `stream` last), since only
the first failing one is reported. Keys that are not named here pass.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

AS_TEXT = "~text"
AS_LIST = "~list"
"""Tags of the union of a string and an array; they are no part of a path that the API reports."""


class Shape(BaseModel):
    """An object with some known fields; nothing is converted and nothing else is looked at."""

    model_config = ConfigDict(extra="allow", strict=True)


class Block(Shape):
    """A content block of any type."""

    type: str


class Choice(Shape):
    """`tool_choice` or `thinking`: an object with a type."""

    type: str


def _kind(value: Any) -> str:
    return AS_TEXT if isinstance(value, str) else AS_LIST


Content = Annotated[
    Annotated[str, Tag(AS_TEXT)] | Annotated[list[Block], Tag(AS_LIST)],
    Discriminator(_kind),
]


class Message(Shape):
    """One entry of `messages`; `content` may be absent where a beta says so."""

    role: str
    content: Content = ""


class MessagesRequest(Shape):
    """The body of `POST /v1/messages`."""

    model: str
    tool_choice: Choice = Choice(type="auto")
    tools: list[Shape] = []
    messages: list[Message]
    system: Content = ""
    thinking: Choice = Choice(type="disabled")
    max_tokens: Annotated[int, Field(ge=0)]
    stop_sequences: list[str] | None = None
    stream: bool = False
