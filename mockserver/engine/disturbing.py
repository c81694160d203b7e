"""What breaks about an answer, and what of it counts all the same. Not here: faults themselves (`reply.faults`)."""

from typing import Any

from mockserver.engine.asking import Asking
from mockserver.engine.delivery import settle
from mockserver.engine.errors import make_error
from mockserver.reply import plan
from mockserver.reply.faults import Scene, applied
from mockserver.reply.steps import Cut, Hang, Pause, Reply
from mockserver.scenario.faults import Fault
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError
from mockserver.wire.headers import proxy_headers

_OK = 200


def finish(asking: Asking, reply: Reply) -> Reply:
    """Return the plan with its faults and its delay; an answer that begins is noted in the session's books."""
    for number, (fault, spec) in enumerate(_in_order(asking.faults)):
        broken, words = applied(reply, fault, _scene(asking, spec, number))
        if broken != reply:
            asking.broken.append((fault, spec))
        reply = broken
        asking.exchange.faults.append(asking.faults_by + words)
    if asking.message is not None and _begins(asking, reply):
        settle(asking)
    return Reply(reply.head, (Pause(asking.delay), *reply.steps)) if asking.delay else reply


def _in_order(faults: tuple[tuple[Fault, JsonObject | None], ...]) -> list[tuple[Fault, JsonObject | None]]:
    """Return the faults in the order written; how the bytes are split comes last, for it leaves no events."""
    return sorted(faults, key=lambda item: item[0].kind == "split")


def _scene(asking: Asking, spec: JsonObject | None, number: int) -> Scene:
    return Scene(
        chance=asking.source.random(f"fault{number}"),
        request_id=asking.source.request_id(),
        error=None if spec is None else make_error(spec, asking),
        failed=lambda error: _failed(asking, error, spec),
        proxy_headers={**proxy_headers(asking.begins), **_given(asking.extra_headers)},
    )


def _failed(asking: Asking, error: ApiError, spec: JsonObject | None) -> Reply:
    asking.extra_headers = {**((spec or {}).get("headers") or {}), **asking.extra_headers}
    return plan.failed(error, asking.envelope)


def _given(headers: Any) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items() if value is not None}


def _begins(asking: Asking, reply: Reply) -> bool:
    """Whether the client gets the head of the answer itself, and not an error or somebody else's page."""
    head = reply.head
    if not reply.is_sent or head.status != _OK or any(isinstance(step, Cut | Hang) for step in head.between):
        return False
    replaced = any(fault.replaces_answer for fault, _ in asking.broken)
    return not replaced and (not reply.events or reply.events[0].get("type") != "error")
