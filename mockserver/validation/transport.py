"""The first stages: size and encoding, then path and method. Not here: what the body says."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from mockserver.validation.incoming import LATE, Incoming
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.errors import ApiError, own_refusal

_MEGABYTE: Final = 1024 * 1024

MAX_BODY: Final = 32 * _MEGABYTE
"""Bytes of a request; the edge refuses more (documentation)."""
MAX_BATCH: Final = 256 * _MEGABYTE
"""The same for a batch."""
MAX_FILE: Final = 500 * _MEGABYTE
"""Bytes of a file (documentation)."""
MAX_UPLOAD: Final = MAX_FILE + 64 * 1024
"""Bytes of a request that uploads one: there are others around it."""

FILES: Final = "/v1/files"
"""Where files are uploaded to, and listed."""
_BATCHES: Final = "/v1/messages/batches"

ROUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "/v1/messages": {"POST": "messages"},
    "/v1/messages/count_tokens": {"POST": "count_tokens"},
    _BATCHES: {"GET": "batches.list", "POST": "batches.create"},
    "/v1/messages/batches/{id}": {"GET": "batches.retrieve", "DELETE": "batches.delete"},
    "/v1/messages/batches/{id}/cancel": {"POST": "batches.cancel"},
    "/v1/messages/batches/{id}/results": {"GET": "batches.results"},
    "/v1/models": {"GET": "models.list"},
    "/v1/models/{id}": {"GET": "models.retrieve"},
    FILES: {"GET": "files.list", "POST": "files.upload"},
    "/v1/files/{id}": {"GET": "files.retrieve", "DELETE": "files.delete"},
    "/v1/files/{id}/content": {"GET": "files.download"},
}
"""Path -> method -> operation."""

_PATTERNS: Final = [
    (re.compile(re.escape(path).replace(r"\{id\}", "(?P<id>[^/]+)")), methods) for path, methods in ROUTES.items()
]


_COMPLETE: Final = "/v1/complete"
_NO_COMPLETIONS: Final = (
    "the old API of text completions, /v1/complete, is not imitated; use POST /v1/messages, whose 'messages' hold what "
    "the 'prompt' held, and 'max_tokens' in place of 'max_tokens_to_sample'"
)


class Route(NamedTuple):
    """What is asked for: an operation, and the id in its path."""

    operation: str
    id: str = ""


def is_upload(method: str, path: str) -> bool:
    """Whether a request uploads a file; whatever stands before the path does not matter."""
    return method == "POST" and path.endswith(FILES)


def most_bytes(method: str, path: str) -> int:
    """Return how long the body of a request may be; whatever stands before the path does not matter."""
    if is_upload(method, path):
        return MAX_UPLOAD
    return MAX_BATCH if path.endswith(_BATCHES) else MAX_BODY


def check_body(incoming: Incoming) -> None:
    """Refuse a body that the edge refuses: one that is too large, and one that cannot be read."""
    encoding = incoming.headers.get("content-encoding")
    if incoming.body_size > most_bytes(incoming.method, incoming.path):
        raise _too_large(decoded=bool(encoding))
    if incoming.unreadable == LATE:
        raise CATALOGUE["request_body_timeout"].refusal()
    if incoming.unreadable:
        code = "request_body_encoding_invalid" if encoding else None
        words = f"mockserver: the request body cannot be read: {incoming.unreadable}"
        details = code and {"error_code": code}
        raise ApiError("invalid_request_error", words, headers={"x-should-retry": "false"}, details=details)


def _too_large(*, decoded: bool) -> ApiError:
    if not decoded:
        return ApiError("request_too_large")
    return ApiError(
        "invalid_request_error",
        "The compressed request body exceeds the request size limit once decoded.",
        status=413,
        details={"error_code": "request_body_too_large_after_decoding"},
    )


def find_route(method: str, path: str) -> Route:
    """Return what is asked for; refuse what is no endpoint, and a method that the endpoint has not."""
    if path == _COMPLETE:
        raise own_refusal("not_found_error", _NO_COMPLETIONS)
    for pattern, methods in _PATTERNS:
        if found := pattern.fullmatch(path):
            if method not in methods:
                allowed = ", ".join(methods)
                raise ApiError("invalid_request_error", "Method Not Allowed", status=405, headers={"allow": allowed})
            return Route(methods[method], found.groupdict().get("id", ""))
    raise ApiError("not_found_error")
