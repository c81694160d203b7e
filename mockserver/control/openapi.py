"""The control API as an OpenAPI document, made of its operations. Not here: the operations."""

import json
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

import mockserver
from mockserver.control import PREFIX, models
from mockserver.control.operations import OPERATIONS, Operation

_REF: Final = "#/components/schemas/{model}"
_SESSION: Final = {
    "name": "x-mock-session",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The session that is meant; or write /_s/NAME before the path. Without either: `default`.",
}
_DESCRIPTION: Final = (
    "Scripts, observes and steers a running mock of the Messages API. Every path may begin with /_s/NAME, which names "
    "the session that is meant. From another machine a token is needed (--control-token)."
)
_FAILURES: Final = {"4XX": "What was asked is not done; the message says why.", "5XX": "A bug of the server."}


def document() -> str:
    """Return the document as JSON."""
    return json.dumps(_document(), indent=2, ensure_ascii=False) + "\n"


def _document() -> dict[str, Any]:
    schemas, definitions = models_json_schema(_models(), ref_template=_REF)
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"{PREFIX}/{operation.path}", {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockserver control API", "version": mockserver.__version__, "description": _DESCRIPTION},
        "servers": [{"url": "http://127.0.0.1:8080"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": definitions["$defs"],
        },
    }


def _models() -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    sent = {operation.body for operation in OPERATIONS if operation.body is not None}
    answered = {operation.answers for operation in OPERATIONS if operation.answers is not None} | {models.Failed}
    by_name = lambda model: model.__name__  # noqa: E731
    return [
        *((model, "validation") for model in sorted(sent, key=by_name)),
        *((model, "serialization") for model in sorted(answered, key=by_name)),
    ]


def _operation(operation: Operation, schemas: Mapping[Any, dict[str, Any]]) -> Any:
    failed = _json(schemas[models.Failed, "serialization"])
    kind = "object" if operation.text == "application/json" else "string"
    answered = {operation.text: {"schema": {"type": kind}}} if operation.text else None
    if operation.answers is not None:
        answered = _json(schemas[operation.answers, "serialization"])
    told: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": [*_parameters(operation), _SESSION],
        "responses": {
            str(operation.status): {"description": "Done.", "content": answered},
            **{status: {"description": words, "content": failed} for status, words in _FAILURES.items()},
        },
    }
    if operation.body is not None:
        told["requestBody"] = {"content": _json(schemas[operation.body, "validation"])}
    if operation.open:
        told["security"] = [{}]
    return told


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    named = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    if operation.query is None:
        return named
    fields = operation.query.model_json_schema()["properties"]
    return named + [
        {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in fields.items()
    ]


if __name__ == "__main__":
    sys.stdout.write(document())
