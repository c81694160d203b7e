"""The scenarios of a running server: those of its files, which are read again when they change, and those of code.

Not here: what a file says (`loading`), and whether one has changed (`watching`).
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final

from mockserver.scenario.problems import EMPTY, Problem, ScenarioError, parse
from mockserver.scenario.scripts import Script

log = logging.getLogger("mockserver")

UNNAMED: Final = "code#"
"""What begins the name of a scenario in code that says none."""


MOST_WRITTEN: Final = 10_000
"""Scenarios that code may write for a session, or for the server."""


class Library:
    """All scripts in the order in which they are asked. Threads may add while a server reads.

    `beside` is the library of a server where this one is a session's.

    Raises `ScenarioError` where a file cannot be loaded at the start. Later, a broken edit keeps what was there
    and is logged.
    """

    def __init__(self, paths: Iterable[str | Path] = (), beside: "Library | None" = None) -> None:
        self.paths = tuple(paths)
        self._beside = beside
        self._numbers = count(1)
        self._serials = count(1) if beside is None else count(-1, -1)  # a session's are never a server's
        self.warnings: list[Problem] = []
        """What is odd in the files and still loads."""
        self.scripts: tuple[Script, ...] = ()
        self._written: list[Script] = []
        self._from_files: list[Script] = []
        self._lock = threading.Lock()
        if self.paths:
            # YAML takes 15 ms to import; a server without files never does.
            from mockserver.scenario.watching import Watch  # noqa: PLC0415

            self._watch = Watch(self.paths)
            if problems := self._load():
                raise ScenarioError(problems)

    def add(self, value: Any, *, rivals: bool = False) -> Script:
        """Add a scenario written in code: a map as in a file. Raises `ScenarioError`.

        One with the same match as another would never answer; it is refused but for `rivals`.
        """
        with self._lock:
            script = replace(parse(value, self._next_name()), serial=next(self._serials))
            self._refuse_more(1)
            self._refuse_name(script)
            if not rivals:
                self._refuse_rival(script)
            self._written.append(script)
            self._sort()
        return script

    def _next_name(self) -> str:
        """Return a name for a scenario that says none; one that the library beside this one does not have."""
        names = (f"{UNNAMED}{number}" for number in self._numbers)
        return next(name for name in names if self._beside is None or self._beside.find(name) is None)

    def load(self, paths: Iterable[str | Path]) -> None:
        """Add the scenarios of files, as they are now. Raises `ScenarioError`, and adds nothing then."""
        from mockserver.scenario.loading import load  # noqa: PLC0415 - YAML takes 15 ms to import

        loaded = load(paths)
        if loaded.problems:
            raise ScenarioError(loaded.problems)
        with self._lock:
            self._refuse_more(len(loaded.scripts))
            for script in loaded.scripts:
                self._refuse_name(script)
            self._written += loaded.scripts
            self._sort()

    def find(self, name: str) -> Script | None:
        """Return the script of this name, if there is one."""
        return next((script for script in self.scripts if script.name == name), None)

    def is_written(self, script: Script) -> bool:
        """Whether a script was written in code, and so can be replaced and removed."""
        return script in self._written

    def remove(self, script: Script) -> None:
        """Take out a script that was written in code."""
        with self._lock:
            self._written.remove(script)
            self._sort()

    def clear(self) -> None:
        """Take out every script that was written in code."""
        with self._lock:
            self._written.clear()
            self._numbers = count(1)
            self._sort()

    def replace(self, old: Script, value: Any) -> Script:
        """Put another version of a script that was written in code in its place. Raises `ScenarioError`."""
        with self._lock:
            script = replace(parse(value, old.name), serial=old.serial)
            self._written[self._written.index(old)] = script
            self._sort()
        return script

    def refresh(self) -> float:
        """Read the files again where one has changed; return how long looking took, in seconds. Raises nothing."""
        if not self.paths:
            return 0.0
        if self._watch.changed():
            self._reload()
        return self._watch.took

    def _reload(self) -> None:
        try:
            problems = self._load()
        except Exception as error:  # noqa: BLE001 - a file must not take a running server down
            problems = [Problem(f"the files cannot be read: {type(error).__name__}: {error}")]
        if self._watch.young and any(problem.message == EMPTY for problem in problems):
            self._watch.forget()  # an editor empties a file before it writes it; the next look will tell
            return
        for problem in problems:
            log.error("not reloaded, the old scenarios stay: %s", problem)
        if problems:
            return
        count = len(self._from_files)
        log.info("reloaded %d scenario%s", count, "" if count == 1 else "s")
        for warning in self.warnings:
            log.warning("%s", warning)

    def _load(self) -> list[Problem]:
        """Take what the files hold, unless something is wrong with it; return what is."""
        from mockserver.scenario.loading import load  # noqa: PLC0415

        loaded = load(self.paths)
        if not loaded.problems:
            with self._lock:
                self._from_files, self.warnings = loaded.scripts, loaded.warnings
                self._sort()
        return loaded.problems

    def _sort(self) -> None:
        # What is written in code is nearer to the test than a file: it is asked first at equal rank.
        by_name = (*sorted(self._written, key=lambda s: s.rank), *self._from_files)
        self.scripts = tuple(sorted(by_name, key=lambda s: s.rank[:2]))

    def _refuse_more(self, number: int) -> None:
        if len(self._written) + number > MOST_WRITTEN:
            words = f"there are {len(self._written):,} scenarios that code wrote, and there may be {MOST_WRITTEN:,}"
            raise ScenarioError([Problem(f"{words}; take some out, or reset the session")])

    def _refuse_name(self, script: Script) -> None:
        for other in (*self._written, *self._from_files):
            if other.name == script.name:
                raise ScenarioError([Problem(f"the name {script.name!r} is taken; give it another 'name'")])

    def _refuse_rival(self, script: Script) -> None:
        for other in self._written:
            if other.spec.match == script.spec.match and other.priority == script.priority:
                words = (
                    f"{script.name!r} and {other.name!r} have the same match, so the second would never answer; "
                    "the next answer of a conversation is another of its 'turns', in code .then(…) on the first"
                )
                raise ScenarioError([Problem(words)])
