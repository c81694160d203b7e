"""The process that started the server, and whether it is still there. Not here: ending the server (`standalone`)."""

import asyncio
import contextlib
import logging
import os
import select
import stat
import sys
import threading
from collections.abc import Iterator
from typing import Final

from mockserver.settings import SettingsError

log = logging.getLogger("mockserver")

_LOOK_EVERY: Final = 0.5
"""Seconds between two looks at whether the parent process is still there."""


class Parent:
    """The process that started this one, seen through the pipe that it gave and, on POSIX, as the parent process.

    The pipe ends however the parent ends, but not while another child of it holds the other end, too.
    Raises `SettingsError` where standard input could never tell.
    """

    def __init__(self) -> None:
        self._number = os.getppid()
        try:
            self._input = sys.stdin.fileno()
            mode = os.fstat(self._input).st_mode
        except (AttributeError, OSError, ValueError):  # there is none, or it is closed
            mode = 0
        self._has_pipe = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
        # Reading from a terminal would stop a job in the background. On Windows NUL says that it is a terminal, too.
        if not self._has_pipe and not (mode and os.name == "posix" and os.isatty(self._input)):
            raise SettingsError(
                f"--exit-with-parent: standard input is {_kind(mode)}, not a pipe whose end tells that the parent is "
                "gone; start the server with a pipe as its standard input, and keep that open as long as it shall run"
            )

    @contextlib.contextmanager
    def watched(self, stop: asyncio.Event) -> Iterator[None]:
        """Set `stop` when the parent is gone."""
        loop = asyncio.get_running_loop()

        def gone(sign: str) -> None:
            if not stop.is_set():
                log.info("the parent is gone: %s", sign)
                stop.set()

        def read() -> None:
            _read_to_end(self._input)
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(gone, "standard input has ended")

        async def look() -> None:
            while os.getppid() == self._number:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(_LOOK_EVERY)
            gone(f"process {self._number} has ended")

        if self._has_pipe:
            threading.Thread(target=read, name="standard input", daemon=True).start()
        else:
            log.info("standard input is a terminal and is not read; the server ends with process %d", self._number)
        looking = loop.create_task(look())
        try:
            yield
        finally:
            looking.cancel()


def _kind(mode: int) -> str:
    """Return what standard input is, to a person."""
    if not mode:
        return "closed"
    return f"{os.devnull} or another device" if stat.S_ISCHR(mode) else "a file"


def _read_to_end(descriptor: int) -> None:
    """Return when a pipe has ended; what is written there means nothing."""
    with contextlib.suppress(OSError):  # a connection that broke has ended, too
        while True:
            try:
                if not os.read(descriptor, 4096):
                    return
            except BlockingIOError:  # whoever made the pipe made it so, and may read from it as well
                select.select([descriptor], [], [])
