"""Every fault: a small function that takes a plan and returns the broken one, and the table of all. Not here: places.

Faults that come later see the plan as the ones before left it.
"""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from mockserver.reply.faults.places import is_behind_the_end, shortfall, split
from mockserver.reply.faults.scene import Scene
from mockserver.reply.steps import Cut, Data, Hang, Head, Pause, Raw, Reply, Step, whole
from mockserver.scenario.faults import BODILESS, Fault

Break = Callable[[Reply, Fault, Scene], Reply]
"""Returns the plan as the fault leaves it."""


def _error(reply: Reply, fault: Fault, scene: Scene) -> Reply:
    if fault.before or _is_plain(reply):
        return scene.failed(scene.named_error)
    before, _ = split(reply, fault)
    return Reply(reply.head, (*before, scene.error_event()))


def _disconnect(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    return _with(reply, fault, Cut(reset=fault.disconnect == "reset"), goes_on=False)


def _stall(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    return _with(reply, fault, Pause(fault.stall or 0.0))


def _hang(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    return _with(reply, fault, Hang(), goes_on=False)


def _truncate(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    before, _ = split(reply, fault)
    return reply.with_steps(before)


def _garbage(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    data = (fault.garbage or "").encode()
    if fault.before:
        return _with(reply, fault, Raw(data))
    before, behind = split(reply, fault)
    return reply.with_steps([*before, Data(data), *behind])


def _with(reply: Reply, fault: Fault, step: Step, *, goes_on: bool = True) -> Reply:
    """Return the plan with a step at the fault's place; the length that the head tells stays."""
    if fault.before == "headers":
        return reply.with_head(replace(reply.head, between=(*reply.head.between, step)))
    before, behind = split(reply, fault)
    return Reply(reply.head, (*before, step, *(behind if goes_on else ())))


def _drop(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    return _at_event(reply, fault, fault.drop, lambda _data: [])


def _duplicate(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    return _at_event(reply, fault, fault.duplicate, lambda data: [data, data])


def _malformed(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    if _is_plain(reply):
        return reply.with_steps([Data(_broken(s.bytes)) if isinstance(s, Data) else s for s in reply.steps])
    name = None if fault.after else "content_block_delta"
    return _at_event(reply, fault, name, lambda data: [Data(_broken(data.bytes.removesuffix(b"\n\n")) + b"\n\n")])


def _at_event(reply: Reply, fault: Fault, name: str | None, change: Callable[[Data], list[Step]]) -> Reply:
    """Return the plan with the first event of a name behind the fault's place changed; None: whatever comes first."""
    before, behind = split(reply, fault)
    for number, step in enumerate(behind):
        if isinstance(step, Data) and step.event is not None and name in (None, step.event.get("type")):
            return Reply(reply.head, (*before, *behind[:number], *change(step), *behind[number + 1 :]))
    return reply


def _broken(data: bytes) -> bytes:
    """Return data that ends inside a word or a number: the last such place in its first three quarters."""
    end = max(1, len(data) * 3 // 4)
    inside = (i for i in range(end, 0, -1) if _is_word(data[i - 1 : i]) and _is_word(data[i : i + 1]))
    return data[: next(inside, end)]


def _is_word(byte: bytes) -> bool:
    return byte.isalnum()


def _split(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    size = fault.split or 1
    steps: list[Step] = []
    for run in reply.joined():
        if isinstance(run, Data):
            for at in range(0, len(run.bytes), size):
                steps += [Data(run.bytes[at : at + size]), Pause(0)]
        else:
            steps.append(run)
    return Reply(reply.head, tuple(steps))


def _page(reply: Reply, fault: Fault, scene: Scene) -> Reply:
    if fault.status is None and fault.body is None:
        headers = reply.head.headers | {"content-type": fault.content_type or _HTML}
        return reply.with_head(replace(reply.head, headers=headers))
    status = fault.status or 200
    if status in BODILESS:
        return whole(Head(status, dict(scene.proxy_headers), 0))
    body = (_usual_page(status) if fault.body is None else fault.body).encode()
    headers = {**scene.proxy_headers, "content-type": fault.content_type or _HTML}
    return whole(Head(status, headers, len(body)), *([Data(body)] if body else []))


_HTML: Final = "text/html"


def _usual_page(status: int) -> str:
    """Return the page that nginx sends for a status."""
    title = f"{status} {HTTPStatus(status).phrase}" if status in HTTPStatus._value2member_map_ else str(status)
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )


def _slow_headers(reply: Reply, fault: Fault, _scene: Scene) -> Reply:
    return reply.with_head(replace(reply.head, over=fault.slow_headers or 0.0))


def _empty(reply: Reply, _fault: Fault, _scene: Scene) -> Reply:
    return whole(Head(200, reply.head.headers, 0))


def _first_event(reply: Reply, _fault: Fault, scene: Scene) -> Reply:
    if _is_plain(reply):
        return scene.failed(scene.named_error)
    return whole(reply.head, scene.error_event())


def _is_plain(reply: Reply) -> bool:
    return reply.head.length is not None


FAULTS: Final[dict[str, Break]] = {
    "error": _error,
    "disconnect": _disconnect,
    "stall": _stall,
    "hang": _hang,
    "truncate": _truncate,
    "garbage": _garbage,
    "drop": _drop,
    "duplicate": _duplicate,
    "malformed": _malformed,
    "split": _split,
    "page": _page,
    "slow_headers": _slow_headers,
    "empty": _empty,
    "first_event": _first_event,
}
"""Kind of a fault -> what it does to a plan."""


def applied(reply: Reply, fault: Fault, scene: Scene) -> tuple[Reply, str]:
    """Return the plan with the fault in it, and words for the journal: what broke, where, and what fell short."""
    broken = reply if is_behind_the_end(reply, fault) else FAULTS[fault.kind](reply, fault, scene)
    told = shortfall(reply, fault) or ("it changes nothing about this answer" if broken == reply else "")
    return broken, described(fault) + (f" ({told})" if told else "")


def described(fault: Fault) -> str:
    """Return a fault in words, such as `disconnect: reset after events: 4`."""
    spec = fault.model_dump(exclude_unset=True, exclude={"after", "before"})
    what = ", ".join(f"{key}: {_short(value)}" for key, value in spec.items())
    if fault.after is not None:
        key, number = fault.after.place
        return f"{what} after {key}: {number:g}"
    return f"{what} before the {fault.before}" if fault.before else what


_LONGEST: Final = 60


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g} s"
    text = str(value.get("type") if isinstance(value, dict) else value)
    text = {"True": "true"}.get(text, text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
