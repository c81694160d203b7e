"""What belongs to a server and not to one answer. Not here: reading flags (`cli`) and files (`scenario.loading`).

Nearest wins: argument or flag over `MOCKSERVER_*` variable over the file `mockserver.yaml` over the default.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from mockserver import setting_values as values
from mockserver.setting_values import nearest
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialects import ANTHROPIC, told
from mockserver.wire.rates import RateLimits

PREFIX = "MOCKSERVER_"
ENVIRONMENT = "environment"
FLAGS = "flags"
ARGUMENTS = "arguments"
"""Where a setting may come from; a file goes by its name."""

COMMAND_LINE_ONLY = ("HOST", "PORT", "WORKERS", "LOG_LEVEL", "READY_JSON", "EXIT_WITH_PARENT")
"""Variables that only the command line reads."""

FIXTURES_ONLY = ("URL",)
"""Variables that only pytest's fixtures read."""

OnUnmatched = Literal["error", "fallback"]
Validation = Literal["strict", "lenient", "off"]
RetiredModels = Literal["answer", "reject"]
Objects = Literal["any", "strict"]
EdgeHeaders = Literal["on", "off"]
Chaos = Literal["off", "mild", "rough"]


class _Spoken:
    """Says to pydantic how a dialect is read and written, so that it need not build the model of one for it."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(told)
        return core_schema.no_info_plain_validator_function(values.as_dialect, serialization=written)


SpokenDialect = Annotated[Dialect, _Spoken]


SERVER_ONLY = (
    *("session_validation", "session_limits", "session_dialect"),
    *("max_sessions", "max_connections", "request_timeout", "files_folder", "control_token"),
)
"""Settings that a single session cannot have."""


API_KEY = "sk-ant-api03-mockserver"
"""A key that every server accepts unless `api_key` says otherwise."""


class SettingsError(ValueError):
    """A setting that cannot be used; the text says which, where it was given, and what is valid."""


class Settings(BaseModel):
    """The settings of a server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: Annotated[int, BeforeValidator(values.as_number)] = Field(0, description="what all chance is derived from")
    on_unmatched: OnUnmatched = Field(
        "error", description="`error`: a 404 that names the closest scenario; `fallback`: an answer made by Faker"
    )
    api_key: Annotated[list[str], BeforeValidator(values.as_keys)] = Field(
        [], description="the only keys that are valid; without one, every key is"
    )
    validation: Validation = Field(
        "strict",
        description="`strict`: everything that the API checks; `lenient`: transport, credentials, version, JSON and "
        "the kinds of known fields; `off`: transport, credentials and JSON",
    )
    retired_models: RetiredModels = Field(
        "answer", description="requests to retired models: `answer` with a warning, or `reject` as the API does"
    )
    objects: Objects = Field(
        "any",
        description="ids of files, containers, skills, threads: `any` that is well-formed, or `strict`: known ones",
    )
    edge_headers: Annotated[EdgeHeaders, BeforeValidator(values.as_switch)] = Field(
        "on",
        description="`on`: answers carry the headers of the edge in front of the API, such as `cf-ray`; `off`: none",
    )
    model: Annotated[list[str], BeforeValidator(values.as_models)] = Field(
        [], description="a further model, NAME or NAME=LIKE, with the limits of the model LIKE"
    )
    session_validation: Annotated[dict[str, Validation], BeforeValidator(values.as_levels)] = Field(
        {}, description="`validation` of single sessions, as SESSION=LEVEL"
    )
    dialect: SpokenDialect = Field(
        ANTHROPIC,
        description="the API as a gateway speaks it: a name that `mockserver dialects` lists, or a YAML or JSON file",
    )
    session_dialect: Annotated[dict[str, SpokenDialect], BeforeValidator(values.as_session_dialects)] = Field(
        {}, description="`dialect` of single sessions, as SESSION=DIALECT"
    )
    freeze: Annotated[datetime | None, BeforeValidator(values.as_moment)] = Field(
        None, description="a time (ISO 8601) at which the clock stands still"
    )
    speed: Annotated[float | Literal["instant"], BeforeValidator(values.as_speed)] = Field(
        1.0, description="seconds of the clock in a real one, such as 10; `instant`: no wait takes time"
    )
    limits: Annotated[RateLimits | None, BeforeValidator(values.as_rates)] = Field(
        None,
        description="rate limits per minute, key and class of models: `start`, or LIMIT=NUMBER with requests, "
        "input_tokens, output_tokens, count_tokens; without one, there are none",
    )
    session_limits: Annotated[dict[str, RateLimits], BeforeValidator(values.as_session_rates)] = Field(
        {}, description="`limits` of single sessions, as SESSION:LIMIT=NUMBER"
    )
    chaos: Annotated[Chaos, BeforeValidator(values.as_off)] = Field(
        "off", description="faults by chance: `mild` or `rough`; the same seed has the same ones"
    )

    batch_delay: Annotated[float, BeforeValidator(values.as_seconds)] = Field(
        1.0, description="how long a row of a message batch takes by the clock, such as `10s`, unless its scenario says"
    )
    max_sessions: int = Field(
        1000, ge=1, description="sessions that are kept; beyond it the one that was not used for longest is forgotten"
    )
    max_exchanges: int = Field(
        10_000, ge=1, description="exchanges that a session's journal keeps, of 64 MiB at most; the oldest go first"
    )
    max_connections: int = Field(
        15_000, ge=1, description="connections that may be open; beyond it a client gets a 503 that says so"
    )
    request_timeout: Annotated[float, BeforeValidator(values.as_seconds)] = Field(
        600.0, gt=0, description="how long a client may take to send a request, such as `90s` or `10m`; then it ends"
    )
    file_quota: Annotated[int, BeforeValidator(values.as_bytes)] = Field(
        512 * 1024 * 1024,
        ge=0,
        description="bytes of files that a session keeps, such as 512MB or 2GB; beyond it uploads are refused",
    )
    files_folder: Annotated[Path | None, BeforeValidator(values.as_folder)] = Field(
        None, description="a folder in which the contents of files are kept; without one, they are in memory"
    )
    control_token: str | None = Field(
        None, min_length=1, description="what the control API asks for where it is reached from another machine"
    )

    def of_session(self, name: str) -> "Settings":
        """Return the settings that a session begins with."""
        own = {
            "validation": self.session_validation.get(name, self.validation),
            "limits": self.session_limits.get(name, self.limits),
            "dialect": self.session_dialect.get(name, self.dialect),
        }
        return self.model_copy(update=own)

    def changed(self, values: Mapping[str, Any], session: str) -> "Settings":
        """Return the settings of a session with some of its own. Raises `SettingsError`."""
        possible = [name for name in type(self).model_fields if name not in SERVER_ONLY]
        for name in values:
            if name in SERVER_ONLY:
                raise SettingsError(f"session {session!r}: {name!r} belongs to the whole server")
            if name not in possible:
                raise SettingsError(f"session {session!r}: unknown setting {name!r}; {nearest(name, possible)}")
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        if "speed" in values and "freeze" not in values:
            kept["freeze"] = None
        if "freeze" in values and "speed" not in values:
            kept["speed"] = 1.0
        origin = f"session {session!r}"
        return resolve((origin, {n: v for n, v in kept.items() if n not in values}), (origin, values))


def resolve(*layers: tuple[str, Mapping[str, Any]]) -> Settings:
    """Return the settings of (origin, values) layers, the nearest last. None as a value means: not given.

    Raises `SettingsError`, which names the origin of the value that is wrong.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        for name, value in layer.items():
            if value is not None:
                values[name], origins[name] = value, origin
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(e, origins) for e in error.errors())) from None


def _sentence(error: Any, origins: Mapping[str, str]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"{origins[name]}: unknown setting {name!r}; {nearest(name, list(Settings.model_fields))}"
    spelling = {ENVIRONMENT: f"{PREFIX}{name.upper()}", FLAGS: f"--{name.replace('_', '-')}"}
    place = "".join(f"[{part!r}]" for part in error["loc"][1:] if isinstance(part, str))
    return f"{spelling.get(origins[name], f'{origins[name]}: {name}')}{place} = {error['input']!r}: {reason(error)}"


def reason(error: Any) -> str:
    """Return what is wrong, without pydantic's own prefix."""
    return str(error["msg"]).removeprefix("Value error, ")


def from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that `MOCKSERVER_*` variables give."""
    names = (name for name in Settings.model_fields if PREFIX + name.upper() in environ)
    return {name: environ[PREFIX + name.upper()] for name in names}


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a sentence about each `MOCKSERVER_*` variable that nothing reads."""
    known = sorted([PREFIX + name.upper() for name in (*Settings.model_fields, *COMMAND_LINE_ONLY, *FIXTURES_ONLY)])
    unknown = (name for name in environ if name.startswith(PREFIX) and name not in known)
    return [f"the variable {name} is not read; {nearest(name, known)}" for name in sorted(unknown)]
