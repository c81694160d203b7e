"""How often each scenario answered, by its key. Not here: which scenarios there are."""

from collections import Counter
from typing import Final

MOST: Final = 100_000
"""Scenarios whose uses a session counts: those that were taken out again are among them. The first ones go first."""


class Uses(Counter[str]):
    """A counter that forgets what was counted first where there is too much; counting up is as fast as in any."""

    def __missing__(self, key: str) -> int:
        while len(self) >= MOST:
            del self[next(iter(self))]
        return 0
