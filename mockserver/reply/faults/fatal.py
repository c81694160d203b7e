"""Which faults leave a client without an answer. Not here: what they do (`table`)."""

from typing import Final

FATAL: Final[dict[str, str]] = {
    "error": "an error in mid-stream",
    "first_event": "an error instead of an answer",
    "disconnect": "a broken connection",
    "hang": "silence without end",
    "truncate": "an answer that ends early",
    "malformed": "malformed JSON",
    "empty": "an empty answer",
    "page": "a page that is no answer",
}
"""Kind of a fault that no client can overlook -> what the client meets. The others it may bear, or not notice."""
