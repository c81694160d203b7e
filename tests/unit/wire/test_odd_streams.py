"""What an author may leave out of a message: its stream is still whole."""

import pytest

from mockserver.wire.events import FoldError, fold, split

TEXT = {"type": "text", "text": "a"}
START = {"type": "message_start", "message": {"id": "msg_1"}}
STOP = {"type": "message_stop"}

MESSAGES = {
    "nothing": {},
    "no content": {"stop_reason": "end_turn"},
    "content alone": {"content": [TEXT]},
    "a usage without output": {"content": [TEXT], "usage": {"input_tokens": 1}},
    "a stop reason alone": {"stop_reason": "max_tokens", "content": [TEXT]},
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_what_is_left_out_stays_out(message):
    assert fold(split(message)) == {"content": [], **message}


@pytest.mark.parametrize("cut", [True, False])
def test_the_stop_reason_need_not_say_what_was_cut(cut):
    call = {"type": "tool_use", "id": "toolu_1", "name": "a", "input": {"b": 1}}
    kinds = [event["type"] for event in split({"content": [call]}, cut=cut)]
    assert kinds.count("content_block_stop") == (not cut)


def test_a_call_that_was_cut_before_its_input_keeps_what_its_start_shows():
    call = {"type": "tool_use", "id": "toolu_1", "name": "a", "input": {}}
    events = [START, {"type": "content_block_start", "index": 0, "content_block": call}]
    end = {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}
    assert fold([*events, end, STOP])["content"] == [call]
    with pytest.raises(FoldError, match="the stream ends inside a block"):
        fold([*events, STOP])
