"""Managed context: edits, compaction, fallbacks."""

from helpers import assistant, user
from unit.validation.judging import Works, ask, block, text

BETA = "context-management-2025-06-27"
COMPACTION = "compact-2026-01-12"
NEWER = "compact-2026-09-04"
FALLBACKS = "server-side-fallback-2026-07-01"
USES, THINKING = block("clear_tool_uses_20250919"), block("clear_thinking_20251015")
TOGETHER = "compaction: cannot be used together with `context_management`"
DISTINCT = "fallbacks: models must be distinct"
SUMMARY = block("compaction", content="b")
AMBIGUOUS = "`messages` holds more than one `compaction` block with content."
MISPLACED = "The `compaction` block is not the first block of the conversation, or is in a `system` message."


def _editing(*edits, **more):
    return ask(context_management={"edits": [*edits]}, betas=BETA, **more)


def _falling(*models):
    return ask(fallbacks=[{"model": model} for model in models], betas=FALLBACKS)


ROWS = {
    "each_edit_once": Works(
        refused=[
            (
                _editing(THINKING, USES, USES),
                "context_management.edits: Each strategy may be used only once. "
                "Found multiple `clear_tool_uses_20250919` edits.",
            ),
        ],
        accepted=[_editing(THINKING, USES), _editing(), ask(context_management=None, betas=BETA)],
    ),
    "thinking_edit_first": Works(
        refused=[(_editing(USES, THINKING), "context_management.edits: `clear_thinking_20251015` must be the first edit")],
        accepted=[_editing(THINKING, USES), _editing(THINKING)],
    ),
    "one_compaction": Works(
        refused=[
            (ask(compaction=block("summarize"), context_management={"edits": [USES]}, betas=f"{BETA},{NEWER}"), TOGETHER),
        ],
        accepted=[
            ask(compaction=block("summarize"), betas=NEWER),
            ask(compaction=None, context_management={"edits": [USES]}, betas=f"{BETA},{NEWER}"),
        ],
    ),
    "compaction_blocks": Works(
        refused=[
            (ask(user([SUMMARY, SUMMARY]), betas=NEWER), AMBIGUOUS),
            (ask(user([text(), SUMMARY]), betas=NEWER), MISPLACED),
            (ask("a", assistant([SUMMARY, text()]), "b", betas=NEWER), MISPLACED),
        ],
        accepted=[
            ask(user([SUMMARY, text()]), betas=NEWER),
            ask("a", assistant([SUMMARY, text(), SUMMARY]), "b", betas=COMPACTION),
        ],
    ),
    "different_fallbacks": Works(
        refused=[
            (_falling("claude-sonnet-5"), DISTINCT),
            (_falling("claude-opus-5", "claude-opus-5"), DISTINCT),
        ],
        accepted=[
            _falling("claude-opus-5", "claude-opus-4-8"),
            _falling(),
            ask(fallbacks="default", betas=FALLBACKS),
            ask(fallbacks=None, betas=FALLBACKS),
        ],
    ),
}  # fmt: skip
