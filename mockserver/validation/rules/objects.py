"""Files, containers, skills: ids that are taken, and what a file must be. Not here: keeping them, threads.

Well-formed ids are taken, but those of expired files, unless objects are strict.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from mockserver.validation.rules.rule import Refusal, Rule
from mockserver.validation.subject import Subject
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError
from mockserver.wire.files import FITTING
from mockserver.wire.parts import noted

_FILE: Final = "file_"
_HOLDERS: Final = ("image", "document", "container_upload", "tool_result")
"""Blocks that may name a file."""


def file_ids(subject: Subject) -> str | None:
    """Refuse what is no file's id."""
    if all(name.startswith(_FILE) for name in _files(subject)):
        return None
    return "File id must have `file_` prefix."


def no_files_to_count(subject: Subject) -> str | None:
    """Refuse files where tokens are counted."""
    if subject.endpoint == "count_tokens" and next(_files(subject), None):
        return "File sources are not supported in the token counting endpoint."
    return None


def known_objects(subject: Subject) -> Refusal:
    """Refuse a file that has expired, and, where the server is told to be strict, ids that it does not know."""
    if subject.exists is None:
        return None
    for name in _files(subject):
        if not subject.exists("file", name):
            return _lost(subject, name)
    container = _container(subject)
    if container and not subject.exists("container", container):
        return ApiError("not_found_error", f"Container not found: {container}")
    for name in _custom_skills(subject):
        if not subject.exists("skill", name):
            return ApiError("not_found_error", f"Skill not found: {name}")
    return None


def _lost(subject: Subject, name: str) -> ApiError:
    if subject.file_type and subject.file_type(name):
        return CATALOGUE["file_expired"].refusal()
    return ApiError("not_found_error", f"File not found: {name}")


def fitting_files(subject: Subject) -> str | None:
    """Refuse a file of a type that its block does not take."""
    if subject.file_type is None:
        return None
    for kind, name in sources(subject):
        found = subject.file_type(name)
        if found is not None and kind in FITTING and found not in FITTING[kind]:
            return f"Unsupported {kind} file format: {found}. {_SUPPORTED[kind]}"
    return None


_SUPPORTED: Final = {
    "document": "Only PDF and plaintext documents are supported.",
    "image": "Supported image formats are JPEG, PNG, GIF, and WebP.",
}


def _container(subject: Subject) -> str | None:
    found = subject.body.get("container")
    name = found.get("id") if isinstance(found, dict) else found
    return name or None


def _custom_skills(subject: Subject) -> list[str]:
    """Return the ids of the skills that somebody uploaded; those of the API itself are always there."""
    found = subject.body.get("container")
    skills = (found.get("skills") or []) if isinstance(found, dict) else []
    return [skill["skill_id"] for skill in skills if skill["type"] == "custom"]


def _files(subject: Subject) -> Iterator[str]:
    return (name for _, name in sources(subject))


def sources(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the files that blocks name, each with the type of its block."""
    for place in subject.of(*_HOLDERS):
        yield from noted(place.block, sources, partial(_named_files, place.block))


def _named_files(block: JsonObject) -> list[tuple[str, str]]:
    return list(_files_of(block))


def _files_of(block: JsonObject) -> Iterator[tuple[str, str]]:
    if block["type"] == "container_upload":
        yield block["type"], block["file_id"]
    elif block["type"] == "tool_result":
        content = block.get("content")
        for inner in content if isinstance(content, list) else ():
            yield from _files_of(inner)
    elif block["type"] in ("image", "document"):
        source = block["source"]
        if source["type"] == "file":
            yield block["type"], source["file_id"]
        elif source["type"] == "content" and isinstance(source["content"], list):
            for inner in source["content"]:
                yield from _files_of(inner)


RULES: Final = (
    Rule("file_ids", file_ids, "quoted", "2026", blocks=_HOLDERS),
    Rule("no_files_to_count", no_files_to_count, "quoted", "2026", blocks=_HOLDERS),
    Rule("known_objects", known_objects, "inferred", "2026-11", "what is unknown only with `--objects strict`"),
    Rule(
        "fitting_files",
        fitting_files,
        "quoted",
        "2025-09",
        "of files that the session knows; the beginning of the words about images is inferred",
        blocks=_HOLDERS,
    ),
)
