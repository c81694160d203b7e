"""A local mock of the Anthropic Messages API: scripted, deterministic answers for development and tests.

What `__all__` names is the stable surface. Everything is imported when it is first used, so that `import
mockserver` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.queries.requests import Requests
    from mockserver.scenario.problems import ScenarioError
    from mockserver.scenario.schema import Scenario
    from mockserver.serving.app import create_app
    from mockserver.serving.threaded import MockServer
    from mockserver.settings import Settings, SettingsError
    from mockserver.state.clock import Clock
    from mockserver.state.journal import Exchange
    from mockserver.testing.remote import ControlError, connect
    from mockserver.testing.session import MockSession
    from mockserver.unittest_case import MockMessagesTestCase

__all__ = [
    "Clock",
    "ControlError",
    "Exchange",
    "MockMessagesTestCase",
    "MockServer",
    "MockSession",
    "Requests",
    "Scenario",
    "ScenarioError",
    "Settings",
    "SettingsError",
    "__version__",
    "connect",
    "create_app",
]

__version__ = "0.1.0"
"""Stands here alone; the package is built with it."""

_HOMES = {
    "Clock": "mockserver.state.clock",
    "ControlError": "mockserver.testing.remote",
    "Exchange": "mockserver.state.journal",
    "MockMessagesTestCase": "mockserver.unittest_case",
    "MockServer": "mockserver.serving.threaded",
    "MockSession": "mockserver.testing.session",
    "Requests": "mockserver.queries.requests",
    "Scenario": "mockserver.scenario.schema",
    "ScenarioError": "mockserver.scenario.problems",
    "Settings": "mockserver.settings",
    "SettingsError": "mockserver.settings",
    "connect": "mockserver.testing.remote",
    "create_app": "mockserver.serving.app",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mockserver' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
