"""Faker, seeded for each use. Not here: what is faked."""

import random
import threading

from faker import Faker

_own = threading.local()
"""One generator a thread: two servers in one process must not disturb each other."""


def faker(chance: random.Random) -> Faker:
    """Return a Faker whose next values follow from `chance` alone.

    A thread has one generator, so a second call re-seeds the first: use up one before asking for the next.
    """
    if not hasattr(_own, "faker"):
        _own.faker = Faker("en_US", use_weighting=False)
    fake: Faker = _own.faker
    fake.seed_instance(chance.getrandbits(64))
    return fake
