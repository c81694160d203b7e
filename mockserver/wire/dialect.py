"""What a dialect of the API is: its fields, and what may stand in them. Not here: the dialects (`dialects`).

A field that is not given is as the real API has it, so the API itself is the dialect without fields.
"""

import difflib
import re
from collections.abc import Collection
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from mockserver.wire.dialect_parts import FieldMap, Names, Parameter, Tools, as_tuple, check_names, nearest, problem
from mockserver.wire.headers import API_VERSIONS, KEY_HEADERS, RESPONSE_HEADERS, wrong_coding, wrong_header
from mockserver.wire.messages import STOP_REASONS, USAGE_NAMES
from mockserver.wire.registry import STANDARD
from mockserver.wire.request_names import CLOSED, FIELDS, FIXED, NESTED, RULES, SOURCES

Endpoint = Literal["messages", "count_tokens", "models", "batches", "files"]
Carrier = Literal["x-api-key", "authorization"]
Patterns = Annotated[Names, BeforeValidator(lambda value: () if value == "" else value)]

_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_PATTERN: Final = re.compile(r"!?([^\s\[\]]|\[[^\s\[\]]+\])+")

_NAMED: Final[dict[str, tuple[Collection[str], str]]] = {
    "missing": (tuple(name for name in FIELDS if name not in FIXED), "is no parameter that can be missing"),
    "opens": (CLOSED, "is nothing that a beta header opens"),
    "media": (SOURCES, "is no source of images and documents"),
    "waives": (RULES, "is no rule"),
    "stop_reasons": (STOP_REASONS, "is no stop reason"),
    "key_headers": (KEY_HEADERS, "is no header in which a key could come and stay out of the journal"),
}
"""List of names -> what may stand in it, and what is said of all else."""


class Dialect(FieldMap):
    """A dialect of the API, as one gateway speaks it."""

    read_first: ClassVar[tuple[str, ...]] = ("like",)

    name: str = Field(min_length=1, description="what it goes by")
    about: str = Field("", description="what it is, in a line")
    source: str = Field("", description="where its facts come from")
    prefix: str = Field("", description="what stands before `/v1` in every path, such as `/anthropic`")
    endpoints: Annotated[tuple[Endpoint, ...], BeforeValidator(as_tuple)] = Field(
        ("messages", "count_tokens", "models", "batches", "files"), description="what it serves; all else is a 404"
    )
    credentials: Literal["x-api-key", "bearer", "either", "none"] = Field(
        "either", description="how the key comes; `none`: none is needed"
    )
    key_headers: Names = Field((), description="further headers in which a key may come; one that does counts first")
    asks_for: Carrier = Field("x-api-key", description="the header that a request without a key is told to send")
    version: Literal["required", "optional", "ignored"] = Field(
        "required", description="whether `anthropic-version` must come; `ignored`: whatever it says"
    )
    version_from: str = Field(
        "", description="a date: every version of that day or later is taken, not the API's alone"
    )
    judged_as: Literal["", "2023-06-01", "2026-10-21"] = Field(
        "", description="the version of the API by which bodies are judged; empty: the one that the request names"
    )
    parameters: dict[str, Parameter] = Field(
        default_factory=dict, description="further parameters, and narrower ones; `a.b` is `b` inside of `a`"
    )
    missing: Names = Field((), description="parameters of the API that it does not know")
    opens: Names = Field((), description="parameters, tools and blocks that need no beta header here")
    tools: Tools = Field(
        default_factory=Tools.model_construct, description="`fields` that every tool may have, and `required` ones"
    )
    alternating_roles: bool = Field(False, description="whether messages of one role may not follow each other")
    media: Names = Field((), description="the sources that images and documents may have; empty: all")
    waives: Names = Field((), description="rules of `mockserver rules` that it does not hold requests to")
    models: dict[str, str] | None = Field(
        None, description="its ids, each with the model of the API that it is like; not given: the API's own"
    )
    other_models: Patterns = Field(
        (), description="patterns such as `claude-*` of further ids that it takes; `!*.*`: but none of these"
    )
    model_list: Literal["anthropic", "openai"] = Field("anthropic", description="the form of `GET /v1/models`")
    usage: Names = Field(
        (), description="the counters that it returns, 0 where unused; `a.b` is `b` in `a`; empty: all"
    )
    stop_reasons: Names = Field(STOP_REASONS, description="the stop reasons that it returns")
    drops: Names = Field((), description="patterns of response headers of the API that it does not send")
    headers: dict[str, str] = Field(
        default_factory=dict, description="response headers that it adds; `{name}` is the value of one of the API's"
    )

    def __hash__(self) -> int:
        return hash(self.name)

    @field_validator("name")
    @classmethod
    def _is_name(cls, value: str) -> str:
        if value != value.strip() or not value.isprintable():
            raise problem(f"{value!r} is no name: it is one line, without blanks at its ends")
        return value

    @field_validator("prefix")
    @classmethod
    def _is_path(cls, value: str) -> str:
        if value and (not _PATH.fullmatch(value) or {".", ".."} & set(value.split("/"))):
            raise problem(f"{value!r} is no path such as /anthropic")
        if any(value == own or value.startswith(f"{own}/") for own in ("/_s", "/_mock")):
            raise problem(f"{value!r} is a path of this server's own; choose another")
        return value

    @field_validator("version_from")
    @classmethod
    def _is_date(cls, value: str) -> str:
        if value and not is_date(value):
            raise problem(f"{value!r} is no date such as 2023-06-01")
        return value

    @field_validator("parameters")
    @classmethod
    def _known_places(cls, value: dict[str, Parameter]) -> dict[str, Parameter]:
        for name, given in value.items():
            if wrong := wrong_place(name, given):
                raise problem(wrong, name)
        return value

    @field_validator(*_NAMED)
    @classmethod
    def _known_names(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known, words = _NAMED[str(info.field_name)]
        check_names(value, known, words)
        return value

    @field_validator("endpoints", "stop_reasons")
    @classmethod
    def _at_least_one(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise problem("it is empty; name at least one, or remove the key")
        return value

    @field_validator("models")
    @classmethod
    def _known_likes(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        for name, like in (value or {}).items():
            if not name.strip():
                raise problem(f"{name!r} is no id of a model", name)
            if STANDARD.known(like) is None:
                raise problem(f"there is no model {like!r} that {name!r} could be like; {_near_model(like)}", name)
        return value

    @field_validator("other_models")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for number, pattern in enumerate(value):
            if not _PATTERN.fullmatch(pattern):
                raise problem(f"[{number}] {pattern!r} is no pattern of ids such as claude-*, or !*.* for what is none")
        if value and all(pattern.startswith("!") for pattern in value):
            raise problem("it says only which ids there are not; add a pattern of those that there are")
        return value

    @field_validator("usage")
    @classmethod
    def _counters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_names(value, USAGE_NAMES, "is nothing that the usage of an answer has")
        for number, name in enumerate(value):
            if "." in name and name.partition(".")[0] in value:
                raise problem(
                    f"[{number}] {name!r} is a part of {name.partition('.')[0]!r}, which is listed as a whole"
                )
        return value

    @field_validator("drops")
    @classmethod
    def _sent_headers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for number, pattern in enumerate(value):
            if not any(fnmatchcase(name, pattern) for name in RESPONSE_HEADERS):
                near = nearest(pattern, RESPONSE_HEADERS)
                raise problem(f"[{number}] {pattern!r} matches no response header of the API; {near}")
        return value

    @field_validator("headers")
    @classmethod
    def _possible_headers(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if wrong := wrong_header(name, text) or wrong_coding(name):
                raise problem(wrong, name)
            for inner in re.findall(r"\{([^{}]*)\}", text):
                if inner not in RESPONSE_HEADERS:
                    near = nearest(inner, RESPONSE_HEADERS)
                    raise problem(f"'{{{inner}}}' is the value of no response header of the API; {near}", name)
        return value

    @model_validator(mode="after")
    def _nothing_said_of_what_is_missing(self) -> Self:
        for name in self.parameters:
            if (lost := name.partition(".")[0]) in self.missing:
                raise problem(f"{lost!r} is missing, so 'parameters' can say nothing of {name!r}; keep one", "missing")
        return self

    @property
    def wanted(self) -> Carrier:
        """The header that a request without a key is told to send."""
        return _ONLY.get(self.credentials, self.asks_for)

    @property
    def has_own_models(self) -> bool:
        """Whether it has other ids than the API."""
        return self.models is not None or bool(self.other_models)

    def takes_version(self, version: str) -> bool:
        """Whether it knows this value of `anthropic-version`."""
        if version in API_VERSIONS and version >= self.version_from:
            return True
        return bool(self.version_from) and is_date(version) and version >= self.version_from


_ONLY: Final[dict[str, Carrier]] = {"x-api-key": "x-api-key", "bearer": "authorization"}
"""How a key comes, where there is one way -> the header."""


def is_date(text: str) -> bool:
    """Whether a text is a day such as 2023-06-01."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def wrong_place(name: str, given: Parameter) -> str:
    """Return what is wrong with what a dialect says of a parameter of that name; nothing where it can be said."""
    if not name.strip():
        return f"{name!r} is no name of a parameter"
    if "." in name and name not in NESTED:
        return f"{name!r} is no place that can be narrowed; {nearest(name, NESTED)}"
    if "." in name and given.type:
        return f"{name!r} stands inside of another parameter and is narrowed, without a 'type'"
    if given.type and name in FIXED:
        return f"{name!r} is what the API has it; leave out the 'type', and it is narrowed"
    if not given.type and "." not in name and name not in FIELDS:
        return f"{name!r} is none of the API's: give it a 'type'; {nearest(name, FIELDS)}"
    return ""


def _near_model(like: str) -> str:
    close = difflib.get_close_matches(like, STANDARD.names, n=1)
    return f"did you mean {close[0]!r}?" if close else "`mockserver models` lists them"
