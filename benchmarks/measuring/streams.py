"""Listening to many streams at once, and noting when each delta comes. Not here: what is made of the times.

Sockets and a selector, no event loop: 50,000 deltas a second leave no time for more, and what is slow here would be
taken for the server's. So meanwhile it is only noted what came, and when.
"""

import errno
import gc
import math
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from measuring.limits import resident
from measuring.questions import Question
from measuring.servers import Server

DELTA = b"event: content_block_delta"
END = b"message_stop"
READ = 8 * 1024
SAMPLE_SECONDS = 0.5
GRACE_SECONDS = 60.0
"""A stream that has not ended so long after its time is given up."""


@dataclass(frozen=True)
class Crowd:
    """How many listen, to what, and how they come."""

    streams: int
    deltas: int
    interval: float
    per_second: float | None = None
    """So many ask in a second, evenly; all at once where it is not given."""
    unanswered: int | None = None
    """No more than so many wait for their first byte; those behind them ask later."""
    weighed: bool = False
    """Whether to look at the server's memory meanwhile."""


@dataclass(frozen=True)
class Heard:
    """What came of it; times in seconds."""

    lateness: list[list[float]]
    """Of each delta of each stream that was complete, counted from when its request was sent."""
    open_at_once: int
    peak: float
    """Bytes of the server's memory, at most, where it was weighed."""


def listen(server: Server, question: Question, crowd: Crowd) -> Heard:
    """Let a crowd listen until all streams have ended."""
    hall = _Hall(server, question, crowd)
    with _undisturbed(), hall.selector:
        hall.listen()
    heard = [(one, one.times()) for one in hall.listeners]
    complete = [one.lateness(times, crowd.interval) for one, times in heard if times and len(times) == crowd.deltas]
    return Heard(complete, hall.most, hall.peak)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Collect no garbage meanwhile."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Listener:
    """One who listens to one stream."""

    def __init__(self, request: bytes) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.began = 0.0
        self.heard: list[tuple[float, bytes]] = []
        self.is_answered = False
        self._recv = self.socket.recv
        self._request = request

    def ask(self) -> None:
        """Send the request: the connection is there."""
        self.socket.send(self._request)
        self.began = time.perf_counter()

    def hear(self) -> bool:
        """Note what has come; return whether more may come."""
        try:
            data = self._recv(READ)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.heard.append((time.perf_counter(), data))
        return bool(data)

    def times(self) -> list[float] | None:
        """Return when each delta came; None where the stream has not ended."""
        times: list[float] = []
        rest, ended = b"", False
        for now, data in self.heard:
            got = rest + data
            times += [now] * got.count(DELTA)
            ended = ended or END in got
            rest = got[-len(DELTA) + 1 :]
        return times if ended else None

    def lateness(self, times: list[float], interval: float) -> list[float]:
        """Return how late each delta came."""
        return [at - self.began - number * interval for number, at in enumerate(times, 1)]


class _Hall:
    """Lets listeners in, and listens for all of them."""

    def __init__(self, server: Server, question: Question, crowd: Crowd) -> None:
        self.selector = selectors.DefaultSelector()
        self.listeners: list[_Listener] = []
        self.most = 0
        self.peak = 0.0
        self._server, self._crowd = server, crowd
        self._before, self._after = question.framed(close=True)
        self._step = question.step
        self._unanswered = self._open = self._left = 0
        self._began = time.perf_counter()
        self._weigh_at = self._began

    def listen(self) -> None:
        """Return when everybody has left, or when those who are still here wait in vain."""
        crowd, last_at = self._crowd, self._began
        patience = crowd.deltas * crowd.interval + GRACE_SECONDS
        while self._left < crowd.streams and time.perf_counter() < last_at + patience:
            while not (wait := self._wait()):
                self._enter()
                last_at = time.perf_counter()
            for key, _ in self.selector.select(min(wait, SAMPLE_SECONDS)):
                self._happened(key.data, key.events)
            if crowd.weighed and time.perf_counter() >= self._weigh_at:
                self.peak = max(self.peak, resident(self._server.pid))
                self._weigh_at += SAMPLE_SECONDS
        for listener in self.listeners:
            listener.socket.close()

    def _wait(self) -> float:
        """Return how many seconds the next listener has to wait outside; infinity: until something has happened."""
        crowd, inside = self._crowd, len(self.listeners)
        if inside == crowd.streams or self._unanswered == (crowd.unanswered or crowd.streams):
            return math.inf
        return max(0.0, self._began + inside / crowd.per_second - time.perf_counter()) if crowd.per_second else 0.0

    def _enter(self) -> None:
        number = len(self.listeners) * self._step
        listener = _Listener(self._before + b"%08d" % number + self._after)
        self.listeners.append(listener)
        self._unanswered += 1
        failed = listener.socket.connect_ex(("127.0.0.1", self._server.port))
        if failed not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            raise SystemExit(f"no connection to port {self._server.port}: {errno.errorcode[failed]}")
        self.selector.register(listener.socket, selectors.EVENT_WRITE, listener)

    def _happened(self, listener: _Listener, events: int) -> None:
        if events == selectors.EVENT_WRITE:
            listener.ask()
            self.selector.modify(listener.socket, selectors.EVENT_READ, listener)
            return
        stays = listener.hear()
        if not listener.is_answered:
            listener.is_answered = True
            self._unanswered -= 1
            self._open += 1
            self.most = max(self.most, self._open)
        if not stays:
            self._open -= 1
            self._left += 1
            self.selector.unregister(listener.socket)
            listener.socket.close()
