"""Reading texts: YAML without its surprises, and where everything stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.scenario import documents
from mockserver.scenario.dialect_files import read_dialect
from mockserver.scenario.documents import locate_json, read_json, read_yaml
from mockserver.scenario.loading import load
from mockserver.scenario.positions import Document, DocumentError
from mockserver.scenario.problems import ScenarioError
from mockserver.scenario.settings_file import read_settings


def read(text):
    return [d.value for d in read_yaml(text)]


SCALARS = [
    ("2023-06-01", "2023-06-01"),
    ("no", "no"),
    ("on", "on"),
    ("Yes", "Yes"),
    ("12:30", "12:30"),
    ("007", "007"),
    ("0x1F", "0x1F"),
    ("1_000", "1_000"),
    (".inf", ".inf"),
    ("5", 5),
    ("-5", -5),
    ("1.50", 1.5),
    ("1e3", 1000.0),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("'5'", "5"),
    ('"true"', "true"),
    ("|\n  a\n  b\n", "a\nb\n"),
]


@pytest.mark.parametrize(("written", "value"), SCALARS)
def test_only_json_s_own_types_are_not_text(written, value):
    assert read(f"key: {written}") == [{"key": value}]


def test_keys_are_always_text():
    assert read("no: 1\n5: 2\ntrue: 3") == [{"no": 1, "5": 2, "true": 3}]


def test_documents_of_a_file_and_empty_ones():
    assert read("a: 1\n---\nb: 2\n---\n# nothing\n") == [{"a": 1}, {"b": 2}]
    assert read("") == read("# nothing") == []


def test_anchors_and_merge_keys():
    assert read("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\nc: {<<: [*x, {l: 9, m: 4}]}") == [
        {"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}, "c": {"k": 1, "l": 2, "m": 4}}
    ]


ERRORS = {
    "a key twice": ("a: 1\nb: 2\na: 3", "the key 'a' stands twice; it is already in line 1", (3, 1)),
    "deep": ("x:\n  - a: 1\n    a: 2", "the key 'a' stands twice; it is already in line 2", (3, 5)),
    "a tag": ("a: !!python/object:os.system x", "tags such as", (1, 4)),
    "a tag of yaml's": ("a: !!binary aGk=", "tags such as", (1, 4)),
    "a special character": ("a: @x", "cannot start any token", (1, 4)),
    "a colon": ("a: b: c", "needs quotes", (1, 5)),
    "a list as key": ("[a]: 1", "a key must be a text", (1, 1)),
    "an alias in itself": ("a: &x [*x]", "an alias that contains itself", (1, 4)),
    "an unknown alias": ("a: *x", "undefined alias", (1, 4)),
    "a merge of a list": ("a: {<<: [1]}", "'<<' takes a map", (1, 9)),
    "a control character": ("a: 1\nb: \x07", "a character that YAML does not allow", (2, 1)),
}


@pytest.mark.parametrize(("text", "words", "position"), ERRORS.values(), ids=ERRORS)
def test_errors_say_where(text, words, position):
    with pytest.raises(DocumentError) as error:
        read(text)
    assert words in str(error.value)
    assert error.value.position == position


def test_positions_of_values_and_keys():
    (document,) = read_yaml("match:\n  user: hi\nturns:\n  - reply: a\n")
    assert document.position(("match", "user")) == (2, 9)
    assert document.position(("match", "user"), of_key=True) == (2, 3)
    assert document.position(("turns", 0, "reply")) == (4, 12)
    assert document.position(("turns", 0, "~tag", "reply")) == (4, 12)
    assert document.position(("turns", 7)) == (4, 3)
    assert Document().position(("x",)) == (1, 1)


def test_json_errors_say_where():
    with pytest.raises(DocumentError) as error:
        read_json('{"a": 1,\n "b": }')
    assert error.value.position == (2, 7)


def test_json_positions_are_found_when_they_are_needed():
    text = '{"a": 1,\n "b": {"c": 2}}'
    document = read_json(text)
    locate_json(text, document)
    assert document.position(("b", "c"), of_key=True) == (2, 8)


def test_json_that_yaml_reads_otherwise_is_still_told():
    text = '{"a": "\\ud83d\\ude00\\/", "b": 2}'
    document = read_json(text)
    locate_json(text, document)
    assert document.position(("a",))[0] == 1


TWICE = [
    ('{"a": 1,\n "a": 2}', "the key 'a' stands twice; it is already in line 1", (2, 2)),
    ('{"x": [{"b": 1, "b": 2}]}', "the key 'b' stands twice; it is already in line 1", (1, 17)),
    ('{"a": "\\ud83d\\ude00", "a": 2}', "the key 'a' stands twice", (1, 1)),
]


@pytest.mark.parametrize(("text", "words", "position"), TWICE)
def test_a_json_key_stands_once(text, words, position):
    with pytest.raises(DocumentError) as error:
        read_json(text)
    assert (str(error.value), error.value.position) == (words, position)


def test_a_text_that_would_exhaust_the_reader_is_refused():
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    for text, words in (
        ("[" * 100_000, "nested more than|nesting depth"),
        (bomb, "aliases count each time"),
        ('{"a":' * 3000, "not JSON"),
    ):
        with pytest.raises(DocumentError, match=words):
            list(read_yaml(text)) if text[0] != "{" else read_json(text)


def test_numbers_beyond_json_are_text():
    assert read(f"a: {'9' * 5000}\nb: 1e999\nc: 99999999999999999999") == [
        {"a": "9" * 5000, "b": "1e999", "c": 99999999999999999999}
    ]


@pytest.mark.parametrize("text", ["reply: [\n", "reply: 'abc\n", "reply: [\n\n\n", "a: |\n\tb"])
def test_an_unfinished_text_is_told(text):
    with pytest.raises(DocumentError):
        read(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet="ab: #-@\n'\"5é", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="abn: ", max_size=4), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.sampled_from("abc"), json_values, min_size=1))
def test_json_is_yaml(value):
    """What JSON says, YAML says too."""
    text = json.dumps(value, ensure_ascii=False)
    assert read(text) == [read_json(text).value] == [value]


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_BYTES", 10)
    for name in ("a.yaml", "a.json", "mockserver.yaml"):
        (tmp_path / name).write_text("reply: 'Hello'")
    words = "14 bytes; a file has at most 10: split it"
    assert [str(problem) for problem in load([tmp_path]).problems] == [
        f"{tmp_path / name}:1:1: {words}" for name in ("a.json", "a.yaml")
    ]
    with pytest.raises(ScenarioError, match=words):
        read_settings([tmp_path])
    with pytest.raises(ScenarioError, match=words):
        read_dialect(tmp_path / "a.yaml")
