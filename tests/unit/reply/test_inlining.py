"""Files in a request: their contents stand in their places, and whatever names none stays as it is."""

import base64

import pytest
from hypothesis import given
from mutations import any_json

from mockserver.reply.inlining import Content, inlined

CONTENTS = {
    "file_text": Content("text/plain", "Grüße".encode()),
    "file_latin": Content("text/plain", b"Gr\xfc\xdfe"),
    "file_pdf": Content("application/pdf", b"%PDF-1.7"),
    "file_png": Content("image/png", b"\x89PNG"),
    "file_csv": Content("text/csv", b"1,2"),
}


def body(*blocks):
    return {"model": "x", "messages": [{"role": "user", "content": list(blocks)}]}


def block(kind, name, **more):
    return {"type": kind, "source": {"type": "file", "file_id": name}, **more}


def read(name):
    return CONTENTS.get(name)


PLACED = [
    ("document", "file_text", {"type": "text", "media_type": "text/plain", "data": "Grüße"}),
    ("document", "file_latin", {"type": "text", "media_type": "text/plain", "data": "Gr\ufffd\ufffde"}),
    (
        "document",
        "file_pdf",
        {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(b"%PDF-1.7").decode()},
    ),
    ("image", "file_png", {"type": "base64", "media_type": "image/png", "data": base64.b64encode(b"\x89PNG").decode()}),
]


@pytest.mark.parametrize(("kind", "name", "source"), PLACED)
def test_a_content_stands_in_its_file_s_place(kind, name, source):
    given_block = block(kind, name, title="A", cache_control={"type": "ephemeral"})
    asked = body({"type": "text", "text": "a"}, given_block)
    assert inlined(asked, read) == body({"type": "text", "text": "a"}, given_block | {"source": source})
    assert asked == body({"type": "text", "text": "a"}, given_block), "what came is not changed"
    named = inlined(asked, read, named=True)["messages"][0]["content"][1]["source"]
    assert named == source | {"file_id": name}


def test_a_content_stands_inside_of_results_and_documents():
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [block("image", "file_png")]}
    nested = {"type": "document", "source": {"type": "content", "content": [block("image", "file_png")]}}
    found = inlined(body(result, nested), read)["messages"][0]["content"]
    assert found[0]["content"][0]["source"]["type"] == "base64"
    assert found[1]["source"]["content"][0]["source"]["type"] == "base64"


UNCHANGED = [
    body("text"),
    body(block("image", "file_unknown")),
    body(block("image", "file_pdf"), block("document", "file_png"), block("document", "file_csv")),
    body({"type": "container_upload", "file_id": "file_text"}),
    body({"type": "image", "source": {"type": "url", "url": "https://a.example"}}),
    body({"type": "tool_result", "content": "a"}, {"type": "document"}, None, 3),
    {"messages": [{"role": "user", "content": "a"}, None, 3]},
    {"messages": "a"},
    {},
]


@pytest.mark.parametrize("asked", UNCHANGED)
def test_what_names_no_fitting_file_is_the_same_object(asked):
    assert inlined(asked, read) is asked


@given(any_json)
def test_nothing_is_too_odd(value):
    for asked in (
        {"messages": value},
        body(value),
        body(block("document", value)),
        body({"type": "image", "source": value}),
    ):
        assert inlined(asked, read) == asked
