"""Made-up values, with everything they need imported when the first one is asked for. Not here: how they are made.

Faker takes 150 ms to import; a server whose files fake nothing never does. Two threads that import it at once could
find it half made, so one waits for the other.
"""

import random
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mockserver.reply.identifiers import Source
from mockserver.wire.errors import own_refusal

if TYPE_CHECKING:
    from faker import Faker

_importing = threading.Lock()


def fake(chance: random.Random, now: datetime | None = None) -> "Faker":
    """Return a Faker whose next values follow from `chance` and `now` alone (None: a time that never changes)."""
    with _importing:
        from mockserver.reply.faking import REFERENCE, faker  # noqa: PLC0415 - see the module's docstring

        return faker(chance, now or REFERENCE)


def sample(schema: Any, source: Source, topic: str) -> Any:
    """Return a value that satisfies a JSON Schema; refuses a request whose schema is none."""
    generator = fake(source.random(topic))
    with _importing:
        from mockserver.reply.samples import SampleError, make_sample  # noqa: PLC0415

    try:
        return make_sample(schema, generator, source.random(f"{topic}/choice"))
    except SampleError as error:
        raise own_refusal("invalid_request_error", str(error)) from None
