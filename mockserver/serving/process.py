"""What belongs to a process: its standard streams, its garbage, and what stops it. Not here: what it does."""

import asyncio
import contextlib
import errno
import gc
import os
import signal
import sys
from collections.abc import Iterator
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""What stops a server."""

_LAST_STANDARD: Final = 2
"""The highest descriptor of the standard streams."""

_THRESHOLDS: Final = (5_000, 5, 80)
"""New objects until the young are looked through, and how often that happens until the older and the oldest are."""


def hold_standard_streams() -> None:
    """Open on the null device those that are closed: a socket in the place of one would be written to."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD:
        pass
    os.close(descriptor)


def collect_seldom() -> None:
    """Collect garbage from now on, and seldom: looking through all objects makes every paced stream late.

    What is here stays, and is not looked through. `__main__` has disabled the collector until a server is ready.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()


def say(words: str) -> None:
    """Write to standard output at once. Raises `OSError` where nobody reads it."""
    try:
        print(words, end="", flush=True)  # noqa: T201 - it does nothing where there is no standard output
    except BrokenPipeError as error:
        # Python would try again at its end, and complain; now that goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OSError(
            errno.EPIPE, "standard output was closed before the address was written to it; read that first"
        ) from error


@contextlib.contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGINT and SIGTERM; once stopped, ignore them: the end is near, and must stay a clean one."""
    loop = asyncio.get_running_loop()
    # Handlers of Python's own, not the loop's: they can be replaced without a moment in which a signal would kill.
    old = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set)) for number in SIGNALS}
    try:
        yield
    except BaseException:
        for number, handler in old.items():
            signal.signal(number, handler)
        raise
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
