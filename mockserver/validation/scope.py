"""What the rest of a request says about how to read its body: version, betas, model. Not here: the body."""

from dataclasses import replace
from typing import Final

from mockserver.wire.frozen import frozen
from mockserver.wire.headers import API_VERSIONS
from mockserver.wire.traits import Model

VERSIONS: Final = API_VERSIONS
CURRENT: Final = VERSIONS[0]
LEGACY: Final = VERSIONS[1]


@frozen
class Scope:
    """The version, the betas, and the model (None: the registry has none of that name).

    A lenient scope lets unknown keys and tags pass.
    """

    version: str = CURRENT
    betas: frozenset[str] = frozenset()
    model: Model | None = None
    lenient: bool = False

    @property
    def is_legacy(self) -> bool:
        """Whether the request speaks `2023-06-01`."""
        return self.version == LEGACY

    def of_model(self, model: Model | None) -> "Scope":
        """Return the same scope for a model."""
        return replace(self, model=model)
