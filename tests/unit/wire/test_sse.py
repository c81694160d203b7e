"""Events to bytes and back: one table, both directions, cut at every byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.sse import Decoder, encode_event, frame

TABLE = [
    ({"type": "message_stop"}, 0, b'event: message_stop\ndata: {"type":"message_stop"}\n\n'),
    ({"type": "message_stop"}, 7, b'event: message_stop\ndata: {"type":"message_stop"       }\n\n'),
    ({"type": "ping"}, 15, b'event: ping\ndata: {"type": "ping"}\n\n'),
    (
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "15°C\n\n🌍"}},
        3,
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
        '{"type":"text_delta","text":"15°C\\n\\n🌍"}   }\n\n'.encode(),
    ),
]


@pytest.mark.parametrize(("event", "padding", "raw"), TABLE)
def test_one_table_both_directions(event, padding, raw):
    assert encode_event(event, padding) == raw
    assert list(Decoder().feed(raw)) == [(event["type"], event)]


def test_cut_at_every_byte():
    """A stream that is cut in two anywhere, also inside a character, gives the same events."""
    raw = b"".join(raw for *_, raw in TABLE)
    expected = [(event["type"], event) for event, *_ in TABLE]
    for at in range(len(raw) + 1):
        decoder = Decoder()
        assert [*decoder.feed(raw[:at]), *decoder.feed(raw[at:])] == expected
        assert decoder.rest == b""


def test_byte_by_byte():
    decoder = Decoder()
    raw = b"".join(raw for *_, raw in TABLE)
    found = [event for i in range(len(raw)) for _, event in decoder.feed(raw[i : i + 1])]
    assert found == [event for event, *_ in TABLE]


@given(st.dictionaries(st.text(), st.text() | st.integers(-5, 5)), st.integers(0, 15))
def test_any_event_comes_back(fields, padding):
    event = {"type": "x"} | {k: v for k, v in fields.items() if k != "type"}
    assert list(Decoder().feed(encode_event(event, padding))) == [("x", event)]


@pytest.mark.parametrize("raw", [b"data: {}\n\n", b"event: a\n\n", b"event: a\ndata:{}\n\n", b"event: a\ndata: {\n\n"])
def test_other_frames_are_refused(raw):
    with pytest.raises(ValueError):
        list(Decoder().feed(raw))


def test_a_frame_takes_any_payload():
    assert frame("x", b"not json") == b"event: x\ndata: not json\n\n"
