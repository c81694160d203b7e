"""Ids, derived from seed and request. Not here: where they stand in an answer; signatures (`wire`).

Shapes as recorded: since 2026-07 `msg_011C…` and `req_011C…` are ordered in time and share a prefix, and so are
`file_011C…`; `toolu_01…` has 22 base58 characters after `01`.
"""

import hashlib
import random
from typing import Final

from mockserver.wire import signatures

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

_PAIRS: Final = [first + second for first in _BASE58 for second in _BASE58]

_ORDERED_LENGTH: Final = 6
_FIRST: Final = 24_000_000_000
"""What the time-ordered part starts from: 6 base58 characters, as in ids of 2026-11."""


class Source:
    """Everything that chance decides in one answer. Two sources of the same parts give the same values.

    What is said and how it is cut follows from seed and request; ids follow from the session, too. `number` counts
    the requests of a session; it orders ids and touches nothing else.
    """

    def __init__(self, seed: int, session: str, request: bytes, number: int) -> None:
        self._content = hashlib.blake2b(request, key=str(seed).encode()[:64], digest_size=32).digest()
        name = session.encode("utf-8", "surrogateescape")
        self._ids = hashlib.blake2b(name, key=self._content, digest_size=32).digest()
        self._known: dict[tuple[str, int], str] = {}
        self._order = _base58(_FIRST + number, _ORDERED_LENGTH)

    def numbered(self, number: int) -> "Source":
        """Return the source of another request of the session with the same content."""
        other = object.__new__(Source)
        other.__dict__.update(self.__dict__)
        other._order = _base58(_FIRST + number, _ORDERED_LENGTH)
        return other

    def random(self, topic: str) -> random.Random:
        """Return a generator for one topic, so that no topic disturbs another."""
        return random.Random(_digest(self._content, topic))  # noqa: S311 - reproducible is what it must be

    def request_id(self) -> str:
        """Return `req_011C…`."""
        return self._ordered("req_")

    def message_id(self) -> str:
        """Return `msg_011C…`, which shares its first characters with the request id."""
        return self._ordered("msg_")

    def file_id(self, attempt: int = 0) -> str:
        """Return `file_011C…`; another one with each attempt, for where somebody chose just that id."""
        return self._ordered("file_", f"file_{attempt}" if attempt else "file_")

    def block_id(self, prefix: str, index: int) -> str:
        """Return the id of a call block: `toolu_01…`, `srvtoolu_01…`, `mcptoolu_01…`."""
        return f"{prefix}01{self._letters(f'{prefix}{index}', 22)}"

    def object_id(self, prefix: str) -> str:
        """Return the id of a thing that a request makes: `msgbatch_01…`; another one for each request."""
        return f"{prefix}01{self._derived(f'{prefix}{self._order}', 22)}"

    def trace(self) -> str:
        """Return a `traceresponse` header: `00-<32 hex>-<16 hex>-01`."""
        digits = self._hex("trace")
        return f"00-{digits[:32]}-{digits[32:48]}-01"

    def ray(self) -> str:
        """Return a `cf-ray` header: `<16 hex>-<place>`."""
        return f"{self._hex('ray')[:16]}-SJC"

    def redacted_data(self, index: int) -> str:
        """Return the `data` of a redacted_thinking block."""
        return signatures.redacted(self.random(f"redacted{index}").randbytes(180))

    def _hex(self, topic: str) -> str:
        """Return hexadecimal digits that are the same for every number; they are remembered."""
        key = topic, 0
        if key not in self._known:
            self._known[key] = _digest(self._ids, topic).hex()
        return self._known[key]

    def _ordered(self, prefix: str, topic: str = "") -> str:
        return f"{prefix}011C{self._order}{self._letters(topic or prefix, 14)}"

    def _letters(self, topic: str, length: int) -> str:
        """Return letters that are the same for every number; they are remembered."""
        key = topic, length
        if key not in self._known:
            self._known[key] = self._derived(topic, length)
        return self._known[key]

    def _derived(self, topic: str, length: int) -> str:
        return _base58(int.from_bytes(_digest(self._ids, topic), "big"), length)


def _digest(key: bytes, topic: str) -> bytes:
    return hashlib.blake2b(topic.encode(), key=key, digest_size=32).digest()


def _base58(number: int, length: int) -> str:
    """Return the last `length` base58 digits of a number."""
    digits = []
    number %= 58**length  # what is left is counted with much faster
    for _ in range((length + 1) // 2):
        number, rest = divmod(number, 58 * 58)
        digits.append(_PAIRS[rest])
    return "".join(reversed(digits))[-length:]
