"""Models: finding one, its days, its window."""

from datetime import date

import pytest

from mockserver.wire.models import MODELS
from mockserver.wire.registry import STANDARD, Registry
from mockserver.wire.traits import Model

RETIREMENT = [
    ("2026-08-05", date(2026, 8, 4), False),
    ("2026-08-05", date(2026, 8, 5), True),
    ("2026-08-05", date(2027, 1, 1), True),
    ("", date.max, False),
]


@pytest.mark.parametrize(("retires", "today", "expected"), RETIREMENT)
def test_a_model_is_retired_from_its_day_on(retires, today, expected):
    assert Model("a", retires=retires).is_retired(today) is expected


@pytest.mark.parametrize(("context", "expected"), [(1_000_000, True), (999_999, False), (200_000, False)])
def test_the_long_window_is_the_one_of_a_million(context, expected):
    assert Model("a", context=context).has_long_context is expected


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_model_is_found_by_all_its_names(model):
    assert {STANDARD.known(name) for name in (model.id, *model.aliases)} == {model}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_traits_of_a_model_go_together(model):
    assert model.max_output < model.context
    assert not model.quiet_effort or model.quiet_effort in model.efforts
    assert model.efforts == () or model.effort in model.efforts
    assert "disabled" in model.thinking or "adaptive" in model.thinking


def test_names_are_listed_with_those_that_were_added():
    names = Registry(["mine"]).names
    assert names[0] == MODELS[0].id
    assert names[-1] == "mine"


@pytest.mark.parametrize("name", [None, 5, [], {}, "", "claude-nope"])
def test_what_is_no_name_is_no_model(name):
    assert STANDARD.known(name) is None
    assert STANDARD.find(name) == Model(name if isinstance(name, str) else "")
