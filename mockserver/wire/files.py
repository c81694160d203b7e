"""A file as the API shows it, and what its type says. Not here: keeping files (`state.files`), reading uploads.

Sources: recorded answers (2026-01 to 2026-08 with the beta header, 2026-08-31 without) for the keys, their order and
the form of times; the `anthropic` package for `unnamed`; the documentation for the types that blocks take. How a type
is detected is inferred.
"""

import codecs
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Final

from mockserver.wire import images
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen
from mockserver.wire.headers import attachment

BETA: Final = "files-api-2025-04-14"
"""The beta header under which files and their lists have the form of before 2026-08-20."""
AGENTS_BETA: Final = "managed-agents-2026-04-01"
"""The one under which lists have both forms (documentation)."""

TOLD_AFTER: Final = timedelta(days=30)
"""How long an expired file is still told of (documentation)."""

OCTETS: Final = "application/octet-stream"
"""The type of a file of which nothing says another."""

TYPES: Final[dict[str, str]] = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".html": "text/html",
    ".xml": "application/xml",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".zip": "application/zip",
    ".py": "text/x-python",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""Extension -> type: a table of our own, since that of a machine differs from one to the next."""

_EXTENSIONS: Final = {kind: extension for extension, kind in reversed(TYPES.items())}

IMAGES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")
DOCUMENTS: Final = ("application/pdf", "text/plain")
FITTING: Final = {"image": IMAGES, "document": DOCUMENTS}
"""Type of a block -> the types of files that it takes (documentation); `container_upload` takes any."""


@frozen
class File:
    """What is known of a file beside its content."""

    id: str
    filename: str
    mime_type: str
    size: int
    created: datetime
    expires: datetime | None = None
    downloadable: bool = False

    def has_expired(self, now: datetime) -> bool:
        """Whether its content is gone."""
        return self.expires is not None and self.expires <= now

    def is_forgotten(self, now: datetime) -> bool:
        """Whether nothing is told of it any more."""
        return self.forgotten is not None and self.forgotten <= now

    @property
    def forgotten(self) -> datetime | None:
        """From when on nothing is told of it."""
        return self.expires and self.expires + TOLD_AFTER


def file_info(file: File, *, beta: bool = False) -> JsonObject:
    """Return what the API tells of a file; with the beta header it has no `expires_at`, and times of milliseconds."""
    created = file.created
    if beta:
        created = created.replace(microsecond=created.microsecond // 1000 * 1000)
    return {
        "type": "file",
        "id": file.id,
        "size_bytes": file.size,
        "created_at": _moment(created),
        **({} if beta else {"expires_at": file.expires and _moment(file.expires)}),
        "filename": file.filename,
        "mime_type": file.mime_type,
        "downloadable": file.downloadable,
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06}Z"


def content_headers(file: File) -> dict[str, str]:
    """Return what a download says of its content (recorded)."""
    return {"content-type": file.mime_type} | attachment(file.filename)


def detected(filename: str, content: memoryview) -> str:
    """Return the type of a file that came without one: its first bytes say it, else its name, else that it is text."""
    image = images.read(bytes(content[:_HEAD]))
    if image is not None:
        return image.media_type
    if bytes(content[: len(_PDF)]) == _PDF:
        return "application/pdf"
    named = TYPES.get(PurePosixPath(filename).suffix.lower())
    return named or ("text/plain" if _is_text(content) else OCTETS)


_HEAD: Final = 1 << 16
_PDF: Final = b"%PDF-"


def _is_text(content: memoryview) -> bool:
    """Whether it begins as a text does; what is cut off in the midst of a character is no fault."""
    head = bytes(content[:_HEAD])
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) == len(content))
    except UnicodeDecodeError:
        return False
    return bool(text) and "\0" not in text


def unnamed(mime_type: str) -> str:
    """Return the name of a file that came without one: `unnamed`, and the extension of its type (package)."""
    return f"unnamed{_EXTENSIONS.get(mime_type, '')}"
