"""The log of the server as a program: its form, and lines that stay whole. Not here: what is told (`lines`)."""

import logging
import tempfile

from mockserver.wire.telling import printable, redact

log = logging.getLogger("mockserver")


class Redacting(logging.Formatter):
    """Formats a line, with the name of the process where there are several, and takes keys and tokens out of it."""

    def __init__(self, process: str = "") -> None:
        self._named = f"[{process}] " if process else ""
        super().__init__(f"%(asctime)s {self._named}%(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return the text; where it has several lines, each has the name."""
        return redact(super().format(record)).replace("\n", f"\n{self._named}")


class _OneLine(logging.Handler):
    """Tells in a line of ours what aiohttp tells with a traceback: a request that is no HTTP."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        words = " ".join(str(error or record.getMessage()).split())
        log.warning("%s", printable(f"what came is no HTTP and got a 400: {words[:200]}"))


class _InTurns(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to standard error when it is the turn of this process.

    Pipes keep no line whole that is longer than 4 KB. The turn is a lock on a file that the processes have from the one
    that made this; the system gives it back where its holder ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self._turn = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the log does

    def emit(self, record: logging.LogRecord) -> None:
        import fcntl  # noqa: PLC0415 - it does not exist on Windows, where there is one process

        fcntl.lockf(self._turn, fcntl.LOCK_EX)
        try:
            super().emit(record)
        finally:
            fcntl.lockf(self._turn, fcntl.LOCK_UN)


def set_up_log(level: str, *, several: bool = False) -> None:
    """Tell everything from this level on; `several`: processes that are made of this one write to the same place."""
    handler = _InTurns() if several else logging.StreamHandler()
    handler.setFormatter(Redacting())
    log.addHandler(handler)
    log.setLevel(level.upper())
    parser = logging.getLogger("aiohttp.server")
    parser.addHandler(_OneLine())
    parser.propagate = False


def name_process(process: str) -> None:
    """Let each line name this process from now on."""
    for handler in log.handlers:
        handler.setFormatter(Redacting(process))
