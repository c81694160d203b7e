"""What every kind of answer ends in: a message on its way, or a refusal of our own. Not here: which of them."""

from typing import Final, NoReturn

from mockserver.engine.asking import Asking
from mockserver.reply import plan
from mockserver.reply.render import Answer
from mockserver.reply.steps import Reply
from mockserver.state.journal import Verdict
from mockserver.wire.errors import own_refusal
from mockserver.wire.telling import redact

DEFAULT_CHUNK: Final = "token"


def refuse(asking: Asking, verdict: Verdict, kind: str, why: str) -> NoReturn:
    """Answer with an error of our own, and note why in the journal."""
    asking.exchange.verdict = verdict
    asking.exchange.reason = redact(why)
    raise own_refusal(kind, redact(why))


def deliver(asking: Asking, answer: Answer, chunk: str | int) -> Reply:
    """Return the message as the request wants it: plain or streamed."""
    if asking.conversation.streams:
        return plan.streamed(answer, chunk, asking.envelope)
    return plan.plain(answer.message, asking.envelope)
