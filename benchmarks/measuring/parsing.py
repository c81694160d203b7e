"""The request's body as plain pydantic models: what parsing and checking it costs at the very least."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of a request: nothing that it does not name may stand in it."""

    model_config = ConfigDict(extra="forbid")


class CacheControl(Part):
    """A mark of the prompt cache."""

    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | None = None


class Text(Part):
    """A text."""

    type: Literal["text"]
    text: str
    cache_control: CacheControl | None = None


class ToolUse(Part):
    """A call."""

    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, Any]
    cache_control: CacheControl | None = None


class ToolResult(Part):
    """What a call returned."""

    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[Text] = ""
    is_error: bool = False
    cache_control: CacheControl | None = None


class Message(Part):
    """What one of the two said."""

    role: Literal["user", "assistant"]
    content: str | list[Annotated[Text | ToolUse | ToolResult, Field(discriminator="type")]]


class Tool(Part):
    """A tool of the client."""

    name: str
    description: str = ""
    input_schema: dict[str, Any]
    cache_control: CacheControl | None = None


class Thinking(Part):
    """Whether to think."""

    type: Literal["adaptive", "disabled"]


class Metadata(Part):
    """Who asks."""

    user_id: str | None = None


class Request(Part):
    """A request's body."""

    model: str
    max_tokens: int = Field(ge=1)
    messages: list[Message] = Field(min_length=1)
    system: str | list[Text] | None = None
    tools: list[Tool] = []
    thinking: Thinking | None = None
    metadata: Metadata | None = None
    stream: bool = False
