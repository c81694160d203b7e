"""A thousand tests in one process: what the fixture costs each. Bar: 10 ms or less, median of start, call and stop.

The call is a plain one on a socket, without an SDK, which would take more than all of it.
"""

import contextlib
import io
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = 1000
BAR_MS = 10.0

CODE = """
import http.client
import json

import pytest

BODY = json.dumps({{"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{{"role": "user", "content": "Hi"}}]}})
HEADERS = {{"x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json"}}


@pytest.mark.parametrize("n", range({tests}))
def test_one({fixture}, n):
    {fixture}.reply("Hi")
    host, _, path = {fixture}.base_url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host)
    connection.request("POST", f"/{{path}}/v1/messages".replace("//", "/"), BODY, HEADERS)
    with connection.getresponse() as response:
        assert response.status == 200
        response.read()
    connection.close()
    {fixture}.assert_called(1)
"""


class Durations:
    """Adds up the phases of each test."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a phase."""
        self.seconds[report.nodeid] += report.duration


def measure(fixture: str) -> float:
    """Return the median of a test's set-up, call and teardown, in milliseconds."""
    durations = Durations()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"test_{fixture}.py"
        file.write_text(CODE.format(fixture=fixture, tests=TESTS), encoding="utf-8")
        arguments = [
            "-q",
            "-pno:cacheprovider",
            "-pno:randomly",
            "-oasyncio_default_fixture_loop_scope=function",
            f"--rootdir={folder}",
            "-c",
            "/dev/null",
            str(file),
        ]
        with contextlib.redirect_stdout(io.StringIO()) as told:
            code = pytest.main(arguments, plugins=[durations])
    if code != 0 or len(durations.seconds) != TESTS:
        raise SystemExit(told.getvalue()[-2000:])
    return 1000 * statistics.median(durations.seconds.values())


def main() -> int:
    """Measure both fixtures; return 1 where the bar is not met."""
    medians = {fixture: measure(fixture) for fixture in ("mock_messages", "mock_messages_session")}
    print(f"{TESTS} tests in one process, median of set-up, one call, teardown:")
    for fixture, median in medians.items():
        print(f"  {fixture}: {median:.2f} ms")
    print(f"bar: {BAR_MS} ms")
    return int(max(medians.values()) > BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
