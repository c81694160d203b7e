"""Recorded exchanges of the real API, replayed. MESSAGES_CONFORMANCE names the folder with `conform.py` and `data/`."""

import subprocess
import sys

import pytest
from conforming import MARKS, conform, scores

pytestmark = MARKS


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
