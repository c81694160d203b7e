"""The journal as a HAR 1.2 log, which browsers, proxies and HTTP tools open. Not here: what an exchange is (`state`).

Source: the HAR 1.2 specification. Times are those of the session's clock. What it has no field for stands in
fields that begin `_mock_`.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from mockserver import __version__
from mockserver.state.journal import Exchange
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.headers import JSON_TYPE

_HTTP: Final = "HTTP/1.1"
_UNKNOWN: Final = -1
"""What HAR writes for a size that nobody measured."""
_OWN: Final = (
    "session",
    "number",
    "verdict",
    "scenario",
    "turn",
    "attempt",
    "reason",
    "note",
    "warning",
    "faults",
    "sent",
)
"""Fields of an exchange that HAR does not know."""


def har(exchanges: Sequence[Exchange], base_url: str = "") -> str:
    """Return the log of some exchanges; `base_url` is where they were sent. Rows of batches are no requests of HTTP."""
    log = {
        "version": "1.2",
        "creator": {"name": "mockserver", "version": __version__},
        "entries": [_entry(exchange, base_url) for exchange in exchanges if not exchange.batch],
    }
    return json.dumps({"log": log}, indent=2, ensure_ascii=False) + "\n"


def _entry(exchange: Exchange, base_url: str) -> JsonObject:
    trial = exchange.trial
    took = 0.0 if trial.ended is None else (trial.ended - trial.arrived).total_seconds() * 1000
    return {
        "startedDateTime": trial.arrived.isoformat(timespec="milliseconds"),
        "time": took,
        "request": _request(exchange, base_url),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        **{f"_mock_{name}": found for name in _OWN if (found := getattr(exchange, name)) not in (None, "", [])},
    }


def _request(exchange: Exchange, base_url: str) -> JsonObject:
    query = f"?{exchange.query}" if exchange.query else ""
    request: JsonObject = {
        "method": exchange.method,
        "url": f"{base_url.rstrip('/') or _origin(exchange)}{exchange.prefix}{exchange.path}{query}",
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(exchange.headers.items()),
        "queryString": _pairs(parse_qsl(exchange.query, keep_blank_values=True)),
        "headersSize": _UNKNOWN,
        "bodySize": exchange.received,
    }
    body = exchange.raw if exchange.body is None else encode(exchange.body)
    if body and exchange.received:
        request["postData"] = {"mimeType": exchange.headers.get("content-type", JSON_TYPE), **_text(body)}
    return request


def _origin(exchange: Exchange) -> str:
    return f"http://{exchange.headers.get('host', 'localhost')}"


def _response(exchange: Exchange) -> JsonObject:
    body = exchange.response_body
    content = {"size": len(body), "mimeType": exchange.answer_headers.get("content-type", ""), **_text(body)}
    return {
        "status": exchange.status,
        "statusText": _phrase(exchange.status),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _pairs(exchange.answer_headers.items()),
        "content": content,
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": len(body),
    }


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _pairs(items: Iterable[tuple[str, Any]]) -> list[Mapping[str, str]]:
    return [{"name": name, "value": str(value)} for name, value in items]


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}
