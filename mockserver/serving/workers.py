"""Several processes that serve one port, and the one that starts and ends them. Not here: what one does (`worker`).

They are forked before there is a thread or a loop, so each has the very scenarios and settings that were read, and is
ready in milliseconds. When one of them ends that nobody ended, all end: what it knew of its sessions is lost, and a
test that went on without it would fail for no reason that anybody could see.
"""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.engine import Engine
from mockserver.serving.banner import FirstWords, ready_line
from mockserver.serving.loops import loop_factory
from mockserver.serving.parent import Parent
from mockserver.serving.ports import Sockets, bound
from mockserver.serving.process import SIGNALS, say, stopped_by_signals
from mockserver.serving.several import LastWords, beginning, ending
from mockserver.serving.worker import END, PATIENCE, work
from mockserver.settings import SettingsError
from mockserver.state.store import MemoryStore, Place

log = logging.getLogger("mockserver")


def serve(
    engine: Engine, address: tuple[str, int], workers: int, first_words: FirstWords, parent: Parent | None
) -> None:
    """Serve with so many workers until SIGINT or SIGTERM, or until the parent is gone.

    Raises `SettingsError` where the system cannot do it, and `OSError` with what to do, also where a worker is lost.
    """
    if not hasattr(os, "fork"):
        words = "this system cannot divide a process; serve without it, or start servers on ports of their own"
        raise SettingsError(f"--workers = {workers}: {words}")
    crew = _started(engine, bound(*address, workers))
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_lead(crew, _at(engine, 0, workers), first_words, parent))
    if trouble := [worker.trouble for worker in crew if worker.trouble]:
        raise ChildProcessError(f"{'; '.join(trouble)}; so the server has ended: what a worker knew is lost with it")
    for line in ending([worker.last for worker in crew if worker.last]):
        log.info("%s", line)
    log.info("stopped")


# -------------------------------------------------------------- starting them


class _Worker:
    """A worker, as the process sees it that started it: its number, and its ends of two pipes."""

    ready: asyncio.Future[str]
    """Its base URL, when it accepts requests; "" where it ends before."""
    heard: asyncio.Task[None]
    """Done when it has ended, and `last` or `trouble` is known."""

    def __init__(self, number: int, pid: int, life: int, words: int) -> None:
        self._name = f"worker {number} (process {pid})"
        self._pid = pid
        self._life = life
        self._words = words
        self.last: LastWords | None = None
        self.trouble = ""
        """How it ended, where that was not in order."""

    def forget(self) -> None:
        """Close the ends: another worker, which has them from its fork, must not keep this one alive."""
        for descriptor in (self._life, self._words):
            os.close(descriptor)

    def hear(self) -> None:
        """Begin to hear what it says."""
        self.ready = asyncio.get_running_loop().create_future()
        self.heard = asyncio.create_task(self._hear())

    def dismiss(self) -> None:
        """Let it end."""
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            os.write(self._life, END)
        os.close(self._life)

    async def _hear(self) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(self._words, "rb", 0))
        self.ready.set_result((await reader.readline()).decode().strip())
        said = await reader.read()  # the pipe ends with the process
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])  # noqa: ASYNC222 - it has ended, or is about to
        if said and code == 0:
            self.last = LastWords(**json.loads(said))
        else:
            self.trouble = f"{self._name} {_told(code)}"


def _told(code: int) -> str:
    if code == -signal.SIGALRM:
        return f"was busy with one request for more than {PATIENCE} s and was ended by force"
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _started(engine: Engine, sockets: Sequence[Sockets]) -> list[_Worker]:
    """Start a worker for each group of sockets; in a worker this ends the process, and never returns.

    Signals wait from here on until there is somebody whom they can stop.
    """
    crew: list[_Worker] = []
    gc.freeze()  # what all have in common is not looked through, so it stays in common
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    for number, own in enumerate(sockets, 1):
        (life, their_life), (our_words, words) = os.pipe(), os.pipe()
        pid = _fork(number)
        worker = _Worker(number, pid, their_life, our_words)
        if pid == 0:
            for one in (*crew, worker):
                one.forget()
            _close(one for group in sockets for one in group if one not in own)
            work(_at(engine, number, len(sockets)), own, life, words)
            sys.exit()
        for descriptor in (life, words):
            os.close(descriptor)
        crew.append(worker)
    _close(one for group in sockets for one in group)
    return crew


def _fork(number: int) -> int:
    try:
        return os.fork()
    except OSError as error:
        raise OSError(
            error.errno, f"worker {number} cannot be started: {error.strerror}; try fewer --workers"
        ) from error


def _close(sockets: Iterable[socket.socket]) -> None:
    """Close what others listen on: what waits at the socket of a worker that has ended shall not wait for ever."""
    for one in sockets:
        one.close()


def _at(engine: Engine, number: int, of: int) -> Engine:
    """Return an engine with the same scenarios and settings, which knows its place; 0 is the process that leads."""
    return Engine(engine.library, engine.settings, store=MemoryStore(Place(number, of)))


# -------------------------------------------------------------- leading them


async def _lead(crew: Sequence[_Worker], engine: Engine, first_words: FirstWords, parent: Parent | None) -> None:
    """Say the first words when all accept requests, and end all when it is time, or when one has ended."""
    stop = asyncio.Event()
    with contextlib.ExitStack() as stack:
        stack.enter_context(stopped_by_signals(stop))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        if parent is not None:
            stack.enter_context(parent.watched(stop))
        for worker in crew:
            worker.hear()
        stopped = asyncio.create_task(stop.wait())
        ready = asyncio.gather(*(worker.ready for worker in crew))
        try:
            await _first(stopped, ready)
            if ready.done() and all(urls := ready.result()):
                _begin(engine, urls[0], first_words)
                await _first(stopped, *(worker.heard for worker in crew))
        finally:
            for worker in crew:
                worker.dismiss()
            await asyncio.gather(*(worker.heard for worker in crew))


async def _first(*futures: asyncio.Future[Any]) -> None:
    """Return when one of them is done."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


def _begin(engine: Engine, base_url: str, first_words: FirstWords) -> None:
    """Say the first words; where they are for a program, tell its user by the log what several workers mean."""
    if first_words is ready_line:
        for line in beginning(engine):
            log.warning("%s", line)
    say(first_words(engine, base_url))
