"""Threads: a conversation that the server holds is continued, and an answer is held. Not here: the book (`state`).

Source: the `anthropic` package: its types, its errors and its own threads, which the tool runner uses. A thread goes by
the id of its last answer; a continuation sends new messages alone and takes `system` and `tools` from the thread; a
refused turn is not held, nor one that a fallback model wrote.
"""

from collections.abc import Callable
from typing import Final

from mockserver.engine.asking import Asking
from mockserver.state.threads import Thread
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.content import blocks_of
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.errors import ApiError
from mockserver.wire.prefix import marks_of, prompt_blocks
from mockserver.wire.traits import Model

CREATE_ONLY: Final[tuple[str, ...]] = ("system", "tools")
"""Fields that a thread keeps from its first request."""


def resume(asking: Asking, body: JsonObject, *, strict: bool) -> JsonObject:
    """Return the body with the whole conversation of its thread; a thread that is not known leaves it as it is.

    What the API would refuse is refused where `strict`, else it is a warning.
    """
    asked = _thread(body)
    thread = _continued(asking, body)
    refusal = _refused(asking, body, thread)
    if refusal is not None and strict:
        raise refusal
    if refusal is not None:
        asking.warn(f"the real API answers {refusal.status} {refusal.details['error_code']}; so does --objects strict")
    if thread is None or asked.get("type") != "continue":
        return body
    return thread.fields | body | {"messages": [*thread.messages, *blocks_of(body.get("messages"))]}


def _refused(asking: Asking, body: JsonObject, thread: Thread | None) -> ApiError | None:
    """Return what the API would answer to a request that is about a thread, or None."""
    if unsupported := [name for name, holds in _UNSUPPORTED.items() if holds(body)]:
        return CATALOGUE["thread_unsupported_request"].refusal(unsupported=unsupported)
    if _thread(body).get("type") != "continue":
        return None
    if thread is None:
        asking.warn_of_others("threads")
        return CATALOGUE["thread_not_found"].refusal()
    if thread.continued_by is not None:
        code = "thread_already_continued" if thread.continued_by.sent else "thread_continue_in_flight"
        return CATALOGUE[code].refusal()
    changed = [name for name in CREATE_ONLY if name in body and body[name] != thread.fields.get(name)]
    return CATALOGUE["thread_fingerprint_mismatch"].refusal(f" Fields: {', '.join(changed)}.") if changed else None


def remember(asking: Asking, message: JsonObject) -> None:
    """Hold the conversation with its answer, where the request asked for a thread; what it continued is used up."""
    body = asking.body or {}
    continued = _continued(asking, body)
    if continued is not None:
        continued.continued_by = asking.exchange
    name = message.get("id")
    refused = message.get("stop_reason") == "refusal" or _served_by_fallback(message)
    if not _thread(body) or refused or not isinstance(name, str):
        return
    content = message.get("content")
    answer = [{"role": "assistant", "content": content}] if content else []  # the API takes no empty message back
    fields = {key: body[key] for key in CREATE_ONLY if key in body}
    size = asking.exchange.received + len(encode(answer)) + (continued.size if continued is not None else 0)
    thread = Thread([*blocks_of(body.get("messages")), *answer], fields, size=size)
    asking.world.threads.put((asking.owner, name), thread, size)


def _continued(asking: Asking, body: JsonObject) -> Thread | None:
    """Return the thread that a request names; None where it names none that is known."""
    name = _thread(body).get("previous_message_id")
    return asking.world.threads.get((asking.owner, name)) if isinstance(name, str) else None


def _thread(body: JsonObject) -> JsonObject:
    found = body.get("thread")
    return found if isinstance(found, dict) else {}


def _served_by_fallback(message: JsonObject) -> bool:
    usage = message.get("usage")
    iterations = blocks_of(usage.get("iterations")) if isinstance(usage, dict) else []
    return any(iteration.get("type") == "fallback_message" for iteration in iterations)


def _is_marked(body: JsonObject) -> bool:
    """Whether a `cache_control` stands on the body or one of its blocks."""
    return bool(body.get("cache_control")) or any(marks_of(b.block) for b in prompt_blocks(body, Model("")))


_UNSUPPORTED: Final[dict[str, Callable[[JsonObject], bool]]] = {
    "cache_control": _is_marked,
    "context_management": lambda body: bool(body.get("context_management")),
    "fallbacks": lambda body: bool(body.get("fallbacks")),
}
"""What threads do not support, as the refusal names it (of `thinking`, which is named too, it is not known when)."""
