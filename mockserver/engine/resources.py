"""Answers about things that live on the server: a table of what answers each operation. Not here: the answers."""

from collections.abc import Callable
from typing import Final

from mockserver.engine import batching, filing, listing
from mockserver.engine.asking import Asking
from mockserver.reply.steps import Reply
from mockserver.validation.transport import Route

HANDLERS: Final[dict[str, Callable[[Asking, Route], Reply]]] = {
    **listing.HANDLERS,
    **batching.HANDLERS,
    **filing.HANDLERS,
}
"""Operation -> what answers it; those that are missing here go through the whole pipeline."""
