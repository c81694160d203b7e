"""What the API tells of a model: names, stages, dates, capabilities, keys."""

from datetime import date

import pytest

from mockserver.wire.model_info import display_name, lifecycle, model_info
from mockserver.wire.models import MODELS
from mockserver.wire.registry import STANDARD, Registry

NAMES = {
    "claude-opus-5-5": "Claude Opus 5.5",
    "claude-sonnet-4-5-20250929": "Claude Sonnet 4.5",
    "claude-opus-4-20250514": "Claude Opus 4",
    "claude-mythos-preview": "Claude Mythos Preview",
    "claude-3-7-sonnet-20250219": "Claude Sonnet 3.7",
    "claude-3-5-sonnet-20241022": "Claude Sonnet 3.5 (New)",
    "claude-3-5-sonnet-20240620": "Claude Sonnet 3.5 (Old)",
    "claude-3-haiku-20240307": "Claude Haiku 3",
    "claude-2.1": "Claude 2.1",
    "claude-instant-1.2": "Claude Instant 1.2",
    "house-model-3": "house-model-3",
}
TODAY = date(2026, 11, 20)
KEYS = [
    "type", "id", "display_name", "created_at", "line", "max_input_tokens", "max_tokens", "capabilities", "lifecycle",
    "deprecated_at", "retires_at",
]  # fmt: skip
CAPABILITIES = [
    "batch", "citations", "code_execution", "context_management", "effort", "image_input", "pdf_input", "server_tools",
    "structured_outputs", "thinking",
]  # fmt: skip

RECORDED = {
    "claude-opus-4-7": ("2026-04-14T00:00:00Z", 1_000_000, 128_000, {"code_execution", "compact", "max", "structured", "adaptive"}),
    "claude-sonnet-4-6": ("2026-02-17T00:00:00Z", 1_000_000, 128_000, {"code_execution", "compact", "max", "structured", "enabled", "adaptive"}),
    "claude-opus-4-6": ("2026-02-04T00:00:00Z", 1_000_000, 128_000, {"code_execution", "compact", "max", "structured", "enabled", "adaptive"}),
    "claude-opus-4-5": ("2025-11-24T00:00:00Z", 200_000, 64_000, {"code_execution", "high", "structured", "enabled"}),
    "claude-haiku-4-5": ("2025-10-15T00:00:00Z", 200_000, 64_000, {"structured", "enabled"}),
    "claude-opus-4-1": ("2025-08-05T00:00:00Z", 200_000, 32_000, {"structured", "enabled"}),
    "claude-opus-4-0": ("2025-05-22T00:00:00Z", 200_000, 32_000, {"enabled"}),
}  # fmt: skip
"""A list that was recorded on 2026-05-13: what differs from model to model."""


@pytest.mark.parametrize(("id_", "name"), NAMES.items())
def test_the_name_for_people(id_, name):
    assert display_name(id_) == name


@pytest.mark.parametrize("name", RECORDED)
def test_a_model_is_told_of_as_it_was_recorded(name):
    info = model_info(STANDARD.find(name), date(2026, 5, 13))
    can = info["capabilities"]
    seen = {
        "code_execution": can["code_execution"],
        "compact": can["context_management"]["compact_20260112"],
        "high": can["effort"]["high"] if not can["effort"]["max"]["supported"] else {"supported": False},
        "max": can["effort"]["max"],
        "structured": can["structured_outputs"],
        **{name: can["thinking"]["types"][name] for name in ("enabled", "adaptive")},
    }
    supported = {key for key, value in seen.items() if value["supported"]}
    assert (info["created_at"], info["max_input_tokens"], info["max_tokens"], supported) == RECORDED[name]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_keys_are_those_of_the_api_in_its_order(model):
    info = model_info(model, TODAY)
    assert list(info) == KEYS
    assert list(info["capabilities"]) == CAPABILITIES
    assert list(info["capabilities"]["effort"]) == ["supported", "low", "medium", "high", "xhigh", "max"]
    assert list(info["capabilities"]["thinking"]["types"]) == ["enabled", "adaptive", "disabled", "between_tools"]
    assert list(info["capabilities"]["context_management"])[1:] == [
        "clear_tool_uses_20250919",
        "clear_thinking_20251015",
        "compact_20260112",
    ]


def test_betas_show_more():
    info = model_info(STANDARD.find("claude-fable-5-1"), TODAY, fallbacks=True, compaction=True)
    assert info["allowed_fallback_models"] == ["claude-opus-4-8", "claude-opus-5"]
    assert info["capabilities"]["compaction"] == {"supported": True, "summarize": {"supported": True}}
    assert model_info(STANDARD.find("claude-sonnet-5"), TODAY, fallbacks=True)["allowed_fallback_models"] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_a_fallback_is_another_model_that_exists(model):
    assert model.id not in model.fallbacks
    assert all(STANDARD.known(name) for name in model.fallbacks)


STAGES = [
    ("2026-09-29", "active", None, None),
    ("2026-09-30", "deprecated", "2026-09-30T00:00:00Z", "2026-11-30T00:00:00Z"),
    ("2026-11-29", "deprecated", "2026-09-30T00:00:00Z", "2026-11-30T00:00:00Z"),
    ("2026-11-30", "retired", "2026-09-30T00:00:00Z", "2026-11-30T00:00:00Z"),
]


@pytest.mark.parametrize(("day", "stage", "deprecated", "retires"), STAGES)
def test_the_stages_of_a_life(day, stage, deprecated, retires):
    model = STANDARD.find("claude-sonnet-4-5")
    info = model_info(model, date.fromisoformat(day))
    assert lifecycle(model, date.fromisoformat(day)) == stage
    assert (info["lifecycle"], info["deprecated_at"], info["retires_at"]) == (stage, deprecated, retires)


def test_a_model_of_ones_own_is_active_and_of_an_unknown_day():
    new, like = Registry(["mine", "claude-mine=claude-2.1"]).models[-1], Registry(["other=claude-2.1"]).find("other")
    info = model_info(new, TODAY)
    assert (info["id"], info["lifecycle"], info["created_at"]) == ("mine", "active", "1970-01-01T00:00:00Z")
    assert (info["line"], info["display_name"]) == (None, "mine")
    assert model_info(like, TODAY)["created_at"] == "2023-11-21T00:00:00Z"


def test_all_models_stand_in_the_registry_once_and_in_order():
    assert [model.id for model in STANDARD.models] == [model.id for model in MODELS]
    changed = Registry(["claude-opus-4-5-20251101=claude-opus-5", "new"]).models
    assert len(changed) == len(MODELS) + 1
    assert next(m for m in changed if m.id == "claude-opus-4-5-20251101").context == 1_000_000
