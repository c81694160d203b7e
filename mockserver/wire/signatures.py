"""Signatures of thinking: made, verified, and told from what is none. Not here: who is asked for one.

A real signature is base64 of a protocol-buffer message: its field 2 holds a message whose field 1 is a header, and the
rest of which looks random (recorded, 2025 to 2026). Ours have that shape, two marks, and in the header a seal over
model and thinking, from which all that looks random follows: any server of this kind can tell a changed one.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Final, Literal

_Fields = dict[int, bytes]

Verdict = Literal["ours", "changed", "foreign", "malformed"]
"""Of a signature: made by a mock server over this very thinking; made by one over another; real-shaped; none."""

_KEY: Final = b"messages-mockserver"
_MARKS: Final = tuple(hashlib.blake2b(place, key=_KEY, digest_size=12).digest() for place in (b"first", b"second"))
"""Stand in every signature of ours, so that a change of one place cannot remove both."""
_LONGEST_NUMBER: Final = 10
"""Bytes of a number, as the encoding has it."""
_SMALLEST: Final = 96
"""Bytes of the smallest thing that may be a signature; the shortest recorded one has 219."""


def sign(thinking: str, model: str) -> str:
    """Return the signature of a thinking block: any server of this kind can verify it, whatever its seed."""
    return _signature(_seal(thinking, model), model, _cipher_length(thinking))


def redacted(noise: bytes) -> str:
    """Return the `data` of a redacted_thinking block."""
    head = _number(1, 14) + _number(3, 2)
    return base64.b64encode(_bytes(2, _bytes(1, head) + _bytes(3, noise))).decode()


def verify(signature: str, thinking: str) -> Verdict:
    """Return what the signature of a thinking block is.

    An empty thinking (one that was not shown) goes with every whole signature of ours, and a signature made over none
    with every thinking: text that a client puts there is ignored (documentation).
    """
    raw, inner, head = _parts(signature)
    if not head:
        return "malformed"
    if not any(mark in raw for mark in _MARKS):
        return "foreign"
    seal, model = head.get(5, b""), head.get(6, b"").decode("utf-8", "replace")
    if signature != _signature(seal, model, len(inner.get(5, b""))):
        return "changed"
    return "ours" if not thinking or seal in (_seal(thinking, model), _seal("", model)) else "changed"


def has_shape(data: str) -> bool:
    """Whether this looks like encrypted data of the real API."""
    return bool(_parts(data)[2])


def _seal(thinking: str, model: str) -> bytes:
    text = f"{model}\0{thinking}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, key=_KEY, digest_size=64).digest()


def _cipher_length(thinking: str) -> int:
    return len(thinking.encode("utf-8", "surrogatepass")) + 16


def _signature(seal: bytes, model: str, cipher_length: int) -> str:
    noise = hashlib.shake_256(seal + model.encode()).digest(48 + cipher_length)
    head = _number(1, 14) + _number(3, 2) + _bytes(5, seal) + _bytes(6, model.encode()) + _number(7, 0)
    inner = _bytes(1, head + _bytes(8, b"thinking")) + _bytes(2, _MARKS[0]) + _bytes(3, _MARKS[1])
    inner += _bytes(4, noise[:48]) + _bytes(5, noise[48:])
    return base64.b64encode(_bytes(2, inner) + _number(3, 1)).decode()


def _parts(data: str) -> tuple[bytes, _Fields, _Fields]:
    """Return the message, the fields of what its field 2 holds, and those of its header; nothing where it has none."""
    try:
        raw = base64.b64decode(data, validate=True)
        inner = dict(_fields(dict(_fields(raw))[2]))
        head = dict(_fields(inner[1]))
    except (binascii.Error, ValueError, KeyError, IndexError):
        return b"", {}, {}
    return (raw, inner, head) if len(raw) >= _SMALLEST else (b"", {}, {})


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (number, content) of the fields; a number's content is empty."""
    at = 0
    while at < len(message):
        tag, at = _read(message, at)
        if tag & 7 == 0:
            _, at = _read(message, at)
            yield tag >> 3, b""
            continue
        if tag & 7 != 2:  # noqa: PLR2004 - length-delimited
            raise ValueError(f"field type {tag & 7}")
        length, at = _read(message, at)
        if at + length > len(message):
            raise ValueError("a field is longer than its message")
        yield tag >> 3, message[at : at + length]
        at += length


def _read(message: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands at a place, seven bits a byte, and the place behind it."""
    number = 0
    for count in range(_LONGEST_NUMBER):
        byte = message[at + count]
        number |= (byte & 0x7F) << 7 * count
        if not byte & 0x80:
            return number, at + count + 1
    raise ValueError("a number without end")


def _length(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _bytes(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _length(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3]) + _length(value)
