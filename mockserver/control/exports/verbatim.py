"""Answers that are neither messages nor errors, as they were: events, pages, connections that end. Not here: others."""

import json
import re
from contextlib import suppress
from typing import Any, Final

from mockserver.control.exports.seeing import Seen
from mockserver.scenario.faults import BODILESS
from mockserver.state.journal import Exchange
from mockserver.wire.encoding import JsonObject

_ENDS: Final[dict[str, JsonObject]] = {
    "disconnect: reset": {"disconnect": "reset"},
    "disconnect: close": {"disconnect": "close"},
    "hang: true": {"hang": True},
}
"""How the journal tells of a connection that ends, or of silence -> the fault."""


def stream_of(body: bytes) -> tuple[list[JsonObject], str]:
    """Return the events of a stream, and what it breaks off with; no events where it holds something else, too."""
    *frames, rest = body.decode("utf-8", "replace").split("\n\n")
    found = [_FRAME.fullmatch(frame) for frame in frames]
    return [_event(frame[1], frame[2]) for frame in found if frame] if all(found) else [], rest


_FRAME: Final = re.compile("event: (.+)\ndata: (.*)")


def _event(name: str, data: str) -> JsonObject:
    value: Any = data
    with suppress(ValueError):
        value = json.loads(data)
    if not isinstance(value, dict):
        return {"event": name, "data": data}
    return value if value.get("type") == name and not {"event", "data"} & set(value) else {"event": name, "data": value}


def as_stream(exchange: Exchange, body: bytes) -> JsonObject | None:
    """Return the events of a stream and what breaks behind them; None where it is not made of events."""
    events, rest = stream_of(body)
    if not events:
        return None
    faults = [
        {"after": {"percent": 100}, **fault} for fault in ({"garbage": rest} if rest else {}, _end(exchange)) if fault
    ]
    return {"events": events} | ({"fault": faults[0] if len(faults) == 1 else faults} if faults else {})


def no_answer(exchange: Exchange) -> JsonObject:
    """Return what ends the connection, or is silent, before there is an answer."""
    return {"reply": "", "fault": {"before": "response", **(_end(exchange) or {"disconnect": "close"})}}


def _end(exchange: Exchange) -> JsonObject:
    """Return what ended the connection on purpose; nothing where nothing did."""
    told = [words.removeprefix("chaos: ") for words in exchange.faults if not words.endswith(")")]
    return next((fault for start, fault in _ENDS.items() if any(words.startswith(start) for words in told)), {})


def page(seen: Seen) -> JsonObject:
    """Return an answer that is served whatever it is: as a proxy's page is."""
    fault: JsonObject = {"status": seen.status}
    if seen.status not in BODILESS:
        fault |= {"body": seen.body.decode("utf-8", "replace"), "content_type": seen.headers.get("content-type")}
    return {"reply": "", "fault": {key: value for key, value in fault.items() if value is not None}}
