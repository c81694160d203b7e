"""Listening: an engine served by aiohttp. Not here: requests (`app`), a server in a thread (`threaded`)."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final

from aiohttp import web

from mockserver.engine import Engine
from mockserver.serving.clients import Clients
from mockserver.serving.connections import Connections
from mockserver.serving.refusing import Server
from mockserver.serving.shell import Shell

BACKLOG: Final = 1024
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
    connections = Connections(engine.settings, engine.tally)
    shell = Shell(engine, clients, connections)
    server = Server(shell.handle)
    runner = _Runner(server, shell)
    await runner.setup()
    try:
        guarded = connections.guarded(server, shell.retell)
        with explained(host, port):
            listeners = [await listener for listener in _listeners(guarded, host, port, bound)]
        bound_host, bound_port = listeners[0].sockets[0].getsockname()[:2]
        try:
            yield f"http://{_in_url(bound_host)}:{bound_port}"
        finally:
            for listener in listeners:
                listener.close()
    finally:
        await runner.cleanup()
        connections.close()
        await asyncio.sleep(0)  # lets connections that were broken off close


class _Runner(web.ServerRunner):
    """Runs a server of aiohttp's lower level: nothing is routed, since the engine does that."""

    def __init__(self, server: web.Server, shell: Shell) -> None:
        super().__init__(server, shutdown_timeout=SHUTDOWN_SECONDS)
        self._shell = shell

    async def shutdown(self) -> None:
        """End the open exchanges, so that nothing is left to be waited for."""
        await self._shell.stop()


def _listeners(
    factory: Callable[[], asyncio.Protocol], host: str, port: int, bound: Sequence[socket.socket]
) -> Iterator[Coroutine[Any, Any, asyncio.Server]]:
    listen = partial(asyncio.get_running_loop().create_server, factory, backlog=BACKLOG)
    return (listen(sock=each) for each in bound) if bound else iter([listen(host, port)])


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
