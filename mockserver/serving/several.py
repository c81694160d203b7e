"""What is said where several processes serve one port. Not here: starting them (`workers`), what each has (`state`)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.engine import Engine
from mockserver.state.store import own, told

_SAME: Final = (
    "the scenarios of files and every edit of them, matching, templates, validation, errors, faults, token counts, "
    "and what the seed decides about a first attempt; no two requests get the same id"
)


def beginning(engine: Engine) -> Iterator[str]:
    """Yield in lines what each of the workers has alone, and what is the same on all; nothing where there is one."""
    store = engine.sessions.store
    if store.place.of == 1:
        return
    alone = own(store)
    yield f"{store.place.of} workers serve this port; a connection stays with one of them"
    if alone:
        yield f"each has its own: {told(alone)}"
        yield f"the same on all: {_SAME}"
        yield "what changes a session over /_mock, or judges one by what is each worker's own, is refused"
    warnings = (words(engine) for book, words in _BEWARE.items() if book in alone)
    yield from (f"beware: {words}" for words in warnings if words)


def _attempts(engine: Engine) -> str:
    named = [
        repr(script.name) for script in engine.library.scripts if any(step.counts_attempts for step in script.steps)
    ]
    if not named:
        return ""
    first = ", ".join(named[:_MOST_NAMED]) + (f" and {len(named) - _MOST_NAMED} more" if named[_MOST_NAMED:] else "")
    return f"{first} count attempts: a try on a new connection may reach a worker that has not seen the one before"


def _limits(engine: Engine) -> str:
    settings = engine.settings
    if settings.limits is None and not settings.session_limits:
        return ""
    return (
        f"each worker lets the whole rate limit through, so up to {engine.sessions.store.place.of} times as much passes"
    )


def _clock(engine: Engine) -> str:
    speed = engine.settings.speed
    if speed == 1:
        return ""
    told = speed if isinstance(speed, str) else format(speed, "g")
    return f"speed {told}: on each worker the clock of a session begins to run with its first request there"


_MOST_NAMED: Final = 3

_BEWARE: Final[Mapping[str, Callable[[Engine], str]]] = {"attempts": _attempts, "limits": _limits, "clock": _clock}
"""Book -> what of these scenarios and settings goes otherwise where each worker has it alone; "" for nothing."""


@dataclass(frozen=True, slots=True)
class LastWords:
    """What a worker did: requests that it answered, and answers of its journal that failed their clients."""

    requests: int
    failures: int


def last_words(engine: Engine) -> LastWords:
    """Return what this process did."""
    exchanges = (exchange for session in engine.sessions for exchange in session.journal.exchanges)
    failures = sum(exchange.trial.failure is not None for exchange in exchanges)
    return LastWords(engine.tally.answers.total(), failures)


def ending(words: Sequence[LastWords]) -> Iterator[str]:
    """Yield in lines what the workers did, in their order."""
    yield "requests answered: " + ", ".join(f"worker {n} {said.requests:,}" for n, said in enumerate(words, 1))
    if failures := sum(said.failures for said in words):
        yield (
            f"{failures:,} failed their clients; what these did then is judged where one worker sees all of it: "
            "serve with --workers 1"
        )
