"""The pytest plugin: the fixture `mock_messages` and the marker `scenario`. Not here: the server.

A test run that does not use the fixture pays for nothing but this module.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.serving.server import MockServer
    from mockserver.state.journal import Exchange

_FIXTURE = "mock_messages"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "scenario(*paths, **settings): scenario files and folders for mock_messages, relative to the test's folder "
        "or the root folder, and settings of its server (seed, on_unmatched, api_key, validation, model and so on).",
    )


@pytest.fixture
def mock_messages(request: pytest.FixtureRequest) -> "Iterator[MockServer]":
    """Give a mock of the Messages API that no other test sees.

    While the test runs, the environment points SDKs at it. A request that no scenario answers, an `expect` that
    does not hold, and a bug of the server fail the test. No wait of the server takes time, unless the marker says
    `speed` or `freeze`.
    """
    from mockserver.scenario.problems import ScenarioError  # noqa: PLC0415 - see the module's docstring
    from mockserver.serving.server import MockServer  # noqa: PLC0415
    from mockserver.settings import SettingsError  # noqa: PLC0415

    paths, settings = _marked(request.node)
    wrong = ""
    try:
        server = MockServer(*paths, **_paced(settings))
    except (ScenarioError, SettingsError) as error:
        wrong = f"{_FIXTURE}: {error}"
    if wrong:  # told outside of the handler, so that pytest tells it once
        pytest.fail(wrong, pytrace=False)
    with server, pytest.MonkeyPatch.context() as patch:
        _point_at(server, patch)
        yield server
    _fail_for(server, request.node)


def _marked(item: pytest.Item) -> tuple[list[Path], dict[str, Any]]:
    """Return the files and the settings of all markers; the nearest marker's settings win."""
    paths: list[Path] = []
    settings: dict[str, Any] = {}
    for marker in item.iter_markers("scenario"):
        paths += [_found(item, str(name)) for name in marker.args]
        settings = {**marker.kwargs, **settings}
    return paths, settings


def _paced(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with a clock that skips waits, where none is asked for, here or in the environment."""
    asked = {"clock", "speed", "freeze"} & settings.keys() or {
        "MOCKSERVER_SPEED",
        "MOCKSERVER_FREEZE",
    } & os.environ.keys()
    return settings if asked else {"speed": "instant", **settings}


def _found(item: pytest.Item, name: str) -> Path:
    candidates = list(dict.fromkeys(folder / name for folder in (item.path.parent, item.config.rootpath)))
    for candidate in candidates:
        if candidate.exists():
            return candidate
    tried = " and no ".join(map(str, candidates))
    pytest.fail(f"@pytest.mark.scenario({name!r}): there is no {tried}", pytrace=False)


def _point_at(server: "MockServer", patch: pytest.MonkeyPatch) -> None:
    patch.setenv("ANTHROPIC_BASE_URL", server.base_url)
    patch.setenv("ANTHROPIC_API_KEY", server.api_key)
    patch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        others = os.environ.get(name)
        patch.setenv(name, ",".join(filter(None, [others, "127.0.0.1", "localhost"])))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that passed in spite of a miss; beside another failure, tell what the server saw."""
    server = getattr(item, "funcargs", {}).get(_FIXTURE)
    try:
        yield
    except BaseException:  # pytest's own outcomes, too
        if server is not None:
            item.add_report_section("call", _FIXTURE, _story(list(server.all_exchanges())))
            item.stash[_TOLD] = True
        raise
    if server is not None:
        _fail_for(server, item)


_TOLD = pytest.StashKey[bool]()
"""Whether a test was told already of what went wrong in its server."""


def _fail_for(server: "MockServer", item: pytest.Item) -> None:
    """Fail for whatever went wrong in the server and was not told yet."""
    wrong = [e for e in server.all_exchanges() if e.verdict in ("unmatched", "unexpected", "bug")]
    if not wrong or item.stash.get(_TOLD, False):
        return
    item.stash[_TOLD] = True
    bug = next((e.bug for e in wrong if e.bug is not None), None)
    if bug is not None:
        raise bug
    count = "1 request" if len(wrong) == 1 else f"{len(wrong)} requests"
    pytest.fail(f"{_FIXTURE}: {count} went wrong\n{_story(wrong)}", pytrace=False)


def _story(exchanges: "list[Exchange]") -> str:
    """Return a line for each exchange: what was asked and what became of it; equal ones are one line."""
    from mockserver.wire.telling import printable  # noqa: PLC0415 - see the module's docstring

    lines = Counter(printable(_told(exchange)) for exchange in exchanges)
    return "\n".join(f"{line}{f' ({n} times)' if n > 1 else ''}" for line, n in lines.items()) or "no request came"


def _told(exchange: "Exchange") -> str:
    session = "" if exchange.session == "default" else f"[{exchange.session}] "
    by = f" by scenario {exchange.scenario!r} turn {exchange.turn}" if exchange.verdict == "answered" else ""
    reason = "".join(f" {words}" for words in (exchange.reason, exchange.note) if words)
    return f"{session}{exchange.method} {exchange.path} {exchange.status} {exchange.verdict}{by}{reason}"
