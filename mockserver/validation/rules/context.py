"""Managed context: edits, compaction, fallbacks. Not here: what they do to the context."""

from collections import Counter
from typing import Final

from mockserver.validation.betas import COMPACTION_2026_09
from mockserver.validation.rules.rule import Refusal, Rule
from mockserver.validation.subject import Subject
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.encoding import JsonObject
from mockserver.wire.signatures import Verdict, verify

_CLEAR_THINKING: Final = "clear_thinking_20251015"


def _edits(subject: Subject) -> list[str]:
    return [edit["type"] for edit in (subject.body.get("context_management") or {}).get("edits", ())]


def each_edit_once(subject: Subject) -> str | None:
    """Refuse a second edit of one type."""
    twice = next((kind for kind, count in Counter(_edits(subject)).items() if count > 1), None)
    return twice and f"context_management.edits: Each strategy may be used only once. Found multiple `{twice}` edits."


def thinking_edit_first(subject: Subject) -> str | None:
    """Refuse an edit before the one that clears thinking."""
    if _CLEAR_THINKING in _edits(subject)[1:]:
        return f"context_management.edits: `{_CLEAR_THINKING}` must be the first edit"
    return None


def one_compaction(subject: Subject) -> str | None:
    """Refuse `compaction` beside `context_management`."""
    if subject.body.get("compaction") and subject.body.get("context_management"):
        return "compaction: cannot be used together with `context_management`"
    return None


def compaction_blocks(subject: Subject) -> Refusal:
    """Refuse, under the newer beta, a second compaction block with content, a misplaced one, and a changed one."""
    if COMPACTION_2026_09 not in subject.scope.betas or subject.body.get("context_management"):
        return None
    found = subject.of("compaction")
    if sum(bool(place.block.get("content")) for place in found) > 1:
        return CATALOGUE["compaction_block_ambiguous"].refusal()
    if any(place.role == "system" or (place.message, place.position) != (0, 0) for place in found):
        return CATALOGUE["compaction_block_misplaced"].refusal()
    forged = (_FORGED.get(_verdict(place.block)) for place in found if place.block.get("signature"))
    code = next(filter(None, forged), None)
    return code and CATALOGUE[code].refusal()


def _verdict(block: JsonObject) -> Verdict:
    return verify(block["signature"], block.get("content") or "")


_FORGED: Final[dict[Verdict, str]] = {
    "malformed": "compaction_signature_invalid",
    "changed": "compaction_content_mismatch",
}
"""Verdict on a summary's signature -> the refusal; signatures of the real API are taken for their shape."""


def different_fallbacks(subject: Subject) -> str | None:
    """Refuse a model that is to step in twice, or for itself."""
    fallbacks = subject.body.get("fallbacks")
    names = [entry["model"] for entry in fallbacks] if isinstance(fallbacks, list) else []
    models = {subject.models.find(name).id for name in (subject.body["model"], *names)}
    return None if len(models) == 1 + len(names) else "fallbacks: models must be distinct"


def supported_fallbacks(subject: Subject) -> str | None:
    """Refuse a list of models to step in where the model takes none."""
    listed = isinstance(subject.body.get("fallbacks"), list)
    if not listed or subject.scope.model is None or subject.model.fallbacks:
        return None
    return f"fallbacks: '{subject.model.id}' does not support fallback models."


RULES: Final = (
    Rule(
        "each_edit_once",
        each_edit_once,
        "inferred",
        "2026-11",
        "the refusal is documented, its words are not",
        fields=("context_management",),
    ),
    Rule("thinking_edit_first", thinking_edit_first, "inferred", "2026-11", "as above", fields=("context_management",)),
    Rule("one_compaction", one_compaction, "inferred", "2026-11", "as above", fields=("compaction",)),
    Rule("compaction_blocks", compaction_blocks, "documented", "2026-11", blocks=("compaction",)),
    Rule("different_fallbacks", different_fallbacks, "inferred", "2026-11", "as above", fields=("fallbacks",)),
    Rule(
        "supported_fallbacks",
        supported_fallbacks,
        "inferred",
        "2026-11",
        "that a model without fallbacks refuses a list is documented; which models it allows is not judged",
        fields=("fallbacks",),
    ),
)
