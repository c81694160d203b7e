"""Answers about things that live on the server: which module answers each operation. Not here: the answers."""

from importlib import import_module
from typing import Final

from mockserver.engine.asking import Asking
from mockserver.reply.steps import Reply
from mockserver.validation.transport import Route

_HOMES: Final = {"models": "listing", "batches": "batching", "files": "filing"}
"""What an operation is about -> the module that answers it, from a table of its own."""


def answer(asking: Asking, route: Route) -> Reply:
    """Return the plan of an answer that does not go through the whole pipeline. Raises `ApiError`."""
    home = import_module(f"mockserver.engine.{_HOMES[route.operation.partition('.')[0]]}")  # most servers need none
    reply: Reply = home.HANDLERS[route.operation](asking, route)
    return reply
