"""Clients that are asynchronous and were not closed: each keeps a connection open. Not here: telling anybody."""

from asyncio import BaseTransport
from collections.abc import Mapping
from typing import Final

_HEADER: Final = "x-stainless-async"
"""What SDKs say of themselves: `false`, or `async:asyncio`."""


class Clients:
    """The connections on which asynchronous clients asked, as long as they are open."""

    def __init__(self) -> None:
        self._connections: list[BaseTransport] = []

    def note(self, connection: BaseTransport | None, headers: Mapping[str, str]) -> None:
        """Remember the connection of a request, where its client is asynchronous."""
        if connection is None or not headers.get(_HEADER, "").startswith("async"):
            return
        self._connections = self._open()
        if connection not in self._connections:
            self._connections.append(connection)

    def unclosed(self) -> int:
        """Return how many connections such clients keep open. May be called from any thread."""
        return len(self._open())

    def _open(self) -> list[BaseTransport]:
        return [connection for connection in self._connections if not connection.is_closing()]
