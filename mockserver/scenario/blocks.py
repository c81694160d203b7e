"""The entries of `reply`: one key each, the block's type. Not here: the blocks of the wire (`reply`)."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from mockserver.scenario.parts import FULL, SHORT, Part, found, nearest, problem, short_or_full, text_or_other
from mockserver.wire.content import KNOWN_TYPES
from mockserver.wire.encoding import decode

Deltas = str | list[str]
"""A text, or exactly its deltas in the stream."""


def _needs_deltas(value: Any, example: str) -> None:
    if not (isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))):
        raise problem(f"expected text, a list of texts (exactly these deltas), or a map like {example}; {found(value)}")


class TextBlock(Part):
    """`text` in full."""

    text: Deltas = Field(description="the text; a list: exactly these deltas in the stream")
    citations: (
        Annotated[
            Annotated[Literal["auto"], Tag(SHORT)] | Annotated[list[dict[str, Any]], Tag(FULL)],
            Discriminator(text_or_other),
        ]
        | None
    ) = Field(None, description="as the API sends them; `auto`: a span of the request's documents or search results")

    @field_validator("citations", mode="before")
    @classmethod
    def _auto_or_list(cls, value: Any) -> Any:
        if value != "auto" and not isinstance(value, list):
            raise problem(f"expected 'auto', or a list of citations; {found(value)}")
        return value


class ThinkingBlock(Part):
    """`thinking` in full."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["thinking"]}, {"required": ["auto"]}]})

    thinking: Deltas | None = Field(None, description="the thinking; a list: exactly these deltas in the stream")
    signature: str | None = Field(None, description="derived where it is not given")
    auto: Literal[True] | None = Field(None, description="as the model would think about this request, or not at all")

    @field_validator("auto", mode="before")
    @classmethod
    def _only_true(cls, value: Any) -> Any:
        if value is not True:
            raise problem("the only value is true; 'thinking: auto' says the same")
        return value

    @model_validator(mode="after")
    def _one_source(self) -> "ThinkingBlock":
        if self.auto and (self.thinking is not None or self.signature is not None):
            raise problem("'auto' makes up the thinking and its signature; give it alone", "auto")
        if not self.auto and self.thinking is None:
            raise problem("a thinking block has 'thinking' or 'auto: true'")
        return self


class RedactedThinkingBlock(Part):
    """`redacted_thinking` in full."""

    data: str = Field(description="derived where the block is null")


class ToolUseBlock(Part):
    """A call of one of the client's tools."""

    name: str = Field(description="the tool's name")
    input: Annotated[
        Annotated[Literal["auto"], Tag(SHORT)] | Annotated[dict[str, Any], Tag(FULL)], Discriminator(short_or_full)
    ] = Field(default_factory=dict, description="the arguments; `auto`: made from the tool's `input_schema`")
    id: str | None = Field(None, description="derived where it is not given")
    caller: dict[str, Any] | None = Field(None, description='`{"type": "direct"}` where it is not given')
    toolset_name: str | None = Field(None, description="for a member of a toolset")
    partial_json: list[str] | None = Field(None, description="exactly these deltas in the stream")

    @model_validator(mode="after")
    def _one_input(self) -> "ToolUseBlock":
        if self.partial_json is None or not self.given("input"):
            return self
        try:
            same = decode("".join(self.partial_json) or "{}") == self.input
        except ValueError:
            same = False
        if not same:
            raise problem("'partial_json' joined is not 'input'; give one of them", "partial_json")
        return self


class Entry(Part):
    """One block of a reply, in short or in full. A type that is not listed takes its fields verbatim."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": "object"}},
    )
    nullable = frozenset({"redacted_thinking"})

    text: (
        Annotated[
            Annotated[Deltas, Tag(SHORT)] | Annotated[TextBlock, Tag(FULL)],
            Discriminator(short_or_full),
        ]
        | None
    ) = Field(None, description="a text block")
    thinking: (
        Annotated[
            Annotated[Deltas, Tag(SHORT)] | Annotated[ThinkingBlock, Tag(FULL)],
            Discriminator(short_or_full),
        ]
        | None
    ) = Field(None, description="a thinking block; its signature is derived; `auto`: as the model would think, or none")
    redacted_thinking: RedactedThinkingBlock | None = Field(None, description="null, or `{data: …}`")
    tool_use: ToolUseBlock | None = Field(None, description="a call of a client tool")

    @model_validator(mode="wrap")
    @classmethod
    def _check_keys(cls, value: Any, handler: Callable[[Any], Self]) -> Self:
        """One key, and a value of the kind that it takes; takes the place of the check of all other parts."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise problem(f"expected a block such as 'text: Hello'; {found(value)}")
        if len(value) != 1:
            keys = ", ".join(map(repr, value)) or "none"
            raise problem(f"a block has one key, its type; found {keys}{_regroup(value)}")
        ((kind, fields),) = value.items()
        _EXPECTED.get(kind, _verbatim)(kind, fields)
        return handler({kind: {"auto": True}} if kind == "thinking" and fields == "auto" else value)

    @property
    def kind(self) -> str:
        """The block's type."""
        return next(iter(self.model_fields_set))


def _regroup(value: dict[str, Any]) -> str:
    """Say how several keys become one block, where that is plain."""
    if "type" in value:
        return f"; here it is {value['type']!r}, so write '{value['type']}: …'"
    kind = next(iter(value), "")
    if kind not in KNOWN_TYPES:
        return ""
    return f"; if the others belong to the block, write '{kind}: {{{', '.join(f'{key}: …' for key in value)}}}'"


def _verbatim(kind: str, fields: Any) -> None:
    if not isinstance(fields, dict):
        near = nearest(kind, KNOWN_TYPES) if kind not in KNOWN_TYPES else "it takes its fields as the API sends them"
        raise problem(f"{kind!r} needs a map of its fields; {near}", kind)
    if fields.get("type", kind) != kind:
        raise problem(f"'type' says {fields['type']!r}, the key says {kind!r}", kind)


def _text(kind: str, fields: Any) -> None:
    if not isinstance(fields, dict):
        _needs_deltas(fields, f"{{{kind}: …}}")


def _null_or_map(kind: str, fields: Any) -> None:
    if fields is not None and not isinstance(fields, dict):
        raise problem(f"expected null or a map like {{data: …}}; {found(fields)}", kind)


def _map(kind: str, fields: Any) -> None:
    if not isinstance(fields, dict):
        raise problem(f"expected a map like {{name: get_weather, input: {{city: Paris}}}}; {found(fields)}", kind)


_EXPECTED = {"text": _text, "thinking": _text, "redacted_thinking": _null_or_map, "tool_use": _map}
