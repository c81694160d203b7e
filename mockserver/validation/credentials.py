"""Who asks, and in which version: keys and tokens, `anthropic-version`. Not here: betas, rate limits.

`x-api-key` is looked at first: an empty one beside a good bearer token is a 401 (recorded).
"""

from collections.abc import Collection, Mapping
from typing import Final

from mockserver.wire.dialect import Dialect
from mockserver.wire.dialects import ANTHROPIC
from mockserver.wire.errors import ApiError
from mockserver.wire.headers import API_VERSIONS

_BROWSER: Final = "anthropic-dangerous-direct-browser-access"


def check_credentials(headers: Mapping[str, str], accepted: Collection[str], dialect: Dialect = ANTHROPIC) -> None:
    """Refuse a missing key, a browser that was not let, and, where `accepted` names any, every other key.

    Where the dialect needs no key, none may be missing; one that is sent is looked at.
    """
    headers = _carried(headers, dialect)
    key, given = _key(headers, dialect), credential(headers, dialect)
    if not given and dialect.credentials != "none":
        raise ApiError("authentication_error", f"{dialect.wanted} header is required")
    if "origin" in headers and headers.get(_BROWSER) != "true":
        raise ApiError("authentication_error", f"CORS requests must set '{_BROWSER}' header")
    if accepted and given and given not in accepted:
        raise ApiError("authentication_error", "Invalid bearer token" if key is None else _wrong_key(key))


def _carried(headers: Mapping[str, str], dialect: Dialect) -> Mapping[str, str]:
    """Return the headers without those in which the dialect takes no key.

    An empty `x-api-key` counts as none where another header is asked for (New API's source).
    """
    overlooked = set(_OVERLOOKED[dialect.credentials])
    if dialect.wanted != "x-api-key" and not headers.get("x-api-key"):
        overlooked.add("x-api-key")
    return {name: value for name, value in headers.items() if name not in overlooked} if overlooked else headers


_OVERLOOKED: Final = {"x-api-key": ("authorization",), "bearer": ("x-api-key",), "either": (), "none": ()}
"""How a key comes -> headers in which it does not."""


def credential(headers: Mapping[str, str], dialect: Dialect = ANTHROPIC) -> str:
    """Return the key or bearer token that a request is made with; empty where it has none."""
    key = _key(headers, dialect)
    return _bearer(headers) if key is None else key


def _key(headers: Mapping[str, str], dialect: Dialect) -> str | None:
    """Return the key, where one comes: in a header of the dialect's own, or in the API's."""
    own = (headers[name] for name in dialect.key_headers if headers.get(name))
    return next(own, headers.get("x-api-key"))


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _wrong_key(key: str) -> str:
    """Return what is said of a key. Both sentences are live (2026-09); that its shape decides is inferred from them."""
    return "API key is invalid." if key.startswith("sk-") else "invalid x-api-key"


def check_version(headers: Mapping[str, str], dialect: Dialect = ANTHROPIC) -> str:
    """Return the API version; refuse a request that names none, or one that does not exist."""
    version = headers.get("anthropic-version")
    if dialect.version != "ignored":
        if not version and dialect.version == "required":
            raise ApiError("invalid_request_error", "anthropic-version: header is required")
        if version and not dialect.takes_version(version):
            raise ApiError("invalid_request_error", f'anthropic-version: "{version}" is not a valid version')
    return dialect.judged_as or version or API_VERSIONS[0]
