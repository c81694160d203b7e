"""Faker, seeded for each use, with a clock of ours. Not here: what is faked."""

import importlib.util
import random
import threading
from datetime import UTC, date, datetime, tzinfo
from types import ModuleType
from typing import Any, Final

from faker import Faker

REFERENCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What `now` is where no clock is given: a made-up value must be the same tomorrow."""

_own = threading.local()
"""One generator and one time a thread: two servers in one process must not disturb each other."""


def faker(chance: random.Random, now: datetime = REFERENCE) -> Faker:
    """Return a Faker whose next values follow from `chance` and `now` alone.

    A thread has one generator, so a second call re-seeds the first: use up one before asking for the next.
    """
    if not hasattr(_own, "faker"):
        _own.faker = Faker("en_US", use_weighting=False)
        _own.faker.add_provider(_date_times().Provider)
    fake: Faker = _own.faker
    fake.seed_instance(chance.getrandbits(64))
    fake.unique.clear()
    _own.now = now
    return fake


class _Lookalike(type):
    """Makes the classes below stand for the real ones in `isinstance`."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


class _Datetime(datetime, metaclass=_Lookalike):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        now: datetime = _own.now
        return now.astimezone(tz) if tz else now.replace(tzinfo=None)


class _Date(date, metaclass=_Lookalike):
    @classmethod
    def today(cls) -> Any:
        return _own.now.date()


def _date_times() -> ModuleType:
    """Return a private copy of Faker's module of dates, which asks the wall clock, with our clock in its place."""
    spec = importlib.util.find_spec("faker.providers.date_time")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.datetime, module.dtdate = _Datetime, _Date
    return module  # type: ignore[no-any-return]
