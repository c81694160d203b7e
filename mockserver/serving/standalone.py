"""The server as a program: log, what ends it, the last words. Not here: flags (`cli`), the first words (`banner`)."""

import asyncio
import contextlib
import errno
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from mockserver.engine import Engine
from mockserver.serving.app import make_engine
from mockserver.serving.banner import banner, ready_line
from mockserver.serving.loops import loop_factory
from mockserver.serving.parent import Parent
from mockserver.serving.server import listening
from mockserver.settings import FLAGS
from mockserver.state.resilience import judge
from mockserver.wire.telling import printable, redact

log = logging.getLogger("mockserver")

_LAST_STANDARD: Final = 2
"""The highest descriptor of the standard streams."""


def run(
    paths: tuple[Path, ...],
    host: str,
    port: int,
    settings: dict[str, Any],
    log_level: str,
    *,
    ready_json: bool = False,
    exit_with_parent: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM, or until the parent is gone.

    Raises `ScenarioError`, `SettingsError`, and `OSError` with what to do.
    """
    _hold_standard_streams()
    engine = make_engine(paths, settings, origin=FLAGS, defaults={"on_unmatched": "fallback"})
    parent = Parent() if exit_with_parent else None
    _set_up_log(log_level)
    for warning in engine.library.warnings:
        log.warning("%s", warning)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(engine, host, port, ready_line if ready_json else banner, parent))


async def _serve(
    engine: Engine, host: str, port: int, first_words: Callable[[Engine, str], str], parent: "Parent | None"
) -> None:
    stop = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(_signals(stop))
        if parent is not None:
            stack.enter_context(parent.watched(stop))
        base_url = await stack.enter_async_context(listening(engine, host, port))
        _say(first_words(engine, base_url))
        gc.enable()  # `__main__` has disabled it
        gc.freeze()  # what is here stays: looking through it again would only make paced streams late
        await stop.wait()
    _sum_up(engine)
    log.info("stopped")


def _hold_standard_streams() -> None:
    """Open on the null device those that are closed: a socket in the place of one would be written to."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD:
        pass
    os.close(descriptor)


def _say(words: str) -> None:
    """Write to standard output at once. Raises `OSError` where nobody reads it."""
    try:
        print(words, end="", flush=True)  # noqa: T201 - it does nothing where there is no standard output
    except BrokenPipeError as error:
        # Python would try again at its end, and complain; now that goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OSError(
            errno.EPIPE, "standard output was closed before the address was written to it; read that first"
        ) from error


def _sum_up(engine: Engine) -> None:
    """Tell what clients did after the failures that they met."""
    verdicts = (judge(session.journal.exchanges) for session in engine.sessions)
    for told in (told for verdict in verdicts if verdict.episodes for told in str(verdict).splitlines()):
        log.info("%s", printable(told))


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGINT and SIGTERM; once stopped, ignore them: the end is near, and must stay a clean one."""
    loop = asyncio.get_running_loop()
    # Handlers of Python's own, not the loop's: they can be replaced without a moment in which a signal would kill.
    numbers = (signal.SIGINT, signal.SIGTERM)
    old = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set)) for number in numbers}
    try:
        yield
    except BaseException:
        for number, handler in old.items():
            signal.signal(number, handler)
        raise
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


class _Redacting(logging.Formatter):
    """Formats a line and takes keys and tokens out of it."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _OneLine(logging.Handler):
    """Tells in a line of ours what aiohttp tells with a traceback: what no part of this server has foreseen."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        words = " ".join(str(error or record.getMessage()).split())
        log.error("%s", printable(f"a bug of the mock server, please report it: {words[:200]}"))


def _set_up_log(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting("%(asctime)s %(message)s", "%H:%M:%S"))
    log.addHandler(handler)
    log.setLevel(level.upper())
    parser = logging.getLogger("aiohttp.server")
    parser.addHandler(_OneLine())
    parser.propagate = False
