"""What every kind of answer ends in: a message on its way, or a refusal of our own. Not here: which of them."""

from dataclasses import replace
from typing import NoReturn

from mockserver.engine import limiting, threads
from mockserver.engine.asking import Asking
from mockserver.reply import plan
from mockserver.reply.dialects import foreign, spoken
from mockserver.reply.render import Answer
from mockserver.reply.steps import Reply
from mockserver.scenario.pacing import Stream
from mockserver.state.journal import Verdict
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import own_refusal
from mockserver.wire.frozen import frozen
from mockserver.wire.telling import redact


def refuse(asking: Asking, verdict: Verdict, kind: str, why: str) -> NoReturn:
    """Answer with an error of our own, and note why in the journal."""
    asking.exchange.verdict = verdict
    asking.exchange.reason = redact(why)
    raise own_refusal(kind, redact(why))


@frozen
class Made:
    """A message, ready to be delivered, and how its stream is cut and paced; `verbatim`: as its author wrote it.

    `frames` keeps the stream of a message that is the same each time but for its id; None: it is not.
    """

    answer: Answer
    stream: Stream | None = None
    verbatim: bool = False
    frames: list[plan.Frames] | None = None


def deliver(asking: Asking, made: Made) -> Reply:
    """Return the message as the request wants it, plain or streamed."""
    answer = final(asking, made)
    more = promise(asking, answer.message)
    if asking.conversation.streams:
        return plan.streamed(answer, _framed(asking, answer, made), made.stream, asking.envelope, more)
    return plan.plain(answer.message, asking.envelope, more)


def _framed(asking: Asking, answer: Answer, made: Made) -> plan.Frames:
    """Return the frames of an answer, of one that was kept those that are known."""
    if made.frames:
        return made.frames[0].renamed(answer.message.get("id"))
    frames = plan.Frames.of(answer, made.stream, asking.source)
    if made.frames is not None:
        made.frames.append(frames)
    return frames


def final(asking: Asking, made: Made) -> Answer:
    """Return the answer as the session's dialect tells it."""
    dialect = asking.settings.dialect
    if not dialect.usage or made.verbatim:
        return made.answer
    return replace(made.answer, message=spoken(made.answer.message, dialect))


def promise(asking: Asking, message: JsonObject) -> dict[str, str]:
    """Take the message for the answer; return the headers that tell what it leaves of the limits."""
    asking.message = message
    for words in foreign(message, asking.settings.dialect):
        asking.warn(words)
    return limiting.told(asking)


def settle(asking: Asking) -> None:
    """Note in the session's books what was answered."""
    message = asking.message or {}
    asking.exchange.usage = message.get("usage")
    asking.prompt.settle(asking.charge, message.get("id"), asking.begins)
    for other, _ in asking.passes[1:]:
        other.prompt.settle_cache(other.charge, asking.begins)
    threads.remember(asking, message)
    limiting.pay(asking)
