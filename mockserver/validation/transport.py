"""The first stage: path, method, size. Not here: what the body says."""

from mockserver.validation.incoming import Incoming
from mockserver.wire.errors import ApiError, own_refusal

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a Messages request; the edge refuses more (documentation)."""

ROUTES: dict[str, tuple[str, ...]] = {"/v1/messages": ("POST",)}
"""Path -> its methods."""


def check_body(incoming: Incoming) -> None:
    """Refuse a body that the edge refuses: one that is too large, and one that cannot be read."""
    if incoming.body_size > MAX_BODY:
        raise ApiError("request_too_large")
    if incoming.unreadable:
        raise own_refusal("invalid_request_error", f"the request body cannot be read: {incoming.unreadable}")


def check_route(method: str, path: str) -> None:
    """Refuse what is no endpoint, and a method that the endpoint has not."""
    allowed = ROUTES.get(path)
    if allowed is None:
        raise ApiError("not_found_error")
    if method not in allowed:
        raise ApiError(
            "invalid_request_error",
            "Method Not Allowed",
            status=405,
            headers={"allow": ", ".join(allowed)},
        )
