"""The server as a program: log, signals, the last words. Not here: flags (`cli`), the first words (`banner`)."""

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mockserver.engine import Engine
from mockserver.serving.app import make_engine
from mockserver.serving.banner import banner
from mockserver.serving.loops import loop_factory
from mockserver.serving.server import listening
from mockserver.settings import FLAGS
from mockserver.state.resilience import judge
from mockserver.wire.telling import printable, redact

log = logging.getLogger("mockserver")


def run(paths: tuple[Path, ...], host: str, port: int, settings: dict[str, Any], log_level: str) -> None:
    """Serve until SIGINT or SIGTERM. Raises `ScenarioError`, `SettingsError`, and `OSError` with what to do."""
    engine = make_engine(paths, settings, origin=FLAGS, defaults={"on_unmatched": "fallback"})
    _set_up_log(log_level)
    for warning in engine.library.warnings:
        log.warning("%s", warning)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(engine, host, port))


async def _serve(engine: Engine, host: str, port: int) -> None:
    stop = asyncio.Event()
    with _signals(stop), _explained(host, port):
        async with listening(engine, host, port) as base_url:
            sys.stdout.write(banner(engine, base_url))
            sys.stdout.flush()
            gc.freeze()  # what is here stays: looking through it again would only make paced streams late
            await stop.wait()
    _sum_up(engine)
    log.info("stopped")


def _sum_up(engine: Engine) -> None:
    """Tell what clients did after the failures that they met."""
    verdicts = (judge(session.journal.exchanges) for session in engine.sessions)
    for told in (told for verdict in verdicts if verdict.episodes for told in str(verdict).splitlines()):
        log.info("%s", printable(told))


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGINT and SIGTERM, also where the loop has no handlers of its own (Windows)."""
    loop = asyncio.get_running_loop()
    old: dict[int, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        old[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for caught, handler in old.items():
            signal.signal(caught, handler)


@contextlib.contextmanager
def _explained(host: str, port: int) -> Iterator[None]:
    """Say what to do where the address cannot be had."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = (
                f"port {port} on {host} is taken; stop what uses it, or choose another (--port 0 takes any free one)"
            )
        elif error.errno == errno.EACCES:
            words = f"port {port} needs more rights than this user has; choose one above 1023"
        else:
            words = f"cannot listen on {host}:{port}: {error.strerror or error}; try --host 127.0.0.1"
        raise OSError(error.errno, words) from error


class _Redacting(logging.Formatter):
    """Formats a line and takes keys and tokens out of it."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _OneLine(logging.Handler):
    """Tells in a line of ours what aiohttp tells with a traceback: a request that is no HTTP."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        words = " ".join(str(error or record.getMessage()).split())
        log.warning("%s", printable(f"what came is no HTTP and got a 400: {words[:200]}"))


def _set_up_log(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting("%(asctime)s %(message)s", "%H:%M:%S"))
    log.addHandler(handler)
    log.setLevel(level.upper())
    parser = logging.getLogger("aiohttp.server")
    parser.addHandler(_OneLine())
    parser.propagate = False
