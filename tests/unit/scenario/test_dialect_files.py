"""A dialect in a file: what is wrong in it is told with file, line and column; settings name it by its path."""

from pathlib import Path

import pytest

from mockserver.scenario.dialect_files import read_dialect, with_files
from mockserver.scenario.problems import ScenarioError
from mockserver.scenario.settings_file import read_settings
from mockserver.serving.app import make_engine
from mockserver.settings import Settings, SettingsError, resolve
from mockserver.wire.dialects import DIALECTS, dialect_of

OWN = """\
# a gateway of our own
like: heroku
prefix: /llm
parameters:
  team: {type: string, required: true}
  thinking.budget_tokens: {maximum: 8192}
"""


def write(folder, text, name="acme.yaml"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_dialect_is_named_like_its_file(tmp_path):
    found = read_dialect(write(tmp_path, OWN))
    assert (found.name, found.prefix, found.version) == ("acme", "/llm", "optional")
    assert read_dialect(write(tmp_path, '{"name": "own", "like": "relay"}', "b.json")).name == "own"


WRONG = [
    ("prefix: llm", "1:9: prefix: 'llm' is no path such as /anthropic"),
    ("like: heroku\ncredentails: none", "2:1: credentails: unknown key 'credentails'; did you mean 'credentials'?"),
    ("like: herku", "1:7: like: there is no dialect 'herku' to be like; did you mean 'heroku'?"),
    ("parameters:\n  n: {type: integer, minimum: five}", "2:31: parameters.n.minimum: expected a number"),
    ("parameters:\n  n:\n    typ: integer", "3:5: parameters.n.typ: unknown key 'typ'; did you mean 'type'?"),
    ("models:\n  a: claude-sonet-5", "2:3: models.a: there is no model 'claude-sonet-5' that 'a' could be like"),
    ("usage: 5", "1:8: usage: expected a list"),
    (
        "like: heroku\nwaives:\n  - thinking.bugdet",
        "3:3: waives: [0] 'thinking.bugdet' is no rule; did you mean 'thinking.budget'?",
    ),
    ("media: [nope]", "1:8: media: [0] 'nope' is no source of images and documents; there are: base64, content, file"),
    ("headers:\n  x: '{nope}'", "2:3: headers.x: '{nope}' is the value of no response header of the API; there are:"),
    ("like: heroku\nmodels:\n  a: null", "3:6: models.a: 'heroku' has no 'a' that null could take away; there are:"),
    ("tools:\n  required: [nope]", "2:3: tools.required: [0] 'nope' is no field that a tool can have"),
    ("alternating_roles: maybe", "1:20: alternating_roles: expected true or false"),
    ("prefix: 7", "1:9: prefix: expected text"),
    ("name: [", "2:1: did not find expected node content"),
    ("- heroku", "1:1: a dialect is one map, such as 'like: heroku'"),
    ("", "1:1: a dialect is one map, such as 'like: heroku'"),
    ("like: heroku\nlike: relay", "2:1: the key 'like' stands twice"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_wrong_in_a_file_is_told_with_its_place(tmp_path, text, words):
    file = write(tmp_path, text)
    with pytest.raises(ScenarioError) as error:
        read_dialect(file)
    assert str(error.value).startswith(f"{file}:{words}")


def test_what_is_wrong_in_json_and_with_the_file_itself(tmp_path):
    for file, words in (
        (write(tmp_path, '{"like": "heroku",\n "prefix": "x"}', "a.json"), ":2:12: prefix: 'x' is no path"),
        (write(tmp_path, "{", "b.json"), ":1:2: not JSON"),
        (tmp_path / "none.yaml", ": No such file or directory; a dialect's file is needed"),
    ):
        with pytest.raises(ScenarioError) as error:
            read_dialect(file)
        assert str(error.value).startswith(f"{file}{words}")
    (tmp_path / "c.yaml").write_bytes(b"name: \xff")
    with pytest.raises(ScenarioError, match="not UTF-8 text"):
        read_dialect(tmp_path / "c.yaml")


def test_settings_name_files(tmp_path, monkeypatch):
    file = write(tmp_path, OWN)
    acme = read_dialect(file)
    monkeypatch.chdir(tmp_path)
    assert with_files({"dialect": "acme.yaml", "seed": 1}) == {"dialect": acme, "seed": 1}
    assert with_files({"dialect": "acme.yaml"}, tmp_path)["dialect"] == acme
    assert make_engine([], {"dialect": file}).settings.dialect == acme
    assert make_engine([], {"session_dialect": {"a": file}}).settings.of_session("a").dialect == acme
    assert with_files({"dialect": "heroku", "session_dialect": "a=relay"}) == {
        "dialect": "heroku",
        "session_dialect": "a=relay",
    }
    for given in (f"a={file},b=relay", [f"a={file}", "b=relay"], {"a": str(file), "b": "relay"}):
        assert with_files({"session_dialect": given}) == {"session_dialect": {"a": acme, "b": "relay"}}
    assert with_files({"session_dialect": "nonsense"}) == {"session_dialect": "nonsense"}


def test_arguments_variables_and_the_settings_file_name_files(tmp_path, monkeypatch):
    """The path in `mockserver.yaml` begins at that file, all others in the working directory."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    write(tmp_path, OWN)
    write(folder, "dialect: ../acme.yaml\nsession_dialect: {old: relay, own: ../acme.yaml}", "mockserver.yaml")
    settings = make_engine([folder], {}).settings
    assert (settings.dialect.name, settings.of_session("old").dialect.name) == ("acme", "relay")
    assert settings.of_session("own").dialect == settings.dialect
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOCKSERVER_DIALECT", "apertis")
    monkeypatch.setenv("MOCKSERVER_SESSION_DIALECT", "x=acme.yaml,y=bifrost")
    settings = make_engine([folder], {}).settings
    assert (settings.dialect.name, settings.session_dialect["x"].prefix) == ("apertis", "/llm")
    assert make_engine([folder], {"dialect": "acme.yaml"}).settings.dialect.name == "acme"


def test_a_dialect_that_stands_in_the_settings_file(tmp_path):
    write(tmp_path, "seed: 7\ndialect:\n  name: acme\n  like: heroku\n", "mockserver.yaml")
    assert read_settings([tmp_path])[1] == {"seed": 7, "dialect": dialect_of({"name": "acme", "like": "heroku"})}
    file = write(tmp_path, "seed: 7\ndialect:\n  name: acme\n  likes: heroku\n", "mockserver.yaml")
    with pytest.raises(ScenarioError) as error:
        read_settings([tmp_path])
    assert str(error.value) == f"{file}:4:3: likes: unknown key 'likes'; did you mean 'like'?"
    write(tmp_path, "dialect: herokus", "mockserver.yaml")
    with pytest.raises(ScenarioError, match=r"mockserver.yaml:1:10: dialect: there is no dialect 'herokus'"):
        read_settings([tmp_path])


HINT = "; a file with one of your own ends in .yaml, .yml or .json"
NAMES = "anthropic, heroku, bifrost, apertis, aggregator, relay"
UNUSABLE = [
    (("flags", {"dialect": "herku"}), f"--dialect = 'herku': there is no dialect 'herku'; did you mean 'heroku'?; there are: {NAMES}{HINT}"),
    (("environment", {"dialect": "zzz"}), f"MOCKSERVER_DIALECT = 'zzz': there is no dialect 'zzz'; there are: {', '.join(sorted(NAMES.split(', ')))}{HINT}"),
    (("arguments", {"dialect": 5}), "arguments: dialect = 5: a dialect is a name, a file, or a map of its fields"),
    (("arguments", {"dialect": {"name": "a", "prefix": "x"}}), "arguments: dialect = {'name': 'a', 'prefix': 'x'}: prefix: 'x' is no path such as /anthropic"),
    (("arguments", {"dialect": {"prefix": "/x"}}), "arguments: dialect = {'prefix': '/x'}: name: Field required"),
    (("body", {"dialect": "/etc/passwd.yaml"}), "body: dialect = '/etc/passwd.yaml': the file of a dialect is not read here; give its fields as a map"),
    (("body", {"dialect": Path("a")}), "body: dialect = "),
    (("flags", {"session_dialect": ["old"]}), "--session-dialect = ['old']: 'old' is not of the form SESSION=DIALECT"),
    (("flags", {"session_dialect": ["a=relay", "a=heroku"]}), "--session-dialect = ['a=relay', 'a=heroku']: the session 'a' has two dialects"),
    (("flags", {"session_dialect": ["a=x"]}), "--session-dialect = ['a=x']: there is no dialect 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "words"), UNUSABLE)
def test_a_dialect_that_cannot_be_used_says_where_it_was_given(layer, words):
    with pytest.raises(SettingsError) as error:
        resolve(layer)
    assert str(error.value).startswith(words)


def test_a_dialect_in_every_form():
    own = dialect_of({"name": "acme", "like": "relay"})
    for given in (own, {"name": "acme", "like": "relay"}):
        assert resolve(("x", {"dialect": given})).dialect == own
    assert resolve(("x", {"dialect": "relay"})).dialect is DIALECTS["relay"]
    assert Settings().dialect is DIALECTS["anthropic"]
    shown = resolve(("x", {"dialect": own, "session_dialect": {"a": "heroku"}})).model_dump(mode="json")
    assert shown["session_dialect"] == {"a": "heroku"}
    assert resolve(("x", {"dialect": shown["dialect"]})).dialect == own
    assert Settings().model_dump(mode="json")["dialect"] == "anthropic"


def test_a_dialect_that_is_given_to_a_session_is_judged_like_any_other():
    engine = make_engine([], {})
    with pytest.raises(SettingsError, match=r"waives: \[0\] 'thinking.bugdet' is no rule"):
        engine.sessions.get("a").configure({"dialect": {"name": "acme", "waives": ["thinking.bugdet"]}})
    assert engine.sessions.get("a").settings.dialect.name == "anthropic"
