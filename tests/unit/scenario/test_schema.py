"""The JSON Schema for editors takes what the loader takes, and refuses what it can tell is wrong."""

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from mockserver.scenario.reference import as_json_schema
from mockserver.scenario.schema import Scenario

VALIDATOR = Draft202012Validator(as_json_schema())

GOOD = [
    {"reply": "hi"},
    {"$schema": "x", "name": "a", "description": "b", "priority": 1, "anchor": "start", "after_last": "repeat", "vars": {"a": 1}, "reply": "hi"},
    {"reply": [{"text": "a"}, {"text": ["a", "b"]}, {"text": {"text": "a", "citations": [{}]}}]},
    {"reply": [{"thinking": "a"}, {"thinking": {"thinking": ["a"], "signature": "s"}}, {"redacted_thinking": None}, {"redacted_thinking": {"data": "x"}}]},
    {"reply": [{"tool_use": {"name": "f", "input": "auto"}}, {"tool_use": {"name": "f", "input": {"a": 1}, "id": "i", "caller": {}}}]},
    {"reply": [{"tool_use": {"name": "f", "partial_json": ["{}"]}}, {"anything_new": {"a": 1}}]},
    {"message": {"content": []}},
    {"events": [{"type": "ping"}, {"data": {"type": "x"}}, {"event": "x", "data": "raw"}]},
    {"error": "overloaded"},
    {"error": "overloaded_error"},
    {"error": {"type": "rate_limit", "retry_after": 1.5, "status": 429, "details": None, "headers": {"x": None}}},
    {"match": {"model": "claude-*", "tools": "f", "betas": "b"}, "reply": "a"},
    {"match": {"model": ["a", "b"], "tools": [], "betas": ["b"]}, "reply": "a"},
    {"match": {"user": {"regex": "a", "contains": "b"}, "tool_result": {"tool": "f", "is_error": False, "glob": "*"}}, "reply": "a"},
    {"match": {"tool_choice": "any", "thinking": "enabled", "stream": True, "max_tokens": 0, "turn": 0, "endpoint": "messages"}, "reply": "a"},
    {"match": {"tool_choice": {"type": "tool", "name": "x"}, "not": {"user": "a"}, "any_of": [{"user": "b"}]}, "reply": "a"},
    {"match": {"headers": {"x": "a", "y": {"equals": "b"}}, "body": {"a": None, "b": 1, "c": {"contains": "x"}}}, "reply": "a"},
    {"reply": "a", "stop_sequence": None, "stop_details": None, "stop_reason": "refusal", "usage": {"input_tokens": 1, "service_tier": None}},
    {"reply": "a", "headers": {"x": "a", "y": 5, "z": None}, "model": "m", "id": "i", "stream": {"chunk": 5}},
    {"attempts": [{"error": "api"}, {"reply": "a", "chance": 0.5}, {"message": {"content": []}, "delay": "250ms"}], "model": "m"},
    {"reply": "a", "error": "overloaded", "chance": 0.2},
    {"reply": "a", "chance": 1, "fault": {"status": 502, "body": "x", "content_type": "text/html"}, "delay": 1.5},
    {"reply": "a", "fault": [{"after": {"events": 4}, "disconnect": "reset"}, {"before": "response", "stall": "30s"}, {"split": 1}, {"empty": True}]},
    {"reply": "a", "fault": [{"after": {"percent": 5}, "error": {"type": "api", "message": "x"}}, {"first_event": "error overloaded"}, {"drop": "ping"}]},
    {"reply": "a", "stream": {"first_token": "1.5s", "interval": 0.02, "jitter": {"lognormal": {"median": "20ms", "sigma": 0.5}}, "ping": 0}},
    {"reply": "a", "stream": {"profile": "fast", "ping": "2m", "chunk": "word"}},
    {"reply": "a", "stream": {"tokens_per_second": 50, "jitter": "5ms"}},
    {"events": [{"data": {"type": "ping"}, "at": "120ms"}, {"data": {"type": "ping"}, "at": 2}]},
    {"turns": [{"reply": "a", "stream": {"chunk": "word"}}, {"error": "api"}], "stream": {"chunk": "char"}, "usage": {}, "headers": {}, "model": "m"},
]  # fmt: skip

BAD = [
    {},
    {"match": {"user": "a"}},
    {"repyl": "a"},
    {"reply": None},
    {"reply": "a", "error": "api"},
    {"reply": "a", "turns": [{"reply": "b"}]},
    {"turns": []},
    {"turns": [{}]},
    {"turns": [{"reply": "a", "match": {}}]},
    {"reply": [{"text": "a", "thinking": "b"}]},
    {"reply": [{}]},
    {"reply": ["a"]},
    {"reply": [{"txt": "a"}]},
    {"reply": [{"text": None}]},
    {"reply": [{"tool_use": {"input": {}}}]},
    {"reply": [{"tool_use": {"name": "f", "input": "other"}}]},
    {"events": []},
    {"events": [{"x": 1}]},
    {"error": "overload"},
    {"error": {"type": "api", "retry_after": -1}},
    {"error": {"type": "api", "status": 200}},
    {"match": {"user": {}}, "reply": "a"},
    {"match": {"user": None}, "reply": "a"},
    {"match": {"usr": "a"}, "reply": "a"},
    {"match": {"user": {"equal": "a"}}, "reply": "a"},
    {"match": {"any_of": []}, "reply": "a"},
    {"match": {"thinking": "enable"}, "reply": "a"},
    {"reply": "a", "stream": {"chunk": 0}},
    {"reply": "a", "stream": {"chunk": "line"}},
    {"reply": "a", "headers": {"x": [1]}},
    {"reply": "a", "usage": {"tokens": 1}},
    {"reply": "a", "delay": "5 days"},
    {"reply": "a", "delay": -1},
    {"attempts": []},
    {"attempts": [{}]},
    {"attempts": [{"error": "overload"}]},
    {"reply": "a", "attempts": [{"reply": "b"}]},
    {"reply": "a", "chance": 1.5, "error": "api"},
    {"reply": "a", "fault": "reset"},
    {"reply": "a", "fault": []},
    {"reply": "a", "fault": {"content_type": ""}},
    {"reply": "a", "fault": {"before": "response", "stall": -1}},
    {"error": {"type": "api", "retry_after": 1e12}},
    {"reply": "a", "fault": {"after": {}, "hang": True}},
    {"reply": "a", "fault": {"after": {"events": 1, "bytes": 2}, "hang": True}},
    {"reply": "a", "fault": {"after": {"events": -1}, "hang": True}},
    {"reply": "a", "fault": {"before": "body", "hang": True}},
    {"reply": "a", "fault": {"disconnect": "now", "before": "response"}},
    {"reply": "a", "fault": {"status": 99}},
    {"reply": "a", "fault": {"split": 0}},
    {"reply": "a", "stream": {"profile": "quick"}},
    {"reply": "a", "stream": {"jitter": {"uniform": 1, "normal": 2}}},
    {"reply": "a", "stream": {"tokens_per_second": 0}},
]


@pytest.mark.parametrize("value", GOOD, ids=str)
def test_what_loads_is_valid(value):
    Scenario.model_validate(value)
    VALIDATOR.validate(value)


@pytest.mark.parametrize("value", BAD, ids=str)
def test_what_does_not_load_is_invalid(value):
    with pytest.raises(ValidationError):
        Scenario.model_validate(value)
    assert not VALIDATOR.is_valid(value)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(as_json_schema())
