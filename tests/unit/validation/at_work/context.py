"""Managed context: edits, compaction, fallbacks."""

from helpers import assistant, user
from unit.validation.judging import Works, ask, block, text

from mockserver.wire.signatures import sign

BETA = "context-management-2025-06-27"
COMPACTION = "compact-2026-01-12"
NEWER = "compact-2026-09-04"
FALLBACKS = "server-side-fallback-2026-07-01"
USES, THINKING = block("clear_tool_uses_20250919"), block("clear_thinking_20251015")
TOGETHER = "compaction: cannot be used together with `context_management`"
DISTINCT = "fallbacks: models must be distinct"
SUMMARY = block("compaction", content="b")
SIGNED = sign("b", "claude-sonnet-5")
MISMATCH = "The `compaction` block's `content` differs from the text its `signature` recorded."
FORGED = "The `compaction` block's `signature` does not verify."
AMBIGUOUS = "`messages` holds more than one `compaction` block with content."
MISPLACED = "The `compaction` block is not the first block of the conversation, or is in a `system` message."


def _editing(*edits, **more):
    return ask(context_management={"edits": [*edits]}, betas=BETA, **more)


def _falling(*models, by="claude-opus-5"):
    return ask(fallbacks=[{"model": model} for model in models], betas=FALLBACKS, model=by)


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
            (ask(user([SUMMARY | {"content": "c", "signature": SIGNED}]), betas=NEWER), MISMATCH),
            (ask(user([SUMMARY | {"signature": "bm8="}]), betas=NEWER), FORGED),
        ],
        accepted=[
            ask(user([SUMMARY, text()]), betas=NEWER),
            ask(user([SUMMARY | {"signature": SIGNED}]), betas=NEWER),
            ask("a", assistant([SUMMARY, text(), SUMMARY]), "b", betas=COMPACTION),
        ],
    ),
    "different_fallbacks": Works(
        refused=[
            (_falling("claude-opus-5"), DISTINCT),
            (_falling("claude-opus-4-8", "claude-opus-4-8"), DISTINCT),
        ],
        accepted=[
            _falling("claude-opus-4-7", "claude-opus-4-8"),
            _falling(),
            ask(fallbacks="default", betas=FALLBACKS),
            ask(fallbacks=None, betas=FALLBACKS),
        ],
    ),
    "supported_fallbacks": Works(
        refused=[
            (
                _falling("claude-opus-4-8", by="claude-sonnet-4-6"),
                "fallbacks: 'claude-sonnet-4-6' does not support fallback models.",
            ),
            (_falling("claude-opus-4-8", "nope"), (404, "not_found_error", "model: nope")),
        ],
        accepted=[
            _falling("claude-opus-4-8"),
            ask(fallbacks="default", betas=FALLBACKS, model="claude-sonnet-4-6"),
        ],
    ),
}  # fmt: skip
