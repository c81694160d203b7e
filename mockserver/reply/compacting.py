"""Compaction: a prompt is replaced with a summary of it. Not here: when (`managing`).

Source: documentation of compaction, and recorded answers: the summary comes first in the answer; what it cost is an
iteration of its own, which the top-level usage leaves out; the model then reads the summary alone.
"""

from typing import Final, NamedTuple

from mockserver.reply.identifiers import Source
from mockserver.reply.made_up import fake
from mockserver.reply.managing import Managed
from mockserver.wire.encoding import JsonObject
from mockserver.wire.signatures import sign
from mockserver.wire.traits import Model

SUMMARIZING: Final = 97
"""Input tokens of the instruction to summarize (recorded: 97 on a prompt of 55,096)."""


class Compaction(NamedTuple):
    """The entries of an answer that begins with a summary, the summary, and whether it says nothing else."""

    entries: list[JsonObject]
    summary: str
    alone: bool


def compact(entries: list[JsonObject], managed: Managed, source: Source, model: Model) -> Compaction | None:
    """Return the answer's entries with the summary that is due or that the author wrote; None where there is none."""
    asked = isinstance(managed.body.get("compaction"), dict)
    written = next((entry["compaction"] for entry in entries if "compaction" in entry), None)
    if managed.body.get("max_tokens") == 0 or (written is None and managed.compaction is None and not asked):
        return None
    if written is not None:
        alone = asked or len(entries) == 1
        kept = [entry for entry in entries if "compaction" in entry] if asked else entries
        return Compaction(kept, str(written.get("content") or ""), alone)
    summary = fake(source.random("summary")).paragraph(nb_sentences=5)
    block: JsonObject = {"content": summary} | ({"signature": sign(summary, model.id)} if asked else {})
    alone = asked or bool((managed.compaction or {}).get("pause_after_compaction"))
    return Compaction([{"compaction": block}, *([] if alone else entries)], summary, alone)


def compacted(body: JsonObject, summary: str) -> JsonObject:
    """Return the body as the model reads it behind the summary."""
    block = {"type": "compaction", "content": summary}
    return body | {"messages": [{"role": "assistant", "content": [block]}]}
