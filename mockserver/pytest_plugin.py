"""The pytest plugin: fixtures, the marker `scenario`, ini options. Not here: what they give (`testing`, `serving`).

A test run that does not use the fixtures pays for nothing but this module.
"""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver.testing.usual import INSTANT, URL

if TYPE_CHECKING:
    from mockserver.serving.threaded import MockServer
    from mockserver.testing.isolated import IsolatedSession
    from mockserver.testing.session import MockSession

_OWN: Final = "mockserver: "

SETTINGS: Final = (
    *("seed", "on_unmatched", "api_key", "validation", "retired_models", "objects", "edge_headers", "model", "freeze"),
    *("dialect", "speed", "limits", "chaos", "batch_delay", "max_exchanges", "file_quota"),
)
"""The settings that ini options give, each as `mockserver_NAME`: those that a session can have."""

_OPTIONS: Final = (
    ("mockserver_scenarios", "paths", "scenario files and folders that every test has"),
    ("mockserver_strict", "args", "what fails a test: misses, expectations, unused (the first two)"),
    *((f"mockserver_{name}", "string", f"the setting {name!r} of every test's server") for name in SETTINGS),
)

_FILES: Final = (".yaml", ".yml", ".json")
"""What the path of a dialect ends in."""

_FIXTURES: Final = ("mock_messages", "mock_messages_session")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the ini options."""
    for name, kind, words in _OPTIONS:
        parser.addini(name, words, type=kind, default=[] if kind == "paths" else None)  # type: ignore[arg-type]


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "scenario(*paths, strict=[...], **settings): scenario files and folders for mock_messages, relative to the "
        "test's folder or the root folder, what fails the test (misses, expectations, unused), and settings of its "
        "server (seed, on_unmatched, api_key, validation, model and so on).",
    )


@pytest.fixture
def mock_messages(request: pytest.FixtureRequest) -> "Iterator[MockSession]":
    """Give a mock of the Messages API that no other test sees: a server of its own, which takes about a millisecond.

    While the test runs, the environment points SDKs at it. A request that no scenario answers, an `expect` that
    does not hold, and a bug of the server fail the test. No wait of the server takes time, unless the marker says
    `speed` or `freeze`. Where `MOCKSERVER_URL` names a server that runs already, it is a session of that one.
    """
    from mockserver.serving.threaded import MockServer  # noqa: PLC0415 - see the module's docstring

    if os.environ.get(URL):
        yield from _elsewhere(request)
        return
    paths, settings = _marked(request.node)
    _or_fail(request.node, lambda: _strict(request.node))
    server = _or_fail(request.node, lambda: MockServer(*paths, defaults=INSTANT, **settings))
    with server:
        with server.environment():
            yield _given(request, server)
        _warn_of_unclosed(server)
    _check(server, request.node)


@pytest.fixture(scope="session")
def mock_messages_server() -> "Iterator[MockServer]":
    """Give the server that all tests of a run (of a worker, under pytest-xdist) share, each in a session of its own."""
    from mockserver.serving.threaded import MockServer  # noqa: PLC0415

    with MockServer(defaults=INSTANT) as server:
        yield server


@pytest.fixture
def mock_messages_session(request: pytest.FixtureRequest) -> "Iterator[MockSession]":
    """Give the same as `mock_messages`, as a session of one server for all tests: for very large suites.

    Sessions that the test makes of it are below it, and no other test meets them.
    """
    if os.environ.get(URL):
        yield from _elsewhere(request)
        return
    from mockserver.testing.isolated import IsolatedSession  # noqa: PLC0415

    server: MockServer = request.getfixturevalue("mock_messages_server")
    yield from _in_session(request, IsolatedSession(server.session(request.node.nodeid)), {})


def _elsewhere(request: pytest.FixtureRequest) -> "Iterator[MockSession]":
    """Give a session of a server that runs already."""
    from mockserver.testing.isolated import elsewhere  # noqa: PLC0415

    both = set(_FIXTURES) <= set(request.fixturenames) and request.fixturename == _FIXTURES[1]
    name = f"{request.node.nodeid} ({_FIXTURES[1]})" if both else request.node.nodeid
    isolated, defaults = _or_fail(request.node, lambda: elsewhere(os.environ, name))
    yield from _in_session(request, isolated, defaults)


def _in_session(
    request: pytest.FixtureRequest, isolated: "IsolatedSession", defaults: dict[str, Any]
) -> "Iterator[MockSession]":
    paths, settings = _marked(request.node)
    _or_fail(request.node, lambda: _strict(request.node))
    _or_fail(request.node, lambda: isolated.prepare(paths, settings, defaults))
    with isolated.environment():
        yield _given(request, isolated)
    try:
        _check(isolated, request.node)
    finally:
        isolated.drop()


def _given(request: pytest.FixtureRequest, session: "MockSession") -> "MockSession":
    """Note what a test has, for its report."""
    request.node.stash[_GIVEN][request.fixturename] = session
    return session


def _or_fail(item: pytest.Item, action: Any) -> Any:
    """Return what an action returns; what it refuses is told without a traceback."""
    from mockserver.queries.asserting import StrictnessError  # noqa: PLC0415
    from mockserver.scenario.problems import ScenarioError  # noqa: PLC0415
    from mockserver.settings import SettingsError  # noqa: PLC0415
    from mockserver.testing.remote import ControlError  # noqa: PLC0415

    wrong = ""
    try:
        return action()
    except (ScenarioError, SettingsError, StrictnessError, ControlError) as error:
        wrong = f"{_fixture_of(item)}: {str(error).removeprefix(_OWN)}"
    pytest.fail(wrong, pytrace=False)  # outside of the handler, so that pytest tells it once


def _fixture_of(item: pytest.Item) -> str:
    return next((name for name in _FIXTURES if name in getattr(item, "fixturenames", ())), _FIXTURES[0])


# -------------------------------------------------------------- what a test asks for


def _marked(item: pytest.Item) -> tuple[list[Path], dict[str, Any]]:
    """Return the files and the settings of ini options and markers; the nearest marker's settings win."""
    paths: list[Path] = [path for path in item.config.getini("mockserver_scenarios") if _exists(path)]
    given = ((name, item.config.getini(f"mockserver_{name}")) for name in SETTINGS)
    settings: dict[str, Any] = {}
    for marker in item.iter_markers("scenario"):
        names = [name for given in marker.args for name in (given if isinstance(given, list | tuple) else [given])]
        paths += [_found(item, str(name)) for name in names]
        settings = {**marker.kwargs, **settings}
    settings.pop("strict", None)
    found = {**{name: value for name, value in given if value}, **settings}
    if str(dialect := found.get("dialect", "")).endswith(_FILES):
        found["dialect"] = str(_found(item, str(dialect)))
    return paths, found


def _exists(path: Path) -> bool:
    if not path.exists():
        pytest.fail(f"ini option mockserver_scenarios: there is no {path}", pytrace=False)
    return True


def _strict(item: pytest.Item) -> tuple[str, ...]:
    """Return what fails a test beside bugs. Raises `StrictnessError`."""
    from mockserver.queries.asserting import STRICT, strictness  # noqa: PLC0415

    marked = (marker.kwargs["strict"] for marker in item.iter_markers("scenario") if "strict" in marker.kwargs)
    configured = item.config.getini("mockserver_strict")
    return strictness(next(marked, STRICT if configured is None else configured))


def _found(item: pytest.Item, name: str) -> Path:
    candidates = list(dict.fromkeys(folder / name for folder in (item.path.parent, item.config.rootpath)))
    for candidate in candidates:
        if candidate.exists():
            return candidate
    tried = " and no ".join(map(str, candidates))
    pytest.fail(f"@pytest.mark.scenario({name!r}): there is no {tried}", pytrace=False)


# -------------------------------------------------------------- what a test is told


class MockServerWarning(UserWarning):
    """Something that will trouble another test."""


def _warn_of_unclosed(server: "MockServer") -> None:
    if (count := server.unclosed()) > 0:
        words = (
            f"mockserver: {count} connection{'' if count == 1 else 's'} of an async client still open at the end of "
            "the test; close the client ('async with AsyncAnthropic() as client:'), or its event loop ends before it"
        )
        warnings.warn(words, MockServerWarning, stacklevel=2)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin anew: the same test may have been run, and told of something, before."""
    item.stash[_TOLD] = False
    item.stash[_GIVEN] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that passed in spite of a miss; beside another failure, tell what the server saw."""
    sessions = item.stash.get(_GIVEN, {})
    try:
        yield
    except BaseException:  # pytest's own outcomes, too
        for name, session in sessions.items():
            item.add_report_section("call", name, str(session.all_requests))
            item.stash[_TOLD] = True
        raise
    for session in sessions.values():
        _check(session, item)


_GIVEN = pytest.StashKey[dict[str, Any]]()
"""What a test has, by the name of its fixture."""
_TOLD = pytest.StashKey[bool]()
"""Whether a test was told already of what went wrong in its server."""


def _check(session: "MockSession", item: pytest.Item) -> None:
    """Fail for whatever went wrong in the server and was not told yet."""
    if item.stash.get(_TOLD, False):
        return
    wrong = ""
    try:
        session.check(_strict(item))
    except AssertionError as error:
        wrong = str(error).removeprefix(_OWN)
    except BaseException:
        item.stash[_TOLD] = True
        raise
    if wrong:
        item.stash[_TOLD] = True
        pytest.fail(f"{_fixture_of(item)}: {wrong}", pytrace=False)
