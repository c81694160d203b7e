"""How often scenarios answered, and what the tally tells apart: both are bounded."""

import pytest

from mockserver.state import tally, uses
from mockserver.state.journal import Exchange, Trial
from mockserver.state.tally import Tally
from mockserver.state.uses import Uses


def test_uses_are_counted_and_the_first_ones_forgotten(monkeypatch):
    monkeypatch.setattr(uses, "MOST", 2)
    counted = Uses()
    for key in "aabcc":
        counted[key] += 1
    assert dict(counted) == {"b": 1, "c": 2}
    assert (counted.get("z", 0), len(counted)) == (0, 2)


@pytest.mark.parametrize("most", [2, 100])
def test_counters_of_usage_beyond_the_limit_are_one(monkeypatch, most):
    monkeypatch.setattr(tally, "MOST_COUNTERS", most)
    counted = Tally()
    for name in ("input_tokens", "output_tokens", "x_tokens", "y_tokens", "input_tokens"):
        counted.count(Exchange(0, "s", "POST", "/", Trial(None, 0.0), usage={name: 3}))
    assert counted.tokens["input_tokens"] == 6
    assert counted.tokens["other_tokens"] == (6 if most == 2 else 0)
