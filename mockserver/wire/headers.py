"""Request and response headers. Not here: who is allowed in, and rate limits (`rates`).

Source: the newest recorded header sets (2026-07 and later). `date` comes from the clock; `request-id`, `traceresponse`
and `cf-ray` are derived, so that two runs send the same bytes.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from mockserver.wire.frozen import frozen

ORGANIZATION_ID: Final = "6d6f636b-7365-4276-8572-6d6f636b7365"
WORKSPACE_ID: Final = "wrkspc_01MockServerWorkspace1234"

API_VERSIONS: Final = ("2026-10-21", "2023-06-01")
"""Values of `anthropic-version`, the newest first."""

JSON_TYPE: Final = "application/json"
STREAM_TYPE: Final = "text/event-stream; charset=utf-8"

_EDGE: Final = {
    "server": "cloudflare",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "vary": "Accept-Encoding",
    "cf-cache-status": "DYNAMIC",
    "x-robots-tag": "none",
}
"""What the edge in front of the API adds to every answer, beside `strict-transport-security` and `cf-ray`."""
_TRANSPORT_SECURITY: Final = {"strict-transport-security": "max-age=31536000; includeSubDomains; preload"}

_RATED: Final = ("input-tokens", "output-tokens", "requests", "tokens")
"""Of what there are headers that tell a rate limit (`rates`)."""

_EXPOSED: Final = "*, request-id, x-should-retry, retry-after"
_CORS: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": _EXPOSED}
_PREFLIGHT: Final = {
    "server": "cloudflare",
    **_CORS,
    "access-control-allow-methods": "GET, HEAD, POST, DELETE, OPTIONS",
    "access-control-max-age": "600",
}


@frozen
class Derived:
    """The values of one answer's headers that look random."""

    request_id: str
    trace: str
    ray: str


def response_headers(
    derived: Derived,
    now: datetime,
    request: Mapping[str, str],
    more: Mapping[str, str],
    *,
    streamed: bool,
    authenticated: bool = True,
    edge: bool = True,
) -> dict[str, str]:
    """Return the headers of an answer of the API in wire order, names in lower case.

    `more` is what this answer has beside the usual ones. A 401 names neither organization nor workspace (recorded):
    `authenticated` is false there. Without `edge`, what the edge adds is left out. A `request` that names an origin
    gets what a browser needs to read the answer.
    """
    headers = date_header(now) | {"content-type": STREAM_TYPE if streamed else JSON_TYPE}
    if streamed:
        headers["cache-control"] = "no-cache"
    headers |= {**more, "request-id": derived.request_id}
    if edge:
        headers |= _TRANSPORT_SECURITY
    if authenticated:
        headers["anthropic-organization-id"] = ORGANIZATION_ID
        headers["anthropic-workspace-id"] = WORKSPACE_ID
        headers["traceresponse"] = derived.trace
    if edge:
        headers |= _EDGE | {"cf-ray": derived.ray}
    return headers | (_CORS if "origin" in request else {})


def date_header(now: datetime) -> dict[str, str]:
    """Return the `date` header of an answer."""
    return {"date": _http_date(now.replace(microsecond=0))}


@lru_cache(maxsize=8)
def _http_date(second: datetime) -> str:
    return format_datetime(second, usegmt=True)


def attachment(name: str) -> dict[str, str]:
    """Return the header of an answer that is a file of this name (recorded: always the extended form)."""
    return {"content-disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}"}


def proxy_headers(now: datetime) -> dict[str, str]:
    """Return the headers of a page that a proxy sends by itself: nothing of the API's, not even a request id."""
    return date_header(now) | {"server": "nginx"}


def preflight_headers(request: Mapping[str, str]) -> dict[str, str]:
    """Return the answer to a preflight: the headers that the browser asked for are allowed."""
    asked = request.get("access-control-request-headers", "*")
    return _PREFLIGHT | {"access-control-allow-headers": asked}


def betas(request: Mapping[str, str]) -> list[str]:
    """Return the values of `anthropic-beta`."""
    return [b.strip() for b in request.get("anthropic-beta", "").split(",") if b.strip()]


FRAMING: Final = ("content-length", "transfer-encoding", "connection")
"""Headers that say where a body ends: the server's own."""


def wrong_header(name: str, value: object) -> str | None:
    """Return why this cannot be a response header of an author's; None where it can."""
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        return f"{name!r} is no name of an HTTP header"
    if name.lower() in FRAMING:
        return f"{name!r} is set by the server, which knows how long the body is"
    if re.search(r"[\r\n\0]", str(value)):
        return f"the value of the header {name!r} holds a line break"
    return None


def wrong_coding(name: str) -> str | None:
    """Return why no answer at all can have this header; a single one may lie about its body, as a fault."""
    return f"{name!r} would say of every body what it is not" if name.lower() == "content-encoding" else None


RESPONSE_HEADERS: Final = (
    *("date", "content-type", "cache-control", "content-disposition"),
    *(f"anthropic-ratelimit-{kind}-{part}" for kind in _RATED for part in ("limit", "remaining", "reset")),
    *("request-id", "retry-after", "x-should-retry", "allow"),
    *_TRANSPORT_SECURITY,
    *("anthropic-organization-id", "anthropic-workspace-id", "traceresponse"),
    *_EDGE,
    *("cf-ray", "server-timing"),
    *_CORS,
)
"""Every response header of the API."""

KEY_HEADERS: Final = ("api-key", "x-auth-token", "x-bf-vk", "x-goog-api-key")
"""Where the keys of gateways come beside the API's own two headers."""

CREDENTIALS: Final = frozenset({"x-api-key", "authorization", "proxy-authorization", "cookie", *KEY_HEADERS})
"""Headers whose values nobody may read in a log."""


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with the values of credentials replaced by `***`."""
    return {k: "***" if k in CREDENTIALS else v for k, v in headers.items()}
