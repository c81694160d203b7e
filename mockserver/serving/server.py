"""`MockServer`: the server in a thread of its own, for use inside a program. Not here: requests (`app`).

The thread runs one `asyncio.run`; an event stops it, so that no stop can be lost, however early it comes. Whatever
goes wrong while starting is raised where `start` was called.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

from aiohttp import web

from mockserver.engine import Engine
from mockserver.serving.app import application, make_engine
from mockserver.serving.loops import loop_factory
from mockserver.serving.scripted import Scripted
from mockserver.settings import ARGUMENTS, SettingsError, resolve
from mockserver.state.clock import Clock
from mockserver.state.journal import Exchange
from mockserver.state.resilience import Policy, Verdict, judge
from mockserver.state.sessions import DEFAULT_SESSION

API_KEY: Final = "sk-ant-api03-mockserver"
"""A key that every server accepts unless `api_key` says otherwise."""

BACKLOG: Final = 1024
MAX_HEADER: Final = 64 * 1024
"""Bytes of one request header: real `anthropic-beta` values are longer than aiohttp's 8 KiB."""
SHUTDOWN_SECONDS: Final = 0.05
"""How long aiohttp waits for handlers that were cancelled already."""


@asynccontextmanager
async def listening(engine: Engine, host: str, port: int) -> AsyncIterator[str]:
    """Serve on host and port (0: any free one) while the context lasts; give the base URL.

    Raises `OSError` where the address cannot be had.
    """
    runner = web.AppRunner(
        application(engine),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=SHUTDOWN_SECONDS,
        max_field_size=MAX_HEADER,
        max_line_size=MAX_HEADER,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
        bound_host, bound_port = runner.addresses[0][:2]
        yield f"http://{_in_url(bound_host)}:{bound_port}"
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)  # lets connections that were broken off close


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
        async with listening(self._engine, *self._address) as self.base_url:
            self._ready.set()
            await self._stop.wait()


class MockServer:
    """A running mock of the Messages API.

    >>> with MockServer("scenarios/") as server:
    ...     client = Anthropic(base_url=server.base_url, api_key=server.api_key)

    `paths` are scenario files and folders; `settings` are the fields of `Settings` (`seed`, `on_unmatched`,
    `api_key`, `validation`, `model`, `freeze`, `speed`, `limits`, `chaos` and so on). It works with `with` and
    `async with`, or by `start` and `stop`; stopping twice does nothing. Raises `ScenarioError` and `SettingsError` at
    once, `OSError` at the start.
    """

    def __init__(
        self,
        *paths: str | Path,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        if not isinstance(port, int) or not 0 <= port <= 65535:  # noqa: PLR2004 - what a port can be
            raise SettingsError(f"port = {port!r}: a port is a number from 0 (any free one) to 65535")
        self.engine = make_engine(paths, settings, clock)
        self._address = (host, port)
        self._run: _Run | None = None
        self._lock = threading.Lock()

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

    # -------------------------------------------------------------- use

    @property
    def base_url(self) -> str:
        """Where clients point: `http://127.0.0.1:PORT`, without `/v1`."""
        run = self._run
        if run is None:
            raise RuntimeError("this server does not run; use it as 'with MockServer(...) as server:'")
        return run.base_url

    def session_url(self, name: str) -> str:
        """Return the base URL of a session: an isolated world on this server."""
        return f"{self.base_url}/_s/{quote(name, safe='')}"

    @property
    def api_key(self) -> str:
        """A key that this server accepts."""
        return next(iter(self.engine.settings.api_key), API_KEY)

    @property
    def clock(self) -> Clock:
        """The mock clock."""
        return self.engine.clock

    def add(self, scenario: dict[str, Any]) -> Scripted:
        """Add a scenario: a map as in a file; `.then(…)` on the result is the next turn. Raises `ScenarioError`."""
        return Scripted(self.engine.library, scenario)

    def reply(self, reply: str | list[dict[str, Any]]) -> Scripted:
        """Answer every request with a text or a list of blocks; `.then(…)` on the result is the next turn."""
        return self.add({"turns": [{"reply": reply}]})

    def set_limits(
        self, limits: Mapping[str, int] | str | None = None, *, session: str = DEFAULT_SESSION, **more: int
    ) -> None:
        """Give a session rate limits per minute, from now on; nothing is spent yet.

        By name (`requests`, `input_tokens`, `output_tokens`, `count_tokens`; what is not given is that of the usage
        tier Start), as a map, or as a tier (`"start"`). `set_limits(None)` takes them away. Raises `SettingsError`.
        """
        given = {**limits, **more} if isinstance(limits, Mapping) else more or limits
        rates = None if given is None else resolve((ARGUMENTS, {"limits": given})).limits
        self.engine.sessions.get(session).limits.set(rates)

    def verdict(self, session: str | None = None, policy: Policy | None = None) -> Verdict:
        """Return what clients did after each failure that they met, and which rules that broke.

        Of one session, or of all.
        """
        sessions = self.engine.sessions if session is None else [self.engine.sessions.get(session)]
        return Verdict(tuple(e for one in sessions for e in judge(one.journal.exchanges, policy).episodes))

    def assert_resilient(
        self, session: str | None = None, *, retries: int = 2, most: int = 10, back_off: float = 0.1
    ) -> None:
        """Assert that clients did right after each failure that they met; the message names the rule that was broken.

        Right is: a failure that may pass is tried again, at least `retries` times before the client gives up and no
        more than `most` times, after `retry-after`, or else after `back_off` seconds or more, with the same body (or
        with another model, or going on from what had come), one at a time, and on no more connections than it closes;
        a final error is not tried again. Raises `AssertionError`, also where no request met a failure.
        """
        verdict = self.verdict(session, Policy(retries, most, back_off))
        if not verdict.episodes:
            raise AssertionError(
                "mockserver: no request met a failure, so there is nothing to judge; script one with 'error', "
                "'attempts', 'fault', 'limits' or 'chaos'"
            )
        if verdict.broken:
            rules = ", ".join(dict.fromkeys(repr(rule) for _, rule, _ in verdict.broken))
            raise AssertionError(f"mockserver: the client breaks {rules}\n{verdict}")

    def exchanges(self, session: str = DEFAULT_SESSION) -> tuple[Exchange, ...]:
        """Return what was asked and answered so far in a session, oldest first."""
        return self.engine.sessions.get(session).journal.exchanges

    def all_exchanges(self) -> Iterable[Exchange]:
        """Yield the exchanges of every session."""
        return (exchange for session in self.engine.sessions for exchange in session.journal.exchanges)
