"""The sessions of a server: isolated worlds, each with its books, clock, settings and scenarios.

A session is made when it is first used. What was scripted for the server answers in every session; what was scripted
for a session answers there alone, and first. Not here: which session a request belongs to (`pipeline`).
"""

import logging
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from mockserver.scenario.library import UNNAMED, Library
from mockserver.scenario.scripts import Script
from mockserver.settings import Settings, SettingsError
from mockserver.state.clock import INSTANT, Clock
from mockserver.state.files import folder_of
from mockserver.state.sessions import DEFAULT_SESSION, Session
from mockserver.state.store import MemoryStore, Room, Store
from mockserver.state.uses import Uses
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialect_models import registry_of
from mockserver.wire.registry import Registry

log = logging.getLogger("mockserver")

_REGISTRIES: Final = 32
"""Dialects and lists of added models whose registry is kept."""


class World(Session):
    """One session: its books, and what its answers follow from.

    `own` are the scenarios that were written for it; those of the server for the session `default`. `used` counts the
    requests that each scenario answered. `store` keeps the books. `busy` counts the requests that are under
    way; `failed` is the number of the latest one that was failed.
    """

    __slots__ = (
        "__weakref__",
        "_has_given_clock",
        "_merged",
        "_shared",
        "busy",
        "clock",
        "failed",
        "models",
        "own",
        "settings",
        "store",
        "used",
    )

    def __init__(self, name: str, settings: Settings, clock: Clock | None, shared: Library, store: Store) -> None:
        folder = settings.files_folder and settings.files_folder / folder_of(name)
        room = Room(settings.max_exchanges, settings.file_quota, folder)
        super().__init__(**store.open(name, room).books())
        self.store = store
        self.settings = settings
        self.clock = clock or Clock(settings.freeze, settings.speed)
        self._has_given_clock = clock is not None
        self.models = _models(settings)
        self.own = shared if name == DEFAULT_SESSION else Library(beside=shared)
        self.used = Uses()
        self.busy = 0
        self.failed = -sys.maxsize
        self._shared = shared
        self._merged: tuple[tuple[tuple[Script, ...], ...], tuple[Script, ...]] = ((), ())

    @property
    def scripts(self) -> tuple[Script, ...]:
        """Its scenarios and the server's, in the order in which they are asked; its own stand for those of a name."""
        own, shared = self.own.scripts, self._shared.scripts
        if own is shared or not own:
            return shared
        sources, merged = self._merged
        if sources != (own, shared):
            names = {script.name for script in own if not script.name.startswith(UNNAMED)}
            both = (*own, *(script for script in shared if script.name not in names))
            merged = tuple(sorted(both, key=lambda script: script.rank[:2]))
            self._merged = ((own, shared), merged)  # at once: other threads read it
        return merged

    def is_own(self, script: Script) -> bool:
        """Whether a scenario was written for this session alone."""
        return self.own is not self._shared and self.own.is_written(script)

    def load(self, paths: Iterable[str | Path]) -> None:
        """Give this session the scenarios of files, beside its own. Raises `ScenarioError`, and adds nothing then."""
        self.own.load(paths)

    def configure(self, values: Mapping[str, Any]) -> None:
        """Change settings of this session. Raises `SettingsError`, and changes nothing then."""
        settings = self.settings.changed(values, self.name)
        timed = {name for name in ("freeze", "speed") if values.get(name) is not None}
        if timed:
            self._set_clock(settings)
        if "limits" in values:
            self.limits.refill()
        self.models = _models(settings)
        self.journal.keep(settings.max_exchanges)
        self.files.quota = settings.file_quota
        self.settings = settings

    def _set_clock(self, settings: Settings) -> None:
        """Let the clock stand or run as the settings say; before the first request it may also go back."""
        if self._has_given_clock:
            raise SettingsError(f"session {self.name!r}: the program gave the clock; set it by its own methods")
        try:
            if settings.freeze is None:
                self.clock.run(settings.speed)
            elif self.requests:
                self.clock.freeze(settings.freeze, skips=settings.speed == INSTANT)
            else:
                self.clock.set(settings.freeze, skips=settings.speed == INSTANT)
        except ValueError as error:
            raise SettingsError(f"session {self.name!r}: {error}; a session that is reset begins anew") from None

    def leave(self) -> None:
        """Let whoever still waits for an answer of this session have it at once: nobody sets its clock any more."""
        if not self._has_given_clock:
            self.clock.run("instant")


class Worlds:
    """All sessions of a server by name. Its methods may be called from any thread.

    A `clock` that is given is every session's; else each has one of its own. `store` keeps their books, that of this
    process where none is given. Raises `SettingsError` where files cannot be kept in the folder that the settings name.
    """

    def __init__(self, library: Library, settings: Settings, clock: Clock | None, store: Store | None = None) -> None:
        self.store = store or MemoryStore()
        self._library = library
        self._settings = settings
        _prepare(settings.files_folder)
        self._clock = clock
        self._lock = threading.RLock()
        self._by_name: OrderedDict[str, World] = OrderedDict()
        self._used: set[str] = set()
        """What sessions used that are forgotten, of the scenarios that the server still has."""

    def get(self, name: str) -> World:
        """Return the session of this name; it is made on first use, and one that is not used may go for it."""
        with self._lock:
            world = self._by_name.get(name)
            if world is None:
                world = self._by_name[name] = self._new(name)
                self._evict(world)
            self._by_name.move_to_end(name)
            return world

    def find(self, name: str) -> World | None:
        """Return the session of this name, if there is one; that is no use of it."""
        return self._by_name.get(name)

    def prefix_of(self, name: str) -> str:
        """Return the prefix of a session's dialect, or of the one that it would begin with."""
        if world := self.find(name):
            return world.settings.dialect.prefix
        return self._settings.session_dialect.get(name, self._settings.dialect).prefix

    def reset(self, name: str) -> None:
        """Let a session begin anew: as if it had not been used, and nothing had been scripted for it."""
        with self._lock:
            old = self.get(name)
            old.own.clear()
            old.files.clear()
            self._by_name[name] = self._new(name)
        old.leave()

    def drop(self, name: str) -> bool:
        """Forget a session, and return whether there was one; the session `default` begins anew."""
        if name == DEFAULT_SESSION:
            self.reset(name)
            return True
        with self._lock:
            old = self._by_name.pop(name, None)
            if old is not None:
                self._note_uses(old)
                old.files.clear()
        if old is not None:
            old.leave()
        return old is not None

    def unused(self) -> list[Script]:
        """Return the scenarios that no request asked for: the server's, in no session; a session's own, there."""
        with self._lock:
            worlds = tuple(self._by_name.values())
            used = self._used.union(*(tuple(world.used) for world in worlds))
        return [
            *(script for script in self._library.scripts if script.key not in used),
            *(s for world in worlds for s in world.own.scripts if world.is_own(s) and s.key not in world.used),
        ]

    def __iter__(self) -> Iterator[World]:
        with self._lock:
            return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def _new(self, name: str) -> World:
        return World(name, self._settings.of_session(name), self._clock, self._library, self.store)

    def _note_uses(self, forgotten: World) -> None:
        """Remember what a session used that is forgotten, as far as others have it."""
        used = self._used.union(forgotten.used)
        if len(used) > len(self._used):
            self._used = used & {script.key for script in self._library.scripts}

    def _evict(self, new: World) -> None:
        """Forget those that were not used for longest, until there is room for a new one."""
        worlds = (world for world in self._by_name.values() if world is not new and world.name != DEFAULT_SESSION)
        idle = (world.name for world in worlds if not world.busy)
        surplus = len(self._by_name) - self._settings.max_sessions
        for name in [name for name, _ in zip(idle, range(surplus), strict=False)]:
            forgotten = self._by_name.pop(name)
            self._note_uses(forgotten)
            forgotten.files.clear()
            log.warning(
                "session %r was not used for longest and is forgotten, with its scenarios, journal and files: "
                "%d sessions are kept; a higher 'max_sessions' keeps more",
                name,
                self._settings.max_sessions,
            )


def _prepare(folder: Path | None) -> None:
    """Make the folder for files, and try it, so that it is now that a wrong one is told."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        words = f"files_folder = {str(folder)!r}: files cannot be kept there: {error.strerror or error}"
        raise SettingsError(f"{words}; name another folder, or none to keep them in memory") from None


def _models(settings: Settings) -> Registry:
    """Return the models of a session: those of its dialect, and those that its user added."""
    return _registry(settings.dialect, tuple(settings.model))


@lru_cache(maxsize=_REGISTRIES)
def _registry(dialect: Dialect, models: tuple[str, ...]) -> Registry:
    return registry_of(dialect, models)
