"""What goes over the control API beside exchanges: bodies, queries and answers. Not here: what is done with them."""

import base64
import binascii
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from mockserver.control.local import Told
from mockserver.control.records import Record
from mockserver.state.journal import Verdict


class Body(BaseModel):
    """What is sent; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid")


class Health(BaseModel):
    """The server answers."""

    status: Literal["ok", "ready"]
    version: str
    connections: int = Field(description="how many are open, that of this request among them")


class Problem(BaseModel):
    """One thing that is wrong with a scenario."""

    message: str
    path: str = Field("", description="the key that it is about")


class Failure(BaseModel):
    """Why something was not done."""

    type: str
    message: str
    problems: list[Problem] = Field(default_factory=list, description="each thing that is wrong with a scenario")


class Failed(BaseModel):
    """The envelope of a failure."""

    error: Failure


class Done(BaseModel):
    """It is done."""

    ok: Literal[True] = True


class Scenarios(BaseModel):
    """Scenarios, in the order in which they are asked."""

    scenarios: list[Told]


class Requests(BaseModel):
    """Exchanges, oldest first."""

    requests: list[Record]
    forgotten: dict[str, int] = Field(description="how many older ones the journal has forgotten, by verdict")


class RequestsQuery(Body):
    """Which requests, and how they are written; all that is given must hold."""

    limit: int | None = Field(None, ge=1, description="the newest, so many")
    verdict: Verdict | None = None
    status: int | None = None
    scenario: str | None = None
    path: str | None = None
    prompt: str | None = Field(None, description="the whole prompt")
    user: str | None = Field(None, description="what the prompt holds")
    model: str | None = Field(None, description="a glob, such as claude-haiku*")
    endpoint: Literal["messages", "count_tokens", "batches"] | None = Field(
        None, description="`batches`: rows of message batches"
    )
    batch: str | None = Field(None, description="id of the message batch of a row")
    custom_id: str | None = Field(None, description="of a row; empty: what is no row")
    format: Literal["json", "jsonl", "har", "scenarios"] = Field(
        "json", description="`scenarios`: a scenario file that answers the same again"
    )


class Verification(Body):
    """What must hold; beside it, that nothing went wrong."""

    times: int | None = Field(None, ge=0, description="so many requests for a message; a try again counts")
    tools: list[str] | None = Field(None, description="the tools that were called, in their order")
    where: dict[str, Any] = Field(default_factory=dict, description="which requests: fields of them, keys of `match`")
    strict: tuple[Literal["misses", "expectations", "unused"], ...] = Field(
        ("misses", "expectations"), description="what is wrong beside bugs of the server"
    )


class NewFile(Body):
    """A file that a session is to have, as if a tool had written it."""

    content: str
    encoding: Literal["utf-8", "base64"] = Field("utf-8", description="how `content` is written")
    filename: str = Field(description="a path is cut to its last part; empty: `unnamed` and the type's extension")
    mime_type: str | None = Field(None, description="null: it is detected, as that of an upload without one")
    id: str | None = Field(None, description="an id that scenarios can name: `file_` and letters, digits, `_` or `-`")
    downloadable: bool = True
    expires_in_seconds: int | None = Field(None, description="3600 to 7776000; null: it does not expire")

    @model_validator(mode="after")
    def _readable(self) -> "NewFile":
        _ = self.data
        return self

    @property
    def data(self) -> bytes:
        """The bytes of the content."""
        if self.encoding == "utf-8":
            return self.content.encode()
        try:
            return base64.b64decode(self.content, validate=True)
        except binascii.Error as error:
            raise ValueError(f"'content' is no base64: {error}") from None


class FileState(BaseModel):
    """What the API tells of a file."""

    type: Literal["file"]
    id: str
    size_bytes: int
    created_at: str
    expires_at: str | None
    filename: str
    mime_type: str
    downloadable: bool


class SessionState(BaseModel):
    """One session."""

    name: str
    requests: int = Field(description="how many came so far")
    under_way: int = Field(description="how many are being answered")
    scenarios: int = Field(description="scenarios of its own")
    clock: datetime


class SessionStates(BaseModel):
    """All sessions, the one that was not used for longest first."""

    sessions: list[SessionState]


class ClockState(BaseModel):
    """The mock clock of a session."""

    now: datetime
    frozen: bool
    speed: float | Literal["instant"] = Field(description="seconds of this clock in a real one; 0 where it stands")


class ClockChange(Body):
    """What the clock does next; done in the order of the fields."""

    freeze: bool | datetime | None = Field(None, description="stand still, now or at a later time; `false`: run again")
    speed: float | Literal["instant"] | None = Field(None, description="run, so many seconds in a real one")
    advance: float | None = Field(None, ge=0, description="seconds to move forward")

    @model_validator(mode="after")
    def _something(self) -> "ClockChange":
        if not self.model_fields_set:
            raise ValueError("say 'freeze', 'speed' or 'advance'")
        if self.freeze not in (None, False) and self.speed is not None:
            raise ValueError("a clock that stands still ('freeze') has no 'speed'; give one of them")
        return self


class LimitsState(BaseModel):
    """Rate limits per minute, key and class of models; null: none."""

    limits: dict[str, int] | None


class LimitsChange(Body):
    """Rate limits: a usage tier's name, or a map of limits, of which those not given are that of tier `start`."""

    limits: str | dict[str, int]

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """Take the map of limits as it is, too."""
        return {"limits": value} if isinstance(value, dict) and value and "limits" not in value else value


class VerdictState(BaseModel):
    """What clients did after each failure."""

    text: str
    broken: list[str] = Field(description="the rules that clients broke")


class SettingsState(BaseModel):
    """The settings of a session."""

    settings: dict[str, Any]


class ScenarioMap(RootModel[dict[str, Any]]):
    """A scenario, as in a file (`scenario.schema.json`)."""


class ScenarioMaps(RootModel[dict[str, Any] | list[dict[str, Any]]]):
    """A scenario as in a file (`scenario.schema.json`), or a list of them."""


class Asked(RootModel[dict[str, Any]]):
    """A request to the API: its body, or `{"method", "path", "headers", "body"}`, or a record of the journal."""


class SettingsChange(RootModel[dict[str, Any]]):
    """Settings of a session by name, such as `{"seed": 7, "validation": "lenient"}`; null is the default again."""
