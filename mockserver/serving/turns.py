"""Whose turn it is to be answered: one request after the other, with a look at the network in between.

Answering is synchronous. Where many requests come at once, answering them in one go would keep those that come later
waiting unseen, and their times would count from too late; so every few milliseconds the loop takes in what has come.
"""

import asyncio
import time
from typing import Final

_SPELL: Final = 0.004
"""So many seconds may requests be answered until the loop looks at the network."""

_LONGEST_LOOK: Final = 0.02
"""So many seconds may a look take, however much comes."""

_LOOKS: Final = 4
"""Rounds of the loop without news that make a look: a connection is accepted, read and parsed in three."""


class Turns:
    """A queue of requests that have come, the first first."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._looked = 0.0
        self._come = 0
        self._waiting = 0

    @property
    def are_waited_for(self) -> bool:
        """Whether a request waits for its turn."""
        return self._waiting > 0

    async def mine(self) -> None:
        """Return when it is the caller's turn, which lasts until it awaits something."""
        self._come += 1
        self._waiting += 1
        try:
            await asyncio.sleep(0)  # whoever has come at the same time is here before the first is answered
            async with self._lock:
                if self._waiting > 1 and time.perf_counter() - self._looked > _SPELL:
                    await self._look()
        finally:
            self._waiting -= 1

    async def _look(self) -> None:
        quiet, end = 0, time.perf_counter() + _LONGEST_LOOK
        while quiet < _LOOKS and time.perf_counter() < end:
            before = self._come
            await asyncio.sleep(0)
            quiet = quiet + 1 if self._come == before else 0
        self._looked = time.perf_counter()
