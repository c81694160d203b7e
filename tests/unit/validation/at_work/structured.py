"""Structured output and strict tools: schemas that the API can compile, and how much of them."""

from helpers import assistant, user
from unit.validation.judging import OLD, Works, ask, block, text, tool

STRICT = (
    "Too many strict tools (21). The maximum number of strict tools supported is 20. "
    "Try reducing the number of tools marked as strict."
)
OPTIONAL = (
    "Schemas contains too many optional parameters (25), which would make grammar compilation inefficient. "
    "Reduce the number of optional parameters in your tool schemas (limit: 24)."
)
UNIONS = (
    "Schemas contains too many parameters with union types (17 parameters with type arrays or anyOf). This causes "
    "exponential compilation cost. Reduce the number of nullable or union-typed parameters (limit: 16 parameters with "
    "unions)."
)
CITATIONS = "Citations cannot be enabled when output_config.format is set."
PREFILL = "Prefilling the assistant message is not supported when output_config.format is set."
INVALID = "Invalid schema: "
CIRCLE = (
    "Invalid schema: Circular reference detected in schema definitions: {}. "
    "Self-referencing or mutually-referencing definitions are not supported."
)
STRING = {"type": "string"}
BETA = "structured-outputs-2025-11-13"


def closed(required=(), **properties):
    """An object that the API can compile."""
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def told(schema):
    """What `output_config` says of a schema."""
    return {"format": block("json_schema", schema=schema)}


def answered(schema, **more):
    return ask(**more, output_config=told(schema))


def _tools(count, schema, **more):
    return [tool(f"tool_{i}", schema, strict=True) | more for i in range(count)]


def _optional(count, kind=STRING):
    return closed(**{f"p{i}": kind for i in range(count)})


def _unions(count, kind):
    names = [f"p{i}" for i in range(count)]
    return closed(names, **dict.fromkeys(names, kind))


def _cites(kind, on):
    source = {"source": "a", "title": "b", "content": [text()]}
    if kind == "document":
        source = {"source": block("text", media_type="text/plain", data="a")}
    return user([block(kind, **source, citations={"enabled": on}), text()])


NOT_COMPILED = [
    ({}, "Empty schema ({}) that accepts any JSON value is not supported."),
    (closed(a={}), "Empty schema ({}) that accepts any JSON value is not supported."),
    ({"$ref": "#/$defs/a"}, f"{INVALID}Reference '#/$defs/a' could not be resolved"),
    ({"$ref": "https://a.example"}, f"{INVALID}External reference 'https://a.example' could not be resolved"),
    ({"type": "string", "oneOf": [STRING]}, "Schema type 'oneOf' is not supported"),
    ({"not": STRING}, "Schema type 'not' is not supported"),
    ({"if": STRING}, "Schema type 'if' is not supported"),
    ({"title": "a"}, f"{INVALID}Schema type is missing for schema: {{'title': 'a'}}"),
    ({"title": "a" * 600}, f"{INVALID}Schema type is missing for schema: {{'title': '{'a' * 489}"),
    ({"type": "string", "enum": ["a", 1]}, f"{INVALID}Enum value '1' does not match declared type 'string'"),
    (
        {"type": ["string", "null"], "enum": [True]},
        f"{INVALID}Enum value 'True' does not match declared type '['string', 'null']'",
    ),
    ({"type": "integer", "enum": [1.5]}, f"{INVALID}Enum value '1.5' does not match declared type 'integer'"),
    ({"type": "object"}, "For 'object' type, 'additionalProperties' must be explicitly set to false"),
    (
        {"type": "object", "additionalProperties": STRING},
        "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    (
        {"type": "object", "additionalProperties": True},
        "For 'object' type, 'additionalProperties: true' is not supported. Please set 'additionalProperties' to false",
    ),
    (closed() | {"minProperties": 1}, "For 'object' type, property 'minProperties' is not supported"),
    ({"type": "array", "items": STRING, "maxItems": 2}, "For 'array' type, property 'maxItems' is not supported"),
    (
        {"type": "array", "items": STRING, "minItems": 2},
        "For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [2, ∞])",
    ),
    (
        {"type": "array", "items": STRING, "minItems": 2, "maxItems": 3},
        "For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: [2, 3])",
    ),
    ({"type": "integer", "minimum": 1}, "For 'integer' type, property 'minimum' is not supported"),
    (
        {"type": "number", "minimum": 1, "maximum": 2},
        "For 'number' type, properties maximum, minimum are not supported",
    ),
    ({"type": "string", "maxLength": 1}, "For 'string' type, property 'maxLength' is not supported"),
    ({"type": ["null", "string"], "maxLength": 1}, "For 'string' type, property 'maxLength' is not supported"),
    (
        {"type": "string", "pattern": "a(?!b)"},
        "Invalid regex in pattern field: lookaround assertions are not supported",
    ),
    (
        {"type": "string", "pattern": "(?<=a)b"},
        "Invalid regex in pattern field: lookaround assertions are not supported",
    ),
    (
        {"anyOf": [STRING, {"type": "string", "minLength": 1}]},
        "For 'string' type, property 'minLength' is not supported",
    ),
    ({"allOf": [{}]}, "Empty schema ({}) that accepts any JSON value is not supported."),
    ({"type": "array", "items": {}}, "Empty schema ({}) that accepts any JSON value is not supported."),
    ({"type": "array", "prefixItems": [{}]}, "Empty schema ({}) that accepts any JSON value is not supported."),
    (closed() | {"$defs": {"a": {}}}, "Empty schema ({}) that accepts any JSON value is not supported."),
    (closed() | {"$defs": {"a": {"$ref": "#/$defs/a"}}}, CIRCLE.format("a -> a")),
    (
        closed()
        | {
            "$defs": {
                "a": closed(x={"$ref": "#/$defs/b"}),
                "b": {"type": "array", "items": {"$ref": "#/definitions/c"}},
            },
            "definitions": {"c": {"anyOf": [STRING, {"$ref": "#/$defs/b"}]}},
        },
        CIRCLE.format("b -> c -> b"),
    ),
]

COMPILED = [
    STRING,
    closed(a=STRING),
    {"$ref": "#/$defs/a", "$defs": {"a": STRING}},
    closed(a={"$ref": "#/definitions/b"}) | {"definitions": {"b": STRING, "c": {"$ref": "#/definitions/b"}}},
    closed(a={"$ref": "#/$defs/b"})
    | {
        "$defs": {
            "b": {"anyOf": [{"$ref": "#/$defs/c"}, {"$ref": "#/$defs/d"}]},
            "c": {"$ref": "#/$defs/d"},
            "d": STRING,
        }
    },
    closed(a={"$ref": "#"}),
    STRING | {"$defs": {"a": {"type": "array", "items": True}}},
    {"anyOf": [STRING, {"type": "null"}]},
    {"enum": ["a", 1]},
    {"const": 1},
    {"type": "string", "enum": ["a"], "description": "b"},
    {"type": ["string", "null"], "enum": ["a", None]},
    {"type": "number", "enum": [1, 1.5]},
    {"type": "boolean", "enum": [True]},
    {"type": "array", "items": STRING, "minItems": 1},
    {"type": "array", "items": True},
    {"type": "string", "pattern": "a(?:b)"},
    closed() | {"properties": None, "required": None},
]

NO_SCHEMA = "Invalid JSON Schema in output format"
NO_SCHEMAS = [
    {"$defs": [1]},
    {"definitions": 5},
    {"anyOf": 5},
    {"type": "string", "enum": 5},
    {"$ref": 5},
    {"$ref": []},
    {"type": "object", "properties": {}, "required": 5, "additionalProperties": False},
    {"type": "object", "properties": {}, "required": [[]], "additionalProperties": False},
    {"type": "text"},
    {"type": [{}]},
]


ROWS = {
    "strict_count": Works(
        refused=[(ask(tools=_tools(21, closed())), STRICT)],
        accepted=[ask(tools=_tools(20, closed())), ask(tools=_tools(21, closed(), strict=False))],
    ),
    "compilable": Works(
        refused=[
            *((answered(schema), f"output_config.format.schema: {NO_SCHEMA}") for schema in NO_SCHEMAS),
            *((answered(schema), f"output_config.format.schema: {words}") for schema, words in NOT_COMPILED),
            (ask(tools=[tool("a"), tool("b", strict=True)]), "tools.1.custom: For 'object' type, 'additionalProperties' must be explicitly set to false"),
            (ask(output_format=told({})["format"], betas=BETA), "output_format.schema: Empty schema ({}) that accepts any JSON value is not supported."),
        ],
        accepted=[
            *(answered(schema) for schema in COMPILED),
            ask(output_format=told(STRING)["format"], betas=BETA),
            ask(tools=[tool("a", strict=False), tool("b", closed(), strict=True)]),
            ask(tools=[block("web_search_20250305", name="web_search", strict=True)]),
        ],
    ),
    "optional_count": Works(
        refused=[
            (ask(tools=_tools(1, _optional(25))), OPTIONAL),
            (ask(tools=_tools(12, _optional(2)), output_config=told(_optional(1))), OPTIONAL),
            (answered(_optional(1, _optional(24))), OPTIONAL),
            (answered(STRING | {"$defs": {"a": _optional(25)}}), OPTIONAL),
        ],
        accepted=[
            ask(tools=_tools(12, _optional(2))),
            ask(tools=_tools(1, _optional(25), strict=False)),
            answered(_optional(24)),
        ],
    ),
    "union_count": Works(
        refused=[
            (answered(_unions(17, {"type": ["string", "null"]})), UNIONS),
            (answered(_unions(17, {"anyOf": [STRING]})), UNIONS),
            (ask(tools=_tools(17, _unions(1, {"anyOf": [STRING]}))), UNIONS),
        ],
        accepted=[
            answered(_unions(16, {"type": ["string", "null"]})),
            ask(tools=_tools(16, _unions(1, {"anyOf": [STRING]}))),
            answered(_unions(17, STRING)),
        ],
    ),
    "no_citations": Works(
        refused=[
            (ask(_cites("document", True), output_config=told(STRING)), CITATIONS),
            (ask(_cites("search_result", True), output_config=told(STRING)), CITATIONS),
        ],
        accepted=[
            ask(_cites("document", False), output_config=told(STRING)),
            ask(_cites("document", True)),
            ask(user([_cites("document", True)["content"][0] | {"citations": None}]), output_config=told(STRING)),
        ],
    ),
    "no_prefill": Works(
        refused=[(answered_prefill, PREFILL) for answered_prefill in (
            ask("a", assistant("b"), model=OLD, output_config=told(STRING)),
            ask("a", assistant([text("b")]), model=OLD, output_config=told(STRING)),
        )],
        accepted=[
            ask("a", assistant(""), model=OLD, output_config=told(STRING)),
            ask("a", assistant("b"), model=OLD),
            ask("a", assistant("b"), "c", model=OLD, output_config=told(STRING)),
        ],
    ),
}  # fmt: skip
