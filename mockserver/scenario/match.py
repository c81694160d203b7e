"""The keys of `match` and `expect`. Not here: comparing (`matching`)."""

import difflib
import re
import warnings
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from mockserver.scenario.parts import FULL, SHORT, Part, found, problem, short_or_full

OPERATORS = ("equals", "contains", "starts_with", "ends_with", "regex", "glob")


class TextConditions(Part):
    """Conditions on a text; all that are given must hold, and each respects case."""

    equals: str | None = Field(None, description="the whole text")
    contains: str | None = Field(None, description="stands anywhere in the text")
    starts_with: str | None = Field(None, description="the text's beginning")
    ends_with: str | None = Field(None, description="the text's end")
    regex: str | None = Field(
        None, description="a Python regular expression, searched anywhere; named groups become `match.NAME`"
    )
    glob: str | None = Field(None, description="a pattern with * ? [abc] for the whole text")

    @field_validator("regex")
    @classmethod
    def compiles(cls, value: str | None) -> str | None:
        """Refuse what is no regular expression."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # what will mean something else in a later Python
                if value is not None:
                    re.compile(value)
        except (re.error, Warning) as error:
            raise problem(f"not a regular expression: {error}") from error
        return value

    def operators(self) -> dict[str, str]:
        """Return the given conditions by operator."""
        return {name: getattr(self, name) for name in OPERATORS if getattr(self, name) is not None}


class TextOperator(TextConditions):
    """Conditions on a text, at least one; all that are given must hold, and each respects case."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _not_empty(self) -> "TextOperator":
        if not self.operators():
            raise problem(f"expected one of {', '.join(OPERATORS)}")
        return self


TextMatch = Annotated[Annotated[str, Tag(SHORT)] | Annotated[TextOperator, Tag(FULL)], Discriminator(short_or_full)]
"""A bare string (contained in any case) or a map of operators."""


class ToolResultMatch(TextConditions):
    """Conditions on one `tool_result` of the last message; all must hold for the same one."""

    tool: str | None = Field(None, description="name of the tool that was called")
    is_error: bool | None = Field(None, description="its `is_error`; absent counts as false")


ToolResult = Annotated[Annotated[str, Tag(SHORT)] | Annotated[ToolResultMatch, Tag(FULL)], Discriminator(short_or_full)]


def _one_or_many(value: Any) -> Any:
    """Take one text for a list of one."""
    if not isinstance(value, str | list):
        raise problem(f"expected text or a list of texts; {found(value)}")
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])]
"""A text, or a list of texts."""


class Match(Part):
    """Which requests; all keys must hold."""

    label = "match"

    user: TextMatch | None = Field(
        None, description="the text of the prompt: the last user message without `tool_result`"
    )
    last: TextMatch | None = Field(None, description="the text of the very last message")
    system: TextMatch | None = Field(None, description="the text of the top-level system prompt")
    model: Annotated[Names, Field(min_length=1)] | None = Field(
        None, description="the model id as a glob; a list: any of them"
    )
    tools: Names | None = Field(
        None, description="names that must all be among the request's tools; `[]`: no tools at all"
    )
    tool_choice: (
        Annotated[
            Annotated[Literal["auto", "any", "tool", "none"], Tag(SHORT)] | Annotated[dict[str, Any], Tag(FULL)],
            Discriminator(short_or_full),
        ]
        | None
    ) = Field(None, description="its type, or the whole object; absent counts as `auto` where there are tools")
    thinking: Literal["enabled", "adaptive", "disabled", "between_tools"] | None = Field(
        None, description="the type of `thinking`; absent counts as `disabled`"
    )
    stream: bool | None = Field(None, description="whether a stream is asked for")
    max_tokens: int | None = Field(None, ge=0, description="the number")
    betas: Names | None = Field(None, description="values that must all stand in `anthropic-beta`")
    tool_result: ToolResult | None = Field(None, description="a tool result in the last message")
    headers: dict[str, TextMatch] | None = Field(None, description="header name: text operator")
    body: dict[str, Any] | None = Field(
        None, description="JMESPath expression: the value it must have, or a text operator's map"
    )
    turn: int | None = Field(None, ge=0, description="the turn number, from 0")
    endpoint: Literal["messages", "count_tokens", "batches"] | None = Field(
        None, description="`messages`, also as rows of `batches`, where it is not given"
    )
    not_: "Match | None" = Field(None, alias="not", description="must not match")
    any_of: "list[Match] | None" = Field(None, min_length=1, description="at least one must match")

    @field_validator("body")
    @classmethod
    def _expressions(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        import jmespath  # noqa: PLC0415 - few scenarios look into a body

        for expression, want in (value or {}).items():
            try:
                jmespath.compile(expression)
            except jmespath.exceptions.JMESPathError as error:
                reason = str(error).splitlines()[0].split(": Parse error")[0].removesuffix(" for expression:")
                raise problem(f"not a JMESPath expression: {reason}", expression) from error
            _check_wanted(expression, want)
        return value

    def conditions(self) -> dict[str, Any]:
        """Return the given conditions by the key that the author wrote."""
        fields = type(self).model_fields.items()
        return {f.alias or n: v for n, f in fields if (v := getattr(self, n)) is not None}


def _check_wanted(expression: str, want: Any) -> None:
    """Refuse a map that is meant to be a text operator and is none."""
    if not isinstance(want, dict) or not want:
        return
    for name, text in want.items():
        close = difflib.get_close_matches(name, OPERATORS, n=1, cutoff=0.8)
        if close and name not in OPERATORS:
            raise problem(f"unknown text operator {name!r}; did you mean {close[0]!r}?", expression)
        if name in OPERATORS and not isinstance(text, str):
            words = f"{name!r} compares text; to compare with {text!r} itself, write it without an operator"
            raise problem(words, expression)
    if is_text_operator(want) and "regex" in want:
        TextConditions.compiles(want["regex"])


def is_text_operator(value: Any) -> bool:
    """Whether a value of `body` is a text operator's map and not a value to be equal to."""
    return isinstance(value, dict) and bool(value) and set(value) <= set(OPERATORS)
