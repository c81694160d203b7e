"""Request and response headers. Not here: rate limits and who is allowed in.

Source: the newest recorded header sets (2026-07 and later). `date` comes from the clock, `request-id` and
`traceresponse` are derived, so that two runs send the same bytes.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

ORGANIZATION_ID: Final = "6d6f636b-7365-4276-8572-6d6f636b7365"
WORKSPACE_ID: Final = "wrkspc_01MockServerWorkspace1234"

JSON_TYPE: Final = "application/json"
STREAM_TYPE: Final = "text/event-stream; charset=utf-8"

_EDGE: Final = {
    "server": "cloudflare",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "vary": "Accept-Encoding",
    "cf-cache-status": "DYNAMIC",
    "x-robots-tag": "none",
}
_TRANSPORT_SECURITY: Final = "max-age=31536000; includeSubDomains; preload"

_EXPOSED: Final = "*, request-id, x-should-retry, retry-after"
_CORS: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": _EXPOSED}
_PREFLIGHT: Final = {
    "server": "cloudflare",
    **_CORS,
    "access-control-allow-methods": "GET, HEAD, POST, DELETE, OPTIONS",
    "access-control-max-age": "600",
}


def response_headers(
    *,
    request_id: str,
    trace: str,
    now: datetime,
    streamed: bool,
    authenticated: bool,
    request: Mapping[str, str],
) -> dict[str, str]:
    """Return the headers that every answer of the API carries, in wire order, names in lower case.

    A 401 names neither organization nor workspace (recorded): `authenticated` is false there. A `request` that
    names an origin gets what a browser needs to read the answer.
    """
    headers = date_header(now) | {"content-type": STREAM_TYPE if streamed else JSON_TYPE}
    if streamed:
        headers["cache-control"] = "no-cache"
    headers["request-id"] = request_id
    headers["strict-transport-security"] = _TRANSPORT_SECURITY
    if authenticated:
        headers["anthropic-organization-id"] = ORGANIZATION_ID
        headers["anthropic-workspace-id"] = WORKSPACE_ID
        headers["traceresponse"] = trace
    return headers | _EDGE | (_CORS if "origin" in request else {})


_LIMITS: Final = {"requests": 1_000, "tokens": 2_400_000, "input-tokens": 2_000_000, "output-tokens": 400_000}
"""A minute's limits of the usage tier Start (documentation); `tokens` is both kinds together."""


def exhausted_limit(limit: str, now: datetime, seconds: float) -> dict[str, str]:
    """Return the rate-limit headers of an answer after which nothing of one limit remains, for so many seconds."""
    headers: dict[str, str] = {}
    for name, amount in _LIMITS.items():
        spent = name == limit
        reset = now.replace(microsecond=0) + timedelta(seconds=seconds if spent else 0)
        headers |= {
            f"anthropic-ratelimit-{name}-limit": str(amount),
            f"anthropic-ratelimit-{name}-remaining": "0" if spent else str(amount),
            f"anthropic-ratelimit-{name}-reset": reset.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    return headers


def date_header(now: datetime) -> dict[str, str]:
    """Return the `date` header of an answer."""
    return {"date": format_datetime(now, usegmt=True)}


def preflight_headers(request: Mapping[str, str]) -> dict[str, str]:
    """Return the answer to a preflight: the headers that the browser asked for are allowed."""
    asked = request.get("access-control-request-headers", "*")
    return _PREFLIGHT | {"access-control-allow-headers": asked}


def betas(request: Mapping[str, str]) -> list[str]:
    """Return the values of `anthropic-beta`."""
    return [b.strip() for b in request.get("anthropic-beta", "").split(",") if b.strip()]


CREDENTIALS: Final = frozenset({"x-api-key", "authorization", "proxy-authorization", "cookie"})
"""Headers whose values nobody may read in a log."""


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with the values of credentials replaced by `***`."""
    return {k: "***" if k in CREDENTIALS else v for k, v in headers.items()}
