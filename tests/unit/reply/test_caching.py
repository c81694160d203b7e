"""The prompt cache's rules, on prompts whose blocks weigh 1,000 tokens each."""

import pytest
from helpers import WEATHER_TOOL, assistant, tool_result, tool_use, user
from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply.caching import Charge, charge, marks_in, shortfall
from mockserver.reply.fingerprint import Fingerprint
from mockserver.reply.tokens import Weight
from mockserver.wire.prefix import prompt_blocks
from mockserver.wire.registry import STANDARD

OPUS = STANDARD.find("claude-opus-5")
HAIKU = STANDARD.find("claude-haiku-4-5")
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def text(words="x", mark=None):
    return {"type": "text", "text": words} | ({"cache_control": mark} if mark else {})


class Cache:
    """A cache without time: what it was charged to keep, it keeps."""

    def __init__(self, model=OPUS):
        self.model = model
        self.entries = {}

    def prompt(self, body):
        return Fingerprint(body, self.model, prompt_blocks(body, self.model))

    def ask(self, body, preset=None, each=1000, tail=3):
        prompt = self.prompt(body)
        upto = [each * (i + 1) for i in range(len(prompt.blocks))]
        weight = Weight(prompt.blocks, upto, (upto[-1] if upto else 0) + tail)
        paid = charge(prompt, marks_in(body, prompt.blocks), weight, self.entries.get, preset)
        for key, tokens, _ttl in paid.stored:
            self.entries.setdefault(key, tokens)
        return paid

    def counters(self, body, preset=None, **more):
        paid = self.ask(body, preset, **more)
        return paid.read, paid.written_5m, paid.written_1h, paid.uncached


def marked(*marks):
    """A user message of three blocks, with marks on some."""
    return {"messages": [user([text(f"block {i}", mark) for i, mark in enumerate(marks)])]}


# ------------------------------------------------------------------ where breakpoints stand


@pytest.mark.parametrize(
    ("body", "expected"),
    {
        "nothing is marked": (marked(None, None, None), (0, 0, 0, 3003)),
        "all up to and with the mark is written": (marked(None, MARK, None), (0, 2000, 0, 1003)),
        "the last of several marks decides how much": (marked(MARK, None, MARK), (0, 3000, 0, 3)),
        "an hour, then five minutes": (marked(HOUR, None, MARK), (0, 2000, 1000, 3)),
        "an hour at the end covers all before it": (marked(None, None, HOUR), (0, 0, 3000, 3)),
        "the automatic mark stands on the last block": (marked(None, None) | {"cache_control": MARK}, (0, 2000, 0, 3)),
        "the automatic mark may live an hour": (marked(None, None) | {"cache_control": HOUR}, (0, 0, 2000, 3)),
        "the automatic mark adds nothing to a marked block": (
            marked(None, HOUR) | {"cache_control": HOUR},
            (0, 0, 2000, 3),
        ),
        "the automatic mark walks back over an empty text": (
            {"messages": [user([text("a"), text("")])], "cache_control": MARK},
            (0, 1000, 0, 1003),
        ),
        "the automatic mark walks back over thinking": (
            {
                "messages": [user("a"), assistant([{"type": "thinking", "thinking": "h", "signature": "s"}])],
                "cache_control": MARK,
            },
            (0, 1000, 0, 1003),
        ),
        "a mark inside a tool_result is the result's own": (
            {"messages": [user([tool_result([text("a", MARK)])])]},
            (0, 1000, 0, 3),
        ),
        "null is no mark": ({"messages": [user([text("a") | {"cache_control": None}])]}, (0, 0, 0, 1003)),
    }.values(),
)
def test_marks_decide_what_is_written(body, expected):
    assert Cache().counters(body) == expected
    assert bool(marks_in(body, prompt_blocks(body, OPUS))) == (expected[:3] != (0, 0, 0))


def test_what_was_written_is_read_and_only_the_rest_is_written():
    cache = Cache()
    assert cache.counters(marked(None, MARK)) == (0, 2000, 0, 3)
    assert cache.counters(marked(None, MARK)) == (2000, 0, 0, 3)
    assert cache.counters(marked(None, MARK, None, MARK)) == (2000, 2000, 0, 3)
    assert cache.counters(marked(None, None, None, MARK)) == (4000, 0, 0, 3)


def test_the_documented_arithmetic_of_mixed_lifetimes():
    """A is the highest hit, B the last mark of an hour (or A), C the last mark: A read, B-A for 1h, C-B for 5m."""
    cache = Cache()
    cache.ask(marked(HOUR))
    assert cache.counters(marked(None, None, HOUR, None, MARK, None)) == (1000, 2000, 2000, 1003)
    assert cache.counters(marked(None, None, None, None, HOUR)) == (5000, 0, 0, 3)


def test_a_prefix_below_the_models_minimum_is_silently_not_cached():
    cache = Cache(HAIKU)  # 4,096 tokens
    assert cache.counters(marked(None, None, None, MARK)) == (0, 0, 0, 4003)
    assert cache.counters(marked(None, None, None, MARK)) == (0, 0, 0, 4003)
    assert cache.counters(marked(None, None, MARK, None, MARK)) == (0, 5000, 0, 3)
    assert cache.entries.__len__() == 1


@pytest.mark.parametrize(
    ("marks", "short"), [((None, None), None), ((MARK,), 1000), ((MARK, None, None, MARK), 4000), ((MARK,) * 5, None)]
)
def test_how_much_a_model_would_want_is_told(marks, short):
    body = marked(*marks)
    blocks = prompt_blocks(body, HAIKU)
    weight = Weight(blocks, [1000 * (i + 1) for i in range(len(blocks))], 0)
    assert shortfall(marks_in(body, blocks), weight, HAIKU) == short


@pytest.mark.parametrize(("added", "read"), {18: 1000, 19: 1000, 20: 0}.items())
def test_a_mark_looks_back_at_twenty_positions_with_its_own(added, read):
    cache = Cache()
    cache.ask(marked(MARK))
    body = {"messages": [user([text("block 0"), *[text(str(i)) for i in range(added - 1)], text("last", MARK)])]}
    assert cache.ask(body).read == read


def test_every_mark_looks_back_and_the_longest_prefix_wins():
    cache = Cache()
    cache.ask(marked(None, MARK))
    long = [
        text("block 0"),
        text("block 1"),
        text("block 2", MARK),
        *[text(str(i)) for i in range(40)],
        text("e", MARK),
    ]
    assert cache.ask({"messages": [user(long)]}).read == 2000


def test_a_failed_read_is_no_read_of_something_longer_or_different():
    cache = Cache()
    cache.ask(marked(None, MARK))
    assert cache.counters(marked(MARK)) == (0, 1000, 0, 3)
    assert cache.counters({"messages": [user([text("other"), text("block 1", MARK)])]}) == (0, 2000, 0, 3)


@pytest.mark.parametrize(
    ("preset", "first", "second"),
    [
        ("warm", (2000, 0, 0, 3), (2000, 0, 0, 3)),
        ("cold", (0, 2000, 0, 3), (0, 2000, 0, 3)),
        ("off", (0, 0, 0, 2003), (0, 0, 0, 2003)),
        (None, (0, 2000, 0, 3), (2000, 0, 0, 3)),
    ],
)
def test_presets(preset, first, second):
    cache = Cache()
    assert cache.counters(marked(None, MARK), preset) == first
    assert cache.counters(marked(None, MARK), preset) == second


def test_a_preset_does_not_lift_the_models_minimum():
    assert Cache(HAIKU).counters(marked(MARK), "warm") == (0, 0, 0, 1003)


def test_a_warm_cache_stays_warm_for_the_next_request_and_an_unused_one_stays_cold():
    cache = Cache()
    cache.ask(marked(None, MARK), "warm")
    assert cache.counters(marked(None, MARK)) == (2000, 0, 0, 3)
    cache = Cache()
    cache.ask(marked(None, MARK), "off")
    assert cache.counters(marked(None, MARK)) == (0, 2000, 0, 3)


def test_what_is_read_is_used_with_all_its_beginnings():
    cache = Cache()
    cache.ask(marked(MARK, None, MARK))
    paid = cache.ask(marked(None, None, MARK, MARK))
    assert set(paid.used) == set(cache.entries) - {paid.stored[-1].key}


# ------------------------------------------------------------------ what is the same prompt

BASE = {
    "model": "claude-opus-5",
    "tools": [WEATHER_TOOL],
    "system": "Be brief.",
    "messages": [user("Hello"), assistant([tool_use()]), user([tool_result("sunny")])],
}
SCHEMA = {"type": "json_schema", "schema": {"type": "object"}}

SAME = {
    "a text is one text block": {
        "system": [text("Be brief.")],
        "messages": [user([text("Hello")]), *BASE["messages"][1:]],
    },
    "the order of keys": {"tools": [dict(reversed(WEATHER_TOOL.items()))]},
    "marks": {"system": [text("Be brief.", HOUR)], "cache_control": MARK},
    "null": {"messages": [user([text("Hello") | {"citations": None}]), *BASE["messages"][1:]]},
    "a result's text is one text block": {
        "messages": [*BASE["messages"][:2], user([tool_result([text("sunny", MARK)])])]
    },
    "the default choice of tools": {"tool_choice": {"type": "auto"}},
    "the default of parallel calls": {"tool_choice": {"type": "auto", "disable_parallel_tool_use": False}},
    "thinking that is on anyway": {"thinking": {"type": "adaptive"}},
    "how thinking is shown": {"thinking": {"type": "adaptive", "display": "summarized"}},
    "the default effort": {"output_config": {"effort": "high"}},
    "the default speed": {"speed": "standard"},
    "a deferred tool": {"tools": [WEATHER_TOOL, {"name": "later", "input_schema": {}, "defer_loading": True}]},
    "what is asked of the answer": {
        "max_tokens": 5,
        "metadata": {"user_id": "u"},
        "stop_sequences": ["x"],
        "stream": True,
    },
}

CHANGES = {
    "a tool": ({"tools": [WEATHER_TOOL | {"description": "Other."}]}, "---"),
    "the order of tools": ({"tools": [{"name": "b", "input_schema": {}}, WEATHER_TOOL]}, "---"),
    "the system prompt": ({"system": "Be long."}, "t--"),
    "no system prompt": ({"system": []}, "t--"),
    "web search": ({"tools": [WEATHER_TOOL, {"type": "web_search_20250305", "name": "web_search"}]}, "t--"),
    "fast mode": ({"speed": "fast"}, "t--"),
    "citations": (
        {
            "messages": [
                *BASE["messages"],
                user(
                    [
                        {
                            "type": "document",
                            "source": {"type": "text", "media_type": "text/plain", "data": "a"},
                            "citations": {"enabled": True},
                        }
                    ]
                ),
            ]
        },
        "t--",
    ),
    "the choice of a tool": ({"tool_choice": {"type": "any"}}, "ts-"),
    "parallel calls": ({"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}, "ts-"),
    "an image": (
        {
            "messages": [
                *BASE["messages"],
                user([{"type": "image", "source": {"type": "url", "url": "https://x/a.png"}}]),
            ]
        },
        "ts-",
    ),
    "an image in a result": (
        {
            "messages": [
                *BASE["messages"],
                assistant([tool_use(id_="toolu_2")]),
                user(
                    [tool_result([{"type": "image", "source": {"type": "url", "url": "https://x/a.png"}}], "toolu_2")]
                ),
            ]
        },
        "ts-",
    ),
    "thinking": ({"thinking": {"type": "disabled"}}, "ts-"),
    "effort": ({"output_config": {"effort": "low"}}, "ts-"),
    "structured output": ({"output_config": {"format": SCHEMA}}, "ts-"),
    "the older spelling of structured output": ({"output_format": SCHEMA}, "ts-"),
    "an earlier message": ({"messages": [user("Hi"), *BASE["messages"][1:]]}, "ts-"),
    "a role": ({"messages": [assistant("Hello"), *BASE["messages"][1:]]}, "ts-"),
    "a message more": ({"messages": [*BASE["messages"], assistant("It is sunny."), user("Thanks")]}, "tsm"),
}


def prompt(change, model=OPUS, scope=b""):
    body = BASE | change
    return Fingerprint(body, model, prompt_blocks(body, model), scope)


def survives(before, after, section):
    """Whether the prefix up to the end of a section has the same key."""
    last = max(i for i, block in enumerate(before.blocks) if block.section == section)
    return before.keys[last] in after.keys


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_makes_no_difference(change):
    assert prompt({}).keys[-1] == prompt(change).keys[-1]


@pytest.mark.parametrize(("change", "kept"), CHANGES.values(), ids=CHANGES)
def test_what_invalidates_what(change, kept):
    sections = {"t": "tools", "s": "system", "m": "messages"}
    got = "".join(letter if survives(prompt({}), prompt(change), name) else "-" for letter, name in sections.items())
    assert got == kept


def test_caches_of_other_models_and_other_credentials_are_others():
    others = [prompt({}, STANDARD.find("claude-sonnet-5")), prompt({}, scope=b"another key")]
    assert all(set(prompt({}).keys).isdisjoint(other.keys) for other in others)


def test_thinking_that_the_model_does_not_keep_is_no_part_of_the_prompt():
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    turns = [user("a"), assistant([thought, text("b")]), user("c")]
    without = [user("a"), assistant([text("b")]), user("c")]
    for model, same in ((HAIKU, True), (OPUS, False)):
        a, b = (Fingerprint({"messages": m}, model, prompt_blocks({"messages": m}, model)) for m in (turns, without))
        assert (a.keys[-1] == b.keys[-1]) is same
    loop = [user("a"), assistant([thought, tool_use()]), user([tool_result()])]
    assert [b.block["type"] for b in prompt_blocks({"messages": loop}, HAIKU)][1] == "thinking"


# ------------------------------------------------------------------ properties

BLOCKS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([None, None, None, MARK, HOUR])), min_size=1, max_size=30
)


@pytest.mark.unmeasured
@given(st.lists(BLOCKS, min_size=1, max_size=6), st.sampled_from([None, "warm", "cold", "off"]))
def test_counters_always_add_up(requests, preset):
    cache = Cache()
    for blocks in requests:
        paid = cache.ask({"messages": [user([text(word, mark) for word, mark in blocks])]}, preset, each=700)
        assert paid.total == paid.read + paid.written + paid.uncached
        assert min(paid.read, paid.written_5m, paid.written_1h, paid.uncached) >= 0
        assert paid.written == paid.written_5m + paid.written_1h


@given(BLOCKS)
def test_the_same_request_again_writes_nothing(blocks):
    body = {"messages": [user([text(word, mark) for word, mark in blocks])]}
    cache = Cache()
    first, second = cache.ask(body), cache.ask(body)
    assert (second.written, second.read) == (0, first.written + first.read)
    assert second.uncached == first.uncached


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_a_conversation_that_grows_reads_all_that_came_before(words):
    """The relation that 610 of 673 recorded pairs show: read = created + read of the request before."""
    cache, before = Cache(), Charge(0)
    for count in range(1, len(words) + 1):
        body = {"messages": [user([text(w) for w in words[:count]])], "cache_control": MARK}
        paid = cache.ask(body, each=1100)
        assert paid.read == before.read + before.written
        before = paid
