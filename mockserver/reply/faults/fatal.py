"""Which faults leave a client without an answer. Not here: what they do (`table`)."""

from collections.abc import Callable
from typing import Final, NamedTuple

from mockserver.reply.steps import Reply
from mockserver.scenario.faults import Fault


class Fatal(NamedTuple):
    """What a client meets, and where a fault of its kind harms it."""

    words: str
    harms: Callable[[Fault, Reply], bool]


def _always(_fault: Fault, _reply: Reply) -> bool:
    return True


def _cuts_short(_fault: Fault, reply: Reply) -> bool:
    """Whether something is missing: of a plain answer all may have come before."""
    head = reply.head
    return head.length is None or not reply.is_sent or bool(head.between) or len(reply.body) < head.length


def _is_page(fault: Fault, _reply: Reply) -> bool:
    """Whether it is somebody else's page, and not only another type."""
    return fault.replaces_answer


def _breaks_a_whole(fault: Fault, reply: Reply) -> bool:
    """Whether garbage stands where it cannot be overlooked: in a stream it is a line that nobody knows."""
    return fault.before is not None or reply.head.length is not None


def _begins_something(fault: Fault, _reply: Reply) -> bool:
    return fault.drop in ("message_start", "content_block_start")


FATAL: Final[dict[str, Fatal]] = {
    "error": Fatal("an error in mid-stream", _always),
    "first_event": Fatal("an error instead of an answer", _always),
    "disconnect": Fatal("a broken connection", _cuts_short),
    "hang": Fatal("silence without end", _cuts_short),
    "truncate": Fatal("an answer that ends early", _always),
    "malformed": Fatal("malformed JSON", _always),
    "garbage": Fatal("garbage", _breaks_a_whole),
    "drop": Fatal("a stream without a beginning", _begins_something),
    "empty": Fatal("an empty answer", _always),
    "page": Fatal("a page that is no answer", _is_page),
}
"""Kind of a fault that no client can overlook -> what it meets. The others it may bear, or not notice."""
