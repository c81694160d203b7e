"""A reply's entries become an answer: rendered, paid for, compacted, diagnosed. Not here: which entries, streams."""

from dataclasses import replace

from mockserver.engine.asking import Asking
from mockserver.reply.advising import advised
from mockserver.reply.caching import Charge
from mockserver.reply.compacting import SUMMARIZING, Compaction, compact, compacted
from mockserver.reply.render import Answer, render
from mockserver.reply.tokens import ANSWER, count_text, weigh
from mockserver.reply.usage import counters_of, input_counters, iteration, laid_over
from mockserver.scenario.parts import nearest
from mockserver.scenario.schema import Turn
from mockserver.wire.encoding import JsonObject
from mockserver.wire.messages import MESSAGE_ORDER, USAGE_ORDER, ordered


def compose(asking: Asking, entries: list[JsonObject], turn: Turn, *, uncut: bool = False) -> Answer:
    """Return the answer of rendered entries; `uncut` leaves it whole unless `max_tokens` is 0."""
    prompt = asking.prompt
    asking.charge = prompt.charge(turn.cache)
    asking.exchange.note = prompt.note
    compaction = compact(entries, prompt.managed, asking.source, prompt.model)
    told: JsonObject = {}
    if compaction is None:
        answer = render(entries, turn, asking.asked(asking.charge), uncut=uncut)
        told = _advised(asking, answer)
    else:
        summarized = compacted(prompt.sent, compaction.summary)
        rest = Charge(0 if compaction.alone else weigh(summarized, prompt.model).total)
        answer = render(compaction.entries, turn, asking.asked(rest), uncut=uncut)
    _warn_of_unknown_tools(asking, answer.message["content"])
    usage = laid_over(answer.message["usage"] | told, turn.usage)
    if compaction is not None or prompt.managed.can_compact:
        usage.setdefault("iterations", _iterations(asking, usage, compaction))
    return _extended(answer, asking, ordered(usage, USAGE_ORDER))


def _warn_of_unknown_tools(asking: Asking, content: list[JsonObject]) -> None:
    """Warn where the answer calls a tool that the request does not have: a model would not, so its author erred."""
    tools = asking.conversation.tools
    if not all("name" in tool for tool in tools):
        return  # a toolset, whose tools are not named
    names = asking.conversation.tool_names
    called = [str(block.get("name")) for block in content if block.get("type") == "tool_use"]
    for name in dict.fromkeys(name for name in called if name not in names):
        advice = nearest(name, names) if names else "it has no tools at all"
        asking.warn(f"the answer calls the tool {name!r}, which the request does not have; {advice}")


def _advised(asking: Asking, answer: Answer) -> JsonObject:
    """Return what an advisor changes about the usage; nothing where there was none."""
    content, output = answer.message["content"], answer.message["usage"]["output_tokens"]
    return advised(content, asking.charge, output, asking.conversation.tools, answer.model)


def _iterations(asking: Asking, usage: JsonObject, compaction: Compaction | None) -> list[JsonObject]:
    """Return the iterations where the context may be compacted: the summary's, and the one that a usage counts."""
    summarized = [] if compaction is None else [_summarized(compaction, asking)]
    if compaction is not None and compaction.alone:
        return summarized
    return [*summarized, iteration("message", counters_of(usage), usage["output_tokens"])]


def _summarized(compaction: Compaction, asking: Asking) -> JsonObject:
    """Return the iteration in which the summary was written."""
    read = replace(asking.charge, total=asking.charge.total + SUMMARIZING)
    written = round(count_text(compaction.summary, asking.prompt.model)) + ANSWER
    return iteration("compaction", input_counters(read), written)


def _extended(answer: Answer, asking: Asking, usage: JsonObject) -> Answer:
    """Return the answer with the fields that only some requests ask for."""
    message = answer.message | {"usage": usage} | asking.prompt.diagnostics(asking.charge)
    if asking.prompt.managed.edits is not None:
        message["context_management"] = {"applied_edits": asking.prompt.managed.edits}
    return replace(answer, message=ordered(message, MESSAGE_ORDER))
