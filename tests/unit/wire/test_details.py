"""Small parts of answers: limits in headers, details of errors, texts for a person."""

from datetime import UTC, datetime

import pytest

from mockserver.wire.catalogue.named import NamedError, coded, invalid
from mockserver.wire.rates import exhausted_limit
from mockserver.wire.telling import printable

NOW = datetime(2026, 11, 20, 12, 0, 0, 5, UTC)


@pytest.mark.parametrize("limit", ["requests", "input-tokens", "output-tokens"])
def test_of_an_exhausted_limit_nothing_remains(limit):
    headers = exhausted_limit(limit, NOW, 30)
    for name in ("requests", "input-tokens", "output-tokens"):
        whole, left, reset = (headers[f"anthropic-ratelimit-{name}-{what}"] for what in ("limit", "remaining", "reset"))
        assert left == ("0" if name == limit else whole)
        assert reset == ("2026-11-20T12:00:30Z" if name == limit else "2026-11-20T12:00:00Z")
    both = [int(headers[f"anthropic-ratelimit-{kind}-tokens-remaining"]) for kind in ("input", "output")]
    assert headers["anthropic-ratelimit-tokens-remaining"] == str(sum(both))
    last = "2026-11-20T12:00:00Z" if limit == "requests" else "2026-11-20T12:00:30Z"
    assert headers["anthropic-ratelimit-tokens-reset"] == last


DETAILS = [
    (invalid("a"), None),
    (NamedError("api_error", "a", details={"b": 1}), {"b": 1}),
    (coded("c", "a"), {"error_code": "c"}),
    (NamedError("api_error", "a", code="c", details={"b": 1}), {"error_code": "c", "b": 1}),
]


@pytest.mark.parametrize(("error", "details"), DETAILS)
def test_the_code_of_an_error_is_the_first_of_its_details(error, details):
    assert error.all_details == details
    assert list(error.all_details or {}) == list(details or {})


def test_a_text_for_a_person_stays_on_its_line():
    assert printable("a\r\n\x1b[2Jü b") == "a\\r\\n\\x1b[2Jü b"
