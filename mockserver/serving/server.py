"""`MockServer`: the server in a thread of its own, for use inside a program. Not here: requests (`app`).

The thread runs one `asyncio.run`; an event stops it, so that no stop can be lost, however early it comes. Whatever
goes wrong while starting is raised where `start` was called.
"""

import asyncio
import errno
import socket
import threading
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

from aiohttp import web

from mockserver.control.local import Local
from mockserver.engine import Engine
from mockserver.queries.asserting import STRICT, check
from mockserver.queries.requests import Requests
from mockserver.serving.app import application, make_engine
from mockserver.serving.clients import Clients
from mockserver.serving.loops import loop_factory
from mockserver.settings import API_KEY, SettingsError
from mockserver.state.clock import Clock
from mockserver.state.sessions import DEFAULT_SESSION
from mockserver.testing.session import MockSession

BACKLOG: Final = 1024
MAX_HEADER: Final = 64 * 1024
"""Bytes of one request header: real `anthropic-beta` values are longer than aiohttp's 8 KiB."""
_MOMENT: Final = 0.25
"""Seconds in which a connection that a client has closed is seen to be closed, also on a busy machine."""
SHUTDOWN_SECONDS: Final = 0.05
"""How long aiohttp waits for handlers that were cancelled already."""


@asynccontextmanager
async def listening(
    engine: Engine, host: str, port: int, clients: Clients | None = None, bound: Sequence[socket.socket] = ()
) -> AsyncIterator[str]:
    """Serve on host and port (0: any free one) while the context lasts; give the base URL.

    `bound` are sockets that are bound there already.

    Raises `OSError`, which says what to do, where the address cannot be had.
    """
    runner = web.AppRunner(
        application(engine, clients),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=SHUTDOWN_SECONDS,
        max_field_size=MAX_HEADER,
        max_line_size=MAX_HEADER,
    )
    await runner.setup()
    try:
        with explained(host, port):
            for site in _sites(runner, host, port, bound):
                await site.start()
        bound_host, bound_port = runner.addresses[0][:2]
        yield f"http://{_in_url(bound_host)}:{bound_port}"
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)  # lets connections that were broken off close


def _sites(runner: web.AppRunner, host: str, port: int, bound: Sequence[socket.socket]) -> list[web.BaseSite]:
    if not bound:
        return [web.TCPSite(runner, host, port, backlog=BACKLOG)]
    return [web.SockSite(runner, each, backlog=BACKLOG) for each in bound]


@contextmanager
def explained(host: str, port: int) -> Iterator[None]:
    """Say what to do where the address cannot be had."""
    try:
        yield
    except OSError as error:
        words = _ADVICE.get(error.errno or 0, "cannot listen on {host}:{port}: {error}; try --host 127.0.0.1")
        told = words.format(host=host, port=port, error=error.strerror or error)
        raise OSError(error.errno, told) from error


_ADVICE: Final = {
    errno.EADDRINUSE: "port {port} on {host} is taken; stop what uses it, or choose another (0: any free one)",
    errno.EACCES: "port {port} needs more rights than this user has; choose one above 1023",
}
"""Why an address cannot be had -> what to do."""


def _in_url(host: str) -> str:
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what to type, not what to bind
    return anywhere.get(host) or (f"[{host}]" if ":" in host else host)


class _Run:
    """One life of a server in a thread, from `open` to `close`."""

    def __init__(self, engine: Engine, host: str, port: int) -> None:
        self._engine = engine
        self._address = (host, port)
        self._thread = threading.Thread(target=self._main, name="mockserver", daemon=True)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.clients = Clients()
        self.base_url = ""

    def open(self) -> None:
        """Return when requests are accepted; raise whatever went wrong."""
        self._thread.start()
        try:
            self._ready.wait()
        except BaseException:  # Ctrl-C, say: nothing is left behind
            self.close()
            raise
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def close(self) -> None:
        """Return when the thread has ended."""
        self._ready.wait()
        if self._loop is not None and self._stop is not None and self._failure is None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - handed to whoever called open
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with listening(self._engine, *self._address, self.clients) as self.base_url:
            self._ready.set()
            await self._stop.wait()


class MockServer(MockSession):
    """A running mock of the Messages API, and its session `default`.

    >>> with MockServer("scenarios/") as server:
    ...     client = Anthropic(base_url=server.base_url, api_key=server.api_key)

    `paths` are scenario files and folders; `settings` are the fields of `Settings` (`seed`, `on_unmatched`,
    `api_key`, `validation`, `model`, `freeze`, `speed`, `limits`, `chaos` and so on), and `defaults` are such as hold
    where neither these nor the environment nor a file says otherwise. It works with `with` and
    `async with`, or by `start` and `stop`; stopping twice does nothing. What is scripted on the server itself answers
    in every session. Raises `ScenarioError` and `SettingsError` at once, `OSError` at the start.
    """

    def __init__(
        self,
        *paths: str | Path,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        defaults: Mapping[str, Any] = MappingProxyType({}),
        **settings: Any,
    ) -> None:
        if not isinstance(port, int) or not 0 <= port <= 65535:  # noqa: PLR2004 - what a port can be
            raise SettingsError(f"port = {port!r}: a port is a number from 0 (any free one) to 65535")
        self.engine = make_engine(paths, settings, clock, defaults=defaults)
        self._address = (host, port)
        self._run: _Run | None = None
        self._lock = threading.Lock()
        super().__init__(
            Local(self.engine, DEFAULT_SESSION),
            self._url,
            next(iter(self.engine.settings.api_key), API_KEY),
            partial(Local, self.engine),
        )

    # -------------------------------------------------------------- life

    def start(self) -> Self:
        """Start serving; returns when requests are accepted."""
        with self._lock:
            if self._run is not None:
                raise RuntimeError("this server runs already; make another MockServer for a second one")
            run = _Run(self.engine, *self._address)
            run.open()
            self._run = run
        return self

    def stop(self) -> None:
        """Stop serving; open streams end, and nothing is left behind."""
        with self._lock:
            run, self._run = self._run, None
            if run is not None:
                run.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Start and stop take a millisecond each, and nothing of theirs runs on the caller's loop: there is nothing to
    # await, and so nothing that a cancelled task could leave half done.

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def unclosed(self) -> int:
        """Return how many connections asynchronous clients keep open that nobody closed.

        One that was closed just now may still be on its way here: it is waited for, a moment.
        """
        run, end = self._run, time.monotonic() + _MOMENT
        while run is not None and (count := run.clients.unclosed()):
            if time.monotonic() > end:
                return count
            time.sleep(_MOMENT / 50)
        return 0

    def _url(self) -> str:
        run = self._run
        if run is None:
            raise RuntimeError("this server does not run; use it as 'with MockServer(...) as server:'")
        return run.base_url

    # -------------------------------------------------------------- all sessions

    @property
    def all_requests(self) -> Requests:
        """What was asked in every session, one session after the other."""
        return Requests.joined(Local(self.engine, world.name).requests() for world in self.engine.sessions)

    def check(self, strict: str | Collection[str] = STRICT) -> None:
        """Fail for what went wrong in any session, on request for scenarios that were never used; and for any bug.

        Raises `AssertionError` with the whole story, or the bug.
        """
        __tracebackhide__ = True
        check(self.all_requests, self.engine.sessions.unused(), strict)
