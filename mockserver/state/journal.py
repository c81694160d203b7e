"""The journal: what was asked and what was answered. An exchange is opened before anything can fail.

Keys and tokens are taken out before anything is kept. Not here: queries (`requests`) and exports.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final, Literal

from mockserver.wire.content import blocks_of, text_of
from mockserver.wire.conversation import Conversation, ToolResult
from mockserver.wire.encoding import JsonObject, decode
from mockserver.wire.events import fold
from mockserver.wire.frozen import frozen
from mockserver.wire.parts import plain
from mockserver.wire.sse import Decoder

MOST_EXCHANGES: Final = 10_000
MOST_BYTES: Final = 64 * 1024 * 1024
"""What the journal of one session keeps unless told otherwise: exchanges, and bytes of their bodies."""

Verdict = Literal[
    "answered",
    "fallback",
    "counted",
    "listed",
    "batched",
    "filed",
    "page",
    "chaos",
    "limited",
    "refused",
    "unmatched",
    "unexpected",
    "bug",
]
"""What became of a request: a scenario, the fallback, the token estimate, the list of models, the session's message
batches, its files or a page of the server's own answered; chaos or a rate limit struck; validation refused it; nothing
matched; a scenario's `expect` did not hold; or the server failed."""


Sent = Literal["whole", "cut", "client gone", "server stopped"]
"""How an answer ended on the wire: whole, cut off on purpose, or because client or server left."""


@frozen
class Failure:
    """How an answer failed its client.

    `retryable` says whether the same request may do better; `retry_after` is in seconds. `early`: the
    client can notice it before the answer has ended.
    """

    words: str
    retryable: bool
    retry_after: float | None = None
    early: bool = False


@dataclass(slots=True)
class Trial:
    """One try of a request, as its client lives it.

    `whose` tells clients apart without their keys. `declared` is how many retries the client says it made before
    (`x-stainless-retry-count`), None where it does not say. `arrived` and `ended` are times of the mock clock, `began`
    and `finished` real seconds; `advanced` and `advanced_by_end` are by how many seconds the clock had been advanced.
    """

    arrived: datetime
    began: float
    whose: int = 0
    declared: int | None = None
    advanced: float = 0.0
    failure: Failure | None = None
    ended: datetime | None = None
    finished: float | None = None
    advanced_by_end: float | None = None


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    Of the request: `path` has no query, and `prefix` is what a dialect has before it; `headers` and `body` hold no keys
    and tokens; `received` is how many bytes of body came, and `raw` what came where it is no JSON object (`body` is
    None then), but for an upload. `note` says what else became of it, `usage` is that of the answer; `warning` says
    what the real API would have done otherwise. `attempt` is how often the same request met the same turn before;
    `faults` say what was broken on purpose; `trial` is how its client lived it; `nearest` are the scenarios that came
    close where none matched; `validation` is how strictly it was judged, `limited` whether rate limits were looked at,
    `rendered` whether templates made the answer. `sent` is how the answer ended on the wire, "" while it is under way;
    `written` are those bytes of its body that were written, of the planned `pieces`; `size` are the bytes that are kept
    of all this. A row of a message batch has that batch's id, its own `custom_id`, and how it ends: `succeeded`,
    `errored`, `canceled` or `expired`.
    `own` is the body where it is this exchange's alone.
    """

    number: int
    session: str
    method: str
    path: str
    trial: Trial
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    received: int = 0
    raw: bytes = b""
    verdict: Verdict = "refused"
    scenario: str | None = None
    turn: int | None = None
    attempt: int | None = None
    status: int = 0
    streamed: bool = False
    reason: str = ""
    note: str = ""
    warning: str = ""
    usage: JsonObject | None = None
    bug: BaseException | None = None
    nearest: list[str] = field(default_factory=list)
    validation: str = ""
    limited: bool = False
    rendered: bool = False
    faults: list[str] = field(default_factory=list)
    answer_headers: dict[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()
    written: int = 0
    size: int = 0
    prefix: str = ""
    sent: Sent | Literal[""] = ""
    batch: str = ""
    custom_id: str = ""
    outcome: str = ""
    own: JsonObject | None = field(default=None, repr=False, compare=False)

    @property
    def sent_bytes(self) -> int:
        """How many bytes of the answer's body went out."""
        if self.sent == "whole" and not self.written:
            return sum(map(len, self.pieces))
        return self.written

    @property
    def response_body(self) -> bytes:
        """The bytes of the answer's body that went out."""
        return b"".join(self.pieces)[: self.sent_bytes]

    @property
    def conversation(self) -> Conversation:
        """The request's body, read."""
        return Conversation(self.body or {})

    @property
    def model(self) -> str:
        """The request's `model`; "" where it has none."""
        return str((self.body or {}).get("model") or "")

    @property
    def prompt(self) -> str:
        """The text of the last user message that carries no tool result."""
        return self.conversation.prompt

    @property
    def tool_results(self) -> list[ToolResult]:
        """The tool results that the request brings, each with the name of its tool."""
        return self.conversation.tool_results

    @property
    def message(self) -> JsonObject | None:
        """The message that was answered, of a stream what its events make; None for an error and a broken one."""
        try:
            if self.streamed:
                return fold(event for _, event in Decoder().feed(self.response_body))
            found = decode(self.response_body)
        except ValueError:
            return None
        return found if isinstance(found, dict) and found.get("type") == "message" else None

    @property
    def text(self) -> str:
        """The text of the answered message, "" where there is none."""
        return text_of((self.message or {}).get("content"))

    @property
    def tool_calls(self) -> list[JsonObject]:
        """The `tool_use` blocks of the answered message."""
        return [block for block in blocks_of((self.message or {}).get("content")) if block.get("type") == "tool_use"]

    @property
    def went_wrong(self) -> bool:
        """Whether the author of the test has to hear of it: a miss, an `expect` that did not hold, a bug."""
        return self.verdict in ("unmatched", "unexpected", "bug")


class Journal:
    """The exchanges of a session, oldest first; beyond `most` of them, or `most_bytes`, the oldest are forgotten."""

    def __init__(self, most: int = MOST_EXCHANGES, most_bytes: int = MOST_BYTES) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self.forgotten: Counter[str] = Counter()
        """How many exchanges were forgotten so far, by verdict."""

    def open(self, exchange: Exchange, body_bytes: int) -> None:
        """Record a request before it is answered; so many bytes of its body are kept."""
        self._exchanges.append(exchange)
        self._grow(exchange, body_bytes + len(exchange.path) + len(exchange.query) + _size(exchange.headers))

    def planned(self, exchange: Exchange, pieces: tuple[bytes, ...]) -> None:
        """Record what is to be sent."""
        exchange.pieces = pieces
        self._grow(exchange, sum(map(len, pieces)) + _size(exchange.answer_headers))

    def record(self, exchange: Exchange) -> None:
        """Record a request whose answer is known, and how many bytes of both are kept."""
        self._exchanges.append(exchange)
        self._bytes += exchange.size
        self._forget()

    def keep(self, most: int) -> None:
        """Keep so many exchanges from now on."""
        self._most = most
        self._forget()

    def _grow(self, exchange: Exchange, size: int) -> None:
        exchange.size += size
        self._bytes += size
        self._forget()

    def _forget(self) -> None:
        while len(self._exchanges) > 1 and (len(self._exchanges) > self._most or self._bytes > self._most_bytes):
            oldest = self._exchanges.popleft()
            self._bytes -= oldest.size
            self.forgotten[oldest.verdict] += 1

    def latest(self, number: int) -> list[Exchange]:
        """Return the newest exchanges, so many or fewer, oldest first."""
        return list(islice(reversed(self._exchanges), number))[::-1]

    def clear(self) -> None:
        """Forget every exchange."""
        self._exchanges.clear()
        self._bytes = 0
        self.forgotten.clear()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """A snapshot; safe to take while the server answers."""
        return tuple(self._exchanges)


def separate(exchange: Exchange) -> None:
    """Let the body be this exchange's own, which until now is shared with others: somebody may change it."""
    if exchange.body is not exchange.own:
        exchange.own = exchange.body = plain(exchange.body)


def _size(headers: Mapping[str, str]) -> int:
    return sum(map(len, headers)) + sum(map(len, headers.values()))
