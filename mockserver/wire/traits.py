"""What is known of one model: limits, modes, dates. Not here: the models (`models`), finding one (`registry`)."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Tokenizer = Literal["old", "new"]
"""`new` since Opus 4.7: about 30 % more tokens for the same text."""

Sampling = Literal["free", "one", "default"]
"""temperature, top_p, top_k: any; temperature or top_p alone; default values only."""

Sizes = tuple[int, int, int, int, int, int]
"""Characters of 10, 25, 50, 75, 90 and 99 % of a stream's deltas: so many or fewer."""

SystemRole = Literal["accepted", "unexpected", "unsupported"]
"""What becomes of `role: system` in `messages`; the last two are refused in different words."""

_ALL_EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Model:
    """What requests to one model and its answers have in common.

    `released` and `retires` are dates; a model that is to retire is deprecated until then. `context`, `max_output` and
    `cache_minimum` are tokens. `thinking` are the types that `thinking` may have; `quiet_effort` is the highest effort
    beside `disabled` or `between_tools` (empty: any). `shows_thinking`: its thinking is in the answer unless the
    request says otherwise. `refused_tools` are types of tools that it does not take, `unread` types of blocks that it
    cannot read. `programmatic_calling`: code that it runs may call tools. `fast`: it has the fast mode, as everything
    has of which nothing is known. `keeps_thinking`: thinking of earlier turns stays part of the prompt.

    `inference_geo` is the value in `usage`; only where that is `global` may a request set one. `counts_thinking` says
    whether `usage.output_tokens_details` stands in every answer or only where the model thought. `text_deltas` and
    `thinking_deltas` are the sizes of recorded deltas; models that nobody recorded have the texts of Sonnet 5 and the
    thinking of Sonnet 4.6.
    """

    id: str
    aliases: tuple[str, ...] = ()
    released: str = ""
    retires: str = ""
    context: int = 1_000_000
    max_output: int = 128_000
    thinking: tuple[str, ...] = ("adaptive",)
    thinks_by_default: bool = True
    shows_thinking: bool = False
    efforts: tuple[str, ...] = _ALL_EFFORTS
    effort: str = "high"
    quiet_effort: str = ""
    forced_tools: bool = True
    prefill: bool = False
    sampling: Sampling = "default"
    system_role: SystemRole = "accepted"
    cache_minimum: int = 512
    keeps_thinking: bool = True
    refused_tools: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    structured_outputs: bool = True
    programmatic_calling: bool = True
    fast: bool = True
    tokenizer: Tokenizer = "new"
    inference_geo: str = "global"
    counts_thinking: bool = True
    text_deltas: Sizes = (10, 58, 70, 95, 107, 158)
    thinking_deltas: Sizes = (4, 31, 72, 92, 114, 146)

    def is_retired(self, today: date) -> bool:
        """Whether the real API answers requests to it with a 404 on that day."""
        return bool(self.retires) and date.fromisoformat(self.retires) <= today

    @property
    def has_long_context(self) -> bool:
        """Whether its window is the one of a million tokens; the limits on media hang on it."""
        return self.context >= 1_000_000  # noqa: PLR2004 - the window of 4.6 and later
