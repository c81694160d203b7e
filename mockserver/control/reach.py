"""How far an operation reaches where several workers serve one port. Not here: the operations themselves."""

from typing import Final

from mockserver.control import PREFIX
from mockserver.control.call import RefusedError
from mockserver.control.operations import Operation
from mockserver.state.store import Store, own, told

WORKER_HEADER: Final = "x-mock-worker"
"""Response header with the number of the worker that answered, and of how many: `2/4`."""


def check_reach(operation: Operation, store: Store) -> None:
    """Raise `RefusedError` for what would change one worker and not the others, or judge by what one has seen."""
    if alone := own(store, operation.needs):
        asked = f"{operation.method} {PREFIX}/{operation.path}"
        words = f"{asked} would reach {store.place} alone, and each has its own: {told(alone)}"
        raise RefusedError(409, "several_workers", f"{words}. Serve with one worker (--workers 1) to use this")


def worker_headers(store: Store) -> dict[str, str]:
    """Return the header that names the worker, where there are several."""
    place = store.place
    return {WORKER_HEADER: f"{place.number}/{place.of}"} if place.of > 1 else {}


def warning(operation: Operation, store: Store) -> str:
    """Return what to know of an answer that shows what one worker has alone; "" for any other."""
    alone = own(store, operation.shows)
    return f"mockserver: this is of {store.place} alone; each has its own: {told(alone)}" if alone else ""
