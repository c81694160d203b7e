"""What a test's hand is moved by: a session of a server in this process, or of one elsewhere. Not here: either."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from mockserver.control.local import GivenFile, Told
from mockserver.queries.requests import Requests
from mockserver.state.clock import Speed


class SessionClock(Protocol):
    """The mock clock of a session."""

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still between calls of `advance`."""

    @property
    def speed(self) -> Speed:
        """Seconds of this clock in one real second; `instant` where waits are skipped."""

    def now(self) -> datetime:
        """Return the time that answers show."""

    def advance(self, seconds: float | timedelta) -> None:
        """Move forward. Raises `ValueError` for a step back."""

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop at the present time, or at a later one. Raises `ValueError` for an earlier one."""

    def run(self, speed: Speed = 1.0) -> None:
        """Run from the present time on, at a speed."""


class Backend(Protocol):
    """One session: see `mockserver.control.local.Local`, which says what each of these does."""

    name: str

    @property
    def clock(self) -> SessionClock: ...  # noqa: D102 - see the class

    @property
    def prefix(self) -> str: ...  # noqa: D102

    def requests(self) -> Requests: ...  # noqa: D102
    def forget(self) -> None: ...  # noqa: D102
    def scenarios(self) -> list[Told]: ...  # noqa: D102
    def has(self, name: str) -> bool: ...  # noqa: D102
    def add(self, scenario: Mapping[str, Any]) -> str: ...  # noqa: D102
    def put(self, name: str, scenario: Mapping[str, Any]) -> None: ...  # noqa: D102
    def load(self, paths: Iterable[str | Path]) -> None: ...  # noqa: D102
    def remove(self, name: str) -> None: ...  # noqa: D102
    def remove_all(self) -> None: ...  # noqa: D102
    def add_file(self, given: GivenFile) -> dict[str, Any]: ...  # noqa: D102
    def settings(self) -> dict[str, Any]: ...  # noqa: D102
    def configure(self, values: Mapping[str, Any]) -> None: ...  # noqa: D102
    def reset(self) -> None: ...  # noqa: D102
    def drop(self) -> None: ...  # noqa: D102
