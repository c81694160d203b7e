"""An upload: the parts of a multipart body become a file's name, type and content. Not here: keeping it (`state`).

Sources: the `anthropic` package (what becomes of a name, the limits of `expires_in_seconds`), the documentation (what a
name may hold; that a part's type is detected where it is left out, and must be there with the beta header). The words
of every refusal are inferred. Uploads are judged at every level, since no file could be made of a bad one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NoReturn

from mockserver.validation.incoming import Incoming
from mockserver.validation.transport import MAX_FILE
from mockserver.wire.errors import ApiError
from mockserver.wire.files import BETA, detected, unnamed
from mockserver.wire.frozen import frozen
from mockserver.wire.headers import betas

SHORTEST_LIFE: Final = 3600
LONGEST_LIFE: Final = 7_776_000
"""Values of `expires_in_seconds`: an hour to ninety days."""

MOST_PARTS: Final = 100
LONGEST_NAME: Final = 255
_FORBIDDEN: Final = re.compile(r'[<>:"|?*\\/\x00-\x1f]')
_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_MULTIPART: Final = "multipart/form-data"
_FILE: Final = "file"
_LIFE: Final = "expires_in_seconds"


@frozen
class Upload:
    """A file that is to be kept, `lifetime` in seconds; `unread` are the names of parts that mean nothing here."""

    filename: str
    mime_type: str
    content: memoryview
    lifetime: int | None = None
    unread: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Its name, type and size, for the journal, which does not keep its bytes."""
        rest = f"; not read: {', '.join(map(repr, self.unread))}" if self.unread else ""
        return f"file {self.filename!r}, {self.mime_type}, {len(self.content):,} bytes{rest}"


def read_upload(incoming: Incoming) -> Upload:
    """Return the file that a request uploads. Raises `ApiError` (400, 413), which says what is wrong."""
    parts = _parts(incoming)
    files = [part for part in parts if part.name == _FILE]
    if not files:
        _refuse(f"{_FILE}: Field required")
    if len(files) > 1:
        _refuse(f"{_FILE}: Only one file may be uploaded per request, not {len(files)}")
    if len(files[0].content) > MAX_FILE:
        raise ApiError("request_too_large")
    lives = [part for part in parts if part.name == _LIFE]
    if BETA in betas(incoming.headers) and not files[0].mime_type:
        _refuse(f"{_FILE}: Content-Type is required")
    name, kind = named(files[0].filename, files[0].mime_type, files[0].content)
    return Upload(
        name,
        kind,
        files[0].content,
        read_lifetime(_text(lives[-1].content)) if lives else None,
        tuple(part.name for part in parts if part.name not in (_FILE, _LIFE)),
    )


def named(filename: str, mime_type: str, content: memoryview) -> tuple[str, str]:
    """Return the name and type that a file is kept with; either may be empty. Raises `ApiError` (400)."""
    if mime_type and not _MEDIA_TYPE.fullmatch(mime_type):
        _refuse(f"{_FILE}: {mime_type!r} is not a valid MIME type")
    name = filename.rpartition("/")[2]
    kind = mime_type.lower() or detected(name, content)
    if not name:
        return unnamed(kind), kind
    if len(name) > LONGEST_NAME:
        _refuse(f"{_FILE}: Filename should have at most {LONGEST_NAME} characters, not {len(name)}")
    if found := _FORBIDDEN.search(name):
        _refuse(f"{_FILE}: Filename contains a forbidden character: {found[0]!r}")
    return name, kind


def read_lifetime(value: str | int) -> int:
    """Return how many seconds a file lives. Raises `ApiError` (400)."""
    if not _WHOLE.fullmatch(str(value).strip()):
        _refuse(f"{_LIFE}: Input should be a valid integer, unable to parse string as an integer")
    seconds = int(value)
    if seconds < SHORTEST_LIFE:
        _refuse(f"{_LIFE}: Input should be greater than or equal to {SHORTEST_LIFE}")
    if seconds > LONGEST_LIFE:
        _refuse(f"{_LIFE}: Input should be less than or equal to {LONGEST_LIFE}")
    return seconds


# ------------------------------------------------------------------ the parts


@dataclass(slots=True)
class _Part:
    """One part: its headers as they come, and the pieces of its content, of which there is one in nearly every body."""

    headers: dict[str, bytes] = field(default_factory=dict)
    pieces: list[memoryview] = field(default_factory=list)
    name: str = ""
    filename: str = ""
    mime_type: str = ""

    @property
    def content(self) -> memoryview:
        return self.pieces[0] if len(self.pieces) == 1 else memoryview(b"".join(self.pieces))


class _Reader:
    """What the parser tells of a body; nothing is copied."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.ended = False
        self._name = b""
        self._value = b""

    def on_part_begin(self) -> None:
        if len(self.parts) == MOST_PARTS:
            _refuse(f"The multipart body has more than {MOST_PARTS} parts")
        self.parts.append(_Part())

    def on_header_begin(self) -> None:
        self._name = self._value = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self.parts[-1].headers[self._name.decode("latin-1").lower()] = self._value

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].pieces.append(memoryview(data)[start:end])

    def on_end(self) -> None:
        self.ended = True

    @property
    def callbacks(self) -> Mapping[str, Any]:
        return {name: getattr(self, name) for name in dir(self) if name.startswith("on_")}


def _parts(incoming: Incoming) -> list[_Part]:
    library = _library()
    kind, options = library.parse_options_header(incoming.headers.get("content-type", "").encode("latin-1", "replace"))
    if kind.decode("latin-1") != _MULTIPART:
        _refuse(f"Content-Type: Input should be '{_MULTIPART}'")
    if not options.get(b"boundary"):
        _refuse("Content-Type: Missing boundary in multipart")
    reader = _Reader()
    try:
        library.MultipartParser(options[b"boundary"], reader.callbacks).write(incoming.body)
    except library.FormParserError as error:
        _refuse(f"There was an error parsing the multipart body: {error}")
    if not reader.ended:
        _refuse("There was an error parsing the multipart body: it ends before its closing boundary")
    for part in reader.parts:
        _identify(part, library)
    return reader.parts


def _identify(part: _Part, library: Any) -> None:
    """Read what a part's headers say; of its type the parameters are left out."""
    disposition, options = library.parse_options_header(part.headers.get("content-disposition"))
    if disposition != b"form-data" or b"name" not in options:
        _refuse("There was an error parsing the multipart body: a part has no `Content-Disposition` with a name")
    part.name, part.filename = _text(options[b"name"]), _text(options.get(b"filename", b""))
    part.mime_type = _text(part.headers.get("content-type", b"")).partition(";")[0].strip()


def _text(data: bytes | memoryview) -> str:
    return bytes(data).decode("utf-8", "replace")


@cache
def _library() -> Any:
    """Return the parser; it tells its faults by exceptions, and need not tell them to the log as well."""
    import logging  # noqa: PLC0415 - most servers never read an upload

    from python_multipart import multipart  # noqa: PLC0415

    logging.getLogger("python_multipart").addHandler(logging.NullHandler())
    return multipart


def _refuse(message: str) -> NoReturn:
    raise ApiError("invalid_request_error", message)
