"""What an answer holds beyond what was written: thinking, citations, refusals, fallbacks, containers, windows."""

import base64
import json

import pytest
from helpers import (
    WEATHER_TOOL,
    answer,
    assistant,
    engine,
    folded,
    post,
    request,
    stream,
    tool_result,
    tool_use,
    user,
)
from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply.citing import UNREAD, Citable
from mockserver.reply.identifiers import Source
from mockserver.reply.thinking import ADAPTIVE, SONNET_5, think
from mockserver.wire.conversation import Conversation
from mockserver.wire.events import fold, split
from mockserver.wire.registry import STANDARD
from mockserver.wire.signatures import verify

THOUGHT = "They greet me, so I greet them back."
SCRIPTED = {"reply": [{"thinking": ["They greet me,", " so I greet them back."]}, {"text": "Hello!"}]}

DISPLAYS = [
    ("claude-sonnet-5", None, False),
    ("claude-sonnet-5", {"type": "adaptive"}, False),
    ("claude-sonnet-5", {"type": "adaptive", "display": "summarized"}, True),
    ("claude-opus-4-7", None, False),
    ("claude-opus-4-7", {"type": "adaptive", "display": "summarized"}, True),
    ("claude-sonnet-4-6", None, True),
    ("claude-sonnet-4-6", {"type": "adaptive"}, True),
    ("claude-sonnet-4-6", {"type": "adaptive", "display": "omitted"}, False),
    ("claude-haiku-4-5", {"type": "enabled", "budget_tokens": 1024, "display": "omitted"}, False),
    ("claude-haiku-4-5", {"type": "enabled", "budget_tokens": 1024}, True),
    ("claude-sonnet-5-5", {"type": "between_tools"}, True),
    ("my-own-model", None, False),
]


@pytest.mark.parametrize(("model", "thinking", "is_shown"), DISPLAYS)
def test_thinking_is_shown_where_the_model_or_the_request_says_so(model, thinking, is_shown):
    """Its signature is made over all of it, so that the block can be sent back; its tokens are counted."""
    body = request(max_tokens=2000) | {"model": model} | ({"thinking": thinking} if thinking else {})
    message = answer(SCRIPTED, body, validation="off")
    block = message["content"][0]
    assert block["thinking"] == (THOUGHT if is_shown else "")
    assert verify(block["signature"], THOUGHT) == "ours"
    assert message["usage"]["output_tokens_details"]["thinking_tokens"] > 5
    deltas = [e["delta"] for e in stream(SCRIPTED, body, validation="off") if e.get("index") == 0 and "delta" in e]
    shown = ["thinking_delta", "thinking_delta"] if is_shown else []
    assert [d["type"] for d in deltas] == [*shown, "signature_delta"]
    assert folded(SCRIPTED, body, validation="off") == message


def test_hidden_thinking_may_be_sent_back():
    body = request()
    first = answer(SCRIPTED, body)
    again = request(*body["messages"], assistant(first["content"]), "And again")
    assert answer(SCRIPTED, again)["type"] == "message"


@given(st.text(st.characters(exclude_characters="{"), min_size=1), st.integers(1, 40))
def test_a_limit_counts_thinking_that_is_hidden(thought, limit):
    scenario = {"reply": [{"thinking": {"thinking": f"{thought} and more words"}}, {"text": "Hello!"}]}
    hidden, shown = (
        answer(scenario, request(max_tokens=limit, thinking={"type": "adaptive", "display": display}))
        for display in ("omitted", "summarized")
    )
    assert hidden["usage"] == shown["usage"]
    assert [b.get("signature") for b in hidden["content"]] == [b.get("signature") for b in shown["content"]]
    assert {b.get("thinking", "") for b in hidden["content"]} <= {""}


def test_a_scripted_thinking_is_there_whatever_the_request_says():
    message = answer(SCRIPTED, request(thinking={"type": "disabled"}))
    assert [b["type"] for b in message["content"]] == ["thinking", "text"]


# ------------------------------------------------------------------ thinking: auto

TOOLS = {"tools": [WEATHER_TOOL]}
LOOP = ("Hello", assistant([tool_use()]), user([tool_result()]))
ENABLED = {"type": "enabled", "budget_tokens": 1024}

SHARES = [
    ("claude-sonnet-5", ("Hello",), {}, SONNET_5["alone"]),
    ("claude-sonnet-5", ("Hello",), TOOLS, SONNET_5["with tools"]),
    ("claude-sonnet-5", LOOP, TOOLS, SONNET_5["after a tool"]),
    ("claude-opus-5", ("Hello",), {}, ADAPTIVE["alone"]),
    ("claude-opus-5", LOOP, TOOLS, ADAPTIVE["after a tool"]),
    ("claude-sonnet-5", ("Hello",), {"thinking": {"type": "disabled"}}, 0),
    ("claude-sonnet-5", ("Hello",), TOOLS | {"tool_choice": {"type": "any"}}, 0),
    ("claude-opus-4-8", ("Hello",), TOOLS, 0),
    ("claude-opus-4-8", ("Hello",), TOOLS | {"thinking": {"type": "adaptive"}}, ADAPTIVE["with tools"]),
    ("claude-sonnet-4-6", ("Hello",), {"thinking": {"type": "adaptive"}}, 1),
    ("claude-sonnet-4-6", LOOP, TOOLS | {"thinking": {"type": "adaptive"}}, 0),
    ("claude-sonnet-4-6", ("Hello",), {}, 0),
    ("claude-haiku-4-5", ("Hello",), {"thinking": ENABLED}, 1),
    ("claude-haiku-4-5", LOOP, TOOLS | {"thinking": ENABLED}, 1),
    ("claude-sonnet-5-5", ("Hello",), TOOLS | {"thinking": {"type": "between_tools"}}, 0),
    ("claude-sonnet-5-5", LOOP, TOOLS | {"thinking": {"type": "between_tools"}}, 1),
    ("claude-sonnet-5-5", LOOP, {"thinking": {"type": "between_tools"}}, 0),
    ("claude-3-opus-20240229", ("Hello",), {"thinking": ENABLED}, 0),
    ("claude-sonnet-5", ("Hello",), {"thinking": {"type": "something new"}}, 0),
]


@pytest.mark.parametrize(("model", "messages", "more", "share"), SHARES)
def test_a_model_thinks_as_often_as_it_was_seen_to(model, messages, more, share):
    conversation = Conversation(request(*messages, **more) | {"model": model})
    sources = (Source(0, "s", str(n).encode(), 0) for n in range(500))
    thoughts = [think(conversation, STANDARD.find(model), source, 0) for source in sources]
    assert sum(map(bool, thoughts)) / 500 == pytest.approx(share, abs=0.06)
    assert share in (0, 1) or {bool(t) for t in thoughts} == {True, False}


@pytest.mark.parametrize("short", ["auto", {"auto": True}])
def test_auto_makes_up_a_block_or_leaves_none(short):
    scenario = {"reply": [{"thinking": short}, {"text": "Hello!"}]}
    made = answer(scenario, request(max_tokens=3000, thinking=ENABLED) | {"model": "claude-haiku-4-5"})["content"]
    assert [b["type"] for b in made] == ["thinking", "text"]
    assert verify(made[0]["signature"], made[0]["thinking"]) == "ours"
    assert len(made[0]["thinking"]) > 10
    assert [b["type"] for b in answer(scenario, request(thinking={"type": "disabled"}))["content"]] == ["text"]


def test_the_word_auto_can_be_thought():
    shown = request(thinking={"type": "adaptive", "display": "summarized"})
    for written in ({"thinking": "auto"}, "{{ 'auto' }}", ["auto"]):
        assert answer({"reply": [{"thinking": written}]}, shown)["content"][0]["thinking"] == "auto"


def test_the_fallback_thinks_by_itself():
    kinds = []
    for number in range(40):
        body = request(f"Hello {number}", **TOOLS)
        message = json.loads(post(engine(on_unmatched="fallback"), body).reply.body)
        kinds.append([b["type"] for b in message["content"]])
    assert ["text"] in kinds
    assert ["thinking", "text"] in kinds


# ------------------------------------------------------------------ citations: auto

CITING = {"citations": {"enabled": True}}


def plain_text(data, **more):
    return {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": data}, **CITING, **more}


def result(*texts, **more):
    content = [{"type": "text", "text": text} for text in texts]
    return {"type": "search_result", "source": "https://x.example", "title": "X", "content": content, **CITING, **more}


def custom(content):
    return {"type": "document", "source": {"type": "content", "content": content}, **CITING}


def pdf(*pages):
    shown = "".join(f"<</Type /Page>>\nstream\nBT ({page}) Tj ET\nendstream\n" for page in pages)
    data = base64.b64encode(f"%PDF-1.7\n{shown}".encode()).decode()
    return {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": data},
        "title": "A",
    } | CITING


RUBY = "Ruby is a language. It was made by Matz in 1993. \n\nIt is fun."
PDF = {"type": "document", "source": {"type": "url", "url": "https://x.example/a.pdf"}, "title": "A"} | CITING
MATZ = {"type": "char_location", "cited_text": "It was made by Matz in 1993. \n\n", "document_index": 0,
        "document_title": None, "start_char_index": 20, "end_char_index": 51}  # fmt: skip
OF_BLOCK = {"type": "content_block_location", "cited_text": "Made by Matz.", "document_index": 0,
            "document_title": None, "start_block_index": 1, "end_block_index": 2}  # fmt: skip
OF_RESULT = {"type": "search_result_location", "cited_text": "Matz made it.", "source": "https://x.example", "title": "X",
             "search_result_index": 1, "start_block_index": 1, "end_block_index": 2}  # fmt: skip
OF_PAGE = {"type": "page_location", "cited_text": UNREAD, "document_index": 0, "document_title": "A",
           "start_page_number": 1, "end_page_number": 2}  # fmt: skip
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}}

SOURCES = {
    "a sentence with the blanks behind it": ([plain_text(RUBY)], MATZ),
    "the last sentence": ([plain_text("First. Matz made Ruby")], MATZ | {"cited_text": "Matz made Ruby", "start_char_index": 7, "end_char_index": 21}),
    "the title": ([plain_text(RUBY, title="facts.txt")], MATZ | {"document_title": "facts.txt"}),
    "documents that may not be cited count": ([plain_text("Matz", citations={"enabled": False}), plain_text(RUBY)], MATZ | {"document_index": 1}),
    "search results are numbered apart": ([result("Nothing"), plain_text(RUBY)], MATZ),
    "a block of custom content": ([custom([{"type": "text", "text": "Ruby"}, {"type": "text", "text": "Made by Matz."}])], OF_BLOCK),
    "images have numbers in custom content": ([custom([IMAGE, {"type": "text", "text": "Made by Matz."}])], OF_BLOCK),
    "custom content that is one text": ([custom("Made by Matz.")], OF_BLOCK | {"start_block_index": 0, "end_block_index": 1}),
    "a search result": ([result("Python"), result("Ruby", "Matz made it.")], OF_RESULT),
    "a page of a PDF": ([PDF], OF_PAGE),
    "a file": ([PDF | {"source": {"type": "file", "file_id": "file_011CNha8iCJcU1wXNR6q4V8w"}}], OF_PAGE | {"file_id": "file_011CNha8iCJcU1wXNR6q4V8w"}),
    "a sentence on a page of a PDF": ([pdf("Python is older. ", "Ruby is younger. Matz made it in 1993. ")], OF_PAGE | {"cited_text": "Matz made it in 1993. \n", "start_page_number": 2, "end_page_number": 3}),
    "a PDF whose pages do not all show text": ([pdf("Matz made it. ", "")], OF_PAGE),
    "what is read before what is not": ([PDF, plain_text(RUBY)], MATZ | {"document_index": 1}),
}  # fmt: skip

CITED = {"reply": [{"text": {"text": "Matz made Ruby in 1993.", "citations": "auto"}}]}


@pytest.mark.parametrize(("blocks", "citation"), SOURCES.values(), ids=SOURCES)
def test_what_is_cited(blocks, citation):
    """And it may be sent back; in the stream citations come before the text."""
    body = request(user([*blocks, {"type": "text", "text": "Who made Ruby?"}]))
    headers = {"anthropic-beta": "files-api-2025-04-14"}
    content = json.loads(post(engine(CITED), body, headers).reply.body)["content"]
    assert content == [{"citations": [citation], "type": "text", "text": "Matz made Ruby in 1993."}]
    assert list(content[0]["citations"][0]) == list(citation)
    again = request(*body["messages"], assistant(content), "Thanks")
    assert post(engine(CITED), again, headers).reply.head.status == 200


def test_search_results_in_a_tool_result_are_cited():
    body = request(
        "Hello", assistant([tool_use()]), user([tool_result([result("Python"), result("Ruby", "Matz made it.")])])
    )
    assert answer(CITED, body)["content"][0]["citations"] == [OF_RESULT]
    events = [e for e in stream(CITED, body) if e.get("index") == 0]
    assert events[0]["content_block"] == {"citations": [], "type": "text", "text": ""}
    assert [e["delta"]["type"] for e in events[1:3]] == ["citations_delta", "text_delta"]
    assert folded(CITED, body) == answer(CITED, body)


NOT_CITABLE = [
    [],
    [plain_text(RUBY, citations={"enabled": False})],
    [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": RUBY}}],
    [plain_text(" ")],
    [{"type": "document", **CITING}],
    [{"type": "search_result", **CITING, "source": None}],
    [{"type": "document", "source": "oops", **CITING}],
]


@pytest.mark.parametrize("blocks", NOT_CITABLE)
def test_where_nothing_may_be_cited_the_text_is_plain(blocks):
    body = request(user([*blocks, {"type": "text", "text": "Who?"}]))
    assert answer(CITED, body, validation="off")["content"] == [{"type": "text", "text": "Matz made Ruby in 1993."}]


@given(st.text(min_size=1), st.text())
def test_what_is_cited_is_exactly_the_span(data, text):
    for citation in Citable(Conversation(request(user([plain_text(data)])))).cite(text):
        assert data[citation["start_char_index"] : citation["end_char_index"]] == citation["cited_text"] != ""


# ------------------------------------------------------------------ refusals, fallbacks, containers, windows

REFUSED = {"type": "refusal", "category": None, "explanation": None}

REFUSALS = [
    ({"reply": []}, [], REFUSED, 0),
    ({"reply": "I will not"}, [{"type": "text", "text": "I will not"}], REFUSED, None),
    ({"reply": [], "stop_details": {"type": "refusal", "category": "cyber"}}, [], REFUSED | {"category": "cyber"}, 0),
    ({"reply": [], "stop_details": None}, [], None, 0),
]  # fmt: skip


@pytest.mark.parametrize(("turn", "content", "details", "tokens"), REFUSALS)
def test_a_refusal_has_details(turn, content, details, tokens):
    scenario = {**turn, "stop_reason": "refusal"}
    message = answer(scenario)
    assert (message["content"], message["stop_reason"], message["stop_details"]) == (content, "refusal", details)
    assert tokens in (None, message["usage"]["output_tokens"])
    assert folded(scenario) == message
    events = stream(scenario)
    assert events[0]["message"]["usage"]["output_tokens"] <= message["usage"]["output_tokens"]
    assert events[-2]["delta"]["stop_details"] == details


HANDED_OVER = {"reply": [{"fallback": {"to": {"model": "claude-opus-4-8"}}}, {"text": "Hello!"}]}
TRIGGER = {"type": "refusal", "category": None}


def test_an_answer_behind_a_fallback_is_the_other_model_s():
    message = answer(HANDED_OVER, request())
    assert message["model"] == "claude-opus-4-8"
    assert message["content"][0] == {
        "type": "fallback", "from": {"model": "claude-sonnet-5"}, "to": {"model": "claude-opus-4-8"}, "trigger": TRIGGER,
    }  # fmt: skip
    assert stream(HANDED_OVER)[0]["message"]["model"] == "claude-opus-4-8"
    assert folded(HANDED_OVER) == message
    assert answer(HANDED_OVER | {"model": "my-own"})["model"] == "my-own"
    assert answer({"reply": [{"fallback": {"to": "oops"}}]})["model"] == "claude-sonnet-5"


RAN = [{"server_tool_use": {"name": "bash_code_execution"}}, {"bash_code_execution_tool_result": {"content": {}}}]
CODE = {"tools": [{"type": "code_execution_20250825", "name": "code_execution"}]}
GIVEN = "container_011CZ7TUdt8fzrwyDxygJRE6"

CONTAINERS = [
    ({}, {}, None),
    (CODE | {"container": GIVEN}, {}, GIVEN),
    (CODE | {"container": {"id": GIVEN}}, {}, GIVEN),
    ({}, {"container": {"id": "mine"}}, "mine"),
]


@pytest.mark.parametrize(("more", "turn", "id_"), CONTAINERS)
def test_where_code_ran_there_is_a_container(more, turn, id_):
    message = answer({"reply": RAN, **turn}, request(**more))
    container = message["container"]
    assert container["id"] == id_ or container["id"].startswith("container_01")
    assert container.get("expires_at") == (None if turn else "2026-01-01T01:00:00.000000Z")
    assert list(message)[5] == "container"
    assert stream({"reply": RAN, **turn}, request(**more))[-2]["delta"]["container"] == container
    assert folded({"reply": RAN, **turn}, request(**more)) == message


def test_a_container_lists_the_skills_that_it_was_asked_to_have():
    skills = [{"type": "anthropic", "skill_id": "pdf", "version": "latest"}]
    assert (
        answer({"reply": RAN}, request(container={"skills": skills}), validation="off")["container"]["skills"] == skills
    )


@pytest.mark.parametrize("turn", [{"reply": "a"}, {"reply": RAN, "container": None}])
def test_else_there_is_none(turn):
    assert "container" not in answer(turn)


def test_an_answer_that_the_window_cuts_says_so():
    """The window of Haiku 4.5 has 200,000 tokens; the request leaves a few of them."""
    body = request("word " * 201_500, max_tokens=20_000) | {"model": "claude-haiku-4-5"}
    reply = "one two three " * 400
    used = answer({"reply": "a"}, body)["usage"]["input_tokens"]
    message = answer({"reply": reply}, body)
    assert 0 < 200_000 - used < 1000
    assert message["stop_reason"] == "model_context_window_exceeded"
    assert message["usage"]["output_tokens"] <= 200_000 - used
    assert answer({"reply": reply}, body | {"max_tokens": 10})["stop_reason"] == "max_tokens"
    assert answer({"reply": "short"}, body)["stop_reason"] == "end_turn"


def test_a_toolset_s_call_streams_in_one_piece():
    scenario = {"reply": [{"tool_use": {"name": "click", "input": {"x": 1, "y": 2}, "toolset_name": "computer"}}]}
    deltas = [e["delta"] for e in stream(scenario) if "delta" in e and "index" in e]
    assert deltas == [{"type": "input_json_delta", "partial_json": '{"x": 1, "y": 2}'}]
    assert folded(scenario) == answer(scenario)


ENTRIES = st.lists(
    st.sampled_from(
        [
            {"text": "Hello there, friend."}, {"text": {"text": "Ruby", "citations": "auto"}}, {"thinking": "hm"},
            {"thinking": "auto"}, {"redacted_thinking": None}, {"tool_use": {"name": "f", "input": {"a": 1, "b": "c d"}}},
            *RAN, {"mcp_tool_use": {"name": "m", "server_name": "s", "input": {"q": 1}}}, {"compaction": {"content": "c"}},
            {"fallback": {"to": {"model": "claude-opus-5"}}}, {"container_upload": {"file_id": "file_1"}},
        ]
    ),
    max_size=4,
)  # fmt: skip


@given(ENTRIES, st.sampled_from([1, 12, 30, 500]), st.sampled_from([None, "refusal", "pause_turn"]))
def test_every_derived_message_streams_to_itself(entries, limit, reason):
    scenario = {"reply": entries, **({"stop_reason": reason} if reason else {})}
    body = request(user([plain_text(RUBY)]), max_tokens=limit)
    message = answer(scenario, body)
    assert fold(split(message)) == message
    assert folded(scenario, body) == message
