"""Recorded exchanges of the real API, replayed. MESSAGES_CONFORMANCE names the folder with `conform.py` and `data/`."""

import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice

import pytest
from conforming import DATA, MARKS, conform, scores
from helpers import engine, post
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import Pool, ends_well, mutated, pool_of, steps

pytestmark = MARKS

EXCHANGES = DATA / "exchanges.jsonl.gz"
SHARES = 8


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


def assert_all_come_back(found):
    assert set(found) == {"replay: JSON", "replay: stream"}
    for passed, total, misses in found.values():
        assert passed == total > 200, misses


def test_recorded_answers_come_back_equal(recorded, tmp_path):
    """As JSON, and folded from a stream. What the lenient level takes, is asked of all recordings without a socket."""
    assert_all_come_back(scores("replay", tmp_path, recorded, "--validation", "lenient", limit=500))


@pytest.mark.parametrize("share", range(SHARES))
def test_recorded_answers_come_back_equal_without_validation(share, tmp_path):
    """All of them, in shares: a request is compared with one scenario after the other, and all with all take minutes."""
    data, scenarios = tmp_path / "data", tmp_path / "scenarios"
    data.mkdir()
    with gzip.open(EXCHANGES, "rt", encoding="utf-8") as lines:
        (data / "exchanges.jsonl").write_text("".join(islice(lines, share, None, SHARES)), encoding="utf-8")
    assert conform("--data", data, "--write-scenarios", scenarios).returncode == 0
    assert_all_come_back(scores("replay", tmp_path, scenarios, "--validation", "off", data=data))


def test_answers_are_those_of_the_real_api(tmp_path):
    """To all recorded requests that it accepted: its status, its headers and keys, its bytes."""
    found = scores("accept", tmp_path, tmp_path)
    assert set(found) == {"accept", "envelope (2xx)", "bytes"}
    for score, (passed, total, misses) in found.items():
        assert passed == total > 1000, (score, misses)


def test_caches_are_read_and_written_where_the_real_one_was(tmp_path):
    found = scores("cache", tmp_path, tmp_path)
    for score, share in (("cache: creation", 0.95), ("cache: read", 0.95), ("cache: amounts within 10 %", 0.85)):
        passed, total, misses = found[score]
        assert total > 30
        assert passed >= share * total, (score, misses)


JUDGED = ("/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches")


@dataclass(repr=False)
class Recorded:
    """What was sent, with which headers, and where to, of it what was answered; and values to change it with."""

    requests: list[tuple[dict, dict, str]]
    answered: list[tuple[dict, dict, str]]
    pool: Pool


@pytest.fixture(scope="module")
def sent():
    with gzip.open(EXCHANGES, "rt", encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    told = [x for x in told if isinstance(x.get("request"), dict) and x["url_path"] in JUDGED]
    requests = [(x["request"], x["request_headers"], x["url_path"]) for x in told]
    answered = [asked for asked, x in zip(requests, told, strict=True) if x["status"] == 200]
    return Recorded(requests, answered, pool_of(body for body, _, _ in requests[::10]))


def test_lenient_validation_takes_all_that_the_strict_one_takes(sent):
    def status(level, asked):
        body, headers, path = asked
        return post(servers[level], body, headers, path).reply.head.status

    servers = {level: engine(validation=level, on_unmatched="fallback") for level in ("lenient", "strict")}
    asked = [one for one in sent.answered if not one[2].endswith("/batches")]  # which are judged, and not answered
    assert len(asked) > 1000
    refused = [one for one in asked if status("lenient", one) != 200]
    assert [one for one in refused if status("strict", one) == 200] == []
    assert len(refused) < len(asked) / 50  # some were answered by what is not the real API


@settings(max_examples=max(500, settings.default.max_examples))
@given(which=st.integers(0, 9999), changes=steps)
def test_any_mutation_of_a_recorded_request_ends_well(sent, which, changes):
    body, headers, path = sent.requests[which % len(sent.requests)]
    ends_well(post, engine(on_unmatched="fallback"), mutated(body, changes, sent.pool), headers, path)
