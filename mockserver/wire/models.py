"""The models, one row each, as data. Not here: what a row's fields mean (`traits`), what a model would say.

Sources: the API's pages of models, deprecations, effort, thinking, vision and tool use (2026-11), the recorded
exchanges, and lists of models that others quote (until 2026-10). A trait that none of them gives is that of the
generation. `tools_prompt` is recorded, within some tokens of the documented table; that of claude-3-sonnet is only
documented.
"""

from dataclasses import replace
from typing import Final

from mockserver.wire.traits import Model, ToolsPrompt

_TOOLS_OF_2024: Final = ("bash_20241022", "computer_20241022", "text_editor_20241022")
_COMPUTER_2025_01: Final = ("computer_20250124",)
_COMPUTER_2025_11: Final = ("computer_20251124",)
_TOOLSETS: Final = ("browser_toolset_20260801", "computer_toolset_20260801")
_OPUS_4_8: Final = ("claude-opus-4-8",)
_OPUS_4_8_AND_5: Final = (*_OPUS_4_8, "claude-opus-5")

_BINDING: Final = Model("", forced_tools=False, refused_tools=_TOOLS_OF_2024 + _COMPUTER_2025_01, fast=False)
"""Generation 5.1 and later: thinking always on, no forced tool choice."""
_LATEST: Final = replace(_BINDING, refused_tools=_TOOLS_OF_2024 + _COMPUTER_2025_01 + _COMPUTER_2025_11)
_FABLE_5: Final = replace(_BINDING, forced_tools=True)
_ADAPTIVE_2026: Final = replace(
    _FABLE_5,
    thinking=("adaptive", "disabled"),
    thinks_by_default=False,
    cache_minimum=1024,
    text_deltas=(2, 12, 46, 92, 125, 190),
)
_GENERATION_4_6: Final = replace(
    _ADAPTIVE_2026,
    thinking=("enabled", "adaptive", "disabled"),
    shows_thinking=True,
    efforts=("low", "medium", "high", "max"),
    sampling="one",
    system_role="unexpected",
    refused_tools=_TOOLS_OF_2024 + _COMPUTER_2025_01 + _TOOLSETS,
    tokenizer="old",
    counts_thinking=False,
    text_deltas=(3, 6, 21, 71, 96, 168),
    tools_prompt=ToolsPrompt(495, 585, 590, -209),
)
_GENERATION_4_5: Final = replace(
    _GENERATION_4_6,
    context=200_000,
    max_output=64_000,
    thinking=("enabled", "disabled"),
    efforts=(),
    prefill=True,
    cache_minimum=4096,
    keeps_thinking=False,
    refused_tools=_TOOLS_OF_2024 + _COMPUTER_2025_11 + _TOOLSETS,
    inference_geo="not_available",
    text_deltas=(3, 4, 9, 18, 32, 69),
    thinking_deltas=(3, 5, 9, 15, 22, 41),
)
_GENERATION_4: Final = replace(
    _GENERATION_4_5,
    sampling="free",
    cache_minimum=1024,
    structured_outputs=False,
    programmatic_calling=False,
    tools_prompt=ToolsPrompt(312, 312, 316, 0, -32),
)
_CLAUDE_3: Final = replace(
    _GENERATION_4,
    thinking=("disabled",),
    max_output=8192,
    cache_minimum=2048,
    refused_tools=_COMPUTER_2025_11 + _TOOLSETS,
)
_CLAUDE_2: Final = replace(_CLAUDE_3, max_output=4096, unread=("image", "document"))


MODELS: Final[tuple[Model, ...]] = (
    replace(_LATEST, id="claude-fable-5-2", released="2026-11-09", fallbacks=_OPUS_4_8_AND_5),
    replace(_LATEST, id="claude-mythos-5-2", released="2026-11-09", fallbacks=_OPUS_4_8_AND_5),
    replace(
        _LATEST,
        id="claude-haiku-5-5",
        released="2026-10-07T18:00:00Z",
        thinking=("adaptive", "disabled"),
        effort="medium",
        quiet_effort="high",
        forced_tools=True,
    ),
    replace(
        _LATEST,
        id="claude-sonnet-5-5",
        released="2026-09-28",
        thinking=("adaptive", "between_tools"),
        quiet_effort="high",
    ),
    replace(
        _LATEST,
        id="claude-opus-5-5",
        released="2026-09-21T16:24:00Z",
        effort="medium",
        fast=True,
        fallbacks=_OPUS_4_8_AND_5,
    ),
    replace(_BINDING, id="claude-fable-5-1", released="2026-08-28", fallbacks=_OPUS_4_8_AND_5),
    replace(_BINDING, id="claude-mythos-5-1", released="2026-08-28", fallbacks=_OPUS_4_8_AND_5),
    replace(
        _FABLE_5,
        id="claude-opus-5",
        released="2026-07-24",
        thinking=("adaptive", "disabled"),
        quiet_effort="high",
        fast=True,
        fallbacks=_OPUS_4_8,
    ),
    replace(
        _FABLE_5,
        id="claude-sonnet-5",
        tools_prompt=ToolsPrompt(350, 470, 474),
        released="2026-06-29",
        thinking=("adaptive", "disabled"),
        cache_minimum=1024,
    ),
    replace(_FABLE_5, id="claude-fable-5", released="2026-06-09", fallbacks=_OPUS_4_8),
    replace(_FABLE_5, id="claude-mythos-5", released="2026-06-09", fallbacks=_OPUS_4_8),
    replace(
        _ADAPTIVE_2026, id="claude-opus-4-8", tools_prompt=ToolsPrompt(289, 410, 415), released="2026-05-28", fast=True
    ),
    replace(
        _ADAPTIVE_2026,
        id="claude-opus-4-7",
        tools_prompt=ToolsPrompt(673, 801, 806),
        extra_prompt=5,
        released="2026-04-14",
        system_role="unexpected",
        cache_minimum=2048,
        counts_thinking=False,
        text_deltas=(19, 73, 91, 103, 115, 146),
        refused_tools=_TOOLS_OF_2024 + _COMPUTER_2025_01 + _TOOLSETS,
    ),
    replace(
        _BINDING,
        id="claude-mythos-preview",
        released="2026-04-07",
        deprecated="2026-06-09",
        retires="2026-06-30",
        thinking=("adaptive", "enabled"),
        system_role="unsupported",
        cache_minimum=2048,
    ),
    replace(_GENERATION_4_6, id="claude-sonnet-4-6", released="2026-02-17"),
    replace(
        _GENERATION_4_6,
        id="claude-opus-4-6",
        adaptive_prompt=17,
        released="2026-02-04",
        cache_minimum=4096,
        text_deltas=(3, 5, 9, 16, 22, 39),
        fast=True,
    ),
    replace(
        _GENERATION_4_5,
        id="claude-opus-4-5-20251101",
        aliases=("claude-opus-4-5",),
        released="2025-11-24",
        keeps_thinking=True,
        efforts=("low", "medium", "high"),
        refused_tools=_TOOLS_OF_2024 + _TOOLSETS,
    ),
    replace(
        _GENERATION_4_5,
        id="claude-haiku-4-5-20251001",
        aliases=("claude-haiku-4-5",),
        released="2025-10-15",
        programmatic_calling=False,
        text_deltas=(3, 6, 60, 98, 127, 193),
        thinking_deltas=(59, 69, 95, 110, 142, 166),
    ),
    replace(
        _GENERATION_4_5,
        id="claude-sonnet-4-5-20250929",
        aliases=("claude-sonnet-4-5",),
        released="2025-09-29",
        deprecated="2026-09-30",
        retires="2026-11-30",
        cache_minimum=1024,
    ),
    replace(
        _GENERATION_4,
        id="claude-opus-4-1-20250805",
        aliases=("claude-opus-4-1",),
        released="2025-08-05",
        deprecated="2026-06-05",
        retires="2026-08-05",
        max_output=32_000,
        sampling="one",
        structured_outputs=True,
        text_deltas=(2, 3, 7, 12, 17, 33),
    ),
    replace(
        _GENERATION_4,
        id="claude-opus-4-20250514",
        aliases=(
            "claude-opus-4-0",
            "claude-4-opus-20250514",
        ),
        released="2025-05-22",
        deprecated="2026-04-14",
        retires="2026-06-15",
        max_output=32_000,
        text_deltas=(3, 5, 9, 10, 23, 29),
    ),
    replace(
        _GENERATION_4,
        id="claude-sonnet-4-20250514",
        aliases=(
            "claude-sonnet-4-0",
            "claude-4-sonnet-20250514",
        ),
        released="2025-05-22",
        deprecated="2026-04-14",
        retires="2026-06-15",
        text_deltas=(2, 5, 10, 21, 33, 68),
    ),
    replace(
        _GENERATION_4,
        id="claude-3-7-sonnet-20250219",
        aliases=("claude-3-7-sonnet-latest",),
        released="2025-02-24",
        deprecated="2025-10-28",
        retires="2026-02-19",
        max_output=128_000,
        text_deltas=(8, 17, 26, 35, 46, 73),
        thinking_deltas=(4, 8, 13, 22, 35, 46),
    ),
    replace(
        _CLAUDE_3,
        id="claude-3-5-sonnet-20241022",
        aliases=("claude-3-5-sonnet-latest",),
        released="2024-10-22",
        deprecated="2025-08-13",
        retires="2025-10-28",
        cache_minimum=1024,
        text_deltas=(3, 7, 18, 32, 45, 65),
    ),
    replace(
        _CLAUDE_3,
        id="claude-3-5-haiku-20241022",
        tools_prompt=ToolsPrompt(261, 351, 356),
        aliases=("claude-3-5-haiku-latest",),
        released="2024-10-22",
        deprecated="2025-12-19",
        retires="2026-02-19",
        text_deltas=(3, 5, 8, 14, 22, 38),
    ),
    replace(
        _CLAUDE_3,
        id="claude-3-5-sonnet-20240620",
        released="2024-06-20",
        deprecated="2025-08-13",
        retires="2025-10-28",
        cache_minimum=1024,
        text_deltas=(4, 8, 15, 22, 31, 56),
    ),
    replace(
        _CLAUDE_3,
        id="claude-3-haiku-20240307",
        tools_prompt=ToolsPrompt(261, 351, 356),
        released="2024-03-07",
        deprecated="2026-02-19",
        retires="2026-04-20",
        max_output=4096,
        text_deltas=(1, 3, 4, 8, 17, 37),
        unread=("document",),
    ),
    replace(
        _CLAUDE_3,
        id="claude-3-opus-20240229",
        tools_prompt=ToolsPrompt(530, 530, 530),
        aliases=("claude-3-opus-latest",),
        released="2024-02-29",
        deprecated="2025-06-30",
        retires="2026-01-05",
        max_output=4096,
        cache_minimum=1024,
        text_deltas=(1, 3, 4, 6, 10, 14),
    ),
    replace(
        _CLAUDE_3,
        id="claude-3-sonnet-20240229",
        tools_prompt=ToolsPrompt(159, 235, 235),
        released="2024-02-29",
        deprecated="2025-01-21",
        retires="2025-07-21",
        max_output=4096,
        text_deltas=(1, 3, 4, 6, 10, 14),
    ),
    replace(
        _CLAUDE_2,
        id="claude-2.1",
        aliases=("claude-2",),
        released="2023-11-21",
        deprecated="2025-01-21",
        retires="2025-07-21",
    ),
    replace(
        _CLAUDE_2,
        id="claude-instant-1.2",
        aliases=("claude-instant-1",),
        released="2023-08-09",
        deprecated="2024-09-04",
        retires="2024-11-06",
        context=100_000,
    ),
    replace(
        _CLAUDE_2,
        id="claude-2.0",
        released="2023-07-11",
        deprecated="2025-01-21",
        retires="2025-07-21",
        context=100_000,
    ),
)
"""Every model, the newest first."""
