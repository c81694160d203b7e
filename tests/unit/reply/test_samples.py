"""Values made from a schema satisfy it: checked by an independent validator."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.reply.faking import faker
from mockserver.reply.samples import SampleError, make_sample

CHECKER = Draft202012Validator.FORMAT_CHECKER


def sample(schema, seed=0):
    return make_sample(schema, faker(random.Random(seed)), random.Random(seed))


def satisfies(value, schema):
    Draft202012Validator(schema, format_checker=CHECKER).validate(value)
    return True


TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"child": {"$ref": "#/$defs/node"}, "v": {"type": "integer"}},
            "required": ["v"],
        }
    },
}

SCHEMAS = [
    {"type": "object", "properties": {"city": {"type": "string"}, "n": {"type": "integer"}}, "required": ["city"]},
    {"type": "string", "enum": ["a", "b"]},
    {"const": {"a": 1}},
    {"type": "string", "minLength": 30},
    {"type": "string", "maxLength": 3},
    {"type": "string", "minLength": 5, "maxLength": 5},
    {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    {"type": "string", "pattern": "^a+$", "minLength": 3, "maxLength": 9},
    *({"type": "string", "format": f} for f in ("date", "date-time", "time", "email", "ipv4", "ipv6", "uuid", "uri", "hostname", "duration")),
    {"type": "integer", "minimum": 5, "maximum": 5},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "multipleOf": 7, "minimum": 100},
    {"type": "integer", "maximum": -10},
    {"type": "number", "minimum": 0, "maximum": 1},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
    {"type": "number", "multipleOf": 0.5, "maximum": 3},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"type": ["null"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 4},
    {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {"type": "array", "contains": {"const": 5}},
    {"type": "array", "maxItems": 0},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "maxProperties": 2, "required": ["c"]},
    {"type": "object", "required": ["x"]},
    {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}]},
    {"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}}, "required": ["k"]}, {"type": "string"}]},
    {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}]},
    {"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}]},
    {"$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}},
    {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "integer"}}},
    TREE,
    {"properties": {"a": {"type": "string"}}},
    {"items": {"type": "integer"}},
    {"minimum": 4},
    {"allOf": [{"type": "integer", "minimum": 5}, {"minimum": 3, "maximum": 6}]},
    {"type": "number", "multipleOf": 0.1},
    {"type": "integer", "multipleOf": 0.5},
    {"allOf": [{"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}]}]},
    {"allOf": [{"anyOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}]}, {"anyOf": [{"properties": {"b": {"type": "integer"}}, "required": ["b"]}]}], "type": "object"},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 5}}, "required": ["a"], "allOf": [{"properties": {"a": {"maximum": 7}}}]},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 0.005},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1.5},
    {"type": "string", "format": "email", "maxLength": 8},
    {"type": "array", "items": {"type": "integer"}, "contains": {"const": 5}},
    {"enum": [1, 5, 9], "minimum": 4},
    {"$ref": "#/$defs/a%20b", "$defs": {"a b": {"type": "integer"}}},
    {"type": "object", "properties": {c: {"$ref": "#"} for c in "abcdefghijkl"}},
    {},
    True,
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_a_value_satisfies_its_schema(schema, seed):
    assert satisfies(sample(schema, seed), schema)


def test_the_same_seed_gives_the_same_value():
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "email": {"type": "string", "format": "email"}},
    }
    assert sample(schema, 1) == sample(schema, 1) != sample(schema, 2)


def test_names_of_properties_give_likely_texts():
    made = sample({"type": "object", "properties": {"email": {"type": "string"}, "city": {"type": "string"}}})
    assert "@" in made["email"]


REFUSED = [
    {"type": "object", "properties": 5}, {"type": "object", "required": 5}, {"enum": 5}, {"anyOf": 5}, {"allOf": 5},
    {"type": "integer", "minimum": "x"}, {"type": "string", "minLength": "x"}, {"type": "array", "prefixItems": 5},
    {"type": "object", "required": "city"}, {"type": "object", "minProperties": 3, "additionalProperties": False},
    {"type": "string", "pattern": "((a{99}){99}){99}"}, {"type": "string", "pattern": "((a*)*)*b"}, {"type": "string", "pattern": "^[A-Z]{2}$", "minLength": 3},
    {"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000}}},
    {"type": "array", "minItems": 1000, "items": {"type": "string", "minLength": 90_000}},
    {"type": "array", "minItems": 10**8}, {"type": "string", "minLength": 10**8}, {"type": "object", "minProperties": 10**8},
]  # fmt: skip


@pytest.mark.parametrize("schema", REFUSED, ids=str)
def test_what_is_no_schema_or_asks_for_too_much_is_told(schema):
    with pytest.raises(SampleError, match="no value can be made for this JSON Schema"):
        sample(schema)


ODD = [
    {"allOf": [{"$ref": "#"}]}, {"type": {}}, {"type": "number", "multipleOf": 1e-320},
    {"$ref": "#/nowhere"}, {"$ref": "http://elsewhere/x"}, {"$ref": "#", "a": 1}, {"type": "nope"}, {"type": "string", "pattern": "("}, {"enum": []},
    {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, {"type": "string", "pattern": "(?<=a)b"}, 5, None,
]  # fmt: skip


@pytest.mark.parametrize("schema", ODD, ids=str)
def test_an_odd_schema_ends_without_an_exception(schema):
    sample(schema)


leaf = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": -3, "maximum": 3},
        {"type": "boolean"},
        {"enum": ["x", 1, None]},
        {"type": "number", "minimum": 1},
        {"type": "null"},
    ]
)
schemas = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds(lambda items, low: {"type": "array", "items": items, "minItems": low}, inner, st.integers(0, 3)),
        st.builds(
            lambda properties, required: {"type": "object", "properties": properties, "required": sorted(properties)[:required], "additionalProperties": False},
            st.dictionaries(st.sampled_from("abcde"), inner, max_size=3), st.integers(0, 3),
        ),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)  # fmt: skip


@given(schemas, st.integers(0, 1000))
def test_any_nesting_is_satisfied(schema, seed):
    assert satisfies(sample(schema, seed), schema)
