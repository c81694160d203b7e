"""The models, one row each, as data. Not here: what a row's fields mean (`traits`), what a model would say.

Sources: the API's pages of models, deprecations, effort, thinking, vision and tool use (2026-11), the recorded
exchanges, and lists of models that others quote (until 2026-10). A trait that none of them gives is that of the
generation. `tools_prompt` is recorded, within some tokens of the documented table; that of claude-3-sonnet is only
documented.
"""

from typing import Final

from mockserver.wire.models.current import CURRENT
from mockserver.wire.models.earlier import EARLIER
from mockserver.wire.traits import Model

MODELS: Final[tuple[Model, ...]] = CURRENT + EARLIER
"""Every model, the newest first."""
