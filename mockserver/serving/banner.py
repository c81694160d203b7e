"""The first words of the server as a program. Not here: the log (`lines`)."""

import os
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import mockserver
from mockserver.engine import Engine
from mockserver.serving.several import beginning
from mockserver.settings import API_KEY, Settings
from mockserver.state.clock import Clock
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialects import ANTHROPIC
from mockserver.wire.encoding import encode
from mockserver.wire.rates import RateLimits

FirstWords: TypeAlias = Callable[[Engine, str], str]
"""Returns what is said first of an engine that is served at a base URL."""

_WIDTH: Final = 118


def banner(engine: Engine, base_url: str) -> str:
    """Return what a developer sees first: what is served, where, and a command that works."""
    settings = engine.settings
    clients = base_url + settings.dialect.prefix
    count = len(engine.library.scripts)
    where = ", ".join(str(path) for path in engine.library.paths)
    key = _key(settings)
    model = next(iter(settings.dialect.models or ()), "claude-sonnet-5")
    asked = {"model": model, "max_tokens": 256, "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    body = encode(asked | dict(_needed(settings.dialect))).decode()
    given = f"x-api-key: {key}" if settings.dialect.wanted == "x-api-key" else f"authorization: Bearer {key}"
    scenarios = f"{count} scenario{'' if count == 1 else 's'} from {where}" if where else "no scenarios"
    keys = f"{len(settings.api_key)} given" if settings.api_key else "any"
    return (
        f"mockserver {mockserver.__version__} on {base_url} (Ctrl-C stops it)\n"
        f"  {scenarios}; seed {settings.seed}; unmatched: {settings.on_unmatched}; "
        f"validation: {settings.validation}{_exceptions(settings)}{_stricter(settings)}; keys: {keys}"
        f"{_spoken(settings)}{_time(engine.clock)}{_trouble(settings)}\n"
        f"  SDKs: ANTHROPIC_BASE_URL={clients} ANTHROPIC_API_KEY={key}\n"
        f"  curl -N {clients}/v1/messages -H '{given}' -H 'anthropic-version: 2023-06-01' "
        f"-H 'content-type: application/json' -d '{body}'\n"
        f"{_several(engine)}\n"
    )


def _several(engine: Engine) -> str:
    """Return what several workers mean, where there are several."""
    indents = {"initial_indent": "  ", "subsequent_indent": "    "}
    return "".join(f"{textwrap.fill(line, _WIDTH, **indents)}\n" for line in beginning(engine))  # type: ignore[arg-type]


def _needed(dialect: Dialect) -> Iterator[tuple[str, Any]]:
    """Yield the parameters that a dialect requires beside the API's own, each with a value that will do."""
    for name, given in dialect.parameters.items():
        if given.required and name not in _ASKED:
            usual = {**_SAMPLES, "integer": given.minimum or 1, "number": given.minimum or 1}
            yield name, given.enum[0] if given.enum else usual[given.type[0]]


_ASKED: Final = ("model", "max_tokens", "stream", "messages")
_SAMPLES: Final[dict[str, Any]] = {"string": "x", "boolean": True, "array": [], "object": {}}
"""Type -> a value of it."""


def ready_line(engine: Engine, base_url: str) -> str:
    """Return what a program reads first: a flat JSON object in one line, so that a shell script can take it apart."""
    address = urlsplit(base_url)
    ready = {
        "base_url": base_url + engine.settings.dialect.prefix,
        "control_url": f"{base_url}/_mock",
        "api_key": _key(engine.settings),
        "host": address.hostname,
        "port": address.port,
        "pid": os.getpid(),
        "version": mockserver.__version__,
    }
    if (workers := engine.sessions.store.place.of) > 1:
        ready["workers"] = workers
    return f"{encode(ready).decode()}\n"


def _key(settings: Settings) -> str:
    """Return a key that the server accepts."""
    return next(iter(settings.api_key), API_KEY)


def _spoken(settings: Settings) -> str:
    """Return the dialects, where they are not that of the API."""
    told = f"; dialect: {settings.dialect.name}" if settings.dialect != ANTHROPIC else ""
    sessions = ", ".join(f"{name}: {dialect.name}" for name, dialect in settings.session_dialect.items())
    return told + (f"; dialects of sessions: {sessions}" if sessions else "")


def _time(clock: Clock) -> str:
    """Return how the clock runs, where it is not as everybody's."""
    stands = f"; clock: stands at {clock.now().isoformat()}" if clock.is_frozen else ""
    if clock.speed in (0, 1):
        return stands
    return f"{stands}; speed: {clock.speed if isinstance(clock.speed, str) else format(clock.speed, 'g')}"


def _trouble(settings: Settings) -> str:
    """Return what clients may run into: rate limits, and chaos with what reproduces it."""
    parts = [f"; {told} per minute: {_limits(rates)}" for told, rates in _limited(settings)]
    if settings.chaos != "off":
        parts.append(f"; chaos: {settings.chaos} (--seed {settings.seed} brings the same faults again)")
    return "".join(parts)


def _limited(settings: Settings) -> Iterator[tuple[str, RateLimits]]:
    if settings.limits is not None:
        yield "limits", settings.limits
    yield from ((f"limits of session {name}", rates) for name, rates in settings.session_limits.items())


def _limits(rates: RateLimits) -> str:
    return ", ".join(f"{value:,} {name}" for name, value in asdict(rates).items())


def _exceptions(settings: Settings) -> str:
    """Return the sessions that are judged in another way."""
    told = ", ".join(f"{name}: {level}" for name, level in settings.session_validation.items())
    return f" (sessions {told})" if told else ""


def _stricter(settings: Settings) -> str:
    """Return what is judged more strictly than by default, and the models that were added."""
    told = {"retired models": settings.retired_models, "objects": settings.objects}
    parts = [f"; {name}: {value}" for name, value in told.items() if value not in ("answer", "any")]
    return "".join(parts) + (f"; models added: {', '.join(settings.model)}" if settings.model else "")
