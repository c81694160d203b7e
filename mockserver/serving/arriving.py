"""How long ago a request came, as the kernel knows it. Not here: the clock that is then asked for the time.

Where a hundred clients connect at once, a request is read long after it has come. Counting from when it is read would
make the pauses of its answer longer than its author wrote them.
"""

import socket
import struct
import time
from asyncio import BaseTransport
from typing import Any, Final
from weakref import WeakKeyDictionary

_NEWEST: Final = struct.Struct("52xI")
"""`struct tcp_info` of Linux up to `tcpi_last_data_recv`: milliseconds since data came last (`linux/tcp.h`)."""

_COARSE: Final = 6
"""`CLOCK_MONOTONIC_COARSE` of Linux: its resolution is the tick that the kernel counts these milliseconds in."""

_LONGEST: Final = 1.0
"""What came longer ago was sent while the answer before it was still under way, and waited for that."""


def _tick() -> float | None:
    """Return the kernel's tick in seconds; None where it does not tell when data came."""
    try:
        return time.clock_getres(_COARSE) if hasattr(socket, "TCP_INFO") else None
    except (AttributeError, OSError):
        return None


_TICK: Final = _tick()


class _Borrowed:
    """A socket that a transport owns, to ask its options: uvloop's own makes a new one for each question."""

    def __init__(self, owned: Any) -> None:
        # Told what it is, it need not ask the kernel three times.
        self._socket = socket.socket(owned.family, owned.type, owned.proto, owned.fileno())
        self.getsockopt = self._socket.getsockopt

    def __del__(self) -> None:
        self._socket.detach()


_BORROWED: Final[WeakKeyDictionary[BaseTransport, _Borrowed]] = WeakKeyDictionary()


def connection_of(transport: BaseTransport | None) -> Any:
    """Return what tells the options of a connection; None where it has ended."""
    if transport is None or transport.is_closing():
        return None
    borrowed = _BORROWED.get(transport)
    if borrowed is None and (owned := transport.get_extra_info("socket")) is not None:
        borrowed = _BORROWED[transport] = _Borrowed(owned)
    return borrowed


def seconds_ago(connection: Any) -> float:
    """Return how long ago the last data of a connection came, at least; 0 where nothing tells."""
    if _TICK is None or connection is None:
        return 0.0
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _NEWEST.size)
    except OSError:
        return 0.0
    if len(told) < _NEWEST.size:
        return 0.0
    seconds = _NEWEST.unpack(told)[0] / 1000 - _TICK
    return seconds if 0 < seconds < _LONGEST else 0.0
