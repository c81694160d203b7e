"""Thinking: does a model think before this answer, what does it think, is it shown. Not here: signatures (`wire`).

Shares are counted in recordings from 2026-05 to 2026-08. `display` and its defaults are documented.
"""

import random
from typing import Final, Literal

from mockserver.reply.identifiers import Source
from mockserver.reply.made_up import fake
from mockserver.wire.conversation import Conversation
from mockserver.wire.traits import Model

_Situation = Literal["alone", "with tools", "after a tool"]

_Shares = dict[_Situation, float]
"""Shares of answers that begin with thinking, by what was asked."""

ADAPTIVE: Final[_Shares] = {"alone": 10 / 54, "with tools": 12 / 21, "after a tool": 1 / 14}
"""Of Opus 4.7 and all later models together, where thinking is adaptive."""

SONNET_5: Final[_Shares] = {"alone": 9 / 50, "with tools": 11 / 14, "after a tool": 1 / 8}
"""Of Sonnet 5, asked without a `thinking` key; in a larger collection it thought in 56 of 146 answers."""

ADAPTIVE_4_6: Final[_Shares] = {"alone": 1, "with tools": 1, "after a tool": 0}
"""Of Sonnet 4.6: 6 of 6, 4 of 4, 0 of 3."""

BETWEEN_TOOLS: Final[_Shares] = {"alone": 0, "with tools": 0, "after a tool": 1}
"""Never first and never without tools (documented); how often between them is not known."""


def is_shown(conversation: Conversation, model: Model) -> bool:
    """Whether the text of thinking is in the answer; where it is not, the block has its signature alone."""
    display = conversation.thinking_display
    if display is not None:
        return display != "omitted"
    return model.shows_thinking or conversation.thinking == "between_tools"


def think(conversation: Conversation, model: Model, source: Source, index: int) -> str | None:
    """Return the thinking that stands in the block of that index; None where the model would not think."""
    if source.random(f"thinks{index}").random() >= _share(conversation, model):
        return None
    return _text(source.random(f"thinking{index}"))


def _share(conversation: Conversation, model: Model) -> float:
    """Return the share of answers to such a request that begin with thinking.

    A forced tool is called at once (2 of 2). `enabled` always thinks: 7 recorded answers to tool results had no
    thinking, but a tool loop that goes on without any is refused.
    """
    mode = _mode(conversation, model)
    if mode not in model.thinking or (conversation.tool_choice or {}).get("type") in ("any", "tool"):
        return 0
    if mode == "enabled":
        return 1
    shares = {"adaptive": _adaptive(model), "between_tools": BETWEEN_TOOLS}.get(mode, {})
    return shares.get(_situation(conversation), 0)


def _adaptive(model: Model) -> _Shares:
    if "enabled" in model.thinking:
        return ADAPTIVE_4_6
    return SONNET_5 if model.id == "claude-sonnet-5" else ADAPTIVE


def _mode(conversation: Conversation, model: Model) -> str:
    """Return the type of thinking, with the model's own where the request names none."""
    return "adaptive" if model.thinks_by_default and not conversation.sets_thinking else conversation.thinking


def _situation(conversation: Conversation) -> _Situation:
    if conversation.tool_results and conversation.tools:
        return "after a tool"
    return "with tools" if conversation.tools else "alone"


def _text(chance: random.Random) -> str:
    return fake(chance).paragraph(nb_sentences=chance.randint(1, 4), variable_nb_sentences=False)
