"""The file `mockserver.yaml` in a folder of scenarios: settings of the server. Not here: what the settings mean."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mockserver.scenario.dialect_files import dialect_in, with_files
from mockserver.scenario.documents import read_yaml, text_of
from mockserver.scenario.loading import SETTINGS_NAMES
from mockserver.scenario.positions import Document, DocumentError
from mockserver.scenario.problems import Problem, ScenarioError
from mockserver.setting_values import nearest
from mockserver.settings import Settings, reason


def read_settings(paths: Iterable[str | Path]) -> tuple[str, dict[str, Any]]:
    """Return the settings file's name and values; an empty name where there is none.

    Raises `ScenarioError` with file, line and column of what is wrong.
    """
    files = [Path(path) / name for path in paths for name in SETTINGS_NAMES if (Path(path) / name).is_file()]
    if len(files) > 1:
        raise ScenarioError([Problem(f"a second settings file; {files[0]} is one already", str(files[1]))])
    return (str(files[0]), _read(files[0])) if files else ("", {})


def _read(file: Path) -> dict[str, Any]:
    try:
        documents = list(read_yaml(text_of(file)))
    except DocumentError as error:
        raise ScenarioError([Problem(str(error), str(file), *error.position)]) from None
    except UnicodeDecodeError as error:
        raise ScenarioError([Problem(f"not UTF-8 text (byte {error.start})", str(file))]) from None
    if not documents:
        return {}
    document = documents[0]
    if not isinstance(document.value, dict) or len(documents) > 1:
        raise ScenarioError([Problem("settings are one map, such as 'seed: 7'", str(file), 1, 1)])
    for key, value in document.value.items():
        if value is None:
            words = f"{key!r} has no value; write one, or remove the key"
            raise ScenarioError([Problem(words, str(file), *document.keys[(key,)])])
    values: dict[str, Any] = with_files(document.value, file.parent)
    if isinstance(values.get("dialect"), dict):
        values["dialect"] = dialect_in(document.part("dialect"), file)
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        raise ScenarioError(_problem(details, document, file) for details in error.errors()) from None
    return values


def _problem(details: ErrorDetails, document: Document, file: Path) -> Problem:
    key = str(details["loc"][0])
    if details["type"] == "extra_forbidden":
        words = f"unknown setting {key!r}; {nearest(key, list(Settings.model_fields))}"
        return Problem(words, str(file), *document.keys[(key,)])
    return Problem(reason(details), str(file), *document.position((key,)), path=key)
