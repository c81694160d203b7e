"""The models as a gateway names them. Not here: the models (`models`), which names a gateway has (`dialects`)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from mockserver.wire.dialect import Dialect
from mockserver.wire.models import MODELS
from mockserver.wire.registry import STANDARD, Registry
from mockserver.wire.traits import Model

_UNKNOWN: Final = Model(
    "",
    thinking=("adaptive", "between_tools", "disabled", "enabled"),
    thinks_by_default=False,
    prefill=True,
    sampling="free",
    shows_thinking=True,
)
"""A model of another maker, of which nothing is known: whatever a request may hold, it takes."""

_KEPT: Final = 1024
"""Names whose model is kept."""

_APART: Final = re.compile(r"[-._@:]+")
_NO_PART: Final = re.compile(r"\d{8}|latest|")


class DialectModels(Registry):
    """The models of one gateway (the API's, where it has no list) and those that its user added; none is retired.

    A name that is none of the gateway's own, but of its patterns, is the model of the API that it spells: its parts in
    whatever order, with or without a date, behind a maker's name and a slash.
    """

    def __init__(self, dialect: Dialect, added: Iterable[str] = ()) -> None:
        super().__init__()
        if dialect.models is not None:
            self._by_name: dict[str, Model] = {}
        self._taken = tuple(pattern for pattern in dialect.other_models if not pattern.startswith("!"))
        self._excluded = tuple(pattern[1:] for pattern in dialect.other_models if pattern.startswith("!"))
        self._other = lru_cache(_KEPT)(_spelled)
        for name, like in (dialect.models or {}).items():
            self._by_name[name] = _named(name, STANDARD.find(like))
        self._add(added)

    def known(self, name: object) -> Model | None:
        """Return the model of an id that the gateway takes."""
        found = super().known(name)
        if found is not None and found.retires:
            return replace(found, deprecated="", retires="")
        if found is not None or not isinstance(name, str) or not self._takes(name):
            return found
        return self._other(name)

    def _takes(self, name: str) -> bool:
        """Whether an id that is not listed is of the gateway's patterns."""
        taken, excluded = (any(fnmatchcase(name, p) for p in some) for some in (self._taken, self._excluded))
        return taken and not excluded

    def _like(self, name: str) -> Model | None:
        return self.known(name) or STANDARD.known(name)


def registry_of(dialect: Dialect, added: Iterable[str] = ()) -> Registry:
    """Return the models of a server that speaks a dialect: the API's own where it has none."""
    return DialectModels(dialect, added) if dialect.has_own_models else Registry(added)


def _named(name: str, model: Model) -> Model:
    return replace(model, id=name, aliases=(), deprecated="", retires="")


def _spelled(name: str) -> Model:
    own = name.rpartition("/")[2]
    return _named(name, STANDARD.known(own) or _BY_PARTS.get(_parts(own)) or _UNKNOWN)


def _parts(name: str) -> tuple[str, ...]:
    """Return the parts of a name, without day and order: claude-4-5-sonnet and claude-sonnet-4.5 have the same."""
    return tuple(sorted(part for part in _APART.split(name.lower()) if not _NO_PART.fullmatch(part)))


_BY_PARTS: Final[Mapping[tuple[str, ...], Model]] = {
    _parts(name): model for model in reversed(MODELS) for name in (*reversed(model.aliases), model.id)
}
"""Parts of a name -> its model; of two that differ in their day alone, the newer one."""
