"""Recorded and catalogued refusals of the real API, and what clients send. Skipped without MESSAGES_CONFORMANCE."""

import json
import re
from pathlib import Path

import pytest
from conforming import FOLDER, MARKS, scores

from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.errors import ERRORS

pytestmark = MARKS

EXPLAINED = (
    "max_tokens: Field required",
    "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
)
"""Why the real API refuses what some captured clients sent to a server that answers everything."""

NOT_HTTP = {"overloaded_sse", "internal_sse", "edge_5xx_html"}
"""Failures of a stream and of a proxy: they are faults and no errors of the API's."""


def test_what_clients_send_is_accepted(tmp_path):
    passed, total, misses = scores("clients", tmp_path, tmp_path)["clients"]
    assert total > 100
    assert total - passed == len(misses), "more than the first misses"
    for miss in misses:
        assert any(words in miss["why"] for words in EXPLAINED), miss


def test_every_catalogued_refusal(tmp_path):
    """Status, type, words and envelope."""
    found = scores("reject", tmp_path, tmp_path)
    assert {name: total > 90 for name, (_, total, _) in found.items()} == dict.fromkeys(found, True)
    for name, (passed, total, misses) in found.items():
        assert passed == total, (name, misses)


def test_recorded_refusals(tmp_path):
    found = scores("recorded", tmp_path, tmp_path)
    for score, share in (("recorded 4xx: status", 0.95), ("recorded 4xx: message", 0.85)):
        passed, total, misses = found[score]
        assert passed >= share * total, (score, misses)


def catalogued():
    if not FOLDER:
        return []
    lines = (Path(FOLDER) / "data" / "errors.jsonl").read_text(encoding="utf-8").splitlines()
    rules = [json.loads(line) for line in lines]
    return [rule for rule in rules if rule["kind"] == "injected" and rule["rule"] not in NOT_HTTP]


def words(text):
    """The fixed words of a message: without numbers, placeholders and an elided end."""
    return re.sub(r"[\d,.]+|\{[^}]*\}|[(][^)]*[)]|\s+", " ", text).split()


@pytest.mark.parametrize("rule", catalogued(), ids=lambda rule: rule["rule"])
def test_every_error_that_only_an_account_or_a_server_causes_has_a_name(rule):
    """A scenario can answer with it: same status, type, code and, where the words are known, the same words."""
    types = [(name, error.status, error.message, None) for name, error in ERRORS.items()]
    named = [(e.type, e.status or (ERRORS[e.type].status), e.message, e.code or None) for e in CATALOGUE.values()]
    code = (rule["details"] or {}).get("error_code")
    alike = [
        m for kind, status, m, c in types + named if (kind, status, c) == (rule["error_type"], rule["status"], code)
    ]
    assert alike
    if rule["exact_message"]:
        assert any(set(words(rule["message_template"])) <= set(words(m)) for m in alike), alike
