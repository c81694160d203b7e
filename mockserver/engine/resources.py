"""Answers about things that live on the server: a table of what answers each operation. Not here: the answers.

This version keeps no batches: every id is one that does not exist, and what would make or list one says so.
"""

from collections.abc import Callable
from typing import Final

from mockserver.engine import filing, listing
from mockserver.engine.asking import Asking
from mockserver.reply.steps import Reply
from mockserver.validation.transport import Route
from mockserver.wire.errors import ApiError, own_refusal

HANDLERS: Final[dict[str, Callable[[Asking, Route], Reply]]] = {**listing.HANDLERS, **filing.HANDLERS}
"""Operation -> what answers it; the others are not served."""


def answer(asking: Asking, route: Route) -> Reply:
    """Answer, or refuse an unknown batch in the API's words, and in our own what this version does not serve."""
    return HANDLERS.get(route.operation, _refuse)(asking, route)


def _refuse(_asking: Asking, route: Route) -> Reply:
    kind, _, action = route.operation.partition(".")
    if route.id:
        raise ApiError("not_found_error", f"Message Batch {route.id} not found.")
    refusal = own_refusal("api_error", f"the request is valid, but this version does not serve {kind} ({action})")
    refusal.status = 501
    raise refusal
