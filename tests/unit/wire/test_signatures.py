"""Signatures: ours verify, a changed one is told, the real API's are taken for their shape."""

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.signatures import has_shape, redacted, sign, verify

MODEL = "claude-haiku-4-5-20251001"
ALPHABET = string.ascii_letters + string.digits + "+/="
"""Characters that hold nothing but the seal, and the first of those that hold the noise."""
THINKING = st.text(st.characters(), max_size=200)


def bytes_of(number, content):
    """A length-delimited field of a protocol buffer."""
    length = len(content)
    varint = bytes([length]) if length < 128 else bytes([length & 0x7F | 0x80, length >> 7])
    return bytes([number << 3 | 2]) + varint + content


def foreign(seed, *, head=b"\x08\x0e\x18\x02", noise=200):
    """A signature of the layout that real ones have, with random bytes in it."""
    chance = random.Random(seed)
    inner = bytes_of(1, head + bytes_of(5, chance.randbytes(64)) + bytes_of(6, b"claude-opus-5"))
    inner += (
        bytes_of(2, chance.randbytes(12)) + bytes_of(3, chance.randbytes(12)) + bytes_of(5, chance.randbytes(noise))
    )
    return encoded(bytes_of(2, inner) + b"\x18\x01")


def encoded(raw):
    return base64.b64encode(raw).decode()


@given(THINKING, st.sampled_from([MODEL, "claude-opus-5", "", "mödel"]))
def test_ours_verify(thinking, model):
    assert verify(sign(thinking, model), thinking) == "ours"
    assert has_shape(sign(thinking, model))


def test_one_thinking_of_one_model_has_one_signature():
    assert sign("Hmm.", MODEL) == sign("Hmm.", MODEL)
    assert len({sign("Hmm.", MODEL), sign("Hmm!", MODEL), sign("Hmm.", "claude-opus-5")}) == 3


@given(THINKING.filter(bool), THINKING.filter(bool))
def test_ours_over_another_thinking_are_changed(signed, shown):
    expected = "ours" if signed == shown else "changed"
    assert verify(sign(signed, MODEL), shown) == expected


def test_a_thinking_that_was_not_shown_goes_with_every_whole_signature():
    assert verify(sign("Hmm.", MODEL), "") == "ours"


def _changes(signature, places):
    """Yield each place with eight other characters: in every eight places each character once."""
    for index in places:
        for new in ALPHABET[index % 8 :: 8].replace(signature[index], ""):
            yield index, new, signature[:index] + new + signature[index + 1 :]


@pytest.mark.parametrize(("thinking", "shown"), [("Hmm.", "Hmm."), ("Hmm.", ""), ("", "Hmm."), ("a" * 80, "a" * 80)])
def test_a_changed_character_is_told(thinking, shown):
    signature = sign(thinking, MODEL)
    for index, new, changed in _changes(signature, range(len(signature))):
        assert verify(changed, shown) in ("changed", "malformed"), (index, new)


def test_a_lost_or_added_character_is_told():
    signature = sign("Hmm.", MODEL)
    for index in range(len(signature)):
        assert verify(signature[:index] + signature[index + 1 :], "Hmm.") in ("changed", "malformed")
        assert verify(f"{signature[:index]}A{signature[index:]}", "Hmm.") in ("changed", "malformed")


@pytest.mark.parametrize("seed", range(20))
def test_one_of_the_real_layout_is_foreign(seed):
    assert verify(foreign(seed), "Hmm.") == "foreign"
    assert has_shape(foreign(seed))


def test_fields_that_we_do_not_write_are_foreign_too():
    assert verify(foreign(0, head=b"\x08\x0b\x18\x02\x22\x01a", noise=3000), "Hmm.") == "foreign"


INNER = bytes_of(1, b"\x08\x0e\x18\x02")
NONSENSE = {
    "nothing": "",
    "words": "not a signature",
    "no base64": "ä" * 200,
    "base64 of words": encoded(b"not a signature " * 20),
    "too short": encoded(bytes_of(2, INNER + bytes_of(5, b"a" * 70))),
    "half of one": sign("Hmm.", MODEL)[:200],
    "no field 2": encoded(bytes_of(3, INNER + bytes_of(5, b"a" * 100))),
    "no header": encoded(bytes_of(2, bytes_of(5, b"a" * 100))),
    "an empty header": encoded(bytes_of(2, bytes_of(1, b"") + bytes_of(5, b"a" * 100))),
    "a field beyond its end": encoded(b"\x12\x80\x7f" + INNER + b"a" * 100),
    "a number without end": encoded(bytes_of(2, INNER + bytes_of(5, b"a" * 100)) + b"\x80"),
    "a field of another type": encoded(bytes_of(2, INNER + b"\x0d\0\0\0\0" + b"a" * 100)),
}


@pytest.mark.parametrize("data", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_malformed(data):
    assert verify(data, "Hmm.") == "malformed"
    assert verify(data, "") == "malformed"
    assert not has_shape(data)


@given(st.text() | st.binary(max_size=300).map(encoded), THINKING)
def test_any_text_has_a_verdict(data, thinking):
    assert verify(data, thinking) in ("foreign", "malformed")


@pytest.mark.parametrize("size", [90, 100, 1000])
def test_redacted_data_have_the_shape(size):
    assert has_shape(redacted(random.Random(size).randbytes(size)))


def test_a_number_without_end_is_malformed_at_once():
    assert verify(base64.b64encode(b"\xff" * 1_000_000).decode(), "Hmm.") == "malformed"


def test_text_that_a_client_puts_into_a_thinking_that_was_not_shown_is_ignored():
    assert verify(sign("", MODEL), "anything") == "ours"
