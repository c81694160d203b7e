"""An answer as a dialect tells it: its counters, and what it would never say. Not here: the dialects (`wire`)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mockserver.wire.dialect import Dialect
from mockserver.wire.encoding import JsonObject

_COUNTER: Final = "_tokens"
"""What the name of a counter ends in, which is 0 where nothing was counted."""


def spoken(message: JsonObject, dialect: Dialect) -> JsonObject:
    """Return the message with the counters that the dialect returns, and no others."""
    usage = message.get("usage")
    if not dialect.usage or not isinstance(usage, dict):
        return message
    return message | {"usage": _chosen(usage, dialect.usage)}


def _chosen(usage: JsonObject, names: tuple[str, ...]) -> JsonObject:
    chosen: JsonObject = {}
    for name in names:
        outer, dot, inner = name.partition(".")
        found = usage.get(outer)
        if dot:
            held = found.get(inner) if isinstance(found, dict) else None
            chosen[outer] = {**chosen.get(outer, {}), inner: _counted(inner, held)}
        elif found is not None or outer.endswith(_COUNTER):
            chosen[outer] = _counted(outer, found)
    return {name: chosen[name] for name in (*usage, *chosen) if name in chosen}


def _counted(name: str, value: Any) -> Any:
    return 0 if value is None and name.endswith(_COUNTER) else value


def foreign(message: JsonObject, dialect: Dialect) -> Iterator[str]:
    """Yield a warning for what an answer says and the dialect never does: its author probably erred."""
    reason = message.get("stop_reason")
    if isinstance(reason, str) and reason not in dialect.stop_reasons and _is_narrow(dialect):
        yield (
            f"the answer's stop_reason is {reason!r}, which the dialect {dialect.name!r} never returns; "
            f"it has: {', '.join(dialect.stop_reasons)}"
        )
    usage = message.get("usage")
    yield from uncounted(usage if isinstance(usage, dict) else (), dialect)


def uncounted(names: Iterable[str], dialect: Dialect) -> Iterator[str]:
    """Yield a warning for counters that an author gives and the dialect does not return."""
    known = {name.partition(".")[0] for name in dialect.usage}
    if known and (other := [name for name in names if name not in known]):
        yield f"the answer's usage has {', '.join(other)}, which the dialect {dialect.name!r} never returns"


def _is_narrow(dialect: Dialect) -> bool:
    """Whether the dialect has fewer stop reasons than the API, whose list may be older than a recording."""
    return "stop_reasons" in dialect.model_fields_set
