"""What the models of one generation have in common. Not here: the models (`current`, `earlier`)."""

from dataclasses import replace
from typing import Final

from mockserver.wire.traits import Model, ToolsPrompt

TOOLS_OF_2024: Final = ("bash_20241022", "computer_20241022", "text_editor_20241022")
COMPUTER_2025_01: Final = ("computer_20250124",)
COMPUTER_2025_11: Final = ("computer_20251124",)
TOOLSETS: Final = ("browser_toolset_20260801", "computer_toolset_20260801")
OPUS_4_8: Final = ("claude-opus-4-8",)
OPUS_4_8_AND_5: Final = (*OPUS_4_8, "claude-opus-5")

BINDING: Final = Model("", forced_tools=False, refused_tools=TOOLS_OF_2024 + COMPUTER_2025_01, fast=False)
"""Generation 5.1 and later: thinking always on, no forced tool choice."""
LATEST: Final = replace(BINDING, refused_tools=TOOLS_OF_2024 + COMPUTER_2025_01 + COMPUTER_2025_11)
FABLE_5: Final = replace(BINDING, forced_tools=True)
ADAPTIVE_2026: Final = replace(
    FABLE_5,
    thinking=("adaptive", "disabled"),
    thinks_by_default=False,
    cache_minimum=1024,
    text_deltas=(2, 12, 46, 92, 125, 190),
)
GENERATION_4_6: Final = replace(
    ADAPTIVE_2026,
    thinking=("enabled", "adaptive", "disabled"),
    shows_thinking=True,
    efforts=("low", "medium", "high", "max"),
    sampling="one",
    system_role="unexpected",
    refused_tools=TOOLS_OF_2024 + COMPUTER_2025_01 + TOOLSETS,
    tokenizer="old",
    counts_thinking=False,
    text_deltas=(3, 6, 21, 71, 96, 168),
    tools_prompt=ToolsPrompt(495, 585, 590, -209),
)
GENERATION_4_5: Final = replace(
    GENERATION_4_6,
    context=200_000,
    max_output=64_000,
    thinking=("enabled", "disabled"),
    efforts=(),
    prefill=True,
    cache_minimum=4096,
    keeps_thinking=False,
    refused_tools=TOOLS_OF_2024 + COMPUTER_2025_11 + TOOLSETS,
    inference_geo="not_available",
    text_deltas=(3, 4, 9, 18, 32, 69),
    thinking_deltas=(3, 5, 9, 15, 22, 41),
)
GENERATION_4: Final = replace(
    GENERATION_4_5,
    sampling="free",
    cache_minimum=1024,
    structured_outputs=False,
    programmatic_calling=False,
    tools_prompt=ToolsPrompt(312, 312, 316, 0, -32),
)
CLAUDE_3: Final = replace(
    GENERATION_4,
    thinking=("disabled",),
    max_output=8192,
    cache_minimum=2048,
    refused_tools=COMPUTER_2025_11 + TOOLSETS,
)
CLAUDE_2: Final = replace(CLAUDE_3, max_output=4096, unread=("image", "document"))
