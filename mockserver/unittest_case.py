"""The server in `unittest`. Not here: pytest's fixtures, which give the same (`pytest_plugin`)."""

import os
import unittest
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

from mockserver.queries.asserting import STRICT
from mockserver.serving.threaded import MockServer
from mockserver.testing.isolated import elsewhere
from mockserver.testing.session import MockSession
from mockserver.testing.usual import INSTANT, URL


class MockMessagesTestCase(unittest.TestCase):
    """A test case whose tests each have a server, `mock_messages`, at which the environment points SDKs.

    >>> class TestAgent(MockMessagesTestCase):
    ...     mock_paths = ("scenarios/",)

    A request that no scenario answers, an `expect` that does not hold, and a bug of the server fail the test. Async
    tests name `unittest.IsolatedAsyncioTestCase` as a second base.
    """

    mock_paths: ClassVar[str | Path | Collection[str | Path]] = ()
    """Scenario files and folders, one or several, from the working directory."""
    mock_settings: ClassVar[Mapping[str, Any]] = {}
    """Settings of the server; no wait takes time unless they, or a file or the environment, say otherwise."""
    mock_strict: ClassVar[Collection[str]] = STRICT
    """What fails a test beside bugs of the server: `misses`, `expectations`, `unused`."""

    mock_messages: MockSession

    _result: unittest.TestResult | None = None

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        """Run the test, and keep in mind where it is told of."""
        self._result = result
        return super().run(result)

    def setUp(self) -> None:
        """Start the server; where the variable `MOCKSERVER_URL` names one that runs already, begin a session of it."""
        super().setUp()
        paths = (self.mock_paths,) if isinstance(self.mock_paths, str | Path) else self.mock_paths
        if os.environ.get(URL):
            isolated, defaults = elsewhere(os.environ, self.id())
            isolated.prepare(paths, self.mock_settings, defaults)
            self.mock_messages = isolated
            self.addCleanup(isolated.drop)
            self.addCleanup(self._check)
        else:
            server = MockServer(*paths, defaults=INSTANT, **self.mock_settings)
            self.addCleanup(self._check)  # when nothing comes any more
            self.mock_messages = self.enterContext(server)
        self.enterContext(self.mock_messages.environment())

    def _check(self) -> None:
        """Fail for what went wrong in the server, unless the test has failed already."""
        told = [*getattr(self._result, "failures", ()), *getattr(self._result, "errors", ())]
        if not any(test is self for test, _ in told):
            self.mock_messages.check(self.mock_strict)
