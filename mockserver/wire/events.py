"""Stream events: `split(message)` gives them, `fold(events)` takes them back. Not here: bytes (`sse`), pacing.

The order is always `message_start`, then for each block its start, deltas and stop, then `message_delta` and
`message_stop`; one `ping` follows the first block's start (recordings since 2026-02). A block's start holds only
the keys that the block itself has. Where `max_tokens` cut a tool's input, the wire sends the input up to its last
complete member and then no `content_block_stop` (recorded in the Python SDK's fixtures). A call that code made, not
the model, stands whole in its start (6 of 6 recorded). A refusal without content streams one empty text (documented).
"""

from collections.abc import Callable, Iterable
from typing import Final

from pydantic_core import from_json

from mockserver.wire.content import ID_PREFIX, blocks_of
from mockserver.wire.encoding import JsonObject, spaced
from mockserver.wire.messages import DELTA_USAGE_ORDER, MESSAGE_ORDER, USAGE_ORDER, ordered

EVENT_NAMES: Final = (
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
    "error",
)
"""Every event of a stream."""

PING: Final[JsonObject] = {"type": "ping"}

Pieces = Callable[[int, str, str], list[str]]
"""(index of the block, type of the delta, its whole text) -> the deltas' texts, whose sum is the text."""

_NOT_AT_START: Final = ("output_tokens_details", "server_tool_use", "iterations")
_INPUT: Final = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation")
_BESIDE_DELTA: Final = ("context_management",)
_AT_END: Final = ("container", "stop_reason", "stop_sequence", "stop_details")


_CUTS: Final = ("max_tokens", "model_context_window_exceeded")
"""Stop reasons of answers that a limit cut."""
_NOTHING_SAID: Final[JsonObject] = {"type": "text", "text": ""}
"""What a refusal without content streams."""


class FoldError(ValueError):
    """The events do not make a message; the text says at which event and why."""


def whole(_index: int, kind: str, text: str) -> list[str]:
    """Give each text as one delta."""
    return framed(kind, [text] if text else [])


def framed(kind: str, parts: list[str]) -> list[str]:
    """Return the deltas with the empty one that the API puts before those of a tool's JSON (1,372 of 1,373 recorded).

    An empty `thinking_delta` before the signature, which 2 of 20 streams since 2026-05 have, is not imitated.
    """
    return ["", *parts] if kind == "input_json_delta" else parts


def split(
    message: JsonObject, pieces: Pieces = whole, first_tokens: int = 1, *, cut: bool | None = None
) -> list[JsonObject]:
    """Return the events that stream `message`.

    `first_tokens` is the `output_tokens` that `message_start` shows. `cut` says whether a limit cut the last block;
    None: where the stop reason names one.
    """
    events = [_message_start(message, first_tokens)]
    content: list[JsonObject] = message.get("content") or []
    if not content and message.get("stop_reason") == "refusal":
        content = [_NOTHING_SAID]
    if cut is None:
        cut = message.get("stop_reason") in _CUTS
    for index, block in enumerate(content):
        unclosed = cut and index == len(content) - 1 and block.get("type") in ID_PREFIX
        events += _block_events(index, block, pieces, unclosed=unclosed)
    if content:
        events.insert(2, PING)
    return [*events, _message_delta(message), {"type": "message_stop"}]


def _message_start(message: JsonObject, first_tokens: int) -> JsonObject:
    head = {k: v for k, v in message.items() if k not in ("container", *_BESIDE_DELTA)}
    head["content"] = []
    for key in ("stop_reason", "stop_sequence", "stop_details"):
        if key in head:
            head[key] = None
    usage = message.get("usage")
    if isinstance(usage, dict):
        head["usage"] = {k: v for k, v in (usage | _first_pass(usage)).items() if k not in _NOT_AT_START}
        if isinstance(total := usage.get("output_tokens"), int):
            head["usage"]["output_tokens"] = min(first_tokens, total)
    return {"type": "message_start", "message": head}


def _first_pass(usage: JsonObject) -> JsonObject:
    """Return the input of the first of several passes: it is what `message_start` shows (recorded).

    A pass with a model's name is that of a fallback, whose start shows the model that serves.
    """
    first: JsonObject = next(iter(blocks_of(usage.get("iterations"))), {})
    return {} if "model" in first else {key: first[key] for key in _INPUT if key in first}


def _message_delta(message: JsonObject) -> JsonObject:
    usage = message.get("usage") or {}
    event = {
        "type": "message_delta",
        "delta": {k: message[k] for k in ("stop_reason", "stop_sequence", "stop_details", "container") if k in message},
        "usage": {k: usage[k] for k in DELTA_USAGE_ORDER if k in usage},
    }
    return event | {k: message[k] for k in _BESIDE_DELTA if k in message}


def _block_events(index: int, block: JsonObject, pieces: Pieces, *, unclosed: bool) -> list[JsonObject]:
    start, deltas = _STREAMED.get(block.get("type", ""), _stream_whole)(index, block, pieces, unclosed)
    events = [{"type": "content_block_start", "index": index, "content_block": start}]
    events += ({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
    if not unclosed:
        events.append({"type": "content_block_stop", "index": index})
    return events


_Streamed = tuple[JsonObject, list[JsonObject]]


def _stream_whole(_index: int, block: JsonObject, _pieces: Pieces, _unclosed: bool) -> _Streamed:
    return block, []


def _stream_text(index: int, block: JsonObject, pieces: Pieces, _unclosed: bool) -> _Streamed:
    start = block | {"text": ""}
    deltas: list[JsonObject] = []
    if cited := block.get("citations"):
        start["citations"] = []
        deltas += ({"type": "citations_delta", "citation": citation} for citation in cited)
    deltas += ({"type": "text_delta", "text": t} for t in pieces(index, "text_delta", block["text"]))
    return start, deltas


def _stream_thinking(index: int, block: JsonObject, pieces: Pieces, _unclosed: bool) -> _Streamed:
    parts = pieces(index, "thinking_delta", block["thinking"])
    deltas = [{"type": "thinking_delta", "thinking": t} for t in parts]
    if "signature" not in block:
        return block | {"thinking": ""}, deltas
    deltas.append({"type": "signature_delta", "signature": block["signature"]})
    return block | {"thinking": "", "signature": ""}, deltas


def _stream_call(index: int, block: JsonObject, pieces: Pieces, unclosed: bool) -> _Streamed:
    if (block.get("caller") or _DIRECT).get("type") != "direct":
        return block, []
    text = spaced(block["input"]) if block.get("input") else ""
    if unclosed:
        text = text.removesuffix("}")
    parts = pieces(index, "input_json_delta", text)
    return block | {"input": {}}, [{"type": "input_json_delta", "partial_json": t} for t in parts]


_DIRECT: Final = {"type": "direct"}


def _stream_compaction(_index: int, block: JsonObject, _pieces: Pieces, _unclosed: bool) -> _Streamed:
    whole_block = {k: v for k, v in block.items() if k != "type"}
    return {"type": "compaction"} | dict.fromkeys(whole_block), [{"type": "compaction_delta", **whole_block}]


_STREAMED: Final[dict[str, Callable[[int, JsonObject, Pieces, bool], _Streamed]]] = {
    "text": _stream_text,
    "thinking": _stream_thinking,
    "compaction": _stream_compaction,
    **dict.fromkeys(ID_PREFIX, _stream_call),
}
"""Block type -> (its start event's block, its deltas); every other type stands whole in the start."""


def fold(events: Iterable[JsonObject]) -> JsonObject:
    """Return the message that the events stream.

    Raises `FoldError` where order or shape is not the API's. A tool input that was left open folds to what was
    sent of it.
    """
    return _Fold().run(events)


class _Fold:
    """One reading of a stream: the message so far, its blocks, and the block that is open."""

    def __init__(self) -> None:
        self.message: JsonObject | None = None
        self.blocks: list[JsonObject] = []
        self.open: JsonObject | None = None
        self.json: str = ""
        self.done = False

    def run(self, events: Iterable[JsonObject]) -> JsonObject:
        for number, event in enumerate(events):
            try:
                self._read(event)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                name = event.get("type") if isinstance(event, dict) else event
                reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
                raise FoldError(f"event {number} ({name}): {reason}") from error
        if self.message is None or not self.done:
            raise FoldError("the stream ends without message_stop")
        try:
            return self._finish(self.message)
        except (TypeError, ValueError, AttributeError) as error:
            raise FoldError(f"at its end: {error}") from error

    def _read(self, event: JsonObject) -> None:
        kind = event["type"]
        if kind == "ping":
            return
        if self.done:
            raise ValueError("comes after message_stop")
        if (self.message is None) != (kind == "message_start"):
            raise ValueError("message_start must come once and first")
        reader = _READERS.get(kind)
        if reader is None:
            words = event["error"]["message"] if kind == "error" else "no event of a message"
            raise ValueError(words)
        reader(self, event)

    def _start(self, event: JsonObject) -> None:
        self.message = dict(event["message"])

    def _block_start(self, event: JsonObject) -> None:
        if self.open is not None or event["index"] != len(self.blocks):
            raise ValueError("a block starts out of order")
        self.open, self.json = dict(event["content_block"]), ""

    def _block_delta(self, event: JsonObject) -> None:
        block = self._opened(event)
        delta = event["delta"]
        kind = delta["type"]
        if kind == "input_json_delta":
            self.json += delta["partial_json"]
        elif kind in _JOINED:
            block[_JOINED[kind]] += delta[_JOINED[kind]]
        elif kind == "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]
        elif kind == "compaction_delta":
            block |= {k: v for k, v in delta.items() if k != "type"}
        else:
            raise ValueError(f"unknown delta {kind!r}")

    def _block_stop(self, event: JsonObject) -> None:
        block = self._opened(event)
        if self.json:
            block["input"] = from_json(self.json)
        self.blocks.append(block)
        self.open = None

    def _opened(self, event: JsonObject) -> JsonObject:
        if self.open is None or event["index"] != len(self.blocks):
            raise ValueError("belongs to no open block")
        return self.open

    def _message_delta(self, event: JsonObject) -> None:
        assert self.message is not None
        self.message |= event["delta"] | {k: event[k] for k in _BESIDE_DELTA if k in event}
        if event.get("usage"):
            self.message["usage"] = (self.message.get("usage") or {}) | event["usage"]

    def _stop(self, _event: JsonObject) -> None:
        self.done = True

    def _finish(self, message: JsonObject) -> JsonObject:
        if self.open is not None:
            if message.get("stop_reason") not in _CUTS:
                raise FoldError("the stream ends inside a block")
            if self.json:
                self.open["input"] = from_json(self.json, allow_partial=True)
            self.blocks.append(self.open)
        refused_at_once = self.blocks == [_NOTHING_SAID] and message.get("stop_reason") == "refusal"
        message["content"] = [] if refused_at_once else self.blocks
        if "usage" in message:
            message["usage"] = ordered(message["usage"], USAGE_ORDER)
        return ordered(message, MESSAGE_ORDER)


_JOINED: Final = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
"""Delta type -> the key that it adds to, which is also the key that it carries."""

_READERS: Final[dict[str, Callable[[_Fold, JsonObject], None]]] = {
    "message_start": _Fold._start,
    "content_block_start": _Fold._block_start,
    "content_block_delta": _Fold._block_delta,
    "content_block_stop": _Fold._block_stop,
    "message_delta": _Fold._message_delta,
    "message_stop": _Fold._stop,
}
