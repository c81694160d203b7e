"""Have the files of some paths changed? Not here: reading them (`loading`).

A file's time and size tell, but for a moment after it was written: file systems keep times in steps of some
milliseconds, so a second edit may leave time and size as they are. The bytes of such a young file are compared, too.
"""

import hashlib
import os
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from mockserver.scenario.loading import scenario_files

YOUNG_NS = 100_000_000
"""How long after it was written a file is young, in nanoseconds."""

_State = tuple[int, int, int]


class Watch:
    """The files of some paths, as they were at the last look."""

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self._paths = tuple(paths)
        self._folders: dict[str, tuple[int, int]] = {}
        self._settled = False
        self._states: dict[str, _State] = {}
        self._young: dict[str, bytes] = {}
        self._durations: deque[float] = deque(maxlen=8)
        self.changed()

    @property
    def took(self) -> float:
        """How long a look takes, in seconds: the least of the last ones, since others may have been interrupted."""
        return min(self._durations)

    @property
    def young(self) -> bool:
        """Whether a file was written a moment before the last look."""
        return bool(self._young)

    def forget(self) -> None:
        """Take everything for changed at the next look."""
        self._states = {}

    def changed(self) -> bool:
        """Whether a file came, went, or has other bytes than at the last look."""
        started = time.perf_counter()
        if self._is_as_before():
            self._durations.append(time.perf_counter() - started)
            return False
        states = self._look()
        now = time.time_ns()
        young = {file for file, (written, _, _) in states.items() if now - written < YOUNG_NS}
        # One that was young at the last look may have been written once more before it came of age.
        digests = {file: _digest(file) for file in young | (self._young.keys() & states.keys())}
        same = states == self._states and all(digests[file] == known for file, known in self._young.items())
        self._states, self._young = states, {file: digests[file] for file in young}
        self._durations.append(time.perf_counter() - started)
        return not same

    def _is_as_before(self) -> bool:
        """Whether nothing has changed, and nothing was young: found out before every request, so it is quick."""
        if not self._settled or self._young:
            return False
        stat = os.stat
        try:
            for file, known in self._states.items():
                status = stat(file)
                if (status.st_mtime_ns, status.st_size, status.st_ino) != known:
                    return False
        except OSError:
            return False
        return self._has_its_folders()

    def _has_its_folders(self) -> bool:
        return all(_written(folder) == known for folder, known in self._folders.items())

    def _look(self) -> dict[str, _State]:
        """Return the state of each file. A folder whose time is the same, and old, has the same entries."""
        files: Iterable[str] = self._states
        if not (self._settled and self._has_its_folders()):
            files = self._list()
        states: dict[str, _State] = {}
        for file in files:
            try:
                status = os.stat(file)  # noqa: PTH116 - half the time of Path.stat
            except OSError:  # it went away between listing and looking
                self._settled = False
                continue
            states[file] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return states

    def _list(self) -> list[str]:
        folders: list[str] = []
        now = time.time_ns()
        files = [str(file) for _, file in scenario_files(self._paths, [], folders)]
        self._folders = {folder: _written(folder) for folder in folders}
        is_there = all(str(Path(path)) in (*folders, *files) for path in self._paths)
        self._settled = is_there and all(now - written > YOUNG_NS for written, _ in self._folders.values())
        return files


def _written(folder: str) -> tuple[int, int]:
    """Return when an entry of a folder came or went last, and which folder it is; zeros where there is none."""
    try:
        status = os.stat(folder)  # noqa: PTH116 - as above
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino


def _digest(file: str) -> bytes:
    try:
        return hashlib.blake2b(Path(file).read_bytes(), digest_size=16).digest()
    except OSError:
        return b""
