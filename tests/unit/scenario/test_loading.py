"""Files to scripts: names, and every error with file, line, column, key and what to do."""

import textwrap

import pytest

from mockserver.scenario.loading import load
from mockserver.scenario.problems import ScenarioError, parse


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


def problems(folder, text, name="a.yaml"):
    write(folder, {name: text})
    loaded = load([folder])
    return [str(p).replace(f"{folder}/", "").replace(f"{folder}\\", "") for p in loaded.problems]


ERRORS = {
    "a typo in a key": ("repyl: hi", ["a.yaml:1:1: repyl: unknown key 'repyl'; did you mean 'reply'?"]),
    "a typo deep down": (
        "reply: hi\nmatch:\n  usr: x",
        ["a.yaml:3:3: match.usr: unknown key 'usr'; did you mean 'user'?"],
    ),
    "a typo in an operator": (
        "match: {user: {contain: x}}\nreply: a",
        ["a.yaml:1:16: match.user.contain: unknown key 'contain'; did you mean 'contains'?"],
    ),
    "a typo in a turn": (
        "turns:\n  - reply: a\n  - replay: b",
        ["a.yaml:3:5: turns[1].replay: unknown key 'replay'; did you mean 'reply'?"],
    ),
    "nothing near": ("reply: a\nzzz: 1", ["a.yaml:2:1: zzz: unknown key 'zzz'; valid here: $schema, after_last, anchor,"]),
    "no outcome": ("match: {user: a}", ["a.yaml:1:1: a turn has one of reply, message, events, error, attempts; found none"]),
    "two outcomes": (
        "reply: a\nerror: overloaded",
        ["a.yaml:2:1: error: a turn has one of reply, message, events, error, attempts; found 'reply' and 'error'"],
    ),
    "a turn's key beside turns": (
        "turns: [{reply: a}]\nexpect: {user: x}",
        ["a.yaml:2:1: expect: 'expect' stands beside 'turns'; move it into one of them"],
    ),
    "no turns": ("turns: []", ["a.yaml:1:8: turns: the list is empty"]),
    "a number for text": ("match: {user: 5}\nreply: a", ['a.yaml:1:15: match.user: expected text; write it in quotes: "5"']),
    "true for text": ("reply: a\nname: true", ['a.yaml:2:7: name: expected text; write it in quotes: "true"']),
    "a map for a reply": ("reply: {text: a}", ["a.yaml:1:8: reply: expected text or a list of blocks; this is a map"]),
    "text for a block": ("reply: [hi]", ["a.yaml:1:9: reply[0]: expected a block such as 'text: Hello'; this is text"]),
    "the API's form of a block": (
        "reply:\n  - {type: text, text: hi}",
        ["a.yaml:2:5: reply[0]: a block has one key, its type; found 'type', 'text'; here it is 'text', so write 'text: …'"],
    ),
    "a typo in a block": ("reply:\n  - txt: hi", ["a.yaml:2:5: reply[0].txt: 'txt' needs a map of its fields; did you mean 'text'?"]),
    "a typo in a tool_use": (
        "reply:\n  - tool_use: {nam: f}",
        ["a.yaml:2:16: reply[0].tool_use.nam: unknown key 'nam'; did you mean 'name'?"],
    ),
    "a number for a text block": (
        "reply:\n  - text: 5",
        ["a.yaml:2:5: reply[0]: expected text, a list of texts (exactly these deltas), or a map like {text: …}; this is a number"],
    ),
    "text for redacted thinking": ("reply:\n  - redacted_thinking: x", ["a.yaml:2:5: reply[0].redacted_thinking: expected null or a map like {data: …}; this is text"]),
    "text for a tool_use": ("reply:\n  - tool_use: f", ["a.yaml:2:5: reply[0].tool_use: expected a map like {name: get_weather, "]),
    "text for a match": ("match: hello\nreply: a", ["a.yaml:1:8: match: expected a map with keys such as any_of, betas, "]),
    "partial_json that is no JSON beside an input": (
        "reply:\n  - tool_use: {name: f, input: {a: 1}, partial_json: ['{x']}",
        ["a.yaml:2:40: reply[0].tool_use.partial_json: 'partial_json' joined is not 'input'; give one of them"],
    ),
    "a tool_use without a name": ("reply:\n  - tool_use: {input: {}}", ["a.yaml:2:15: reply[0].tool_use.name: this key is needed"]),
    "a known block without fields": (
        "reply:\n  - compaction: hi",
        ["a.yaml:2:5: reply[0].compaction: 'compaction' needs a map of its fields; it takes its fields as the API sends them"],
    ),
    "another type inside": (
        "reply:\n  - compaction: {type: text}",
        ["a.yaml:2:5: reply[0].compaction: 'type' says 'text', the key says 'compaction'"],
    ),
    "partial_json that is another input": (
        "reply:\n  - tool_use: {name: f, input: {a: 1}, partial_json: ['{']}",
        ["a.yaml:2:40: reply[0].tool_use.partial_json: 'partial_json' joined is not 'input'; give one of them"],
    ),
    "a bad regex": ("match: {user: {regex: '('}}\nreply: a", ["a.yaml:1:23: match.user.regex: not a regular expression: missing ), "]),
    "a regex that Python will read otherwise": ("match: {user: {regex: '[a--b]'}}\nreply: a", ["a.yaml:1:23: match.user.regex: not a regular expression: Possible set difference"]),
    "a key with a tab": ('reply: a\n"te\\tst": 1', [r"a.yaml:2:1: te\tst: unknown key 'te\tst'"]),
    "an empty operator": ("match: {user: {}}\nreply: a", ["a.yaml:1:15: match.user: expected one of equals, contains,"]),
    "a bad JMESPath": ("match: {body: {'a..b': 1}}\nreply: a", ["a.yaml:1:16: match.body.a..b: not a JMESPath expression: "]),
    "a bad regex in body": ("match: {body: {a: {regex: '('}}}\nreply: a", ["a.yaml:1:15: match.body"]),
    "a bad model": ("match: {model: 4.5}\nreply: a", ["a.yaml:1:16: match.model: expected text or a list of texts; this is a number"]),
    "an unknown error": ("error: overlaoded", ["a.yaml:1:8: error: unknown error 'overlaoded'; did you mean 'overloaded'?"]),
    "an unknown error in full": (
        "error: {type: nope}",
        ["a.yaml:1:9: error.type: unknown error 'nope'; `mockserver errors` lists the names"],
    ),
    "a bad status": ("error: {type: api, status: 200}", ["a.yaml:1:28: error.status: must be at least 400"]),
    "an undefined name": ("reply: '{{ promt }}'", ["a.yaml:1:8: reply[0].text: 'promt' is undefined; did you mean 'prompt'?"]),
    "an undefined group": (
        "match: {user: {regex: '(?P<city>x)'}}\nreply: '{{ match.town }}'",
        ["a.yaml:2:8: reply[0].text: 'match.town' is undefined; valid here: city"],
    ),
    "a group of no regex": (
        "turns:\n  - reply:\n    - text: '{{ match.a }}'",
        ["a.yaml:3:13: turns[0].reply[0].text: 'match.a' is undefined; no regex of this scenario's match has a named group"],
    ),
    "an undefined var": ("vars: {a: 1}\nreply: '{{ vars.b }}'", ["a.yaml:2:8: reply[0].text: 'vars.b' is undefined; valid here: a"]),
    "a broken template": ("reply: '{{ prompt'", ["a.yaml:1:8: reply[0].text: not a template: unexpected end of template"]),
    "a template in a header": ("reply: a\nheaders: {x: '{{ y }}'}", ["a.yaml:2:14: headers.x: 'y' is undefined"]),
    "a header that is none": ("reply: a\nheaders: {'a b': x}", ["a.yaml:2:11: headers.a b: 'a b' is no name of an HTTP header"]),
    "a header with a line break": ('reply: a\nheaders: {a: "x\\ny"}', ["a.yaml:2:11: headers.a: the value of the header 'a' holds a line break"]),
    "a message without content": ("message: {id: x}", ["a.yaml:1:10: message.content: a message needs 'content'"]),
    "a message that cannot stream": (
        "message: {content: [{type: text}]}",
        ["a.yaml:1:11: message.content: block 0 (text) cannot be streamed: 'text' must be text"],
    ),
    "an event without a name": ("events: [{data: hi}]", ["a.yaml:1:10: events[0]: an event needs a name"]),
    "an unknown counter": ("reply: a\nusage: {ouput_tokens: 1}", ["a.yaml:2:9: usage.ouput_tokens: unknown key 'ouput_tokens'; did you mean 'output_tokens'?"]),
    "a chunk of nothing": ("reply: a\nstream: {chunk: 0}", ["a.yaml:2:17: stream.chunk: must be at least 1"]),
    "an unknown anchor": ("reply: a\nanchor: top", ["a.yaml:2:9: anchor: expected 'prompt' or 'start'"]),
    "priority as text": ("reply: a\npriority: high", ["a.yaml:2:11: priority: expected a whole number"]),
    "several mistakes in one map": (
        "match: {usr: a, turn: -1}\nreplies: b\nreply: c",
        ["a.yaml:1:9: match.usr: unknown key 'usr'; did you mean 'user'?", "a.yaml:1:23: match.turn: must be at least 0",
         "a.yaml:2:1: replies: unknown key 'replies'; did you mean 'reply'?"],
    ),
    "a key without a value": ("match:\n  user:\nreply: a", ["a.yaml:2:3: match.user: 'user' has no value; write one, or remove the key"]),
    "a key of another map": (
        "match: {reply: a}\nreply: b", ["a.yaml:1:9: match.reply: unknown key 'reply' here; it belongs to a turn or a scenario"],
    ),
    "a match inside a turn": (
        "turns: [{reply: a, match: {user: b}}]", ["a.yaml:1:20: turns[0].match: unknown key 'match' here; it belongs to a scenario"],
    ),
    "a number for an error": ("error: 529", ["a.yaml:1:8: error: expected an error's name, such as overloaded, or a map; this is a number"]),
    "a list for an input": ("reply: [{tool_use: {name: f, input: [1]}}]", ["a.yaml:1:37: reply[0].tool_use.input: expected 'auto'"]),
    "a header that frames": ("reply: a\nheaders: {Content-Length: 5}", ["a.yaml:2:11: headers.Content-Length: 'Content-Length' is set by the server"]),
    "a list for a header": ("reply: a\nheaders: {x: [1]}", ["a.yaml:2:14: headers.x: a header's value is text, a number, or null (to take it away); this is a list"]),
    "a typo in an operator of body": (
        "match: {body: {a.b: {equal: x}}}\nreply: a", ["a.yaml:1:16: match.body.a.b: unknown text operator 'equal'; did you mean 'equals'?"],
    ),
    "a number in an operator of body": (
        "match: {body: {a: {equals: 5}}}\nreply: a",
        ["a.yaml:1:16: match.body.a: 'equals' compares text; to compare with 5 itself, write it without an operator"],
    ),
    "a thinking that is none": ("match: {thinking: enable}\nreply: a", ["a.yaml:1:19: match.thinking: expected 'enabled', 'adaptive', "]),
    "a tool_choice that is none": ("match: {tool_choice: anyy}\nreply: a", ["a.yaml:1:22: match.tool_choice: expected 'auto', 'any', 'tool' or 'none'"]),
    "nothing to choose from": ("match: {any_of: [], model: []}\nreply: a", ["a.yaml:1:17: match.any_of: the list is empty", "a.yaml:1:28: match.model: the list is empty"]),
    "a key that does nothing beside a message": (
        "message: {content: []}\nstop_reason: refusal", ["a.yaml:2:1: stop_reason: 'stop_reason' changes nothing beside 'message'; remove it"],
    ),
    "a key that does nothing beside an error": ("turns: [{error: api, usage: {}}]", ["a.yaml:1:22: turns[0].usage: 'usage' changes nothing beside 'error'; remove it"]),
    "a block's type that is none": ("message: {content: [{type: {a: 1}}]}", ["a.yaml:1:11: message.content: a message needs 'content': a list of blocks"]),
    "citations that are none": ("message: {content: [{type: text, text: a, citations: b}]}", ["a.yaml:1:11: message.content: block 0 (text): 'citations' must be a list"]),
    "usage that is none": ("message: {content: [], usage: 5}", ["a.yaml:1:24: message.usage: 'usage' must be a map"]),
    "an event with an empty name": ("events: [{event: '', data: {a: 1}}]", ["a.yaml:1:18: events[0].event: the text is empty"]),
    "an event's name with a line break": ('events: [{event: "a\\nb", data: x}]', ["a.yaml:1:18: events[0].event: "]),
    "no events": ("events: []", ["a.yaml:1:9: events: the list is empty"]),
    "an empty name": ("name: ''\nreply: a", ["a.yaml:1:7: name: the text is empty"]),
    "two undefined names": ("reply: '{{ cty }} {{ vars.x }}'", ["a.yaml:1:8: reply[0].text: 'cty' is undefined; valid here: attempt, fake, headers, match, now, prompt, request, tool_result, turn, vars; 'vars.x' is undefined; this scenario has no vars"]),
    "braces that are no template": ("reply: |\n  css\n  {#id}", ["a.yaml:1:8: reply[0].text: not a template in line 2: Missing end of comment tag; braces that are no template go between {% raw %} and {% endraw %}"]),
    "an unknown filter": ("reply: '{{ prompt | uper }}'", ["a.yaml:1:8: reply[0].text: not a template: No filter named 'uper'; "]),
    "an unquoted template": ("reply: {{ prompt }}", ['a.yaml:1:9: a key must be a text; a template needs quotes: "{{ … }}"']),
    "a tab": ("match:\n\tuser: a\nreply: b", ["a.yaml:2:1: a tab; YAML is indented with spaces"]),
    "wrong indentation": ("match: a\n  user: b", ["a.yaml:2:7: mapping values are not allowed in this context; the line is indented wrongly, or "]),
    "no map": ("- a\n- b", ["a.yaml:1:1: a scenario is a map, such as 'reply: Hello!'; this is a list"]),
    "a second document that is none": ("reply: a\n---\njust text", ["a.yaml:3:1: a scenario is a map"]),
    "empty": ("# nothing", ["a.yaml:1:1: the file is empty; the shortest scenario is 'reply: Hello!'"]),
    "a key twice": ("reply: a\nreply: b", ["a.yaml:2:1: the key 'reply' stands twice; it is already in line 1"]),
    "a batch_delay that is none": (
        "reply: a\nbatch_delay: soon",
        ["a.yaml:2:14: batch_delay: expected a duration, such as 250ms, 1.5s, 2m, or a number of seconds; 'soon'"],
    ),
    "auto thinking with a signature": (
        "reply: [{thinking: {auto: true, signature: x}}]",
        ["a.yaml:1:21: reply[0].thinking.auto: 'auto' makes up the thinking and its signature; give it alone"],
    ),
    "a thinking without any": ("reply: [{thinking: {signature: x}}]", ["a.yaml:1:20: reply[0].thinking: a thinking block has 'thinking' or 'auto: true'"]),
    "thinking that is not auto": ("reply: [{thinking: {auto: false}}]", ["a.yaml:1:27: reply[0].thinking.auto: the only value is true; 'thinking: auto' says the same"]),
    "citations that are no list": ("reply: [{text: {text: a, citations: all}}]", ["a.yaml:1:37: reply[0].text.citations: expected 'auto'"]),
    "a fault without a place": (
        "reply: a\nfault: {disconnect: reset}",
        ["a.yaml:2:8: fault: 'disconnect' needs a place: 'after: {events: 4}' (or deltas, bytes, block, percent) or 'before: response'"],
    ),
    "a fault that has no end to end early": (
        "reply: a\nfault: {truncate: true}",
        ["a.yaml:2:8: fault: 'truncate' needs a place: 'after: {events: 4}' (or deltas, bytes, block, percent)"],
    ),
    "a fault that takes no place": (
        "reply: a\nfault: {after: {events: 4}, status: 502}",
        ["a.yaml:2:9: fault.after: 'after' changes nothing about 'status'; remove it"],
    ),
    "a fault with two places": (
        "reply: a\nfault: {after: {events: 4}, before: response, hang: true}",
        ["a.yaml:2:29: fault.before: a fault has one place: 'after' or 'before'"],
    ),
    "a fault that does two things": (
        "reply: a\nfault: [{after: {events: 4}, hang: true, stall: 1s}]",
        ["a.yaml:2:9: fault[0]: a fault does one thing, of error, disconnect, "],
    ),
    "a fault that does nothing": ("reply: a\nfault: {after: {events: 4}}", ["a.yaml:2:8: fault: a fault does one thing, of error, "]),
    "no faults": ("reply: a\nfault: []", ["a.yaml:2:8: fault: the list is empty"]),
    "a page with a body that it cannot have": ("reply: a\nfault: {status: 204, body: x}", ["a.yaml:2:9: fault.status: a 204 has no body; remove 'body' and 'content_type'"]),
    "a stall of nothing": ("reply: a\nfault: {before: response, stall: 0}", ["a.yaml:2:34: fault.stall: must be above 0"]),
    "an endless retry-after": ("error: {type: api, retry_after: 1e300}", ["a.yaml:1:33: error.retry_after: must be at most 4294967"]),
    "a fault in one word": ("reply: a\nfault: reset", ["a.yaml:2:8: fault: expected a map, such as {after: {events: 4}, disconnect: reset}, or a list; this is text"]),
    "an unknown key of a fault": ("reply: a\nfault: {after: {event: 4}, hang: true}", ["a.yaml:2:17: fault.after.event: unknown key 'event'; did you mean 'events'?"]),
    "a place nowhere": ("reply: a\nfault: {after: {events: 1, bytes: 2}, hang: true}", ["a.yaml:2:16: fault.after: 'after' has one of events, deltas, bytes, block, percent"]),
    "an unknown event": ("reply: a\nfault: {drop: message_sotp}", ["a.yaml:2:15: fault.drop: unknown event 'message_sotp'; did you mean 'message_stop'?"]),
    "an unknown first event": ("reply: a\nfault: {first_event: error overlaoded}", ["a.yaml:2:22: fault.first_event: unknown error 'overlaoded'; did you mean 'overloaded'?"]),
    "a first event that is no error": ("reply: a\nfault: {first_event: 3}", ["a.yaml:2:22: fault.first_event: expected 'error TYPE', such as 'error overloaded'; this is a number"]),
    "a hang that is none": ("reply: a\nfault: {before: response, hang: false}", ["a.yaml:2:33: fault.hang: expected true"]),
    "a type of content with a line break": ('reply: a\nfault: {content_type: "a\\nb"}', ["a.yaml:2:23: fault.content_type: the value of the header 'content-type' holds a line break"]),
    "a template in a fault's error": (
        "reply: a\nfault: {after: {events: 1}, error: {type: api, message: '{{ nope }}'}}",
        ["a.yaml:2:57: fault.error.message: 'nope' is undefined; "],
    ),
    "a duration in words": ("reply: a\ndelay: a while", ["a.yaml:2:8: delay: expected a duration, such as 250ms, 1.5s, 2m, or a number of seconds; 'a while'"]),
    "a duration that is true": ("reply: a\ndelay: true", ["a.yaml:2:8: delay: expected a duration, such as 250ms, 1.5s, 2m, or a number of seconds; this is true or false"]),
    "a duration that is too long": ("reply: a\ndelay: 800h", ["a.yaml:2:8: delay: a duration is from 0 to 30 days; this is 800h"]),
    "a profile beside a pace": (
        "reply: a\nstream: {profile: fast, interval: 1s}",
        ["a.yaml:2:25: stream.interval: 'profile' stands instead of 'interval'; remove one of them"],
    ),
    "two paces": (
        "reply: a\nstream: {interval: 1s, tokens_per_second: 5}",
        ["a.yaml:2:24: stream.tokens_per_second: 'tokens_per_second' stands instead of 'interval'; remove one of them"],
    ),
    "two jitters": ("reply: a\nstream: {jitter: {uniform: 1s, normal: 1s}}", ["a.yaml:2:18: stream.jitter: a jitter has one of uniform, normal, lognormal"]),
    "a chance of nothing": ("reply: a\nchance: 0.5", ["a.yaml:2:1: chance: 'chance' decides on an 'error' or a 'fault', and there is none"]),
    "a chance that leaves nothing": (
        "error: api\nchance: 0.5",
        ["a.yaml:2:1: chance: without its 'chance' nothing answers; add a 'reply' beside 'error'"],
    ),
    "a chance that leaves nothing in a turn": (
        "turns:\n- error: api\n  chance: 0.5",
        ["a.yaml:3:3: turns[0].chance: without its 'chance' nothing answers; add a 'reply' beside 'error'"],
    ),
    "a chance of two answers in the middle": (
        "attempts:\n- {chance: 0.5, error: api, reply: a}\n- reply: b",
        ["a.yaml:2:3: attempts[0]: 'reply' is never used: without its chance, the next attempt answers; remove it"],
    ),
    "attempts in attempts": ("attempts: [{attempts: [{reply: a}]}]", ["a.yaml:1:12: attempts[0]: 'attempts' stand in 'attempts'; write one list"]),
    "a key beside attempts": ("attempts: [{reply: a}]\ndelay: 1", ["a.yaml:2:1: delay: 'delay' changes nothing beside 'attempts'; remove it"]),
    "recorded times that go back": (
        "events:\n- {type: ping}\n- {data: {type: ping}, at: 2s}\n- {data: {type: ping}, at: 5ms}",
        ["a.yaml:2:1: events: the events' times ('at') go back; each counts from the request"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS)
def test_every_error_says_where_what_and_what_to_do(tmp_path, text, expected):
    got = problems(tmp_path, text)
    assert [line[: len(beginning)] for line, beginning in zip(got, expected, strict=True)] == expected


def test_a_json_file_is_told_with_its_lines_too(tmp_path):
    assert problems(tmp_path, '{"reply": "a",\n "match": {"usr": 1}}', "a.json") == [
        "a.json:2:12: match.usr: unknown key 'usr'; did you mean 'user'?"
    ]


def test_all_problems_of_all_files_are_told(tmp_path):
    write(tmp_path, {"a.yaml": "x: 1", "b.yaml": "reply: a\n---\ny: 1\n---\nz: 1"})
    assert len(load([tmp_path, tmp_path / "nope"]).problems) == 4


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"reply: \xff")
    assert [p.message for p in load([tmp_path]).problems] == ["not UTF-8 text (byte 7 of the file)"]


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfreply: hi")
    assert [s.name for s in load([tmp_path]).scripts] == ["a"]


def test_names_come_from_paths(tmp_path):
    write(
        tmp_path,
        {
            "hello.yaml": "reply: a",
            "agents/weather.yml": "match: {user: a}\nreply: a\n---\nmatch: {user: b}\nreply: b",
            "json/one.json": '{"$schema": "x", "match": {"user": "c"}, "reply": "a"}',
            "named.yaml": "name: my name\nmatch: {user: d}\nreply: a",
            ".hidden/x.yaml": "no: scenario",
            ".y.yaml": "no: scenario",
            "scenario.schema.json": "{}",
            "mockserver.yaml": "seed: 5",
            "README.md": "no scenario",
        },
    )
    loaded = load([tmp_path])
    assert loaded.problems == []
    assert sorted(s.name for s in loaded.scripts) == [
        "agents/weather",
        "agents/weather#2",
        "hello",
        "json/one",
        "my name",
    ]
    assert load([tmp_path / "agents" / "weather.yml"]).scripts[0].name == "weather"


def test_two_scenarios_of_one_name_are_an_error(tmp_path):
    write(tmp_path, {"a.yaml": "reply: a", "b.yaml": "name: a\nmatch: {user: x}\nreply: b"})
    (problem,) = load([tmp_path]).problems
    assert problem.message == f"the name 'a' is taken by {tmp_path / 'a.yaml'}:1; give one of them another 'name'"


def test_rivals_for_every_request_are_a_warning(tmp_path):
    write(tmp_path, {"a.yaml": "reply: a", "b.yaml": "reply: b", "c.yaml": "priority: 1\nreply: c"})
    (warning,) = load([tmp_path]).warnings
    assert "'b' and 'a'" in warning.message
    assert "'a' always answers" in warning.message


def test_an_unknown_block_type_is_a_warning(tmp_path):
    write(tmp_path, {"a.yaml": "turns:\n  - reply:\n      - tool_uze: {name: f}"})
    loaded = load([tmp_path])
    assert loaded.problems == []
    assert str(loaded.warnings[0]).startswith(
        f"{tmp_path / 'a.yaml'}:3:9: turns[0].reply[0].tool_uze: unknown block type"
    )


IDLE = {
    "match: {endpoint: batches}\ndelay: 2s\nreply: a": "2:1: delay: 'delay' changes nothing at the endpoint 'batches'; remove it",
    "match: {endpoint: batches}\nturns:\n- reply: a\n  headers: {x-y: z}": (
        "4:3: turns[0].headers: 'headers' changes nothing at the endpoint 'batches'; remove it"
    ),
    "match: {endpoint: messages}\nbatch_delay: 2s\nreply: a": (
        "2:1: batch_delay: 'batch_delay' changes nothing at the endpoint 'messages'; remove it"
    ),
    "match: {endpoint: batches, stream: true}\nreply: a": (
        "1:28: match.stream: no row of a batch asks for a stream, so this scenario never answers"
    ),
}


@pytest.mark.parametrize(("text", "words"), IDLE.items())
def test_keys_that_change_nothing_at_an_endpoint_are_warned_of(tmp_path, text, words):
    write(tmp_path, {"a.yaml": text, "b.yaml": "match: {user: b}\nbatch_delay: 1s\ndelay: 1s\nreply: b"})
    loaded = load([tmp_path])
    assert (loaded.problems, [str(w) for w in loaded.warnings]) == ([], [f"{tmp_path / 'a.yaml'}:{words}"])


def test_settings_are_no_scenario(tmp_path):
    write(tmp_path, {"mockserver.yaml": "seed: 1"})
    (problem,) = load([tmp_path / "mockserver.yaml"]).problems
    assert problem.message == "these are settings, no scenario; name the folder they are in"


def test_settings_below_the_folder_are_an_error(tmp_path):
    write(tmp_path, {"a.yaml": "reply: a", "sub/mockserver.yaml": "seed: 1"})
    assert [p.message for p in load([tmp_path]).problems] == [
        "settings are read from the folder that is named; move them there"
    ]


def test_a_link_that_leads_in_a_circle_is_not_followed(tmp_path):
    write(tmp_path, {"real/a.yaml": "reply: a", "b.yaml": "match: {user: b}\nreply: b"})
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    other = tmp_path.parent / f"{tmp_path.name}-other"
    write(other, {"c.yaml": "match: {user: c}\nreply: c"})
    (tmp_path / "linked").symlink_to(other)
    loaded = load([tmp_path])
    assert (sorted(s.name for s in loaded.scripts), loaded.problems) == (["b", "linked/c", "real/a"], [])


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_deep_nesting_is_told(tmp_path, name):
    write(
        tmp_path, {name: '{"reply": [{"tool_use": {"name": "f", "input": ' + '{"a":' * 900 + "1" + "}" * 900 + "}}]}"}
    )
    (problem,) = load([tmp_path]).problems
    assert "nested" in problem.message


def test_a_file_that_is_named_twice_is_read_once(tmp_path):
    write(tmp_path, {"sub/a.yaml": "reply: a"})
    loaded = load([tmp_path, tmp_path / "sub", tmp_path / "sub" / "a.yaml"])
    assert ([s.name for s in loaded.scripts], loaded.problems, loaded.warnings) == (["sub/a"], [], [])


def test_suffixes_in_capitals_count(tmp_path):
    write(tmp_path, {"A.YAML": "reply: a"})
    assert [s.name for s in load([tmp_path]).scripts] == ["A"]


def test_code_may_hold_only_what_json_knows():
    with pytest.raises(ScenarioError, match="only what JSON knows"):
        parse({"reply": [{"tool_use": {"name": "f", "input": {"when": object()}}}]}, "mine")


def test_code_is_told_by_path_alone():
    with pytest.raises(ScenarioError) as error:
        parse({"turns": [{"reply": [{"txt": "a"}]}]}, "mine")
    assert str(error.value) == "turns[0].reply[0].txt: 'txt' needs a map of its fields; did you mean 'text'?"
    with pytest.raises(ScenarioError, match="a scenario is a map"):
        parse("hi", "mine")


def test_two_files_with_one_match_are_warned_of(tmp_path):
    for name in ("a", "b", "c"):
        priority = "priority: 1\n" if name == "c" else ""
        (tmp_path / f"{name}.yaml").write_text(f"match: {{user: hello}}\n{priority}reply: {name}\n", encoding="utf-8")
    (warning,) = load([tmp_path]).warnings
    assert "'b' and 'a' (" in str(warning)
    assert "have the same match at priority 0: 'a' always answers; give one another 'match' or a 'priority'" in str(
        warning
    )


ENDLESS = [
    ("match: {user: {regex: '(a+)+$'}}\nreply: a", "1:1: match"),
    ("match: {not: {any_of: [{headers: {x: {regex: '(a*)*'}}}]}}\nreply: a", "1:1: match"),
    (r"match: {body: {model: {regex: '(\w+\s?)+x'}}}" + "\nreply: a", "1:1: match"),
    ("turns:\n- {reply: a, expect: {last: {regex: '((a+)|b)+'}}}", "2:14: turns[0].expect"),
    ("reply: a\nexpect: {last: {regex: '(a{2,}){3,}'}}", "2:1: expect"),
]


@pytest.mark.parametrize(("text", "place"), ENDLESS)
def test_a_regex_that_may_take_for_ever_is_warned_of(tmp_path, text, place):
    (tmp_path / "a.yaml").write_text(text)
    loaded = load([tmp_path])
    (warning,) = map(str, loaded.warnings)
    assert loaded.problems == []
    assert warning.startswith(f"{tmp_path / 'a.yaml'}:{place}: the regex '")
    assert warning.endswith("for ever; repeat it once, or write the inner repeat without a way back: a++ for a+")


HARMLESS = ["(a+b)+", "(a+){3}", r"(\w+\s)+", "a+b+", "(a++)+", "(?>a+)+", "(a|b)+", ".*x.*", "(?=a+)+", ""]


@pytest.mark.parametrize("pattern", HARMLESS)
def test_other_regexes_are_not(tmp_path, pattern):
    (tmp_path / "a.yaml").write_text(f"match: {{user: {{regex: '{pattern}'}}}}\nreply: a")
    assert load([tmp_path]).warnings == []
