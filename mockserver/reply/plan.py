"""A message, events or an error become a `Reply`: head and data. Not here: how the message came about."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, Final

from mockserver.reply.chunking import cut_json, cut_text
from mockserver.reply.identifiers import Source
from mockserver.reply.pacing import paced, tempo_of, timed
from mockserver.reply.render import Answer
from mockserver.reply.steps import Data, Head, Reply, whole
from mockserver.reply.tokens import count_output
from mockserver.scenario.pacing import DEFAULT_CHUNK, Stream
from mockserver.scenario.verbatim import Event
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.errors import ApiError
from mockserver.wire.events import framed, split
from mockserver.wire.headers import Derived, response_headers
from mockserver.wire.sse import PADDING_BITS, encode_event, frame

_NO_MORE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every answer to one request has around it: ids, the time, and the author's headers.

    `edge`: with the headers that the edge in front of the API adds. A header of the author whose value is None is taken
    away. `late` is how many seconds after the request the answer begins. `drops` are patterns of headers that the
    dialect does not send, `adds` those that it has besides: a name in braces is the value of one of the API's.
    """

    source: Source
    now: datetime
    request_headers: Mapping[str, str]
    authenticated: bool = True
    edge: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)
    late: float = 0.0
    drops: tuple[str, ...] = ()
    adds: Mapping[str, str] = field(default_factory=dict)

    def headers(self, *, streamed: bool, more: Mapping[str, str] = _NO_MORE) -> dict[str, str]:
        """Return the response headers, names in lower case; `more` is what this kind of answer has, too."""
        headers = response_headers(
            Derived(self.source.request_id(), self.source.trace(), self.source.ray()),
            self.now,
            self.request_headers,
            more,
            streamed=streamed,
            authenticated=self.authenticated,
            edge=self.edge,
        )
        if self.drops or self.adds:
            headers = self._spoken(headers)
        for name, value in self.extra.items():
            headers.pop(name.lower(), None)
            if value is not None:
                headers[name.lower()] = str(value)
        return headers

    def _spoken(self, headers: dict[str, str]) -> dict[str, str]:
        """Return the headers as the dialect has them; one that it makes of a header that is not there is none."""
        kept = {name: value for name, value in headers.items() if not any(fnmatchcase(name, p) for p in self.drops)}
        for name, value in self.adds.items():
            if all(part in headers for part in _NAMED.findall(value)):
                kept[name.lower()] = _NAMED.sub(lambda found: headers[found[1]], value)
        return kept


_NAMED: Final = re.compile(r"\{([a-z0-9-]+)\}")
"""The name of a header in the value of another one."""


def plain(body: JsonObject, envelope: Envelope, more: Mapping[str, str] = _NO_MORE) -> Reply:
    """Return the answer as one JSON body; `more` are headers of this kind of answer."""
    return _whole(200, envelope.headers(streamed=False, more=more), encode(body))


def whole_body(body: bytes, envelope: Envelope, more: Mapping[str, str]) -> Reply:
    """Return bytes as the answer; `more` are headers of this kind of answer, their type among them."""
    return _whole(200, envelope.headers(streamed=False, more=more), body)


def download(content: bytes, envelope: Envelope, more: Mapping[str, str]) -> Reply:
    """Return the answer that is a file's content, of the type that `more` says; it lacks `vary` (recorded)."""
    return whole_body(content, replace(envelope, extra={"vary": None, **envelope.extra}), more)


def failed(error: ApiError, envelope: Envelope) -> Reply:
    """Return the error as the API's JSON body."""
    body = encode(error.body(envelope.source.request_id()))
    return _whole(error.status, envelope.headers(streamed=False, more=error.headers), body)


def _whole(status: int, headers: dict[str, str], body: bytes) -> Reply:
    return whole(Head(status, headers, len(body)), Data(body))


@dataclass(frozen=True, slots=True)
class Frames:
    """The events of a message's stream, in pieces of the wire; `padding` is what the first one is padded by."""

    data: tuple[Data, ...]
    padding: int

    @classmethod
    def of(cls, answer: Answer, stream: Stream | None, source: Source) -> "Frames":
        """Return the frames of a message; the deltas that the author wrote out are used as they are."""
        padding = source.random("padding")
        first = padding.getrandbits(PADDING_BITS)
        events = iter(_events(answer, (stream and stream.chunk) or DEFAULT_CHUNK, source))
        start = next(events)
        rest = (Data(encode_event(event, padding.getrandbits(PADDING_BITS)), event) for event in events)
        return cls((Data(encode_event(start, first), start), *rest), first)

    def renamed(self, name: Any) -> "Frames":
        """Return those of the same message with another id."""
        start = started(self.data[0].event, name) or {}
        return Frames((Data(encode_event(start, self.padding), start), *self.data[1:]), self.padding)


def started(event: JsonObject | None, name: Any) -> JsonObject | None:
    """Return the first event of a message's stream with another id for it; None is none."""
    return None if event is None else event | {"message": event["message"] | {"id": name}}


def streamed(
    answer: Answer, frames: Frames, stream: Stream | None, envelope: Envelope, more: Mapping[str, str] = _NO_MORE
) -> Reply:
    """Return the message as a stream of these frames."""
    head = Head(200, envelope.headers(streamed=True, more=more))
    tempo = tempo_of(stream)
    if tempo is None:
        return Reply(head, (head, *frames.data))
    tokens = (answer.message.get("usage") or {}).get("output_tokens")
    if not isinstance(tokens, int):
        tokens = count_output(answer.message.get("content") or [], answer.model)
    return whole(head, *paced(frames.data, tempo, tokens, envelope.source.random("pace"), envelope.late))


def _events(answer: Answer, chunk: str | int, source: Source) -> Iterable[JsonObject]:
    content: list[JsonObject] = answer.message.get("content") or []

    def pieces(index: int, kind: str, text: str) -> list[str]:
        if index in answer.deltas:
            return answer.deltas[index]
        chance = source.random(f"chunks{index}")
        if kind == "input_json_delta":
            in_one_piece = "toolset_name" in content[index]  # documented
            return [text] if in_one_piece else framed(kind, cut_json(text, chunk, chance))
        sizes = answer.model.text_deltas if kind == "text_delta" else answer.model.thinking_deltas
        return cut_text(text, chunk, sizes, chance)

    first = source.random("first tokens").choice(_FIRST_TOKENS.get(content[0]["type"], (1,)) if content else (0,))
    return split(answer.message, pieces, first, cut=answer.cut)


_FIRST_TOKENS: Final[dict[str, tuple[int, ...]]] = {
    "text": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 5, 5, 7),
    "thinking": (1, 1, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7, 8, 8, 8, 8),
    "tool_use": (1, 1, 4, 7, 8, 8, 11, 11, 16, 18, 22, 25, 26, 35, 41, 47, 53, 54, 59, 62),
    "server_tool_use": (1, 1, 1, 1, 1, 5, 5, 5, 17, 17, 23, 23, 25, 26, 26, 55, 55, 59, 65, 69),
    "compaction": (5, 7),
}
"""Type of the first block -> `output_tokens` of `message_start` at equal shares: 402 streams recorded in 2026."""


def verbatim(events: list[Event], envelope: Envelope, more: Mapping[str, str] = _NO_MORE) -> Reply:
    """Return a stream of the author's own events, as they are and without padding, at their times."""
    frames = (Data(_frame(e), (e.data if isinstance(e.data, dict) else {}) | {"type": e.name}) for e in events)
    steps = timed(frames, (event.at for event in events), envelope.late)
    return whole(Head(200, envelope.headers(streamed=True, more=more)), *steps)


def _frame(event: Event) -> bytes:
    if isinstance(event.data, str):
        return frame(event.name, event.data.encode())
    if event.event in (None, event.data.get("type")):
        return encode_event(event.data)
    return frame(event.name, encode(event.data))
