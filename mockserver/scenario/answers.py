"""Parts of an answer that are no blocks: errors, headers, usage. Not here: which answer has them (`schema`)."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from mockserver.scenario.parts import Part, found, nearest, problem
from mockserver.wire.errors import ERRORS, full_name

SHORT_ERRORS = [name.removesuffix("_error") for name in ERRORS]

FRAMING = ("content-length", "transfer-encoding", "connection")
"""Headers that say where a body ends: the server's own."""


def _header_value(value: Any) -> Any:
    if value is not None and not isinstance(value, str | int | float):
        raise problem(f"a header's value is text, a number, or null (to take it away); {found(value)}")
    return value


HeaderValue = Annotated[
    Any,
    BeforeValidator(_header_value),
    WithJsonSchema({"type": ["string", "number", "null"]}),
]


def _check_headers(value: dict[str, Any] | None) -> dict[str, Any] | None:
    for name, text in (value or {}).items():
        if reason := wrong_header(name, text):
            raise problem(reason, name)
    return value


def wrong_header(name: str, value: Any) -> str | None:
    """Return why this cannot be a response header of a scenario; None where it can."""
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        return f"{name!r} is no name of an HTTP header"
    if name.lower() in FRAMING:
        return f"{name!r} is set by the server, which knows how long the body is"
    if re.search(r"[\r\n\0]", str(value)):
        return f"the value of the header {name!r} holds a line break"
    return None


HeaderValues = Annotated[dict[str, HeaderValue], AfterValidator(_check_headers)]


class ErrorReply(Part):
    """An API error in full."""

    type: str = Field(description="with or without `_error`: " + ", ".join(ERRORS))
    message: str | None = Field(None, description="the usual words where it is not given")
    status: int | None = Field(None, ge=400, le=599, description="the type's own where it is not given")
    retry_after: float | None = Field(None, ge=0, description="seconds, sent as `retry-after`")
    headers: HeaderValues | None = Field(None, description="added to the response; null takes one away")
    details: Any = Field(None, description="`error.details`")

    nullable = frozenset({"details"})

    @model_validator(mode="after")
    def _known_type(self) -> "ErrorReply":
        if full_name(self.type) is None and self.status is None:
            raise problem(f"unknown error {self.type!r}; {nearest(self.type, SHORT_ERRORS)}", "type")
        return self


def _named_error(value: Any) -> Any:
    if not isinstance(value, str):
        raise problem(f"expected an error's name, such as overloaded, or a map; {found(value)}")
    if full_name(value) is None:
        raise problem(f"unknown error {value!r}; {nearest(value, SHORT_ERRORS)}")
    return value


ErrorName = Annotated[str, BeforeValidator(_named_error), WithJsonSchema({"enum": [*SHORT_ERRORS, *ERRORS]})]


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

    nullable = frozenset(
        {
            "cache_creation",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "output_tokens_details",
            "server_tool_use",
            "service_tier",
            "inference_geo",
            "speed",
        }
    )
