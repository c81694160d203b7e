"""Who asks, and in which version: keys and tokens, `anthropic-version`. Not here: betas, rate limits.

`x-api-key` is looked at first: an empty one beside a good bearer token is a 401 (recorded).
"""

from collections.abc import Collection, Mapping
from typing import Final

from mockserver.validation.scope import VERSIONS
from mockserver.wire.errors import ApiError

_BROWSER: Final = "anthropic-dangerous-direct-browser-access"


def check_credentials(headers: Mapping[str, str], accepted: Collection[str]) -> None:
    """Refuse a missing key, a browser that was not let, and, where `accepted` names any, every other key."""
    key, given = headers.get("x-api-key"), credential(headers)
    if not given:
        raise ApiError("authentication_error", "x-api-key header is required")
    if "origin" in headers and headers.get(_BROWSER) != "true":
        raise ApiError("authentication_error", f"CORS requests must set '{_BROWSER}' header")
    if accepted and given not in accepted:
        raise ApiError("authentication_error", "Invalid bearer token" if key is None else _wrong_key(key))


def credential(headers: Mapping[str, str]) -> str:
    """Return the key or bearer token that a request is made with; empty where it has none."""
    key = headers.get("x-api-key")
    return _bearer(headers) if key is None else key


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _wrong_key(key: str) -> str:
    """Return what is said of a key. Both sentences are live (2026-09); that its shape decides is inferred from them."""
    return "API key is invalid." if key.startswith("sk-") else "invalid x-api-key"


def check_version(headers: Mapping[str, str]) -> str:
    """Return the API version; refuse a request that names none, or one that does not exist."""
    version = headers.get("anthropic-version")
    if not version:
        raise ApiError("invalid_request_error", "anthropic-version: header is required")
    if version not in VERSIONS:
        raise ApiError("invalid_request_error", f'anthropic-version: "{version}" is not a valid version')
    return version
