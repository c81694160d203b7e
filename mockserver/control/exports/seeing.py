"""What an answer says, whatever bytes it came in, for comparing two of them. Not here: making one (`outcomes`)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from mockserver.reply.steps import Reply
from mockserver.state.journal import Exchange
from mockserver.wire.encoding import JsonObject, decode
from mockserver.wire.events import fold
from mockserver.wire.sse import Decoder

_INPUT: Final = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
INPUT: Final = (*_INPUT, "cache_creation")
"""Counters of the input. How they share the prompt follows from the cache, and so from what came before."""
_DERIVED_TIERS: Final = (("service_tier", "standard"), ("service_tier", "batch"))
_COMPARED: Final = ("role", "model", "content", "container", "stop_reason", "stop_sequence", "stop_details")


@dataclass(frozen=True)
class Seen:
    """An answer, as it was planned: what a client that stays gets; `is_row`: in the results of a batch."""

    status: int
    streamed: bool
    headers: dict[str, str]
    body: bytes
    is_row: bool = False

    @cached_property
    def json(self) -> Any:
        """The body of a plain answer; None where it is no JSON."""
        try:
            return None if self.streamed else decode(self.body)
        except ValueError:
            return None

    @cached_property
    def message(self) -> JsonObject | None:
        """The message that it is, or whose events it has; None where it is none, or breaks off."""
        if not self.streamed:
            return self.json if isinstance(self.json, dict) and self.json.get("type") == "message" else None
        decoder = Decoder()
        try:
            message = fold(event for _, event in decoder.feed(self.body))
        except ValueError:
            return None
        return None if decoder.rest else message

    @cached_property
    def error(self) -> JsonObject | None:
        """The `error` of an error's body; None where it is no error of the API."""
        found = self.json.get("error") if isinstance(self.json, dict) else None
        return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None

    @property
    def usage(self) -> JsonObject:
        """The message's usage without the counters of its input; of a row without its tier, which follows from that."""
        usage = ((self.message or {}).get("usage") or {}).items()
        return {k: v for k, v in usage if k not in INPUT and not (self.is_row and (k, v) in _DERIVED_TIERS)}

    @property
    def input_tokens(self) -> int:
        """All tokens of the input, read from the cache or not."""
        usage = (self.message or {}).get("usage") or {}
        return sum(usage.get(key) or 0 for key in _INPUT)

    @property
    def content(self) -> Any:
        """All that must be the same where two answers say the same; the ids of messages and requests need not."""
        if self.message is not None:
            said = {key: self.message.get(key) for key in _COMPARED}
            return self.status, said, self.usage, self.input_tokens
        if self.error is not None:
            return self.status, self.error, "type" in self.json, self.headers.get("retry-after")
        return self.status, self.body


def seen_in(exchange: Exchange) -> Seen:
    """Return the answer of an exchange."""
    body, is_row = b"".join(exchange.pieces), bool(exchange.batch)
    return Seen(exchange.status, exchange.streamed, exchange.answer_headers, body, is_row)


def seen_of(reply: Reply, *, is_row: bool = False) -> Seen:
    """Return the answer that a plan is."""
    status = reply.head.status if reply.is_sent else 0
    return Seen(status, reply.head.length is None, reply.head.headers, reply.body, is_row)
