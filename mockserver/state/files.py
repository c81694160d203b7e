"""The files of a session: what was uploaded to it, and what tests put there. Not here: how the API shows them (`wire`).

Contents are in memory, or in a folder, where each session has one of its own. The quota counts what can still be read.
"""

import contextlib
import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from mockserver.wire.files import File

_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 40


MOST_BYTES: Final = 512 * 1024 * 1024
"""What a session keeps unless told otherwise."""
MOST_FILES: Final = 10_000
"""Files that a session knows, those that have expired among them: an empty one costs no quota."""


class FullError(Exception):
    """There is no room for a file: the text says how much there is."""


def folder_of(session: str) -> str:
    """Return the name of a session's folder, whatever its own name: nothing leads out of it, and no two share one."""
    readable = _NO_NAME.sub("-", session.lower())[:_LONGEST].strip("-")
    digest = hashlib.blake2b(session.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{readable}-{digest}".lstrip("-")


class Files:
    """The files of one session, oldest first; each has a place, which orders it and which no later one takes.

    Where `folder` is given, contents are put there; it is made when it is needed. A session that is forgotten clears
    its files; whatever is added behind that is kept in memory alone.
    """

    def __init__(self, quota: int = MOST_BYTES, folder: Path | None = None, most: int = MOST_FILES) -> None:
        self.quota = quota
        self._most = most
        self._folder = folder
        self._placed: dict[str, tuple[int, File]] = {}
        self._contents: dict[str, bytes | Path] = {}
        self._due: datetime | None = None
        self.added = 0
        self.used = 0
        """Bytes of all contents that are kept."""

    def add(self, file: File, content: bytes | memoryview) -> None:
        """Keep a file. Raises `FullError`, and `OSError` where the folder does not take it; nothing is kept then."""
        if len(self._placed) >= self._most:
            raise FullError(f"a session knows {self._most:,} files, and no more; delete some, or reset the session")
        if self.used + file.size > self.quota:
            words = f"{file.size:,} bytes do not fit: {self.used:,} of {self.quota:,} are used"
            raise FullError(f"{words}; the setting 'file_quota' gives a session more")
        self._contents[file.id] = self._kept(file.id, content)
        self._placed[file.id] = (self.added, file)
        self.added += 1
        self.used += file.size
        self._due = _earliest(self._due, file.expires)

    def _kept(self, name: str, content: bytes | memoryview) -> bytes | Path:
        if self._folder is None:
            return bytes(content)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        try:
            path.write_bytes(content)
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            raise
        return path

    def __len__(self) -> int:
        return len(self._placed)

    def find(self, name: str) -> File | None:
        """Return the file of an id, expired or not; None where there is none."""
        placed = self._placed.get(name)
        return placed and placed[1]

    def newest_first(self) -> list[tuple[int, File]]:
        """Return the files with their places."""
        return list(reversed(tuple(self._placed.values())))

    def content(self, file: File) -> bytes | None:
        """Return what a file holds; None where that has expired. Raises `OSError` where it is gone from the folder."""
        kept = self._contents.get(file.id)
        return kept.read_bytes() if isinstance(kept, Path) else kept

    def drop(self, name: str) -> None:
        """Forget a file, with its content."""
        self._discard(name)
        self._placed.pop(name, None)

    def clear(self) -> None:
        """Forget all files, and take out of the folder what was put there."""
        for name in tuple(self._placed):
            self.drop(name)
        folder, self._folder = self._folder, None
        if folder is not None:
            with contextlib.suppress(OSError):  # there is none, or somebody else put something there
                folder.rmdir()

    def forget_expired(self, now: datetime) -> None:
        """Forget the contents of files that have expired, which nobody reads again, and later the files themselves.

        Every request asks for it, so nothing is looked through before the next of them is due.
        """
        if self._due is None or now < self._due:
            return
        self._due = None
        for _, file in tuple(self._placed.values()):
            if file.is_forgotten(now):
                self.drop(file.id)
            elif file.has_expired(now):
                self._discard(file.id)
                self._due = _earliest(self._due, file.forgotten)
            else:
                self._due = _earliest(self._due, file.expires)

    def _discard(self, name: str) -> None:
        kept = self._contents.pop(name, None)
        if kept is not None:
            self.used -= self._placed[name][1].size
        if isinstance(kept, Path):
            self._take_away(kept)

    def _take_away(self, path: Path) -> None:
        with contextlib.suppress(OSError):  # it is gone already
            path.unlink()

    def copy(self) -> "Files":
        """Return a book that begins with the same files; whatever becomes of them there, nothing happens to these."""
        copied = _Copy(self.quota, most=self._most)
        copied._placed, copied._contents = dict(self._placed), dict(self._contents)
        copied._due, copied.added, copied.used = self._due, self.added, self.used
        return copied


class _Copy(Files):
    """A copy of another's files: it leaves contents in a folder where they are."""

    def _take_away(self, path: Path) -> None:
        pass


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)
