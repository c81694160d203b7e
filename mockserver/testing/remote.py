"""A server that runs elsewhere, by its control API. Not here: what a test does with it (`session`)."""

__tracebackhide__ = True  # pytest shows the line of the test, and not ours

import base64
import contextlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel

from mockserver.control import models
from mockserver.control.local import FileError, GivenFile, Told, UnknownScenarioError
from mockserver.control.records import exchange_of
from mockserver.queries.requests import Requests
from mockserver.scenario.problems import Problem, ScenarioError, check_json
from mockserver.settings import API_KEY, SettingsError, resolve
from mockserver.state.clock import Speed
from mockserver.state.sessions import DEFAULT_SESSION, SESSION_PREFIX
from mockserver.testing.session import MockSession
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialects import told

Answer = TypeVar("Answer", bound=BaseModel)

_SECONDS: Final = 30.0
_OWN: Final = "mockserver: "


class ControlError(RuntimeError):
    """A server elsewhere cannot be reached, or does not do what it is asked for."""


def connect(
    url: str, *, token: str | None = None, session: str = DEFAULT_SESSION, api_key: str = API_KEY
) -> MockSession:
    """Return a session of a server that runs already, at a base URL such as `http://127.0.0.1:8080`.

    The base URL may be that of a session, with the prefix of its dialect. `token` is the control token, where the
    server is on another machine; `api_key` is a key that it accepts. Raises `ControlError` where there is no such
    server.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ControlError(f"mockserver: {url!r} is no base URL such as http://127.0.0.1:8080")
    base, prefix, named = url.rstrip("/").partition(SESSION_PREFIX)
    session = unquote(named.partition("/")[0]) if prefix else session
    remote = Remote(base, session, token)
    remote.ask("GET", "health", models.Health)
    if not prefix and urlsplit(base).path:
        base = _without_prefix(base, token)
        remote = Remote(base, session, token)
    return MockSession(remote, lambda: base, api_key, partial(Remote, base, token=token))


def _without_prefix(base: str, token: str | None) -> str:
    """Return a server's base URL without the prefix of its dialect, where that is what its path ends in."""
    prefix = Remote(base, DEFAULT_SESSION, token).prefix
    shorter = base.removesuffix(prefix)
    if shorter == base:
        return base
    try:
        Remote(shorter, DEFAULT_SESSION, token).ask("GET", "health", models.Health)
    except ControlError:  # the server is mounted at a path of that name
        return base
    return shorter


class Remote:
    """One session of a server elsewhere; see `mockserver.control.local.Local`."""

    def __init__(self, base_url: str, name: str, token: str | None = None) -> None:
        self.name = name
        self._base_url = base_url
        self._token = token
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method: str, path: str, answer: type[Answer], body: Any = None) -> Answer:
        """Return what an operation answers. Raises what the same would raise here, and `ControlError`."""
        url = f"{self._base_url}/_s/{quote(self.name, safe='')}/_mock/{path}"
        headers = {"content-type": "application/json"}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        data = None if body is None else _bytes(path, body)
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=_SECONDS) as response:
                return answer.model_validate_json(response.read())
        except urllib.error.HTTPError as error:
            with error:
                _refused(error.read(), f"{method} {url}")
        except (OSError, ValueError, http.client.HTTPException) as error:
            words = str(getattr(error, "reason", error))
            raise ControlError(f"mockserver: no server of ours answers at {self._base_url}: {words}") from None

    # -------------------------------------------------------------- scenarios

    def scenarios(self) -> list[Told]:
        """See `Local`."""
        return self.ask("GET", "scenarios", models.Scenarios).scenarios

    def has(self, name: str) -> bool:
        """See `Local`."""
        return any(told.name == name for told in self.scenarios())

    def add(self, scenario: Mapping[str, Any]) -> str:
        """See `Local`."""
        return self.ask("POST", "scenarios", models.Scenarios, _json(scenario)).scenarios[0].name

    def put(self, name: str, scenario: Mapping[str, Any]) -> None:
        """See `Local`."""
        self.ask("PUT", f"scenarios/{quote(name, safe='')}", Told, _json(scenario))

    def load(self, paths: Iterable[str | Path]) -> None:
        """Read files here, and give what they hold to the session there."""
        from mockserver.scenario.loading import load  # noqa: PLC0415 - YAML takes 15 ms to import

        loaded = load(paths)
        if loaded.problems:
            raise ScenarioError(loaded.problems)
        for script in loaded.scripts:
            self.put(script.name, script.spec.model_dump(mode="json", by_alias=True, exclude_unset=True))

    def remove(self, name: str) -> None:
        """See `Local`."""
        self.ask("DELETE", f"scenarios/{quote(name, safe='')}", models.Done)

    def remove_all(self) -> None:
        """See `Local`."""
        self.ask("DELETE", "scenarios", models.Done)

    # -------------------------------------------------------------- requests

    def requests(self) -> Requests:
        """See `Local`."""
        found = self.ask("GET", "requests", models.Requests)
        return Requests([exchange_of(record) for record in found.requests], found.forgotten)

    def forget(self) -> None:
        """See `Local`."""
        self.ask("DELETE", "requests", models.Done)

    # -------------------------------------------------------------- files

    def add_file(self, given: GivenFile) -> dict[str, Any]:
        """See `Local`."""
        body = {**asdict(given), "content": base64.b64encode(given.content).decode(), "encoding": "base64"}
        return self.ask("POST", "files", models.FileState, body).model_dump()

    # -------------------------------------------------------------- the session

    @property
    def clock(self) -> "RemoteClock":
        """See `Local`."""
        return RemoteClock(self)

    @property
    def prefix(self) -> str:
        """See `Local`; none where the server does not tell its settings, for want of a token, say."""
        with contextlib.suppress(ControlError):
            return resolve(("its settings", {"dialect": self.settings().get("dialect")})).dialect.prefix
        return ""

    def settings(self) -> dict[str, Any]:
        """See `Local`."""
        return self.ask("GET", "settings", models.SettingsState).settings

    def configure(self, values: Mapping[str, Any]) -> None:
        """See `Local`."""
        self.ask("PATCH", "settings", models.SettingsState, {name: _plain(value) for name, value in values.items()})

    def reset(self) -> None:
        """See `Local`."""
        self.ask("POST", "reset", models.Done)

    def drop(self) -> None:
        """See `Local`."""
        with contextlib.suppress(UnknownScenarioError):  # there was none, or it is gone already
            self.ask("DELETE", f"sessions/{quote(self.name, safe='')}", models.Done)


class RemoteClock:
    """The mock clock of a session elsewhere; see `mockserver.state.clock.Clock`."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still between calls of `advance`."""
        return self._state().frozen

    @property
    def speed(self) -> Speed:
        """Seconds of this clock in one real second; `instant` where waits are skipped."""
        return self._state().speed

    def now(self) -> datetime:
        """Return the time that answers show."""
        return self._state().now.astimezone(UTC)

    def advance(self, seconds: float | timedelta) -> None:
        """Move forward. Raises `ValueError` for a step back."""
        self._change(advance=seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop at the present time, or at a later one. Raises `ValueError` for an earlier one."""
        self._change(freeze=True if at is None else _plain(at))

    def run(self, speed: Speed = 1.0) -> None:
        """Run from the present time on, at a speed."""
        self._change(speed=speed)

    def _state(self) -> models.ClockState:
        return self._remote.ask("GET", "clock", models.ClockState)

    def _change(self, **change: Any) -> None:
        self._remote.ask("POST", "clock", models.ClockState, change)


def _json(scenario: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a scenario that can be sent. Raises `ScenarioError`, as here."""
    check_json(scenario)
    return scenario


def _bytes(path: str, body: Any) -> bytes:
    try:
        return json.dumps(body).encode()
    except (TypeError, ValueError) as error:
        raise ControlError(f"mockserver: {path}: only JSON goes to a server elsewhere: {error}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return told(value) if isinstance(value, Dialect) else value


def _refused(body: bytes, asked: str) -> NoReturn:
    """Raise what the same would raise here."""
    failure = _failure(body)
    if failure is None:
        advice = "; leave out the /v1 of the base URL" if "/v1/_" in asked else ""
        raise ControlError(f"mockserver: {asked}: no answer of ours{advice}: {body[:200]!r}")
    words = failure.message.removeprefix(_OWN)
    if failure.type == "scenario_error":
        raise ScenarioError([Problem(one.message, path=one.path) for one in failure.problems])
    raise _FAILURES.get(failure.type, ControlError)(words if failure.type in _FAILURES else f"mockserver: {words}")


def _failure(body: bytes) -> models.Failure | None:
    """Return the failure that a body tells of; None where it is not one of ours."""
    try:
        failure = models.Failed.model_validate_json(body).error
    except ValueError:
        return None
    return failure if failure.message.startswith(_OWN) else None


_FAILURES: Final[dict[str, type[Exception]]] = {
    "settings_error": SettingsError,
    "file_error": FileError,
    "not_found": UnknownScenarioError,
    "invalid_request": ValueError,
}
"""Type of a failure -> what is raised; `ControlError` for the others."""
