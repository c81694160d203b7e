"""Everything that chance decides follows from seed, session and request; pieces join to their text."""

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply.chunking import JSON_DELTAS, cut_json, cut_text
from mockserver.reply.identifiers import Source
from mockserver.reply.tokens import count_text, cut, pieces
from mockserver.wire.models import MODELS
from mockserver.wire.registry import STANDARD
from mockserver.wire.traits import Model

HAIKU, SONNET = (STANDARD.find(name) for name in ("claude-haiku-4-5", "claude-sonnet-5"))
BASE58 = "[1-9A-HJ-NP-Za-km-z]"


def test_ids_have_the_shapes_of_real_ones():
    source = Source(0, "default", b"{}", 0)
    assert re.fullmatch(f"msg_011C{BASE58}{{20}}", source.message_id())
    assert re.fullmatch(f"req_011C{BASE58}{{20}}", source.request_id())
    assert re.fullmatch(f"toolu_01{BASE58}{{22}}", source.block_id("toolu_", 0))
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", source.trace())
    assert source.message_id()[4:14] == source.request_id()[4:14]


def test_ids_are_ordered_within_a_session():
    ids = [Source(0, "s", b"same", number).message_id() for number in range(300)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 300


def test_the_number_of_a_request_touches_nothing_but_the_order():
    first, later = Source(0, "s", b"r", 0), Source(0, "s", b"r", 9)
    assert first.block_id("toolu_", 0) == later.block_id("toolu_", 0)
    assert first.message_id()[14:] == later.message_id()[14:]
    assert first.random("x").random() == later.random("x").random()


def test_seed_session_and_request_each_matter():
    sources = [Source(*parts, 0) for parts in ((0, "s", b"r"), (1, "s", b"r"), (0, "t", b"r"), (0, "s", b"q"))]
    assert len({s.block_id("toolu_", 0) for s in sources}) == 4
    assert len({s.random("x").random() for s in sources}) == 3, "what is said does not depend on the session"


def test_a_long_session_name_is_no_problem():
    assert Source(0, "ü" * 200, b"", 0).request_id()


@given(st.text())
def test_pieces_join_to_the_text(text):
    assert "".join(pieces(text)) == text


@given(st.text(), st.sampled_from(["word", "char", "token", "message"]) | st.integers(1, 9), st.integers(0, 99))
def test_deltas_join_to_the_text_and_none_is_empty(text, chunk, seed):
    for parts in (
        cut_text(text, chunk, HAIKU.text_deltas, random.Random(seed)),
        cut_json(text, chunk, random.Random(seed)),
    ):
        assert "".join(parts) == text
        assert all(parts)


WORDS = "Whatever the language, somebody counts letters in it, and a few of them are surprisingly long. " * 800


def quantiles(parts):
    sizes = sorted(map(len, parts))
    return [sizes[int(len(sizes) * share)] for share in (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)]


def near(sizes, tolerance):
    """About these sizes: a delta that ends with a word is a few letters off."""
    return [pytest.approx(size, rel=0.12, abs=tolerance) for size in sizes]


@pytest.mark.parametrize(
    "model", [m for m in MODELS if m.text_deltas != Model("").text_deltas] + [Model("")], ids=lambda m: m.id
)
def test_texts_come_in_deltas_of_the_recorded_sizes(model):
    for sizes in (model.text_deltas, model.thinking_deltas):
        assert quantiles(cut_text(WORDS, "token", sizes, random.Random(1))) == near(sizes, 4)


def test_json_comes_in_pieces_of_the_recorded_sizes():
    assert quantiles(cut_json(WORDS, "token", random.Random(1))) == near(JSON_DELTAS, 1)


def test_few_deltas_end_inside_a_word():
    parts = cut_text(WORDS, "token", SONNET.text_deltas, random.Random(1))
    inside = [a[-1].isalpha() and b[0].isalpha() for a, b in pairwise(parts)]
    assert 0.05 < sum(inside) / len(inside) < 0.2


@given(st.text(), st.integers(0, 50))
def test_a_cut_is_a_beginning_within_the_budget(text, budget):
    beginning = cut(text, budget, SONNET)
    assert text.startswith(beginning)
    assert count_text(beginning, SONNET) <= budget or len(pieces(beginning)) == 1
