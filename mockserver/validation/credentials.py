"""Who asks: key or token, and the version header. Not here: rate limits.

`x-api-key` is looked at first: an empty one beside a good bearer token is a 401 (recorded).
"""

from collections.abc import Collection, Mapping

from mockserver.wire.errors import ApiError


def check_credentials(headers: Mapping[str, str], accepted: Collection[str]) -> None:
    """Refuse a missing key, and, where `accepted` names any, every other key."""
    key = headers.get("x-api-key")
    if key is None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else ""
    if not key:
        raise ApiError("authentication_error", "x-api-key header is required")
    if accepted and key not in accepted:
        raise ApiError("authentication_error", "invalid x-api-key")


def check_version(headers: Mapping[str, str]) -> None:
    """Refuse a request that names no API version."""
    if not headers.get("anthropic-version"):
        raise ApiError("invalid_request_error", "anthropic-version: header is required")
