"""What is a JSON Schema: our tables say what the draft's own meta-schema says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.validation.grammar.json_schema import is_schema

META = Draft202012Validator(Draft202012Validator.META_SCHEMA)

SCHEMAS = [
    True, False, {}, {"anything": "else"},
    {"type": "string"}, {"type": ["string", "null"]}, {"type": "integer", "minimum": -1.5, "multipleOf": 0.5},
    {"properties": {"a": {"type": "number"}, "b": True}, "required": ["a", "b"]},
    {"required": []}, {"enum": [1, "a", None]}, {"examples": []}, {"const": []},
    {"items": {"type": "string"}, "minItems": 0, "maxItems": 2.0, "uniqueItems": True},
    {"$defs": {"a": {}}, "$ref": "#/$defs/a"}, {"definitions": {"a": False}},
    {"allOf": [{}], "anyOf": [True], "oneOf": [{"not": {}}]}, {"prefixItems": [{}]},
    {"if": {}, "then": {}, "else": False, "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {}}},
    {"additionalProperties": False, "patternProperties": {"a": {}}, "propertyNames": {"pattern": "a"}},
    {"description": "a", "title": "b", "deprecated": False, "readOnly": True, "$comment": "c"},
]  # fmt: skip

NO_SCHEMAS = [
    None, 5, "string", [],
    {"type": "text"}, {"type": None}, {"type": []}, {"type": ["string", "string"]}, {"type": ["string", 5]},
    {"properties": []}, {"properties": {"a": 5}}, {"properties": {"a": {"type": "text"}}},
    {"required": "a"}, {"required": [5]}, {"required": ["a", "a"]},
    {"enum": 5}, {"examples": {}},
    {"minLength": -1}, {"minLength": 1.5}, {"minLength": "1"}, {"minLength": True}, {"maxItems": None},
    {"minimum": "1"}, {"maximum": True}, {"multipleOf": 0}, {"multipleOf": -1},
    {"items": []}, {"items": 5}, {"anyOf": []}, {"anyOf": {}}, {"allOf": [5]}, {"prefixItems": []}, {"not": "a"},
    {"$defs": []}, {"$defs": {"a": 5}}, {"patternProperties": {"a": 5}}, {"definitions": 5},
    {"description": 5}, {"$ref": 5}, {"title": None}, {"deprecated": "a"}, {"uniqueItems": 1},
    {"dependentRequired": []}, {"dependentRequired": {"a": "b"}}, {"dependentRequired": {"a": ["b", "b"]}},
]  # fmt: skip

MORE_LENIENT = [{"properties": None}, {"required": None}]
"""The API takes null for what many clients leave empty."""


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_is_one(schema):
    assert is_schema(schema)
    assert META.is_valid(schema)


@pytest.mark.parametrize("schema", NO_SCHEMAS)
def test_what_is_none_is_told(schema):
    assert not is_schema(schema)
    assert not META.is_valid(schema)


@pytest.mark.parametrize("schema", MORE_LENIENT)
def test_null_is_taken_for_an_empty_part(schema):
    assert is_schema(schema)


WORDS = [
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "anyOf",
    "minLength",
    "multipleOf",
    "$defs",
    "title",
    "not",
    "x",
]
TYPES = ["string", "object", "null", "text"]
VALUES = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.sampled_from(TYPES)
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
)


@pytest.mark.unmeasured
@given(TREES.filter(lambda tree: "None" not in repr(tree)))
def test_any_value_is_judged_as_the_meta_schema_judges_it(tree):
    assert is_schema(tree) is META.is_valid(tree)
