"""Answers about things that live on the server: batches, models, files. Not here: what makes or keeps them.

This version keeps none: every id is one that does not exist, and what would make or list one says so.
"""

from collections.abc import Callable
from typing import Final, NoReturn

from mockserver.engine.asking import Asking
from mockserver.validation.transport import Route
from mockserver.wire.errors import ApiError, own_refusal

_NOT_FOUND: Final[dict[str, Callable[[str], str]]] = {
    "batches": lambda name: f"Message Batch {name} not found.",
    "files": lambda name: f"File not found: {name}",
    "models": lambda name: f"model: {name}",
}
"""Kind of thing -> what the API says of an id that it does not know (live for batches, inferred for the others)."""


def answer(asking: Asking, route: Route) -> NoReturn:
    """Refuse an unknown id in the API's words, and in our own what this version does not serve."""
    kind, _, action = route.operation.partition(".")
    if route.id and not (kind == "models" and asking.models.known(route.id)):
        raise ApiError("not_found_error", _NOT_FOUND[kind](route.id))
    refusal = own_refusal("api_error", f"the request is valid, but this version does not serve {kind} ({action})")
    refusal.status = 501
    raise refusal
