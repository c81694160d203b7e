"""Sockets on one port for several processes. Not here: listening on them (`server`), the processes (`workers`).

On Linux each process has a socket of its own, and the system spreads connections over them by a hash of addresses and
ports. Elsewhere it does not spread what is bound so, and all have the same socket; docs/design.md has the figures.
"""

import socket
import sys
from typing import Any, Final, TypeAlias

from mockserver.serving.server import explained

Sockets: TypeAlias = list[socket.socket]

SPREADS: Final = sys.platform == "linux"
"""Whether the system spreads connections over sockets that are bound to one port."""


def bound(host: str, port: int, processes: int) -> list[Sockets]:
    """Return the sockets of each process, bound and not listening yet; they all have one port, also where that is 0.

    A host may have several addresses. Raises `OSError`, which says what to do, where the address cannot be had.
    """
    with explained(host, port):
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses = dict.fromkeys((family, address) for family, _, _, _, address in found)
        groups = [_group(family, address, processes) for family, address in addresses]
    return [list(sockets) for sockets in zip(*groups, strict=True)]


def _group(family: int, address: tuple[Any, ...], processes: int) -> Sockets:
    """Return a socket for each process at one address."""
    first = _socket(family)
    # Whoever shares the port says so behind the first bind: that one shall fail where another server has the port.
    first.bind(address)
    if not SPREADS:
        return [first] * processes
    _share(first)
    return [first, *(_beside(first) for _ in range(processes - 1))]


def _beside(first: socket.socket) -> socket.socket:
    other = _socket(first.family)
    _share(other)
    other.bind(first.getsockname())
    return other


def _socket(family: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, True)
    return made


def _share(made: socket.socket) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, True)
