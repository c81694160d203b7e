"""What is known of one model: limits, modes, dates. Not here: the models (`models`), finding one (`registry`)."""

from datetime import date
from typing import Final, Literal, NamedTuple

from mockserver.wire.frozen import frozen

Tokenizer = Literal["old", "new"]
"""`new` since Opus 4.7: about 30 % more tokens for the same text."""

Sampling = Literal["free", "one", "default"]
"""temperature, top_p, top_k: any; temperature or top_p alone; default values only."""

Sizes = tuple[int, int, int, int, int, int]
"""Characters of 10, 25, 50, 75, 90 and 99 % of a stream's deltas: so many or fewer."""

SystemRole = Literal["accepted", "unexpected", "unsupported"]
"""What becomes of `role: system` in `messages`; the last two are refused in different words."""

EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")
"""Every level, the lowest first."""


class ToolsPrompt(NamedTuple):
    """Tokens that tools cost once, by `tool_choice`: `auto` (or none, or not given), `any`, `tool`.

    `single_auto` and `single_tool` are what `disable_parallel_tool_use` adds with `auto` and with `tool`.
    """

    auto: int
    any: int
    tool: int
    single_auto: int = 0
    single_tool: int = 0


_NEWEST_TOOLS_PROMPT: Final = ToolsPrompt(290, 410, 415)


_LONG_WRITERS: Final = ("opus", "sonnet", "haiku")
"""Lines of models that write long output in batches, from the first one with a long context on."""
_LONG_OUTPUT: Final = 300_000

_QUIET: Final = ("disabled", "between_tools")
"""Types of thinking beside which some models limit the effort."""


@frozen
class Model:
    """What requests to one model and its answers have in common.

    `released` is the day, or the moment where the API's list gives one (`created_at`); `deprecated` and `retires` are
    days. `context`, `max_output` and `cache_minimum` are tokens. `thinking` are the types that `thinking` may have;
    `quiet_effort` is the highest effort beside `disabled` or `between_tools` (empty: any). `shows_thinking`: its
    thinking is in the answer unless the request says otherwise. `refused_tools` are types of tools that it does not
    take, `unread` types of blocks that it cannot read, `fallbacks` the models that its list of models allows as such.
    `programmatic_calling`: code that it runs may call tools. `fast`: it has the fast mode, as everything has of which
    nothing is known. `keeps_thinking`: thinking of earlier turns stays part of the prompt.

    `inference_geo` is the value in `usage`; only where that is `global` may a request set one. `counts_thinking` says
    whether `usage.output_tokens_details` stands in every answer or only where the model thought. `text_deltas` and
    `thinking_deltas` are the sizes of recorded deltas; models that nobody recorded have the texts of Sonnet 5 and the
    thinking of Sonnet 4.6.

    The rest are tokens of the prompt: `tools_prompt`, once where there are tools; `adaptive_prompt` of thinking of that
    type; `extra_prompt` of every request.
    """

    id: str
    aliases: tuple[str, ...] = ()
    released: str = ""
    deprecated: str = ""
    retires: str = ""
    context: int = 1_000_000
    max_output: int = 128_000
    thinking: tuple[str, ...] = ("adaptive",)
    thinks_by_default: bool = True
    shows_thinking: bool = False
    efforts: tuple[str, ...] = EFFORTS
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
    fallbacks: tuple[str, ...] = ()
    structured_outputs: bool = True
    programmatic_calling: bool = True
    fast: bool = True
    tokenizer: Tokenizer = "new"
    inference_geo: str = "global"
    counts_thinking: bool = True
    text_deltas: Sizes = (10, 58, 70, 95, 107, 158)
    thinking_deltas: Sizes = (4, 31, 72, 92, 114, 146)
    tools_prompt: ToolsPrompt = _NEWEST_TOOLS_PROMPT
    adaptive_prompt: int = 0
    extra_prompt: int = 0

    def is_retired(self, today: date) -> bool:
        """Whether the real API answers requests to it with a 404 on that day."""
        return _has_come(self.retires, today)

    def is_deprecated(self, today: date) -> bool:
        """Whether its retirement has been announced by that day; it stays so when it is retired."""
        return _has_come(self.deprecated, today)

    def is_too_much_effort(self, level: str, thinking: str | None) -> bool:
        """Whether a level of effort that it has is too high beside this type of thinking."""
        order = self.efforts.index
        return bool(self.quiet_effort) and thinking in _QUIET and order(level) > order(self.quiet_effort)

    @property
    def batch_output(self) -> int:
        """The most tokens that it writes in a row of a batch with the beta for long output (documentation)."""
        long = self.has_long_context and any(line in self.id for line in _LONG_WRITERS)
        return _LONG_OUTPUT if long else self.max_output

    @property
    def has_long_context(self) -> bool:
        """Whether its window is the one of a million tokens; the limits on media hang on it."""
        return self.context >= 1_000_000  # noqa: PLR2004 - the window of 4.6 and later


def _has_come(day: str, today: date) -> bool:
    return bool(day) and date.fromisoformat(day) <= today
