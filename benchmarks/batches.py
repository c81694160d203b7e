"""A message batch of 10,000 rows, created and read back on one core. Bars: 10 s; no more memory per row for more rows.

Server and client share the core. The rows are answered by a scenario with a template, judged strictly, and journaled.
"""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring.limits import resident

SIZES = (1_000, 10_000, 30_000)
BAR_SECONDS = 10.0
BAR_GROWTH = 1.1
SCENARIO = "match: {user: hello}\nreply: 'Hi there, {{ prompt }}'\n"
HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json"}
PATH = "/v1/messages/batches"


@contextlib.contextmanager
def serving() -> Iterator[tuple[str, int]]:
    """Serve the scenario; yield the address and the process id."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hello.yaml").write_text(SCENARIO, encoding="utf-8")
        command = [sys.executable, "-m", "mockserver", "serve", folder, "--port", "0", "--batch-delay", "0"]
        command += ["--ready-json", "--log-level", "error"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            try:
                yield ready["base_url"].removeprefix("http://"), process.pid
            finally:
                process.terminate()


def ask(host: str, method: str, path: str, body: Any = None) -> bytes:
    """Return the answer's body."""
    connection = http.client.HTTPConnection(host)
    connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
    with connection.getresponse() as response:
        answer = response.read()
    connection.close()
    if response.status != http.HTTPStatus.OK:
        raise SystemExit(f"{response.status}: {answer[:500]!r}")
    return answer


def measure(rows: int) -> tuple[float, float]:
    """Return the seconds from a batch's creation to its last result, and the KiB that a row adds to the server."""
    with serving() as (host, pid):
        ask(host, "POST", PATH, batch_of(10))
        before = resident(pid)
        asked = batch_of(rows)
        began = time.perf_counter()
        made = json.loads(ask(host, "POST", PATH, asked))
        told = json.loads(ask(host, "GET", f"{PATH}/{made['id']}"))
        lines = ask(host, "GET", f"{PATH}/{made['id']}/results").splitlines()
        succeeded = sum(json.loads(line)["result"]["type"] == "succeeded" for line in lines)
        took = time.perf_counter() - began
        if (told["request_counts"]["succeeded"], succeeded) != (rows, rows):
            raise SystemExit(f"not every row succeeded: {told}")
        return took, (resident(pid) - before) / 1024 / rows


def batch_of(rows: int) -> dict[str, Any]:
    """Return a batch whose rows differ."""
    return {
        "requests": [
            {
                "custom_id": f"row-{number}",
                "params": {
                    "model": "claude-haiku-4-5",
                    "max_tokens": 256,
                    "messages": [{"role": "user", "content": f"hello {number}"}],
                },
            }
            for number in range(rows)
        ]
    }


def main() -> int:
    """Measure batches of several sizes; return 1 where a bar is not met."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    measured = {rows: measure(rows) for rows in SIZES}
    for rows, (seconds, kib) in measured.items():
        print(f"{rows:6,} rows: {seconds:6.2f} s, {seconds / rows * 1000:.2f} ms and {kib:.1f} KiB a row")
    growth = measured[SIZES[-1]][1] / measured[SIZES[1]][1]
    print(f"bars: 10,000 rows in {BAR_SECONDS:g} s; memory per row, most to 10,000 rows: {growth:.2f} of {BAR_GROWTH}")
    return int(measured[10_000][0] > BAR_SECONDS or growth > BAR_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
