"""One of several processes that serve a port, from its fork to its end. Not here: who starts and ends it (`workers`).

A worker lives as long as the process that started it: it holds the one end of a pipe, its life, and whatever becomes of
that process, the other end is closed then. Signals are not for it: a whole group of processes may get them, and it is
the first process that ends the others in order.
"""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from mockserver.engine import Engine
from mockserver.serving.logs import name_process
from mockserver.serving.loops import loop_factory
from mockserver.serving.process import SIGNALS, collect_seldom
from mockserver.serving.server import listening
from mockserver.serving.several import last_words

log = logging.getLogger("mockserver")

END: Final = b"."
"""What is written to a worker's life before it is closed in order."""

PATIENCE: Final = 3
"""Seconds in which a worker must hear that its life is over; one that is kept busy so long is ended by the system."""


def work(engine: Engine, bound: Sequence[socket.socket], life: int, words: int) -> None:
    """Serve on sockets that are bound, as long as `life` lasts; write to `words` the base URL, then the last words.

    Raises `OSError`, which says what to do, where it cannot listen.
    """
    name_process(f"worker {engine.sessions.store.place.number}")
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(engine, bound, life, words))


async def _serve(engine: Engine, bound: Sequence[socket.socket], life: int, words: int) -> None:
    stop = asyncio.Event()
    host, port, *_ = bound[0].getsockname()
    with _living(life, stop):
        async with listening(engine, host, port, bound=bound) as base_url:
            log.debug("process %d accepts requests", os.getpid())
            _write(words, base_url)
            collect_seldom()
            await stop.wait()
    _write(words, json.dumps(asdict(last_words(engine))))


def _write(words: int, line: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody is left to read it
        os.write(words, f"{line}\n".encode())


@contextlib.contextmanager
def _living(life: int, stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` when the life is over. Where a request keeps the loop too busy to hear of it, the process is ended."""
    loop = asyncio.get_running_loop()

    def over() -> None:
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        signal.alarm(0)
        loop.remove_reader(life)
        if os.read(life, 1) != END:
            log.error("the process that started this worker is gone, and so it ends")
        stop.set()

    # The system says by a signal that something came of the pipe: Python looks at those between two steps of a template
    # and in the midst of a regular expression, when no loop turns. The alarm needs nobody who looks.
    signal.signal(signal.SIGIO, lambda *_: signal.alarm(PATIENCE))
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    loop.add_reader(life, over)
    try:
        yield
    finally:
        loop.remove_reader(life)
