"""Measuring a running server against recorded exchanges, for the tests that do so.

MESSAGES_CONFORMANCE names the folder with `conform.py` and `data/`; without it these tests are skipped, saying so.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import UNTRACED

FOLDER = os.environ.get("MESSAGES_CONFORMANCE")
DATA = Path(FOLDER or "") / "data"
KEY = "sk-ant-api03-conformance-0000000000000000000000000000"

MARKS = [
    pytest.mark.skipif(not FOLDER, reason="MESSAGES_CONFORMANCE names no folder with recorded exchanges"),
    pytest.mark.timeout(300),
    pytest.mark.unmeasured,
]


def conform(*args):
    program = Path(FOLDER) / "conform.py"
    return subprocess.run(
        [sys.executable, program, *map(str, args)], capture_output=True, text=True, check=False, env=UNTRACED
    )


def scores(part, tmp_path, *serve, limit=0, data=DATA):
    """Serve, measure one part (of so many recordings; 0: of all), and return {score: (passed, total, first misses)}."""
    server = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", *map(str, serve), "--port", "0", "--api-key", KEY, "--on-unmatched", "fallback", "--log-level", "error"],
        stdout=subprocess.PIPE, text=True, env=UNTRACED,
    )  # fmt: skip
    try:
        url = re.search(r"on (http://\S+)", server.stdout.readline())[1]
        result = tmp_path / "scores.json"
        done = conform(
            "--base-url", url, "--session-prefix", "/_s/{session}", "--part", part, "--json", result,
            "--limit", limit, "--data", data,
        )  # fmt: skip
        assert result.exists(), done.stderr
    finally:
        server.terminate()
        server.communicate()
    return {s["name"]: (s["passed"], s["total"], s["misses"][:3]) for s in json.loads(result.read_text())}
