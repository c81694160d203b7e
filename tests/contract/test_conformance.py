"""Recorded exchanges of the real API, replayed. MESSAGES_CONFORMANCE names the folder with `conform.py` and `data/`."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("MESSAGES_CONFORMANCE")
KEY = "sk-ant-api03-conformance-0000000000000000000000000000"

pytestmark = [
    pytest.mark.skipif(not FOLDER, reason="MESSAGES_CONFORMANCE names no folder with recorded exchanges"),
    pytest.mark.timeout(300),
]


def conform(*args):
    program = Path(FOLDER) / "conform.py"
    return subprocess.run([sys.executable, program, *map(str, args)], capture_output=True, text=True, check=False)


def scores(part, tmp_path, *serve):
    """Serve, measure one part, and return {score: (passed, total, first misses)}."""
    server = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", *map(str, serve), "--port", "0", "--api-key", KEY, "--on-unmatched", "fallback", "--log-level", "error"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        url = re.search(r"on (http://\S+)", server.stdout.readline())[1]
        result = tmp_path / "scores.json"
        done = conform("--base-url", url, "--session-prefix", "/_s/{session}", "--part", part, "--json", result)
        assert result.exists(), done.stderr
    finally:
        server.terminate()
        server.communicate()
    return {s["name"]: (s["passed"], s["total"], s["misses"][:3]) for s in json.loads(result.read_text())}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    assert conform("--write-scenarios", folder).returncode == 0
    return folder


def test_recorded_answers_are_scenarios_without_a_problem(recorded):
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", recorded], capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith(" 0 errors, 0 warnings\n")


@pytest.mark.parametrize("validation", ["lenient", "off"])
def test_recorded_answers_come_back_equal(recorded, tmp_path, validation):
    """As JSON, and folded from a stream."""
    found = scores("replay", tmp_path, recorded, "--validation", validation)
    assert set(found) == {"replay: JSON", "replay: stream"}
    for passed, total, misses in found.values():
        assert passed == total, misses


def test_the_bytes_are_those_of_the_real_api(tmp_path):
    passed, total, misses = scores("accept", tmp_path, tmp_path)["bytes"]
    assert total > 1000
    assert passed == total, misses
