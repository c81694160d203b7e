"""Parts of an answer that are no blocks: errors, headers, usage. Not here: which answer has them (`schema`)."""

import difflib
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from mockserver.scenario.parts import Part, found, problem
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.errors import ERRORS, full_name
from mockserver.wire.headers import wrong_header

SHORT_ERRORS = [name.removesuffix("_error") for name in ERRORS]
ERROR_NAMES = [*SHORT_ERRORS, *ERRORS, *CATALOGUE]
"""What `error:` may name: types with and without `_error`, and the errors of the catalogue."""

MOST_SECONDS = 4_294_967
"""The longest `retry-after` that the SDKs take."""


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


HeaderValues = Annotated[dict[str, HeaderValue], AfterValidator(_check_headers)]


class ErrorReply(Part):
    """An API error in full."""

    type: str = Field(
        description="with or without `_error`: " + ", ".join(ERRORS) + "; or a name that `mockserver errors` lists"
    )
    message: str | None = Field(None, description="the usual words where it is not given")
    status: int | None = Field(None, ge=400, le=599, description="the type's own where it is not given")
    retry_after: float | None = Field(
        None, ge=0, le=MOST_SECONDS, allow_inf_nan=False, description="seconds, sent as `retry-after`"
    )
    headers: HeaderValues | None = Field(None, description="added to the response; null takes one away")
    details: Any = Field(None, description="`error.details`")

    nullable = frozenset({"details"})

    @model_validator(mode="after")
    def _known_type(self) -> "ErrorReply":
        if not _is_known(self.type) and self.status is None:
            raise problem(f"unknown error {self.type!r}; {_near_error(self.type)}", "type")
        return self


def named_error(value: Any) -> Any:
    """Refuse what is no name of an error."""
    if not isinstance(value, str):
        raise problem(f"expected an error's name, such as overloaded, or a map; {found(value)}")
    if not _is_known(value):
        raise problem(f"unknown error {value!r}; {_near_error(value)}")
    return value


def _near_error(name: str) -> str:
    if name in ("refusal", "refused"):
        return "a refusal is no error: write 'reply: []' and 'stop_reason: refusal'"
    close = difflib.get_close_matches(name, ERROR_NAMES, n=1)
    return f"did you mean {close[0]!r}?" if close else "`mockserver errors` lists the names"


def _is_known(name: str) -> bool:
    return full_name(name) is not None or name in CATALOGUE


ErrorName = Annotated[str, BeforeValidator(named_error), WithJsonSchema({"enum": ERROR_NAMES})]


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
