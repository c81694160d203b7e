"""What a template may cost: each way to make much of little is refused before it is made, and usual work is not."""

import tracemalloc

import pytest

from mockserver.reply.identifiers import Source
from mockserver.reply.made_up import fake
from mockserver.scenario import budget
from mockserver.scenario.templates import TemplateError, compile_value

MEMBERS = {"match": set(), "vars": set()}
ITEMS = "a text or list of more than 10,000,000 items"
STEPS = "takes more than 1,000,000 steps"
MADE = "makes more than 100,000,000 characters and items in all"
NESTED = "{% set n = namespace(x=[1]) %}{% for i in range(40) %}{% set n.x = [n.x, n.x] %}{% endfor %}"


def rendered(text, *path):
    context = {
        "match": {},
        "vars": {},
        "request": {"a": [1, 2]},
        "prompt": "p",
        "fake": fake(Source(0, "s", b"", 0).random("template")),
    }
    render = compile_value(text, MEMBERS, path)
    assert render is not None
    return render(context)


TOO_MUCH = [
    # repeated and padded
    ("{{ 'x' * 10 ** 9 }}", ITEMS),
    ("{{ 10 ** 9 * [1] }}", ITEMS),
    ("{{ 'x' | center(1000000000) }}", ITEMS),
    ("{{ 'x'.center(10 ** 9) }}", ITEMS),
    ("{{ 'x'.ljust(10 ** 9) }}", ITEMS),
    ("{{ '5'.zfill(10 ** 9) }}", ITEMS),
    ("{{ 'a\tb'.expandtabs(10 ** 9) }}", ITEMS),
    ("{{ (5).to_bytes(10 ** 9, 'big') }}", ITEMS),
    # formatted
    ("{{ '%1000000000d' % 1 }}", ITEMS),
    ("{{ '%.*f' % (10 ** 9, 1) }}", ITEMS),
    ("{{ '%*d' | format(10 ** 9, 1) }}", ITEMS),
    ("{{ ('%s' * 1000) % (('x' * 10 ** 5),) }}", ITEMS),
    ("{{ '{:>1000000000}'.format(1) }}", ITEMS),
    ("{{ '{:>{}}'.format(1, 10 ** 9) }}", ITEMS),
    ("{{ '{:>{w}}'.format_map({'w': 10 ** 9}) }}", ITEMS),
    ("{{ ('{0}' * 1000).format('x' * 10 ** 5) }}", ITEMS),
    # put into many places
    ("{{ ('x' * 10 ** 5).replace('x', 'y' * 10 ** 5) }}", ITEMS),
    ("{{ ('x' * 10 ** 5) | replace('x', 'y' * 10 ** 5) }}", ITEMS),
    ("{{ ('x' * 10 ** 5).join(['y'] * 10 ** 5) }}", ITEMS),
    ("{{ (['y'] * 10 ** 5) | join('x' * 10 ** 5) }}", ITEMS),
    ("{{ range(1000) | map('string') | join('x' * 10 ** 5) }}", ITEMS),
    ("{{ ('x' * 10 ** 5).join(range(1000) | map('string')) }}", ITEMS),
    ("{{ ('a\n' * 10 ** 5) | indent(10 ** 5) }}", ITEMS),
    ("{{ ('a ' * 10 ** 5) | wordwrap(1, wrapstring='x' * 10 ** 5) }}", ITEMS),
    ("{{ ('a.com ' * 10 ** 5) | urlize(rel='x' * 10 ** 5) }}", ITEMS),
    ("{{ 'aaa'.translate({97: 'x' * 10 ** 7}) }}", ITEMS),
    ("{{ [1] | batch(10 ** 9, 0) | list }}", ITEMS),
    ("{{ [1] | slice(slices=10 ** 9) | list }}", ITEMS),
    # numbers
    ("{{ 2 ** 1000000000 }}", "a power that is too large"),
    ("{{ (((10 ** 64) ** 64) ** 64) ** 64 }}", "a power that is too large: \\*\\* 64"),
    ("{% set n = namespace(x=9) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}", "a product that is"),
    ("{{ 1.5 | round(10 ** 9, 'ceil') }}", "round to more than 1,000 places"),
    ("{{ [1] | tojson(indent=10 ** 9) }}", "tojson indents by at most 100"),
    # doubled again and again
    ("{% set n = namespace(x='x') %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}", ITEMS),
    ("{% set n = namespace(x='x') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}", ITEMS),
    # in a loop, where Jinja2 passes more than the author wrote
    ("{% for i in [1] %}{{ 'x'.center(10 ** 9) }}{{ i }}{% endfor %}", ITEMS),
    ("{% for i in [1] %}{{ fake.words(10 ** 9) }}{{ i }}{% endfor %}", "fake makes at most 100,000 at once"),
    # Faker
    ("{{ fake.text(10 ** 9) }}", r"fake makes at most 100,000 at once \(max_nb_chars\)"),
    ("{{ fake.unique.words(nb=10 ** 9) }}", r"fake makes at most 100,000 at once \(nb\)"),
    ("{{ fake.format('words', 10 ** 9) }}", r"fake makes at most 100,000 at once \(args\)"),
    ("{{ fake.random.getrandbits(10 ** 10) }}", r"fake makes at most 100,000 at once \(k\)"),
]


@pytest.mark.parametrize(("text", "words"), TOO_MUCH)
def test_what_makes_much_of_little_is_refused_before_it_is_made(text, words):
    with pytest.raises(TemplateError, match=words):
        rendered(text)


@pytest.mark.parametrize("written", ["{{ n.x | tojson }}", "{{ n.x | string }}", "{{ '' ~ n.x }}"])
def test_what_is_small_in_memory_and_large_when_written_is_refused(written, monkeypatch):
    """With a limit of a hundredth, up to which the items are counted."""
    monkeypatch.setattr(budget, "MOST_ITEMS", 100_000)
    with pytest.raises(TemplateError, match="a text or list of more than 100,000 items"):
        rendered(NESTED + written)


def test_ten_gigabytes_are_refused_before_memory_is_gone():
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError, match=MADE):
            rendered("{% for i in range(1000) %}{{ 'x' * 10 ** 7 }}{% endfor %}")
        assert tracemalloc.get_traced_memory()[1] < 300_000_000
    finally:
        tracemalloc.stop()


TOO_LONG = [
    ("{% for i in range(999) %}{% for j in range(999) %}{% endfor %}{% endfor %}", STEPS),
    ("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}", STEPS),
    ("{% for x in [1] recursive %}{{ loop([1, 1]) }}{% endfor %}", "recursion|" + STEPS),
    (NESTED + "{{ n.x }}", STEPS),
    ("{{ fake.time_series('-30y', 'now', 0.001) | list }}", STEPS),
    ("{% for i in range(999) %}{{ fake.words(9000) | length }}{% endfor %}", STEPS),
    ("{% for i in range(999) %}{% if i >= 0 %}TEXT{% endif %}{% endfor %}", MADE),
    ("{% set t %}{% for i in range(999) %}{{ prompt * 9999 }}{% endfor %}{% endset %}", MADE),
    ("{% macro f() %}{{ 'x' * 9999 }}{% endmacro %}{% for i in range(999) %}{{ f() }}{% endfor %}", MADE),
]


@pytest.mark.parametrize(("text", "words"), TOO_LONG)
def test_what_goes_on_for_too_long_ends(text, words, monkeypatch):
    """With budgets of a hundredth: they are what the loops run into, and nothing else."""
    monkeypatch.setattr(budget, "MOST_STEPS", 10_000)
    monkeypatch.setattr(budget, "MOST_MADE", 1_000_000)
    words = words.replace("1,000,000", "10,000").replace("100,000,000", "1,000,000")
    with pytest.raises(TemplateError, match=words):
        rendered(text.replace("TEXT", "x" * 9999))


def test_what_a_template_makes_as_a_whole_is_one_text():
    with pytest.raises(TemplateError, match=ITEMS):
        rendered("{{ 'x' * 9000000 }}{{ 'x' * 9000000 }}")


def test_a_call_that_is_wrong_says_so_itself():
    with pytest.raises(TemplateError, match="center expected at least 1 argument"):
        rendered("{{ 'x'.center() }}")
    with pytest.raises(TemplateError, match="unexpected keyword argument 'wide'"):
        rendered("{{ 'x' | center(wide=3) }}")


def test_a_value_that_keeps_its_type_is_bounded_too(monkeypatch):
    monkeypatch.setattr(budget, "MOST_STEPS", 10_000)
    with pytest.raises(TemplateError, match="takes more than 10,000 steps"):
        rendered("{{ [[[0] * 1000] * 1000] * 1000 }}", "reply", "input")


def test_each_template_begins_anew(monkeypatch):
    monkeypatch.setattr(budget, "MOST_STEPS", 3000)
    loop = "{% for i in range(2000) %}{% endfor %}x"
    assert rendered({"a": loop, "b": loop}) == {"a": "x", "b": "x"}
    with pytest.raises(TemplateError, match="more than 3,000 steps"):
        rendered(loop + loop)


USUAL = [
    ("{% for i in [1] %}{{ 'x'.center(3) }}{{ fake.words(2000) | length }}{% endfor %}", " x 2000"),
    ("{{ ('x' * 5000000) | length }}", "5000000"),
    ("{{ ('word ' * 1000000) | length }}", "5000000"),
    ("{% for i in range(100000) %}{% endfor %}ok", "ok"),
    ("{{ range(100000) | map('string') | join(',') | length }}", "588889"),
    ("{{ [] | first | default('none') }}", "none"),
    ("{{ 'Hi %s, %05d' | format('you', 7) }} {{ '%5.1f' % 2.25 }}", "Hi you, 00007   2.2"),
    ("{{ '{:>5}|{}'.format(3, 10 ** 12) }}", "    3|1000000000000"),
    ("{{ 2 ** 64 }} {{ 10 ** 12 * 10 ** 12 }} {{ 2 ** -1 }}", "18446744073709551616 1000000000000000000000000 0.5"),
    ("{{ prompt ~ '<' ~ 5 }} {{ '<' | e }} {{ 'a-b'.replace('-', '+') }}", "p<5 &lt; a+b"),
    ("{{ request | tojson(indent=1) | length }} {{ 3.14159 | round(2) }}", "23 3.14"),
    ("{% macro m() %}{{ caller(3) }}{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}", "3"),
    ("{% for x in [1, 2] %}{{ loop.index }}{{ loop.cycle('a', 'b') }}{% else %}none{% endfor %}", "1a2b"),
    ("{{ fake.random_int(10 ** 12, 10 ** 12) }} {{ fake.random_element([10 ** 9]) }}", "1000000000000 1000000000"),
    ("{{ fake.words(2000) | length }} {{ fake.pystr(max_chars=100000) | length > 0 }}", "2000 True"),
]


@pytest.mark.unmeasured
@pytest.mark.parametrize(("text", "expected"), USUAL)
def test_usual_work_is_done(text, expected):
    assert rendered(text) == expected
