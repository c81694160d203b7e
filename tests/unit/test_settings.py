"""Settings: nearest wins, and a wrong one says where it was given."""

from datetime import UTC, datetime

import pytest

from mockserver.scenario.problems import ScenarioError
from mockserver.scenario.settings_file import read_settings
from mockserver.serving.app import make_engine
from mockserver.settings import SettingsError, from_environment, resolve, unknown_variables
from mockserver.state.clock import Clock
from mockserver.wire.rates import RateLimits


def test_defaults():
    settings = resolve()
    assert (settings.seed, settings.on_unmatched, settings.api_key, settings.validation, settings.freeze) == (
        0,
        "error",
        [],
        "strict",
        None,
    )


def test_the_nearest_layer_wins_and_none_is_not_given():
    assert resolve(("a", {"seed": 1}), ("b", {"seed": 2}), ("c", {"seed": None})).seed == 2


def test_argument_over_variable_over_file(tmp_path, monkeypatch):
    (tmp_path / "mockserver.yaml").write_text("seed: 1\non_unmatched: fallback\nvalidation: 'off'")
    monkeypatch.setenv("MOCKSERVER_SEED", "2")
    monkeypatch.setenv("MOCKSERVER_ON_UNMATCHED", "error")
    settings = make_engine([tmp_path], {"seed": 3}).settings
    assert (settings.seed, settings.on_unmatched, settings.validation) == (3, "error", "off")


def test_variables():
    given = from_environment({"MOCKSERVER_API_KEY": "a, b", "MOCKSERVER_FREEZE": "2026-01-02", "OTHER": "x"})
    settings = resolve(("environment", given))
    assert settings.api_key == ["a", "b"]
    assert resolve(("arguments", {"freeze": settings.freeze})).freeze == settings.freeze
    assert settings.freeze == datetime(2026, 1, 2, tzinfo=UTC)


def test_levels_of_sessions_and_models_as_text_and_as_themselves():
    for given in (
        {"a": "off", "b=c": "lenient"},
        "a=off, b=c=lenient",
        ["a=off", "b=c=lenient"],
        ["a=off, b=c=lenient"],
    ):
        assert resolve(("x", {"session_validation": given})).session_validation == {"a": "off", "b=c": "lenient"}
    settings = resolve(("x", {"session_validation": "a=off", "model": "m, n=claude-opus-5"}))
    assert [settings.of_session(name).validation for name in "az"] == ["off", "strict"]
    assert settings.model == ["m", "n=claude-opus-5"]
    assert resolve(("x", {"model": {"n": "claude-opus-5"}})).model == ["n=claude-opus-5"]


def test_limits_in_every_form():
    expected = RateLimits(requests=5, input_tokens=30_000)
    for given in (
        {"requests": 5, "input_tokens": 30_000},
        {"requests": "5", "input-tokens": "30_000"},
        "requests=5, input-tokens=30000",
        ["requests=5", "input_tokens=30000"],
        expected,
    ):
        assert resolve(("x", {"limits": given})).limits == expected
    for tier in ("start", ["start"], ["Start"]):
        assert resolve(("x", {"limits": tier})).limits == RateLimits()
    assert resolve(("x", {"limits": ["start", "requests=5"]})).limits == RateLimits(requests=5)
    for sessions in ({"a": expected, "b": "start"}, ["a:requests=5,input_tokens=30000", "b:start"]):
        settings = resolve(("x", {"session_limits": sessions, "limits": "requests=1"}))
        assert [settings.of_session(name).limits for name in "abc"] == [
            expected,
            RateLimits(),
            RateLimits(requests=1),
        ]
    assert resolve(("x", {"session_limits": "a:start"})).of_session("a").limits == RateLimits()


def test_sizes_in_every_form():
    sizes = {"0": 0, 5: 5, "512": 512, "1KB": 1024, "1.5 kb": 1536, "512MB": 512 * 1024**2, " 2GB ": 2 * 1024**3}
    assert {size: resolve(("x", {"file_quota": size})).file_quota for size in sizes} == sizes
    assert resolve().file_quota == 512 * 1024**2


def test_a_folder_for_files(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for given in ("~/files", tmp_path / "files", str(tmp_path / "files")):
        assert resolve(("x", {"files_folder": given})).files_folder == tmp_path / "files"
    assert not (tmp_path / "files").exists(), "reading settings makes nothing"


def test_speeds_and_chaos():
    assert [resolve(("x", {"speed": speed})).speed for speed in ("10", 0.5, "instant")] == [10, 0.5, "instant"]
    assert resolve(("x", {"speed": "instant", "freeze": "2026-01-01"})).speed == "instant"
    assert resolve(("x", {"chaos": False})).chaos == "off"


def test_a_clock_of_one_s_own_has_its_own_speed():
    for name, value in (("freeze", "2026-01-01"), ("speed", 3)):
        with pytest.raises(SettingsError, match=f"'{name}' and 'clock' both say what time it is"):
            make_engine([], {name: value}, Clock())


WRONG = [
    (
        ("arguments", {"zzz": 1}),
        "arguments: unknown setting 'zzz'; there are: api_key, batch_delay, chaos, control_token, dialect, edge_headers, "
        "file_quota, files_folder, freeze, limits, max_connections, max_exchanges, max_sessions, model, objects, "
        "on_unmatched, request_timeout, retired_models, seed, session_dialect, session_limits, session_validation, speed, validation",
    ),
    (("flags", {"on_unmatched": "x"}), "--on-unmatched = 'x': Input should be 'error' or 'fallback'"),
    (("arguments", {"api_key": [""]}), "arguments: api_key = ['']: a key must not be empty"),
    (("environment", {"api_key": "a,,b"}), "MOCKSERVER_API_KEY = 'a,,b': a key must not be empty"),
    (("arguments", {"seed": "x"}), "arguments: seed = 'x': Input should be a valid integer"),
    (("environment", {"seed": "x"}), "MOCKSERVER_SEED = 'x': Input should be a valid integer"),
    (("file.yaml", {"on_unmatched": "no"}), "file.yaml: on_unmatched = 'no': Input should be 'error' or 'fallback'"),
    (
        ("flags", {"session_validation": ["old"]}),
        "--session-validation = ['old']: 'old' is not of the form SESSION=LEVEL",
    ),
    (
        ("flags", {"session_validation": ["=off"]}),
        "--session-validation = ['=off']: '=off' is not of the form SESSION=LEVEL",
    ),
    (
        ("flags", {"session_validation": ["a=off", "a=off"]}),
        "--session-validation = ['a=off', 'a=off']: the session 'a' has two levels",
    ),
    (
        ("flags", {"session_validation": ["a=weak"]}),
        "--session-validation['a'] = 'weak': Input should be 'strict', 'lenient' or 'off'",
    ),
    *(
        (("flags", {"model": [wrong]}), f"--model = ['{wrong}']: '{wrong}' is neither NAME nor NAME=LIKE")
        for wrong in ("=claude-opus-5", "my=", "my model", "")
    ),
    (
        ("flags", {"model": ["claude-sonnet-5"]}),
        "--model = ['claude-sonnet-5']: 'claude-sonnet-5' is a model already; give the new one another name",
    ),
    (("file.yaml", {"model": [5]}), "file.yaml: model"),
    (("arguments", {"session_validation": 5}), "arguments: session_validation = 5: Input should be a valid dictionary"),
    (
        ("arguments", {"model": ["a=claude-sonet-5"]}),
        "arguments: model = ['a=claude-sonet-5']: there is no model 'claude-sonet-5' that 'a' could be like; did you mean 'claude-sonnet-5'?",
    ),
    (
        ("environment", {"model": "a=b"}),
        "MOCKSERVER_MODEL = 'a=b': there is no model 'b' that 'a' could be like; `mockserver models` lists them",
    ),
    (
        ("flags", {"speed": "0"}),
        "--speed = '0': a speed is a number above 0, at most 1,000,000, or 'instant'; the setting 'freeze' makes the clock stand still",
    ),
    *(
        (("flags", {"file_quota": wrong}), f"--file-quota = {wrong!r}: a size is a number of bytes from 0, or a text")
        for wrong in ("much", "-1", "1TB", "", "1e3", True, 1.5, [1])
    ),
    (("arguments", {"file_quota": -1}), "arguments: file_quota = -1: Input should be greater than or equal to 0"),
    (("environment", {"files_folder": " "}), "MOCKSERVER_FILES_FOLDER = ' ': a folder has a name"),
    (("arguments", {"files_folder": 5}), "arguments: files_folder = 5: Input is not a valid path"),
    (("flags", {"speed": "quick"}), "--speed = 'quick': a speed is a number above 0, or 'instant'"),
    (("arguments", {"speed": True}), "arguments: speed = True: a speed is a number above 0, or 'instant'"),
    (("environment", {"speed": "inf"}), "MOCKSERVER_SPEED = 'inf': a speed is a number above 0"),
    (
        ("arguments", {"speed": 2, "freeze": "2026-01-01"}),
        "arguments: speed = 2: the clock stands still ('freeze'), so it has no speed; give one of them",
    ),
    (("flags", {"limits": ["tart"]}), "--limits = ['tart']: 'tart' is neither a tier (start) nor LIMIT=NUMBER"),
    (("flags", {"limits": ["start", "start"]}), "--limits = ['start', 'start']: 'start': a tier is given twice"),
    (
        ("flags", {"limits": ["requests=5,requests=6"]}),
        "--limits = ['requests=5,requests=6']: 'requests=6': 'requests' is given twice",
    ),
    (
        ("arguments", {"limits": {}}),
        "arguments: limits = {}: limits are a tier (start), LIMIT=NUMBER, or a map; there are: requests, ",
    ),
    (
        ("arguments", {"limits": {"requests": 10**13}}),
        "arguments: limits = {'requests': 10000000000000}: requests: a limit is a whole",
    ),
    (("flags", {"speed": "1e9"}), "--speed = '1e9': a speed is a number above 0, at most 1,000,000, or 'instant'"),
    (
        ("flags", {"limits": ["request=5"]}),
        "--limits = ['request=5']: there is no limit 'request'; did you mean 'requests'?",
    ),
    (
        ("file.yaml", {"limits": {"requests": 0}}),
        "file.yaml: limits = {'requests': 0}: requests: a limit is a whole number from 1, per minute; this is 0",
    ),
    (
        ("file.yaml", {"limits": {"requests": True}}),
        "file.yaml: limits = {'requests': True}: requests: a limit is a whole number",
    ),
    (("arguments", {"limits": 5}), "arguments: limits = 5: "),
    (
        ("flags", {"session_limits": ["start"]}),
        "--session-limits = ['start']: 'start' is not of the form SESSION:LIMIT=NUMBER",
    ),
    (
        ("flags", {"session_limits": ["a:start", "a:start"]}),
        "--session-limits = ['a:start', 'a:start']: the session 'a' has limits twice",
    ),
    (("arguments", {"session_limits": 5}), "arguments: session_limits = 5: "),
    (("environment", {"chaos": "wild"}), "MOCKSERVER_CHAOS = 'wild': Input should be 'off', 'mild' or 'rough'"),
    (
        ("arguments", {"freeze": "soon"}),
        "arguments: freeze = 'soon': a time is written as ISO 8601, such as 2026-01-01",
    ),
    (
        ("arguments", {"sede": 1}),
        "arguments: unknown setting 'sede'; did you mean 'seed'?",
    ),
]


@pytest.mark.parametrize(("layer", "words"), WRONG)
def test_a_wrong_setting_says_where_it_was_given(layer, words):
    with pytest.raises(SettingsError) as error:
        resolve(layer)
    assert str(error.value).startswith(words)


def test_a_variable_that_nothing_reads_is_told():
    assert unknown_variables({"MOCKSERVER_SEDE": "1", "MOCKSERVER_PORT": "1", "X": "1"}) == [
        "the variable MOCKSERVER_SEDE is not read; did you mean 'MOCKSERVER_SEED'?"
    ]


FILES = {
    "unknown": ("seed: 1\nsede: 2", "2:1: unknown setting 'sede'; did you mean 'seed'?"),
    "no map": ("- a", "1:1: settings are one map, such as 'seed: 7'"),
    "two documents": ("seed: 1\n---\nseed: 2", "1:1: settings are one map"),
    "a bad value": ("seed: 1\non_unmatched: maybe", "2:15: on_unmatched: Input should be 'error' or 'fallback'"),
    "no yaml": ("seed: @", "1:7: found character"),
}


@pytest.mark.parametrize(("text", "words"), FILES.values(), ids=FILES)
def test_a_settings_file_is_told_with_its_lines(tmp_path, text, words):
    file = tmp_path / "mockserver.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError) as error:
        read_settings([tmp_path])
    assert str(error.value).startswith(f"{file}:{words}")


def test_an_empty_settings_file_says_nothing(tmp_path):
    (tmp_path / "mockserver.yml").write_text("# nothing")
    assert read_settings([tmp_path]) == (str(tmp_path / "mockserver.yml"), {})


def test_two_settings_files_are_an_error(tmp_path):
    (tmp_path / "a").mkdir()
    for folder in (tmp_path, tmp_path / "a"):
        (folder / "mockserver.yaml").write_text("seed: 1")
    with pytest.raises(ScenarioError, match="a second settings file"):
        read_settings([tmp_path, tmp_path / "a"])
