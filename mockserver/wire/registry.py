"""Finding a model by id or alias. Not here: the real models (`models`)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from mockserver.wire.models import MODELS
from mockserver.wire.traits import Model


class UnknownLikeError(ValueError):
    """A model is to be added in the likeness of one that does not exist."""

    def __init__(self, name: str, like: str) -> None:
        super().__init__(f"there is no model {like!r} that {name!r} could be like")
        self.like = like


class Registry:
    """The models of one server: the real ones, and those that its user added."""

    def __init__(self, added: Iterable[str] = ()) -> None:
        self._by_name = {name: model for model in MODELS for name in (model.id, *model.aliases)}
        self._add(added)

    def _add(self, added: Iterable[str]) -> None:
        for text in added:
            name, _, like = text.partition("=")
            self._by_name[name] = self._alike(name, like)

    def _like(self, name: str) -> Model | None:
        """Return the model that another may be like."""
        return self.known(name)

    def _alike(self, name: str, like: str) -> Model:
        base = self._like(like) if like else Model("")
        if base is None:
            raise UnknownLikeError(name, like)
        return replace(base, id=name, aliases=(), deprecated="", retires="")

    @property
    def names(self) -> list[str]:
        """Ids and aliases, the newest model first."""
        return list(self._by_name)

    @property
    def models(self) -> list[Model]:
        """Every model once, the newest first; one of an unknown day is the last."""
        own = {model.id: self._by_name[model.id] for model in self._by_name.values()}
        return sorted(own.values(), key=lambda model: model.released, reverse=True)

    def known(self, name: object) -> Model | None:
        """Return the model of an id or alias."""
        return self._by_name.get(name) if isinstance(name, str) else None

    def find(self, name: object) -> Model:
        """Return the model of an id or alias; an unknown name is a model of the newest generation with that id."""
        return self.known(name) or Model(name if isinstance(name, str) else "")


STANDARD: Final = Registry()
"""The real models alone."""
