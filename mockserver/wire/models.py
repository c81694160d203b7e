"""The model registry: one row a model. Not here: what a model would say.

Source: the models page of the API's documentation (2026-11) and the recorded exchanges. A model that is not in
the table is answered all the same, with the traits of the newest generation.
"""

from dataclasses import dataclass
from typing import Literal

Tokenizer = Literal["old", "new"]
"""`new` since Opus 4.7: about 30 % more tokens for the same text."""


@dataclass(frozen=True, slots=True)
class Model:
    """What answers of one model have in common.

    `inference_geo` is the value in `usage` (`global` since generation 4.6). `counts_thinking` says whether
    `usage.output_tokens_details` stands in every answer or only where the model thought. `delta_chars` is the
    median length of a text delta in recorded streams.
    """

    id: str
    aliases: tuple[str, ...] = ()
    tokenizer: Tokenizer = "new"
    inference_geo: str = "global"
    counts_thinking: bool = True
    delta_chars: int = 60


def _old(model_id: str, *aliases: str, delta_chars: int = 9, geo: str = "not_available") -> Model:
    return Model(model_id, aliases, "old", geo, counts_thinking=False, delta_chars=delta_chars)


MODELS: tuple[Model, ...] = (
    Model("claude-fable-5-2"),
    Model("claude-mythos-5-2"),
    Model("claude-haiku-5-5"),
    Model("claude-sonnet-5-5"),
    Model("claude-opus-5-5"),
    Model("claude-fable-5-1"),
    Model("claude-mythos-5-1"),
    Model("claude-opus-5"),
    Model("claude-sonnet-5", delta_chars=70),
    Model("claude-fable-5"),
    Model("claude-mythos-5"),
    Model("claude-opus-4-8", delta_chars=46),
    Model("claude-opus-4-7", counts_thinking=False, delta_chars=91),
    _old("claude-sonnet-4-6", delta_chars=21, geo="global"),
    _old("claude-opus-4-6", geo="global"),
    _old("claude-opus-4-5-20251101", "claude-opus-4-5"),
    _old("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
    _old("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
    _old("claude-opus-4-1-20250805", "claude-opus-4-1", delta_chars=7),
    _old("claude-opus-4-20250514", "claude-opus-4-0", "claude-4-opus-20250514"),
    _old("claude-sonnet-4-20250514", "claude-sonnet-4-0", "claude-4-sonnet-20250514", delta_chars=10),
    _old("claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest", delta_chars=26),
    _old("claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest", delta_chars=18),
    _old("claude-3-5-sonnet-20240620", delta_chars=15),
    _old("claude-3-5-haiku-20241022", "claude-3-5-haiku-latest", delta_chars=8),
    _old("claude-3-opus-20240229", "claude-3-opus-latest", delta_chars=4),
    _old("claude-3-haiku-20240307", delta_chars=4),
)

_BY_NAME = {name: model for model in MODELS for name in (model.id, *model.aliases)}


def find(name: object) -> Model:
    """Return the model of an id or alias; an unknown name is a model of the newest generation with that id."""
    text = name if isinstance(name, str) else ""
    return _BY_NAME.get(text) or Model(text)
