"""How many files this process may open at a time, of which each connection is one. Not here: the connections."""

from typing import Any, Final

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

SPARE: Final = 128
"""Files that are open beside connections: the process's own, clients that are refused, clients in the same process."""

_KNOWN: Final = 10_240
"""What macOS lets any process have, also where it says that there is no limit, and then refuses a larger one."""


def make_room(connections: int, system: Any = resource) -> int:
    """Let the process open what so many connections need, as far as it may; return how many connections it can have."""
    if system is None:
        return connections
    needed = connections + SPARE
    soft, hard = system.getrlimit(system.RLIMIT_NOFILE)
    for wanted in (needed, _KNOWN):
        most = wanted if hard == system.RLIM_INFINITY else min(wanted, hard)
        if soft != system.RLIM_INFINITY and soft < most and _set(system, (most, hard)):
            soft = most
    return connections if soft == system.RLIM_INFINITY else max(1, min(connections, soft - SPARE))


def _set(system: Any, limits: tuple[int, int]) -> bool:
    try:
        system.setrlimit(system.RLIMIT_NOFILE, limits)
    except (ValueError, OSError):
        return False
    return True
