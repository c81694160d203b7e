"""Shared by all tests: settings of the tools, what holds of every answer, and what several modules start servers with."""

import contextlib
import os
import sys

import pytest
from helpers import UNTRACED
from hypothesis import settings
from invariants import broken, unjoined

from mockserver.engine import answering, composing, conversing, falling_back

pytest_plugins = ["pytester"]


def pytest_collection_finish():
    """Let the SDK import its HTTP stack, as it does with its first client.

    Where that is in a test of pytester, which then forgets what it imported, the stack comes twice, and one copy does
    not know the other's exceptions. Here, since a process that only divides the tests among others needs no SDK.
    """
    import anthropic  # noqa: PLC0415

    anthropic.Anthropic(api_key="k").close()


@contextlib.contextmanager
def _unmeasured():
    coverage = sys.modules.get("coverage")
    measuring = coverage and coverage.Coverage.current()
    if not measuring:
        yield
        return
    measuring.stop()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - UNTRACED.keys():
                patch.delenv(name)
            yield
    finally:
        measuring.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Measured, Python takes two to three times as long: in vain where a test runs again and again what others run too."""
    with _unmeasured() if item.get_closest_marker("unmeasured") else contextlib.nullcontext():
        return (yield)


settings.register_profile("ci", deadline=None, max_examples=100, print_blob=True, database=None)
settings.register_profile("nightly", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own MOCKSERVER_* variables must not change what is tested."""
    for name in list(os.environ):
        if name.startswith("MOCKSERVER_"):
            monkeypatch.delenv(name)


_FAULTS = []
_AUTHORED = []
"""Requests of a test whose usage is its author's."""


def _checked(compose):
    def checked(asking, entries, turn, **more):
        answer = compose(asking, entries, turn, **more)
        _AUTHORED.extend([asking] if turn.usage is not None else [])
        _FAULTS.extend(broken(asking, turn, answer))
        return answer

    return checked


def _joined(join):
    def checked(hops):
        made = join(hops)
        if not any(hop.asking is asking for hop in hops for asking in _AUTHORED):
            _FAULTS.extend(unjoined(made.answer.message))
        return made

    return checked


# Patched once, for every engine of this process: servers in threads, too.
answering.compose = conversing.compose = _checked(composing.compose)
falling_back._joined = _joined(falling_back._joined)


@pytest.fixture(autouse=True)
def _derived_usage_adds_up():
    """Whatever a test is about, the usage of the answers that were derived for it adds up."""
    yield
    faults, _FAULTS[:] = list(_FAULTS), []
    _AUTHORED.clear()
    assert faults == []


@pytest.fixture
def slow(tmp_path):
    """A scenario whose stream does not end."""
    (tmp_path / "slow.yaml").write_text("reply: one two three\nstream: {chunk: word, interval: 1h}")
    return tmp_path


@pytest.fixture(params=["uvloop", pytest.param("asyncio", marks=pytest.mark.unmeasured)])
def either_loop(request, tmp_path_factory):
    """Variables that choose the event loop: asyncio's where importing uvloop fails. Coverage looks at one of them."""
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
        return {}
    folder = tmp_path_factory.mktemp("without")
    (folder / "uvloop.py").write_text("raise ImportError")
    return {"PYTHONPATH": str(folder)}
