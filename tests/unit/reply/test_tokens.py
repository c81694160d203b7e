"""The estimate: anchors of the real API, what each part of a request adds, and what holds for any body."""

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply.tokens import count_input, count_output, count_text, count_thinking, cut, pieces, weigh
from mockserver.reply.tokens.texts import LONGEST_READ, written
from mockserver.wire.registry import STANDARD

HAIKU, SONNET_4, SONNET_4_5, OPUS_4_6, OPUS_4_7, SONNET_5 = MODELS = [
    STANDARD.find(name)
    for name in (
        "claude-haiku-4-5", "claude-sonnet-4-0", "claude-sonnet-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-sonnet-5",
    )
]  # fmt: skip
TOOL = {"name": "get_weather", "description": "The weather of a city.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}  # fmt: skip
HELLO = {"role": "user", "content": "Hello"}


def body(*contents, **more):
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[i % 2], "content": c} for i, c in enumerate(contents)], **more}


def added(model, **more):
    """What more than a plain request costs."""
    return count_input(body("Hello", **more), model) - count_input(body("Hello"), model)


@pytest.mark.parametrize(
    ("model", "text", "tokens"),
    [
        (HAIKU, "Hello", 8),
        (SONNET_4, "Say hello", 9),
        (SONNET_4_5, "What is the capital of France?", 14),
        (HAIKU, "Repeat after the following phrase: Dogs are cool", 17),
        (SONNET_4, "What is 2+2?", 14),
        (OPUS_4_6, "Two names for a pet pelican, be brief", 17),
        (SONNET_5, "Hello!", 10),
        (SONNET_5, "What is the Model Context Protocol?", 18),
        (SONNET_5, "Tell me three jokes about statisticians", 19),
        (OPUS_4_7, "Respond with exactly OK.", 21),
    ],
)
def test_short_requests_cost_what_the_real_api_says(model, text, tokens):
    assert abs(count_input(body(text), model) - tokens) <= (2 if model.tokenizer == "old" else 3)


@pytest.mark.parametrize(
    ("model", "auto", "any_", "one"),
    [
        (HAIKU, 496, 588, 593),
        (OPUS_4_6, 496, 588, 593),
        (OPUS_4_7, 675, 804, 808),
        (SONNET_5, 354, 474, 478),
        (SONNET_4, 313, 313, 317),
    ],
)
def test_tools_cost_a_prompt_once_by_choice(model, auto, any_, one):
    definition = count_text(
        written({"description": TOOL["description"], "name": TOOL["name"], "parameters": TOOL["input_schema"]}), model
    )
    for choice, tokens in (
        ({"type": "auto"}, auto),
        ({"type": "none"}, auto),
        (None, auto),
        ({"type": "any"}, any_),
        ({"type": "tool", "name": "get_weather"}, one),
    ):
        assert added(model, tools=[TOOL], tool_choice=choice) - definition == pytest.approx(tokens, abs=6)
    assert added(model, tools=[TOOL, TOOL]) - added(model, tools=[TOOL]) == pytest.approx(definition + 2, abs=2)


def test_one_tool_at_a_time_changes_the_prompt_of_the_4_5_models_and_of_none_after():
    single = {"type": "auto", "disable_parallel_tool_use": True}
    assert added(SONNET_4_5, tools=[TOOL], tool_choice=single) == added(SONNET_4_5, tools=[TOOL]) - 209
    assert added(SONNET_5, tools=[TOOL], tool_choice=single) == added(SONNET_5, tools=[TOOL])
    forced = {"type": "tool", "name": "get_weather"}
    assert (
        added(SONNET_4, tools=[TOOL], tool_choice=forced | {"disable_parallel_tool_use": True})
        == added(SONNET_4, tools=[TOOL], tool_choice=forced) - 32
    )


def test_other_tools():
    late = TOOL | {"name": "other", "defer_loading": True}
    assert added(HAIKU, tools=[TOOL, late]) - added(HAIKU, tools=[TOOL]) == 1
    assert added(HAIKU, tools=[TOOL | {"input_examples": [{"city": "Paris"}]}]) > added(HAIKU, tools=[TOOL]) + 20
    assert added(SONNET_5, tools=[TOOL, late]) - added(SONNET_5, tools=[TOOL]) == 94
    bash = added(HAIKU, tools=[{"type": "bash_20250124", "name": "bash"}])
    assert bash == 495 + 245
    assert added(HAIKU, tools=[{"type": "tool_search_tool_regex_20251119", "name": "s"}]) == 495 + 192
    assert added(HAIKU, tools=[{"type": "web_search_20250305", "name": "web_search"}]) > 495
    assert added(
        HAIKU, tools=[TOOL | {"type": "custom", "strict": True, "cache_control": {"type": "ephemeral"}}]
    ) == added(HAIKU, tools=[TOOL])


def test_thinking_and_output():
    assert added(HAIKU, thinking={"type": "enabled", "budget_tokens": 1024}) == 29
    assert (added(OPUS_4_6, thinking={"type": "adaptive"}), added(SONNET_5, thinking={"type": "adaptive"})) == (17, 0)
    schema = {"type": "json_schema", "schema": TOOL["input_schema"]}
    assert added(HAIKU, output_format=schema) == added(HAIKU, output_config={"format": schema}) > 120
    assert added(HAIKU, output_config={"task_budget": {"type": "tokens", "total": 20_000}}) == 37


def test_stripped_thinking_weighs_nothing():
    thought = [{"type": "thinking", "thinking": "long " * 50, "signature": "abc"}, {"type": "text", "text": "Yes."}]
    talk = body("One", thought, "Two")
    plain = body("One", "Yes.", "Two")
    assert count_input(talk, HAIKU) == count_input(plain, HAIKU)
    assert count_input(talk, OPUS_4_6) > count_input(plain, OPUS_4_6) + 50


def png(width, height):
    data = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + bytes(9)
    return media("image", "image/png", data)


def media(kind, media_type, data, **more):
    return {
        "type": kind,
        "source": {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()},
        **more,
    }


@pytest.mark.parametrize(
    ("size", "old", "new"),
    [
        ((1, 1), 4, 4),
        ((1000, 1000), 36 * 36 + 3, 36 * 36 + 3),
        ((28, 29), 5, 5),
        ((1191, 1128), 1568, 43 * 41 + 3),
        ((0, 0), 4, 4),
    ],
)
def test_an_image_weighs_its_patches_after_scaling_down(size, old, new):
    for model, tokens in ((HAIKU, old), (SONNET_5, new)):
        found = count_input(body([png(*size)]), model) - count_input(body([]), model)
        assert found <= tokens
        assert found == pytest.approx(tokens, rel=0.05)


def test_large_images_weigh_the_most_of_their_tier():
    for model, most in ((HAIKU, 1568), (SONNET_5, 4784)):
        found = count_input(body([png(60_000, 60_000)]), model)
        assert 0.9 * most < found <= most + 10
    assert count_input(body([png(100_000, 1)]), HAIKU) == pytest.approx(7 + 56 + 3, abs=1)


def test_an_image_may_say_its_size_late():
    jpeg = (
        b"\xff\xd8"
        + (b"\xff\xe1" + struct.pack(">H", 60_000) + bytes(59_998))
        + b"\xff\xc0\x00\x11\x08"
        + struct.pack(">HH", 280, 280)
        + bytes(20)
    )
    assert count_input(body([media("image", "image/jpeg", jpeg)]), HAIKU) == 7 + 100 + 3


def test_what_is_not_in_the_request_weighs_a_usual_amount():
    assert (
        count_input(body([{"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}}]), HAIKU)
        == 1507
    )
    assert count_input(body([{"type": "document", "source": {"type": "file", "file_id": "file_1"}}]), HAIKU) == 1607
    assert count_input(body([media("image", "image/png", b"") | {"source": {"data": "ä"}}]), HAIKU) == 1507


def pdf(lines, pages=1):
    shown = b"BT\n" + b"".join(b"(" + line + b") Tj\n" for line in lines) + b"ET"
    stream = zlib.compress(shown)
    page = b"<< /Type /Page >>\n" * pages
    return b"%PDF-1.4\n" + page + b"<< /Length 9 /Filter /FlateDecode >>\nstream\n" + stream + b"\nendstream\n%%EOF"


def test_a_pdf_weighs_its_pages_and_its_text():
    line = b"The quick brown fox jumps over the lazy dog."
    empty, full, long = (
        count_input(body([media("document", "application/pdf", pdf(*parts))]), HAIKU)
        for parts in (([],), ([line] * 20,), ([], 3))
    )
    assert (empty, long) == (1607, 4807)
    assert full - empty == pytest.approx(220, abs=20)
    cited = count_input(
        body([media("document", "application/pdf", pdf([line] * 20), citations={"enabled": True})]), HAIKU
    )
    assert cited == pytest.approx(full + (full - empty) + 540, abs=2)


def test_documents_of_text_and_citations():
    text = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "One two three."}}
    blocks = {
        "type": "document",
        "source": {"type": "content", "content": [{"type": "text", "text": "One two three."}]},
    }
    assert count_input(body([text]), HAIKU) == count_input(body([blocks]), HAIKU) == 7 + 38 + 5
    cited = text | {"citations": {"enabled": True}}
    assert count_input(body([cited]), HAIKU) == count_input(body([text]), HAIKU) + 540
    assert count_input(body([cited, cited]), HAIKU) < 2 * 540, "citations are explained once"
    found = {
        "type": "search_result",
        "title": "Dogs",
        "source": "https://a.example",
        "content": [{"type": "text", "text": "Dogs bark."}],
    }
    assert count_input(body([found]), HAIKU) > 7 + 20 + 4
    result = {"type": "tool_result", "content": [found | {"citations": {"enabled": True}}]}
    assert count_input(body("a", [{"type": "tool_use", "name": "a", "input": {}}], [result]), HAIKU) > 540


def test_calls_results_and_loaded_tools():
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Sunny."}
    found = {
        "type": "tool_search_tool_result",
        "content": {"tool_references": [{"type": "tool_reference", "tool_name": "a"}]},
    }
    blocks = [
        call,
        result,
        found,
        {"type": "tool_addition"},
        {"type": "redacted_thinking", "data": "abc"},
        {"type": "thinking", "thinking": "Hm"},
    ]
    alone = [count_input(body([block]), OPUS_4_6) - 7 for block in blocks]
    assert alone[0] > 30
    assert alone[1] > 20
    assert alone[2] > 70
    assert alone[3] == 115
    assert alone[4] == 0
    assert 0 < alone[5] < 15
    server = {
        "type": "web_search_tool_result",
        "content": [{"type": "web_search_result", "title": "Dogs bark", "encrypted_content": "x" * 999}],
    }
    assert 20 < count_input(body([server]), OPUS_4_6) < 60


def test_turns():
    one = count_input(body("Hello"), HAIKU)
    assert count_input({"messages": [HELLO, HELLO]}, HAIKU) <= one + 2, "messages of one role are one turn"
    assert count_input(body("Hello", "Hello"), HAIKU) <= one + 2, "an assistant's last message begins the answer"
    assert count_input(body("Hello", "Hello", "Hello"), HAIKU) > one + 4


def test_an_answer_costs_its_text_and_three():
    text = {"type": "text", "text": "Paris."}
    call = {"type": "tool_use", "name": "get_weather", "input": {"city": "Paris"}}
    thought = {"type": "thinking", "thinking": "Paris."}
    result = {"type": "web_search_tool_result", "content": []}
    assert (count_output([], HAIKU), count_output([text], HAIKU)) == (0, 5)
    assert count_output([text, result], HAIKU) == count_output([text], HAIKU)
    assert count_thinking([text, thought], HAIKU) == 2
    free, any_, one = (count_output([call], HAIKU, choice) for choice in ("auto", "any", "tool"))
    assert free > any_ > one
    assert count_output([call, call], HAIKU) < 2 * free


texts = st.text() | st.text("aA zZ.\n{\"1é漢😀\ud800_'-")


@given(texts, texts)
def test_text_is_counted_in_pieces(one, two):
    for model in (HAIKU, SONNET_5):
        both, apart = count_text(one + two, model), count_text(one, model) + count_text(two, model)
        assert both <= apart + 30
        assert 0 <= count_text(one, model) <= 5 * len(one)
        assert (count_text(one, model) > 0) == bool(one)
    assert "".join(pieces(one + two)) == one + two


@given(texts, st.integers(0, 30))
def test_what_is_cut_fits_the_budget_and_more_budget_cuts_less(text, budget):
    for model in (HAIKU, SONNET_5):
        beginning = cut(text, budget, model)
        assert text.startswith(beginning)
        assert count_text(beginning, model) <= budget or len(pieces(beginning)) == 1
        assert len(cut(text, budget + 1, model)) >= len(beginning)
        assert bool(beginning) == bool(budget and text)


def test_a_very_long_text_is_sampled():
    part = "The quick brown fox jumps over the lazy dog. "
    times = 3 * LONGEST_READ // len(part)
    assert count_text(part * times, HAIKU) == pytest.approx(times * count_text(part * 100, HAIKU) / 100, rel=0.02)


KEYS = st.sampled_from(
    [
        "type",
        "text",
        "content",
        "source",
        "data",
        "role",
        "messages",
        "system",
        "tools",
        "name",
        "input",
        "description",
        "input_schema",
        "thinking",
        "citations",
        "enabled",
        "tool_choice",
        "output_config",
        "output_format",
        "format",
        "schema",
        "task_budget",
        "input_examples",
        "defer_loading",
        "title",
        "tool_references",
    ]
)
VALUES = st.sampled_from(
    [
        "text",
        "image",
        "document",
        "tool_use",
        "tool_result",
        "thinking",
        "redacted_thinking",
        "search_result",
        "tool_reference",
        "tool_addition",
        "base64",
        "user",
        "assistant",
        "system",
        "auto",
        "any",
        "tool",
        "enabled",
        "adaptive",
        "custom",
        "bash_20250124",
        "JVBERi0xLjQK",
        "iVBORw0KGgo=",
        "�",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | VALUES | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=5),
    max_leaves=40,
)
blocks = st.dictionaries(KEYS, anything, max_size=5)
messages = st.lists(
    st.fixed_dictionaries({"role": VALUES | anything, "content": st.lists(blocks | anything, max_size=4) | anything}),
    max_size=4,
)
bodies = st.fixed_dictionaries({}, optional={"messages": messages | anything, "system": anything, "tools": st.lists(blocks, max_size=3) | anything,
                                             "tool_choice": anything, "thinking": anything, "output_config": anything, "output_format": anything})  # fmt: skip


@pytest.mark.unmeasured
@given(bodies, st.sampled_from(MODELS))
def test_any_body_has_a_weight_that_never_falls(any_body, model):
    found = weigh(any_body, model)
    assert len(found.upto) == len(found.blocks)
    assert found.upto == sorted(found.upto)
    assert found.total >= (found.upto[-1] if found.upto else 1)
    assert count_input(any_body, model) == found.total


def test_bodies_no_json_writer_takes():
    deep = []
    for _ in range(5000):
        deep = [deep]
    huge = {"tools": [{"name": "a", "input_schema": {"default": 10**5000}}, {"name": "b", "input_schema": deep}]}
    assert count_input(huge | body(deep), HAIKU) > 495


@given(texts)
def test_a_string_is_one_text_block_and_a_mark_weighs_nothing(text):
    block = {"type": "text", "text": text}
    marked = block | {"cache_control": {"type": "ephemeral"}}
    for model in (HAIKU, SONNET_5):
        whole = {count_input(body(content, system=content), model) for content in (text, [block], [marked])}
        assert len(whole) == 1


def test_the_tools_prompt_is_part_of_the_first_block_and_settings_of_the_first_message():
    """So that a change of the settings leaves the prefixes of tools and system prompt as they are."""
    plain = weigh(body("Hello", tools=[TOOL], system="Be brief."), HAIKU)
    thinking = weigh(body("Hello", tools=[TOOL], system="Be brief.", thinking={"type": "enabled"}), HAIKU)
    assert [b - a for a, b in zip(plain.upto, thinking.upto, strict=True)] == [0, 0, 29]
    assert plain.upto[0] > 495
    assert plain.total - plain.upto[-1] == 3
    result = {"type": "tool_result", "content": "a"}
    after = weigh(body("a", [{"type": "tool_use", "name": "a", "input": {}}], [result]), HAIKU)
    assert after.total - after.upto[-1] == 1
    new = weigh(body("Hello"), SONNET_5)
    assert new.total - new.upto[-1] == 2
