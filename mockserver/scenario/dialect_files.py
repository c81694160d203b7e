"""A dialect in a file: read, with the place of whatever is wrong. Not here: what its fields mean (`wire.dialect`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mockserver.scenario.positions import Document, DocumentError
from mockserver.setting_values import is_dialect_file, session_pairs
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialects import dialect_of


def with_files(values: Mapping[str, Any], folder: Path | None = None) -> dict[str, Any]:
    """Return settings in which a dialect that names a file is the one that the file holds.

    A relative path begins in `folder`, or else in the working directory. Raises `ScenarioError`.
    """
    read = dict(values)
    if is_dialect_file(read.get("dialect")):
        read["dialect"] = _given(read["dialect"], folder)
    try:
        pairs = session_pairs(read.get("session_dialect"), "DIALECT", "dialects")
    except ValueError:  # told where the settings are looked at
        return read
    if isinstance(pairs, dict) and any(map(is_dialect_file, pairs.values())):
        read["session_dialect"] = {name: _given(given, folder) for name, given in pairs.items()}
    return read


def _given(value: Any, folder: Path | None) -> Any:
    return read_dialect((folder or Path()) / value) if is_dialect_file(value) else value


def read_dialect(file: Path) -> Dialect:
    """Return the dialect of a file, named like the file where it has no name. Raises `ScenarioError`."""
    # YAML takes 15 ms to import; a server without files never does.
    from mockserver.scenario.documents import locate_json, read_json, read_yaml, text_of  # noqa: PLC0415
    from mockserver.scenario.problems import Problem, ScenarioError  # noqa: PLC0415

    try:
        text = text_of(file)
        documents = [read_json(text)] if file.suffix.lower() == ".json" else list(read_yaml(text))
    except DocumentError as error:
        raise ScenarioError([Problem(str(error), str(file), *error.position)]) from None
    except UnicodeDecodeError as error:
        raise ScenarioError([Problem(f"not UTF-8 text (byte {error.start})", str(file))]) from None
    except OSError as error:
        raise ScenarioError([Problem(f"{error.strerror or error}; a dialect's file is needed", str(file))]) from None
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise ScenarioError([Problem("a dialect is one map, such as 'like: heroku'", str(file), 1, 1)])
    if file.suffix.lower() == ".json":
        locate_json(text, documents[0])
    return dialect_in(documents[0], file, file.stem)


def dialect_in(document: Document, file: Path, name: str = "") -> Dialect:
    """Return the dialect of a document that is a map. Raises `ScenarioError`."""
    from mockserver.scenario.problems import ScenarioError, problems_of  # noqa: PLC0415

    try:
        return dialect_of(document.value, name)
    except ValidationError as error:
        raise ScenarioError(problems_of(error, document, str(file))) from None
