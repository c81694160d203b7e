"""A session for one test on a server that others use, too, with all that the test makes of it. Not here: its server."""

__tracebackhide__ = True  # pytest shows the line of the test, and not ours

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mockserver.queries.asserting import STRICT, UNUSED, check, strictness
from mockserver.queries.requests import Requests
from mockserver.settings import SERVER_ONLY, from_environment, resolve
from mockserver.testing.session import MockSession
from mockserver.testing.usual import INSTANT, URL


def elsewhere(environ: Mapping[str, str], name: str) -> "tuple[IsolatedSession, dict[str, Any]]":
    """Return a session of the server that the environment names, and the settings that hold where none are given.

    Beside the address the environment may give `MOCKSERVER_CONTROL_TOKEN`, `MOCKSERVER_API_KEY` (the first key is that
    of the clients), and settings of the session. Raises `ControlError`.
    """
    from mockserver.testing.remote import connect  # noqa: PLC0415 - most tests have a server of their own

    given: dict[str, Any] = dict(from_environment(environ))
    token, keys = given.pop("control_token", None), given.pop("api_key", "")
    known = {"api_key": keys.partition(",")[0].strip()} if keys else {}
    session = connect(environ[URL], token=token, session=name, **known)
    of_session = {name: value for name, value in given.items() if name not in SERVER_ONLY}
    return IsolatedSession(session), {"on_unmatched": "error", **INSTANT, **of_session}


class IsolatedSession(MockSession):
    """A session whose own sessions are below it, so that no other test meets them; it answers for them, too."""

    def __init__(self, session: MockSession) -> None:
        super().__init__(session._backend, session._server_url, session._api_key, session._sibling)
        self._below: dict[str, MockSession] = {}

    def session_url(self, name: str) -> str:
        """Return the base URL of a session below this one."""
        return super().session_url(name if name == self.name else self._full(name))

    def session(self, name: str) -> MockSession:
        """Return a session below this one: an isolated world, made on first use."""
        if name not in self._below:
            self._below[name] = super().session(self._full(name))
        return self._below[name]

    def _full(self, name: str) -> str:
        return f"{self.name}/{name}"

    @property
    def all_requests(self) -> Requests:
        """What was asked here and in the sessions below, one after the other."""
        return Requests.joined([self.requests, *(session.requests for session in self._below.values())])

    def check(self, strict: str | Collection[str] = STRICT) -> None:
        """Fail for what went wrong here and in the sessions below. Raises `AssertionError`, or the bug."""
        __tracebackhide__ = True
        every = (self, *self._below.values()) if UNUSED in strictness(strict) else ()
        unused = [told for one in every for told in one._backend.scenarios() if told.own and not told.used]
        check(self.all_requests, unused, strict)

    def drop(self) -> None:
        """Forget the session, and those below it."""
        with ExitStack() as stack:  # all of them, whatever happens to one
            stack.callback(super().drop)
            for session in self._below.values():
                stack.callback(session.drop)

    def prepare(
        self,
        paths: Collection[str | Path],
        settings: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> None:
        """Begin anew with these files and settings; the files' own `mockserver.yaml`, and then `defaults`, come after.

        Raises `ScenarioError` and `SettingsError`.
        """
        from_files: dict[str, Any] = {}
        if any(Path(path).is_dir() for path in paths):
            from mockserver.scenario.settings_file import read_settings  # noqa: PLC0415 - YAML takes 15 ms to import

            file, from_files = read_settings(paths)
            resolve((file, from_files))
        given = {**from_files, **settings}
        timed = {"freeze", "speed"} & given.keys()
        self.reset()
        self.configure(**{name: value for name, value in defaults.items() if not (timed and name == "speed")} | given)
        if paths:
            self.load(*paths)
