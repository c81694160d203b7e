"""The server as a program, in one process or several. Not here: flags (`cli`), the first words (`banner`)."""

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any

from mockserver.engine import Engine
from mockserver.serving.app import make_engine
from mockserver.serving.banner import FirstWords, banner, ready_line
from mockserver.serving.logs import set_up_log
from mockserver.serving.loops import loop_factory
from mockserver.serving.parent import Parent
from mockserver.serving.process import collect_seldom, hold_standard_streams, say, stopped_by_signals
from mockserver.serving.server import listening
from mockserver.settings import FLAGS
from mockserver.state.resilience import judge
from mockserver.wire.telling import printable

log = logging.getLogger("mockserver")


def run(
    paths: tuple[Path, ...],
    address: tuple[str, int],
    settings: dict[str, Any],
    log_level: str,
    *,
    workers: int = 1,
    ready_json: bool = False,
    exit_with_parent: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM, or until the parent is gone.

    Raises `ScenarioError`, `SettingsError`, and `OSError` with what to do.
    """
    hold_standard_streams()
    engine = make_engine(paths, settings, origin=FLAGS, defaults={"on_unmatched": "fallback"})
    parent = Parent() if exit_with_parent else None
    set_up_log(log_level, several=workers > 1)
    for warning in engine.library.warnings:
        log.warning("%s", warning)
    first_words = ready_line if ready_json else banner
    if workers > 1:
        from mockserver.serving.workers import serve  # noqa: PLC0415 - one process needs nothing of it

        serve(engine, address, workers, first_words, parent)
        return
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(engine, address, first_words, parent))


async def _serve(engine: Engine, address: tuple[str, int], first_words: FirstWords, parent: Parent | None) -> None:
    stop = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(stopped_by_signals(stop))
        if parent is not None:
            stack.enter_context(parent.watched(stop))
        base_url = await stack.enter_async_context(listening(engine, *address))
        say(first_words(engine, base_url))
        collect_seldom()
        await stop.wait()
    _sum_up(engine)
    log.info("stopped")


def _sum_up(engine: Engine) -> None:
    """Tell what clients did after the failures that they met."""
    verdicts = (judge(session.journal.exchanges) for session in engine.sessions)
    for told in (told for verdict in verdicts if verdict.episodes for told in str(verdict).splitlines()):
        log.info("%s", printable(told))
