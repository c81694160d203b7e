"""The envelope of a batch. Not here: its rows, each of which is judged when it is run (documentation)."""

from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError


def check_batch(body: JsonObject) -> None:
    """Refuse two rows with one custom_id (live, 2026-09)."""
    seen: set[str] = set()
    for row in body["requests"]:
        name = row["custom_id"]
        if name in seen:
            words = f"requests: custom_id's must be unique within a batch. Duplicate custom_id found: {name}"
            raise ApiError("invalid_request_error", words)
        seen.add(name)
