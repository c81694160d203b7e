"""The shell around the engine: reads a request, asks the engine, plays the plan. Not here: what the answer is."""

import asyncio
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from mockserver.control import controlled
from mockserver.engine import Engine, Handled, Print
from mockserver.serving.arriving import connection_of, seconds_ago
from mockserver.serving.clients import Clients
from mockserver.serving.connections import Connections
from mockserver.serving.framing import Framing
from mockserver.serving.guarding import Repeated
from mockserver.serving.lines import line, rows_told
from mockserver.serving.playing import play
from mockserver.serving.reading import address_of, incoming, mount_of, printed, received
from mockserver.serving.turns import Turns
from mockserver.serving.waiting import Waits
from mockserver.serving.writing import Asked, Written, ended, is_soon_gone, put, written
from mockserver.state.journal import Sent
from mockserver.validation.incoming import Incoming
from mockserver.wire.telling import printable, redact

log = logging.getLogger("mockserver")

_CHEAP: Final = 0.005
"""Looking for changed files is done for every request where it takes less than this, in seconds."""

_SPELL: Final = 1.5 * sys.getswitchinterval()
"""So many seconds may one request be worked at until others have their turn.

Longer than Python's own interval: a thread that lets go for a moment more often than that is never asked to let others
go on, and the client in a test is a thread of the same process.
"""

_BACK_OFF: Final = 5.0
"""Otherwise this many times as long passes before the next look."""


class Shell:
    """Plays what the engine plans, and knows which exchanges are open; notes in `clients` who keeps a connection."""

    def __init__(self, engine: Engine, clients: Clients | None = None, connections: Connections | None = None) -> None:
        self._engine = engine
        self._clients = clients or Clients()
        self._connections = connections or Connections(engine.settings, engine.tally)
        self._waits = Waits()
        self._turns = Turns()
        self._open: dict[asyncio.Task[Any], Asked] = {}
        self._at_work: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._looked_at = self._look_again_at = 0.0
        self._has_looked = False

    async def stop(self, _app: web.Application | None = None) -> None:
        """End open exchanges and their connections: closing one would wait for a client that does not read."""
        self._stopping = True
        for work in self._at_work:
            work.cancel()
        for task, request in self._open.items():
            task.cancel()
            if request.transport is not None:
                request.transport.abort()

    @web.middleware
    async def catch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer in our own way what aiohttp's router refuses by itself, such as `OPTIONS *`."""
        try:
            return await handler(request)
        except web.HTTPException:
            return await self.handle(request)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        self._connections.begun(request.transport)
        with self._at_work_for(request):
            try:
                return await self._answer(request)
            finally:
                self._connections.done(request.transport)

    def retell(self, asked: Repeated) -> bool:
        """Answer a request that repeats another one, if it still does, before anything reads it as HTTP."""
        started = time.perf_counter()
        handled = self._again((asked.raw,), seconds_ago(connection_of(asked.transport)))
        if handled is None:
            return False
        self._clients.note(asked.transport, asked.headers)
        if handled.ready is None or not is_soon_gone(asked, handled.ready):
            asked.guard.go(self._retold(asked, handled, started))
            return True
        goes_on = self._write(asked, handled, handled.ready)
        self._close(handled, "whole", started)
        asked.guard.told(goes_on=goes_on)
        return True

    async def _retold(self, asked: Repeated, handled: Handled, started: float) -> bool:
        with self._at_work_for(asked):
            return bool((await self._played(asked, handled, started)).keep_alive)

    @contextmanager
    def _at_work_for(self, asked: Asked) -> Iterator[None]:
        """Let it be known, while the context lasts, that this task answers a request."""
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = asked
        try:
            yield
        finally:
            del self._open[task]

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        started = time.perf_counter()
        _go_on(request)
        try:
            came = await received(request, self._connections.patience)
        except ConnectionError:
            log.info(
                "%s", printable(f"{request.method} {request.path}: the client left before it had sent its request")
            )
            return ended()
        raw = self._connections.whole(request, came.size)
        known_by = printed(request, came.body, raw)
        handled = None if came.unreadable else self._again(known_by, came.ago())
        if handled is not None:
            if raw is not None:
                self._connections.learn(raw, request)
            self._clients.note(request.transport, request.headers)
            return await self._played(request, handled, started)
        asked = incoming(request, came, mount_of(request))
        if (control := controlled(self._engine, asked)) is not None:
            return _controlled(request, self._engine, control)
        self._clients.note(request.transport, asked.headers)
        come = self._engine.come(asked, came.ago(), known_by)
        left = await self._turn()
        self._refresh(came.ago())
        return await self._played(request, self._engine.begin(come), started, left)

    def _again(self, known_by: Print, ago: float) -> Handled | None:
        """Return the answer of a request that repeats another one: it takes less time than waiting for a turn.

        It came so many real seconds ago.
        """
        repeat = self._engine.repeat(known_by)
        if repeat is None:
            return None
        self._refresh(ago)
        return self._engine.again(repeat, ago)

    async def _played(
        self, asked: Asked, handled: Handled, started: float, left: asyncio.CancelledError | None = None
    ) -> Written:
        """Do what is left to be done, send the answer, and close the exchange; `left`: its client is gone already."""
        sent: Sent = "whole"
        try:
            if handled.work is not None:
                await self._worked(handled.work)
            if left is not None:
                raise left
            response, sent = await self._play(asked, handled)
        except (ConnectionError, asyncio.CancelledError) as end:
            sent = "server stopped" if self._stopping else "client gone"
            if isinstance(end, asyncio.CancelledError):
                raise
            response = ended()
        finally:
            self._close(handled, sent, started)
        return response

    async def _play(self, asked: Asked, handled: Handled) -> tuple[Written, Sent]:
        """Send the answer; return the response for aiohttp to end, and how it was sent."""
        if handled.ready is None:
            with self._waits.on(handled.world.clock) as waiting:
                return await play(asked, handled, waiting, partial(self._engine.ending, handled))
        goes_on = self._write(asked, handled, handled.ready)
        await asked.writer.drain()
        return written(goes_on=goes_on), "whole"

    def _write(self, asked: Asked, handled: Handled, body: bytes) -> bool:
        """Write a whole answer at once; return whether its connection goes on."""
        self._engine.ending(handled, "whole")
        framing = Framing(asked, handled.reply.head)
        put(asked, framing.whole(body))
        handled.exchange.written = len(body)
        return framing.goes_on

    def _close(self, handled: Handled, sent: Sent, started: float) -> None:
        """Close the exchange, and tell of it."""
        self._engine.close(handled, sent)
        self._tell(handled, time.perf_counter() - started)

    async def _worked(self, work: Iterator[None]) -> None:
        """Return when what a long request leaves to be done is done; it goes on where its client leaves."""
        task = asyncio.create_task(_done(work))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        await asyncio.shield(task)

    async def _turn(self) -> asyncio.CancelledError | None:
        """Wait for the turn; a client that leaves meanwhile has asked all the same, so the request is handled."""
        try:
            await self._turns.mine()
        except asyncio.CancelledError as left:
            return left
        return None

    def _tell(self, handled: Handled, seconds: float) -> None:
        """Write the line of an exchange into the log, and which rules its client broke by sending it."""
        exchange, episode = handled.exchange, self._engine.answered_failure(handled)
        if log.isEnabledFor(logging.INFO):
            log.info("%s", line(exchange, seconds, episode))
            for near in exchange.nearest[1:]:
                log.info("    near: %s", printable(redact(near)))
            for told in rows_told(exchange, handled.world.journal.exchanges):
                log.info("    %s", told)
        if exchange.bug is not None:
            log.debug("the bug's traceback", exc_info=exchange.bug)
        for rule, words in episode.broken if episode else ():
            log.warning("%s", printable(f"the client breaks {rule!r}: {words} ({episode})"))

    def _refresh(self, ago: float) -> None:
        """Serve an edited file at once to who asked so many seconds ago.

        A large folder is looked at less often, so that looking stays cheap.
        """
        now = time.perf_counter()
        if self._has_looked or not self._engine.library.paths or now < self._look_again_at:
            return
        if now - ago < self._looked_at:  # whoever asked before the last look has edited nothing since
            return
        # Whatever is handled before the loop goes on had come before this look: it need not look again.
        self._has_looked, self._looked_at = True, now
        asyncio.get_running_loop().call_soon(self._forget_look)
        took = self._engine.library.refresh()
        self._look_again_at = 0.0 if took < _CHEAP else time.perf_counter() + took * _BACK_OFF

    def _forget_look(self) -> None:
        self._has_looked = False


async def _done(work: Iterator[None]) -> None:
    """Do what a long request leaves to be done, and let others be answered in between."""
    since = time.perf_counter()
    for _ in work:
        if time.perf_counter() - since > _SPELL:
            await asyncio.sleep(0)
            since = time.perf_counter()


def _controlled(request: web.BaseRequest, engine: Engine, incoming: Incoming) -> web.Response:
    from mockserver.control.answering import answer  # noqa: PLC0415 - most servers never need it

    reply = answer(engine, incoming, address_of(request))
    response = web.Response(status=reply.head.status, headers=reply.head.headers, body=reply.body)
    log.debug("%s", printable(f"{request.method} {request.path} {response.status}"))
    return response


def _go_on(request: web.BaseRequest) -> None:
    """Tell a client that waits before it sends its body to go on; anything else that it expects is its own."""
    if request.headers.get("expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
