"""What every kind of answer ends in: a message on its way, or a refusal of our own. Not here: which of them."""

from dataclasses import dataclass
from typing import Final, NoReturn

from mockserver.engine import threads
from mockserver.engine.asking import Asking
from mockserver.reply import plan
from mockserver.reply.render import Answer
from mockserver.reply.steps import Reply
from mockserver.state.journal import Verdict
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import own_refusal
from mockserver.wire.headers import after_answer
from mockserver.wire.telling import redact

DEFAULT_CHUNK: Final = "token"


def refuse(asking: Asking, verdict: Verdict, kind: str, why: str) -> NoReturn:
    """Answer with an error of our own, and note why in the journal."""
    asking.exchange.verdict = verdict
    asking.exchange.reason = redact(why)
    raise own_refusal(kind, redact(why))


@dataclass(frozen=True, slots=True)
class Made:
    """A message, ready to be delivered, and the size of its deltas."""

    answer: Answer
    chunk: str | int = DEFAULT_CHUNK


def deliver(asking: Asking, made: Made) -> Reply:
    """Return the message as the request wants it, plain or streamed; the session remembers it."""
    more = settle(asking, made.answer.message)
    if asking.conversation.streams:
        return plan.streamed(made.answer, made.chunk, asking.envelope, more)
    return plan.plain(made.answer.message, asking.envelope, more)


def settle(asking: Asking, message: JsonObject) -> dict[str, str]:
    """Note in the session's books what was answered; return the headers that tell what is left of the limits."""
    asking.exchange.usage = message.get("usage")
    asking.prompt.settle(asking.charge, message.get("id"))
    threads.remember(asking, message)
    output = (message.get("usage") or {}).get("output_tokens")
    spent = asking.charge.uncached + asking.charge.written
    return after_answer(asking.now, spent, output if isinstance(output, int) else 0)
