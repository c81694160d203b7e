"""`MockSession`: one session of a server in the hand of a test. Not here: the server, wherever it runs (`backend`)."""

__tracebackhide__ = True  # pytest shows the line of the test, and not ours

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from mockserver.control.local import GivenFile
from mockserver.queries import asserting
from mockserver.queries.requests import Requests
from mockserver.scenario.dialect_files import with_files
from mockserver.scenario.schema import Scenario
from mockserver.settings import ARGUMENTS, resolve
from mockserver.state.resilience import Policy, Verdict, judge
from mockserver.state.sessions import DEFAULT_SESSION
from mockserver.testing.backend import Backend, SessionClock
from mockserver.testing.environment import pointed
from mockserver.testing.scripted import Ends, Outcomes, Scripted, When, scenario_of


class MockSession(Outcomes):
    """One isolated session of a server: script it, point a client at its `base_url`, ask what came.

    `reply`, `tool_use`, `fail` and the like answer every request; `when(…)` before them says which.
    """

    def __init__(self, backend: Backend, server_url: Callable[[], str], api_key: str, sibling: "Sibling") -> None:
        self._backend = backend
        self._server_url = server_url
        self._api_key = api_key
        self._own_key: str | None = None
        self._sibling = sibling

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {len(self._backend.requests())} requests>"

    # -------------------------------------------------------------- where it is

    @property
    def name(self) -> str:
        """The session's name."""
        return self._backend.name

    @property
    def base_url(self) -> str:
        """Where clients point, without `/v1`, with the prefix of the session's dialect.

        Raises `RuntimeError` where the server does not run.
        """
        return self.session_url(self.name)

    @property
    def api_key(self) -> str:
        """A key that the server accepts."""
        return self._own_key or self._api_key

    def session_url(self, name: str) -> str:
        """Return the base URL of a session of this server."""
        server = self._server_url()
        prefix = (self._backend if name == self.name else self._sibling(name)).prefix
        return server + ("" if name == DEFAULT_SESSION else f"/_s/{quote(name, safe='')}") + prefix

    def session(self, name: str) -> "MockSession":
        """Return another session of this server: an isolated world, made on first use.

        Raises `ValueError` for a name that no URL can carry.
        """
        if name in _NO_NAMES:
            raise ValueError(f"mockserver: a session cannot be named {name!r}, which a URL does not keep")
        return MockSession(self._sibling(name), self._server_url, self._api_key, self._sibling)

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Let `ANTHROPIC_BASE_URL` and `ANTHROPIC_API_KEY` point here, for the time of a `with`."""
        with pointed(self.base_url, self.api_key, os.environ):
            yield

    # -------------------------------------------------------------- scripting

    def when(self, **match: Any) -> When:
        """Say which requests, by the keys of `match`; `name`, `priority` and the like are the scenario's own.

        Raises `ScenarioError` for a key that there is not.
        """
        return When(self._backend, scenario_of(match))

    def add(self, scenario: Mapping[str, Any] | Scenario) -> Scripted:
        """Add a scenario: a map as in a file, or a `Scenario`. Raises `ScenarioError`."""
        if isinstance(scenario, Scenario):
            scenario = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return Scripted(self._backend, scenario)

    def load(self, *paths: str | Path) -> None:
        """Give the session the scenarios of files and folders, beside those of its server. Raises `ScenarioError`."""
        self._backend.load(paths)

    def add_file(
        self,
        content: bytes | str,
        filename: str,
        mime_type: str | None = None,
        *,
        id: str | None = None,  # noqa: A002 - the API's own name
        downloadable: bool = True,
        expires_in_seconds: int | None = None,
    ) -> dict[str, Any]:
        """Put a file there, as if code execution had written it; return what the API tells of it, `id` and all.

        With an `id` of its own a scenario can name it; a type that is not given is detected. Raises `ValueError` for
        what the session does not take.
        """
        data = content.encode() if isinstance(content, str) else bytes(memoryview(content))
        return self._backend.add_file(GivenFile(data, filename, mime_type, id, downloadable, expires_in_seconds))

    def _answer(self, turn: dict[str, Any], ends: Ends = "turn") -> Scripted:
        return Scripted(self._backend, {}, turn, ends)

    # -------------------------------------------------------------- the session

    @property
    def clock(self) -> SessionClock:
        """The mock clock of the session."""
        return self._backend.clock

    def configure(self, **settings: Any) -> None:
        """Change settings of this session alone (`seed`, `validation`, `on_unmatched`, `speed`, …).

        Raises `SettingsError`, and `ScenarioError` for the file of a dialect.
        """
        self._backend.configure(with_files(settings))
        if "api_key" in settings:
            self._own_key = next(iter(resolve((ARGUMENTS, {"api_key": settings["api_key"]})).api_key), None)

    def set_limits(self, limits: Mapping[str, int] | str | None = None, **more: int) -> None:
        """Give the session rate limits per minute, from now on; nothing is spent yet.

        By name (`requests`, `input_tokens`, `output_tokens`, `count_tokens`; what is not given is that of the usage
        tier Start), as a map, or as a tier (`"start"`). `set_limits(None)` takes them away. Raises `SettingsError`.
        """
        given: Any = {**limits, **more} if isinstance(limits, Mapping) else more or limits
        if isinstance(limits, str) and more:
            given = [limits, *(f"{name}={number}" for name, number in more.items())]
        if given is not None:
            resolve((ARGUMENTS, {"limits": given}))
        self._backend.configure({"limits": given})

    def reset(self) -> None:
        """Let the session begin anew: scenarios, requests, attempts, cache, limits, files, clock and settings."""
        self._backend.reset()

    def drop(self) -> None:
        """Forget the session."""
        self._backend.drop()

    # -------------------------------------------------------------- what came

    @property
    def requests(self) -> Requests:
        """What was asked so far, and what became of it."""
        return self._backend.requests()

    def export(self, form: str = "jsonl") -> str:
        """Return the journal as text: `jsonl`, `har`, or `scenarios`, a file that answers the same again."""
        from mockserver.control.exports import export  # noqa: PLC0415 - few ask for it

        base_url = ""
        with suppress(RuntimeError):  # the server does not run any more
            base_url = self._server_url()
        return export(self._backend.requests(), form, base_url=base_url)

    @property
    def all_requests(self) -> Requests:
        """The same; of a server, what was asked in every session."""
        return self.requests

    def assert_called(self, times: int | None = None, *, tools: Sequence[str] | None = None, **where: Any) -> None:
        """Assert that messages were asked for: so many `times` (a try again counts), and calling just these tools.

        `where` says which requests, as in `requests.where`. Raises `AssertionError` with the story of what came.
        """
        __tracebackhide__ = True
        asserting.assert_called(self.requests, times, tools, where)

    def assert_not_called(self, *, tools: Sequence[str] | None = None, **where: Any) -> None:
        """Assert that no message was asked for; with `tools`, that none of these was called."""
        __tracebackhide__ = True
        asserting.assert_not_called(self.requests, tools, where)

    def verdict(self, policy: Policy | None = None) -> Verdict:
        """Return what clients did after each failure that they met, and which rules that broke."""
        return judge(self._backend.requests(), policy)

    def assert_resilient(self, *, retries: int = 2, most: int = 10, back_off: float = 0.1) -> None:
        """Assert that clients did right after each failure that they met; the message names the rule that was broken.

        Right is: a failure that may pass is tried again, at least `retries` times before the client gives up and no
        more than `most` times, after `retry-after`, or else after `back_off` seconds or more, with the same body (or
        with another model, or going on from what had come), one at a time, and on no more connections than it closes;
        a final error is not tried again. Raises `AssertionError`, also where no request met a failure.
        """
        __tracebackhide__ = True
        asserting.assert_resilient(self.verdict(Policy(retries, most, back_off)))

    def unused(self) -> list[str]:
        """Return the names of the scenarios that no request asked for."""
        return [told.name for told in self._backend.scenarios() if not told.used]

    def check(self, strict: str | Collection[str] = asserting.STRICT) -> None:
        """Fail for what went wrong: misses, expectations that did not hold, on request unused scenarios; and any bug.

        Raises `AssertionError` with the whole story, or the bug.
        """
        __tracebackhide__ = True
        unused = [told for told in self._backend.scenarios() if not told.used] if asserting.UNUSED in strict else []
        asserting.check(self.requests, unused, strict)


_NO_NAMES: Final = ("", ".", "..")

Sibling = Callable[[str], Backend]
"""Returns what moves another session of the same server."""
