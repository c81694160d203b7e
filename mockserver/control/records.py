"""An exchange as JSON, and back. Not here: where it is kept (`state.journal`)."""

import base64
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mockserver.state.journal import Exchange, Sent, Trial, Verdict
from mockserver.state.stages import stages
from mockserver.wire.conversation import ToolResult
from mockserver.wire.encoding import encode
from mockserver.wire.telling import redact_bytes, redact_json


class Bytes(BaseModel):
    """Bytes as text; in base64 where they are no UTF-8."""

    model_config = ConfigDict(extra="forbid")

    text: str
    encoding: Literal["utf-8", "base64"] = "utf-8"

    @classmethod
    def of(cls, data: bytes) -> "Bytes":
        """Return the text of some bytes."""
        try:
            return cls(text=data.decode())
        except UnicodeDecodeError:
            return cls(text=base64.b64encode(data).decode(), encoding="base64")

    @property
    def data(self) -> bytes:
        """The bytes."""
        return base64.b64decode(self.text) if self.encoding == "base64" else self.text.encode()


class ServerBugError(RuntimeError):
    """A bug of a server that runs elsewhere, in its words."""


class Record(BaseModel):
    """One request, what each stage made of it, and what really went out."""

    number: int = Field(description="counts the requests of the session, from 0")
    session: str
    arrived: datetime = Field(description="by the session's clock")
    method: str
    path: str
    query: str
    prefix: str = Field("", description="what a dialect has before the path")
    headers: dict[str, str] = Field(description="names in lower case; without keys")
    body: dict[str, Any] | None = Field(description="the JSON that came, without keys; null where it is no JSON object")
    raw: Bytes | None = Field(description="what came where it is no JSON object; null for an upload")
    received: int = Field(description="bytes of the request's body")
    model: str
    prompt: str = Field(description="the text of the last user message that carries no tool result")
    tool_results: list[ToolResult]
    verdict: Verdict
    scenario: str | None
    turn: int | None
    attempt: int | None = Field(description="how often the same request met the same turn before")
    reason: str = Field(description="of a refusal or a miss")
    nearest: list[str] = Field(description="where nothing matched: the scenarios that came close, and what differed")
    note: str
    warning: str = Field(description="what the real API would have done otherwise")
    faults: list[str] = Field(description="what was broken on purpose")
    stages: dict[str, str] = Field(description="what validation, limits, matching and so on made of it, in order")
    validation: str
    limited: bool
    rendered: bool
    status: int = Field(description="0 where no status went out")
    streamed: bool
    answer_headers: dict[str, str]
    answer: Bytes = Field(description="the bytes of the body that went out")
    message: dict[str, Any] | None = Field(description="the message that the answer makes, also of a stream")
    text: str
    tool_calls: list[dict[str, Any]]
    usage: dict[str, Any] | None
    sent: Sent | Literal[""] = Field(description="how the answer ended on the wire; empty while it is under way")
    sent_bytes: int
    bug: str | None
    batch: str = Field("", description="id of the message batch that this is a row of; empty where it is none")
    custom_id: str = Field("", description="of the row")
    outcome: str = Field("", description="of the row: `succeeded`, `errored`, `canceled`, `expired`")
    trial: Trial = Field(description="how its client lived it, for the verdict on the client")


_SAME = tuple(
    name for name in Record.model_fields if name in Exchange.__dataclass_fields__ and name not in ("bug", "raw")
)
"""Fields of a record that are those of the exchange."""
_DERIVED = ("sent_bytes", "model", "prompt", "tool_results", "message", "text", "tool_calls")


def record_of(exchange: Exchange) -> Record:
    """Return an exchange as JSON has it, without keys and tokens, also where an answer repeats one."""
    answer = exchange.response_body
    return Record(
        **{name: getattr(exchange, name) for name in _SAME},
        **{name: redact_json(getattr(exchange, name), answer) for name in _DERIVED},
        arrived=exchange.trial.arrived,
        raw=Bytes.of(exchange.raw) if exchange.raw else None,
        answer=Bytes.of(redact_bytes(answer)),
        stages=stages(exchange),
        bug=None if exchange.bug is None else f"{type(exchange.bug).__name__}: {exchange.bug}",
    )


def as_json(model: BaseModel, before: Mapping[str, Any] = MappingProxyType({})) -> bytes:
    """Return a model as compact JSON, behind other keys.

    Half a surrogate, which a scenario may hold, becomes a question mark.
    """
    return encode({**before, **model.model_dump(mode="json", by_alias=True)})


def exchange_of(record: Record) -> Exchange:
    """Return the exchange that a record tells of; of the answer it knows what went out."""
    return Exchange(
        **{name: getattr(record, name) for name in _SAME},
        raw=record.raw.data if record.raw else b"",
        pieces=(record.answer.data,),
        written=record.sent_bytes,
        bug=None if record.bug is None else ServerBugError(record.bug),
    )
