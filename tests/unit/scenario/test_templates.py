"""Templates: what is one, what may be named, and which types survive."""

import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mockserver.scenario import templates
from mockserver.scenario.templates import TemplateError, compile_value

MEMBERS = {"match": {"city"}, "vars": set()}
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CONTEXT = {
    "match": {"city": "{{ prompt }}"},
    "turn": 2,
    "request": {"a": [1], "items": "a", "nested": {"b": 1}},
    "prompt": "p",
    "now": NOW,
    "vars": {},
    "dec": Decimal("1.5"),
}

VALUES = [
    ("{{ turn }}", "2"),
    ("a{{ turn }}b{% if turn > 1 %}c{% endif %}{# gone #}", "a2bc"),
    ({"text": "{{ turn }}"}, {"text": "2"}),
    ({"input": {"n": "{{ turn }}"}}, {"input": {"n": 2}}),
    ({"input": {"n": " {{- request.a -}} "}}, {"input": {"n": [1]}}),
    ({"input": {"n": "{{ turn }} "}}, {"input": {"n": 2}}),
    ({"input": {"n": "{{ turn }}{{ turn }}"}}, {"input": {"n": "22"}}),
    ({"input": {"n": '{{ {"a": {"b": turn}} }}'}}, {"input": {"n": {"a": {"b": 2}}}}),
    ({"input": [{"deep": ["{{ turn }}", "x"]}]}, {"input": [{"deep": [2, "x"]}]}),
    ("{{ match.city }}", "{{ prompt }}"),
    ("{{ request.items }}{% for k, v in request.nested.items() %}{{ k }}{% endfor %}", "ab"),
    (
        {"input": {"t": "{{ now }}", "s": "{{ (1, now) }}"}},
        {"input": {"t": "2026-01-02T00:00:00+00:00", "s": [1, "2026-01-02T00:00:00+00:00"]}},
    ),
    (
        {"input": {"r": "{{ range(2) }}", "m": "{{ [1, 2] | map('string') }}", "d": "{{ dec }}"}},
        {"input": {"r": [0, 1], "m": ["1", "2"], "d": "1.5"}},
    ),
    ("{{ vars.x | default('d') }}{{ match.y is defined }}{{ vars.items() | length }}", "dFalse0"),
    ("{% raw %}{{ x }}{% endraw %} {{ turn }}", "{{ x }} 2"),
    ("{% set x = turn %}{{ x }}\n", "2\n"),
]


@pytest.mark.parametrize(("value", "rendered"), VALUES)
def test_rendering(value, rendered, monkeypatch):
    """A rendered value is never rendered again; below `input`, a lone expression keeps its type."""
    monkeypatch.setattr(templates, "NAMES", templates.NAMES | {"dec"})
    render = compile_value(value, MEMBERS, ("reply",))
    assert render is not None
    assert render(CONTEXT) == rendered


@pytest.mark.parametrize("text", ["{{ prompt | map('upper') }}", "{{ {'a': prompt | map('upper')} }}"])
def test_a_series_needs_a_list(text):
    render = compile_value(text, MEMBERS)
    assert render is not None
    with pytest.raises(TemplateError, match=r"write '\| list' or '\| join' behind it"):
        render(CONTEXT)


def test_a_value_that_json_does_not_know_is_told():
    render = compile_value({"input": {"x": "{{ now.tzinfo }}"}}, MEMBERS, ("reply",))
    assert render is not None
    with pytest.raises(TemplateError, match="timezone is no value that JSON knows"):
        render(CONTEXT)


def test_what_is_no_template_needs_no_rendering():
    assert compile_value({"a": ["b", 5, None, "{ not one }"]}, MEMBERS) is None


def test_rendering_leaves_the_author_s_value_as_it_is():
    value = {"a": [{"b": "{{ turn }}"}]}
    render = compile_value(value, MEMBERS, ("reply",))
    assert render is not None
    render(CONTEXT)
    assert value == {"a": [{"b": "{{ turn }}"}]}


LOAD_ERRORS = [
    ("{{ [1, 2] | random }}", "not a template: No filter named 'random'"),
    ("{{ lipsum() }}", "'lipsum' is undefined"),
    ("{{ tern }}", "'tern' is undefined; did you mean 'turn'?"),
    ("{{ match.town }}", "'match.town' is undefined; valid here: city"),
    ("{{ vars.x }}", "'vars.x' is undefined; this scenario has no vars"),
    ("{{ turn", "not a template: "),
    ("{% nope %}", "not a template: "),
]


@pytest.mark.parametrize(("text", "words"), LOAD_ERRORS)
def test_mistakes_are_found_at_load_with_their_path(text, words):
    with pytest.raises(TemplateError) as error:
        compile_value({"a": [text]}, MEMBERS)
    assert error.value.args[0].startswith(words)
    assert error.value.args[1] == ("a", 0)


RENDER_ERRORS = [
    ("{{ request.zz }}", "there is no key 'zz'"),
    ("{{ 1 / 0 }}", "division by zero"),
    ("{{ ''.__class__ }}", "unsafe"),
    ("{{ tool_result }}", "'tool_result' is undefined"),
    ("{{ range(999999999) }}", "Range too big"),
    ("{{ 'x' * 10 ** 10 }}", "more than 10,000,000 items"),
    ("{{ 9 ** 9999 }}", "is too large"),
    ("{{ now.now() }}", "unsafe"),
    ("{{ cycler(1, 2) }}", "no value that can be told|is no value that JSON knows"),
    ("{{ [now.isoformat] }}", "isoformat is a function"),
    ("{{ request.keys }}", "keys is a function; call it with"),
    ("{% set _ = request.a.append(2) %}", "unsafe"),
]


@pytest.mark.parametrize(("text", "words"), RENDER_ERRORS)
@pytest.mark.parametrize("key", ["text", "input"])
def test_an_undefined_name_is_an_error_and_the_sandbox_holds(text, words, key):
    render = compile_value({key: text}, MEMBERS, ("reply",))
    assert render is not None
    with pytest.raises(TemplateError, match=words):
        render(CONTEXT)


def test_jinja_is_imported_when_it_is_needed(pytester):
    code = (
        "import sys; from mockserver.scenario.templates import compile_value as c; c('plain', {});"
        "assert 'jinja2' not in sys.modules; c('{{ turn }}', {}); assert 'jinja2' in sys.modules"
    )
    assert pytester.run(sys.executable, "-c", code).ret == 0
