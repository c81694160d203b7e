"""What every kind of answer ends in: a message on its way, a refusal of our own, and what breaks. Not here: which."""

from dataclasses import dataclass
from typing import NoReturn

from mockserver.engine import limiting, threads
from mockserver.engine.asking import Asking
from mockserver.engine.errors import make_error
from mockserver.reply import plan
from mockserver.reply.faults import Scene, applied
from mockserver.reply.render import Answer
from mockserver.reply.steps import Pause, Reply
from mockserver.scenario.pacing import Stream
from mockserver.state.journal import Verdict
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import own_refusal
from mockserver.wire.headers import proxy_headers
from mockserver.wire.telling import redact


def refuse(asking: Asking, verdict: Verdict, kind: str, why: str) -> NoReturn:
    """Answer with an error of our own, and note why in the journal."""
    asking.exchange.verdict = verdict
    asking.exchange.reason = redact(why)
    raise own_refusal(kind, redact(why))


@dataclass(frozen=True, slots=True)
class Made:
    """A message, ready to be delivered, and how its stream is cut and paced."""

    answer: Answer
    stream: Stream | None = None


def deliver(asking: Asking, made: Made) -> Reply:
    """Return the message as the request wants it, plain or streamed; the session remembers it."""
    more = settle(asking, made.answer.message)
    if asking.conversation.streams:
        return plan.streamed(made.answer, made.stream, asking.envelope, more)
    return plan.plain(made.answer.message, asking.envelope, more)


def settle(asking: Asking, message: JsonObject) -> dict[str, str]:
    """Note in the session's books what was answered; return the headers that tell what is left of the limits."""
    asking.exchange.usage = message.get("usage")
    asking.prompt.settle(asking.charge, message.get("id"), asking.begins)
    threads.remember(asking, message)
    return limiting.pay(asking, message)


def disturb(asking: Asking, reply: Reply) -> Reply:
    """Return the plan with what the outcome breaks, and with its delay; the journal notes each fault."""
    for number, (fault, spec) in enumerate(asking.faults):
        scene = Scene(
            chance=asking.source.random(f"fault{number}"),
            request_id=asking.source.request_id(),
            error=None if spec is None else make_error(spec, asking),
            failed=lambda error: plan.failed(error, asking.envelope),
            proxy_headers=proxy_headers(asking.now),
        )
        broken, words = applied(reply, fault, scene)
        if broken != reply:
            asking.broken.append((fault, spec))
        reply = broken
        asking.exchange.faults.append(asking.faults_by + words)
    return Reply(reply.head, (Pause(asking.delay), *reply.steps)) if asking.delay else reply
