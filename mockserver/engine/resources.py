"""Answers about things that live on the server: batches, models, files. Not here: what makes or keeps them.

This version keeps no batches and no files: every id is one that does not exist, and what would make or list one says
so. Models are `listing`.
"""

from collections.abc import Callable
from typing import Final

from mockserver.engine import batching, listing
from mockserver.engine.asking import Asking
from mockserver.reply.steps import Reply
from mockserver.validation.transport import Route
from mockserver.wire.errors import ApiError, own_refusal

_NOT_FOUND: Final[dict[str, Callable[[str], str]]] = {
    "batches": lambda name: f"Message Batch {name} not found.",
    "files": lambda name: f"File not found: {name}",
}
"""Kind of thing -> what the API says of an id that it does not know (live for batches, inferred for files)."""

_SERVED: Final = {**listing.HANDLERS, **batching.HANDLERS}
"""Operation -> what answers it; the others are not served."""


def answer(asking: Asking, route: Route) -> Reply:
    """Answer, or refuse an unknown id in the API's words, and in our own what this version does not serve."""
    return _SERVED.get(route.operation, _refuse)(asking, route)


def _refuse(_asking: Asking, route: Route) -> Reply:
    kind, _, action = route.operation.partition(".")
    if route.id:
        raise ApiError("not_found_error", _NOT_FOUND[kind](route.id))
    refusal = own_refusal("api_error", f"the request is valid, but this version does not serve {kind} ({action})")
    refusal.status = 501
    raise refusal
