"""What is wrong with a scenario, said to its author: place, key, sentence. Not here: files."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mockserver.scenario.parts import FULL, SHORT, found
from mockserver.scenario.positions import Document, DocumentError, Path, Position
from mockserver.scenario.schema import Scenario
from mockserver.scenario.scripts import PreparationError, Script, prepare
from mockserver.wire.encoding import encode
from mockserver.wire.frozen import frozen
from mockserver.wire.telling import printable

EMPTY = "the file is empty; the shortest scenario is 'reply: Hello!'"


@frozen
class Problem:
    """One thing that is wrong in a file; `path` is the key it is about."""

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        return printable(f"{place}{self.path}: {self.message}" if self.path else f"{place}{self.message}")


class ScenarioError(ValueError):
    """Scenarios that cannot be loaded: `problems` holds each thing that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def validate(value: Any) -> Scenario:
    """Return the scenario of a JSON value. Raises pydantic's `ValidationError`, or `DocumentError` for no map."""
    if not isinstance(value, dict):
        raise DocumentError(f"a scenario is a map, such as 'reply: Hello!'; {found(value)}", (1, 1))
    return Scenario.model_validate(value)


def check_json(value: Any) -> None:
    """Raise `ScenarioError` for a value that JSON does not know; a file has none, code may."""
    try:
        encode(value)
    except (TypeError, ValueError) as error:
        raise ScenarioError([Problem(f"a scenario holds only what JSON knows: {error}")]) from None


def parse(value: Any, name: str) -> Script:
    """Return the script of a scenario that was written in code. Raises `ScenarioError`."""
    try:
        check_json(value)
        scenario = validate(value)
        return prepare(scenario, scenario.name or name)
    except RecursionError:
        raise ScenarioError([Problem("nested too deeply")]) from None
    except (ValidationError, PreparationError, DocumentError) as error:
        raise ScenarioError(problems_of(error, Document(value), "")) from None


def problems_of(
    error: ValidationError | PreparationError | DocumentError, document: Document, file: str
) -> Iterator[Problem]:
    """Yield each thing that an error says, with its place in the document."""
    if isinstance(error, ValidationError):
        yield from (_problem(details, document, file) for details in error.errors())
    elif isinstance(error, PreparationError):
        yield placed(str(error), error.path, document.position(error.path), file)
    else:
        yield placed(str(error), (), document.position(()), file)


def _problem(details: ErrorDetails, document: Document, file: str) -> Problem:
    path: Path = tuple(part for part in details["loc"] if part not in (SHORT, FULL))
    context = details.get("ctx", {})
    key = context.get("key")
    if key is not None:
        path = (*path, key)
    message = _SENTENCES.get(details["type"], details["msg"]).format(**context)
    message = message.replace("expected True", "expected true")
    if details["type"] == "string_type" and isinstance(details["input"], int | float):
        message += f'; write it in quotes: "{str(details["input"]).lower()}"'
    return placed(message, path, document.position(path, of_key=key is not None), file)


_SENTENCES = {
    "scenario": "{words}",
    "missing": "this key is needed",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "dict_type": "expected a map",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "literal_error": "expected {expected}",
    "too_short": "the list is empty",
    "string_too_short": "the text is empty",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "finite_number": "expected a finite number",
    "less_than_equal": "must be at most {le}",
    "float_type": "expected a number",
}
"""pydantic's error type -> a sentence for authors; its own where none stands here."""


def placed(message: str, path: Path, position: Position, file: str) -> Problem:
    """Return the problem of what stands at `path`; a scenario written in code has no file and no position."""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    return Problem(message, file, *(position if file else (0, 0)), path=where)
