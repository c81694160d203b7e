"""The server in `unittest`. Not here: pytest's fixtures, which give the same (`pytest_plugin`)."""

import unittest
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

from mockserver.queries.asserting import STRICT
from mockserver.serving.server import MockServer


class MockMessagesTestCase(unittest.TestCase):
    """A test case whose tests each have a server, `mock_messages`, at which the environment points SDKs.

    >>> class TestAgent(MockMessagesTestCase):
    ...     mock_paths = ("scenarios/",)

    A request that no scenario answers, an `expect` that does not hold, and a bug of the server fail the test. Async
    tests name `unittest.IsolatedAsyncioTestCase` as a second base.
    """

    mock_paths: ClassVar[Collection[str | Path]] = ()
    """Scenario files and folders."""
    mock_settings: ClassVar[Mapping[str, Any]] = {"speed": "instant"}
    """Settings of the server; no wait takes time unless they say otherwise."""
    mock_strict: ClassVar[Collection[str]] = STRICT
    """What fails a test beside bugs of the server: `misses`, `expectations`, `unused`."""

    mock_messages: MockServer

    def setUp(self) -> None:
        """Start the server."""
        super().setUp()
        self.mock_messages = MockServer(*self.mock_paths, **self.mock_settings)
        self.addCleanup(lambda: self.mock_messages.check(self.mock_strict))  # at last, when nothing comes any more
        self.enterContext(self.mock_messages)
        self.enterContext(self.mock_messages.environment())
