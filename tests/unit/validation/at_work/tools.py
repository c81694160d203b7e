"""Tools: names, choice, schemas, loading."""

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import Works, ask, block, mark, tool

TOOLSET = (
    ": name is not accepted on a toolset entry: the member names are fixed by the dated type, "
    "and the served tool keeps the family's bare name"
)
COMBINATOR = "custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level"
KEYS = "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'"
NO_SCHEMA = (
    "custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 "
    "(https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.claude.com/en/docs/tool-use."
)
UNIQUE = "tools: Tool names must be unique."
DEFERRED = "All tools have defer_loading set. At least one tool must be non-deferred."
CACHED = (
    "Tool 'b' cannot have both defer_loading=true and cache_control set. "
    "Tools with defer_loading cannot use prompt caching."
)
DOMAINS = "Only one of allowed_domains and blocked_domains may be specified"
COMPUTERS = block("computer_toolset_20260801")
BROWSERS = block("browser_toolset_20260801")
SEARCH = block("web_search_20250305", name="web_search")
MCP = {"betas": "mcp-client-2025-11-20"}


def _with(schema):
    return ask(tools=[tool(schema={"type": "object", **schema})])


def _property(**schema):
    return _with({"properties": {"city": schema}})


def _choosing(kind, *tools, **more):
    return ask(tools=list(tools), tool_choice=block(kind, **more))


def _referring(name):
    answer = tool_result([block("tool_reference", tool_name=name)])
    return ask("a", assistant([tool_use()]), user([answer]), tools=[tool("b")])


def _servers(*servers, uses=()):
    return {
        "mcp_servers": [block("url", url="https://a.example", name=name) for name in servers],
        "tools": [block("mcp_toolset", mcp_server_name=name) for name in uses],
    }


UNFIT = "Input example does not match the tool's input_schema"
NUMBERED = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "any": {}, "maybe": {"type": ["string", "null"]}},
    "required": ["n"],
}


def _shown(*examples):
    return {"name": f"t{len(examples)}{examples[:1]!s:.0}", "input_schema": NUMBERED, "input_examples": [*examples]}


ROWS = {
    "toolset_names": Works(
        refused=[
            (ask(tools=[COMPUTERS | {"name": "computer"}]), f"tools.0.computer_toolset_20260801{TOOLSET}"),
            (ask(tools=[SEARCH, BROWSERS | {"name": "browser"}]), f"tools.1.browser_toolset_20260801{TOOLSET}"),
        ],
        accepted=[ask(tools=[COMPUTERS]), ask(tools=[SEARCH, BROWSERS, COMPUTERS])],
    ),
    "no_top_level_combinators": Works(
        refused=[
            (_with({"oneOf": [{"required": ["a"]}]}), f"tools.0.{COMBINATOR}"),
            (_with({"allOf": [{"required": ["a"]}]}), f"tools.0.{COMBINATOR}"),
            (ask(tools=[SEARCH, tool(schema={"type": "object", "anyOf": []})]), f"tools.1.{COMBINATOR}"),
        ],
        accepted=[_property(oneOf=[{"type": "string"}]), _property(anyOf=[{"type": "string"}]), _with({})],
    ),
    "property_keys": Works(
        refused=[
            (_with({"properties": {key: {"type": "string"}}}), KEYS) for key in ("", "a b", "ü", "$a", "a" * 65, "a\n")
        ],
        accepted=[
            _with({"properties": {"A-z_0.9": {"type": "string"}, "a" * 64: {"type": "string"}}}),
            _property(type="object", properties={"a b": {"type": "string"}}),
            _with({"properties": None}),
        ],
    ),
    "valid_schemas": Works(
        refused=[
            (_property(type="text"), f"tools.0.{NO_SCHEMA}"),
            (_property(minLength=-1), f"tools.0.{NO_SCHEMA}"),
            (ask(tools=[SEARCH, tool(type="custom", schema={"type": "object", "$defs": {"a": 1}})]), f"tools.1.{NO_SCHEMA}"),
        ],
        accepted=[
            _property(type="string"),
            _property(minLength=0),
            ask(tools=[SEARCH, tool(type=None, schema={"type": "object", "$defs": {"a": True}})]),
            _with({"required": None, "anything": "else"}),
        ],
    ),
    "valid_examples": Works(
        refused=[
            (ask(tools=[_shown({"n": 1}), _shown({"n": "1"})]), "tools.1.custom.input_examples.0: " + UNFIT),
            (ask(tools=[_shown({"n": 1}, {})]), "tools.0.custom.input_examples.1: " + UNFIT),
            (ask(tools=[_shown({"n": True})]), "tools.0.custom.input_examples.0: " + UNFIT),
        ],
        accepted=[
            ask(tools=[_shown({"n": 1}, {"n": 2, "more": None, "any": []}, {"n": 3, "maybe": None})]),
            ask(tools=[_shown()]),
            ask(tools=[tool() | {"input_examples": [{"a": 1}]}]),
        ],
    ),
    "unique_names": Works(
        refused=[
            (ask(tools=[tool(), tool("b"), tool()]), UNIQUE),
            (ask(tools=[SEARCH, tool("web_search")]), UNIQUE),
            (ask(tools=[COMPUTERS, tool("computer")]), UNIQUE),
        ],
        accepted=[
            ask(tools=[tool(), tool("b")]),
            ask(tools=[COMPUTERS, BROWSERS, tool("computer_2")]),
            ask(**_servers("a", "b", uses=("a", "b")), **MCP),
        ],
    ),
    "known_choice": Works(
        refused=[
            (_choosing("any"), "tool_choice.any may only be specified while providing tools"),
            (ask(tool_choice=block("any")), "tool_choice.any may only be specified while providing tools"),
            (_choosing("tool", tool("b"), name="c"), "Tool 'c' not found in provided tools"),
            (ask(tool_choice=block("tool", name="c")), "Tool 'c' not found in provided tools"),
        ],
        accepted=[
            _choosing("any", tool()),
            _choosing("tool", tool("b"), COMPUTERS, name="b"),
            _choosing("tool", SEARCH, name="web_search"),
            _choosing("auto"),
            _choosing("none"),
        ],
    ),
    "some_tool_loaded": Works(
        refused=[(ask(tools=[tool("a", defer_loading=True), tool("b", defer_loading=True)]), DEFERRED)],
        accepted=[
            ask(tools=[tool("a", defer_loading=True), tool("b")]),
            ask(tools=[tool(defer_loading=False)]),
            ask(tools=[]),
        ],
    ),
    "no_cached_deferred_tool": Works(
        refused=[(ask(tools=[tool("a"), tool("b", defer_loading=True, **mark())]), CACHED)],
        accepted=[
            ask(tools=[tool("a", **mark()), tool("b", defer_loading=True)]),
            ask(tools=[tool("a"), tool("b", defer_loading=True, cache_control=None)]),
        ],
    ),
    "known_references": Works(
        refused=[(_referring("c"), "Tool reference 'c' has no corresponding tool definition")],
        accepted=[_referring("b"), ask("a", assistant([tool_use()]), user([tool_result("c")]))],
    ),
    "referenced_servers": Works(
        refused=[
            (
                ask(**_servers("a", "b", uses=["a"]), **MCP),
                "MCP server 'b' is defined but not referenced by any `mcp_toolset` in `tools`.",
            ),
            (
                ask(**_servers("a", uses=["a", "b"]), **MCP),
                "MCP toolset references server 'b' which is not defined in `mcp_servers`.",
            ),
        ],
        accepted=[
            ask(**_servers("a", "b", uses=["b", "a"]), **MCP),
            ask(**_servers("a"), betas="mcp-client-2025-04-04"),
        ],
    ),
    "one_domain_list": Works(
        refused=[
            (
                ask(tools=[tool(), SEARCH | {"allowed_domains": ["a.example"], "blocked_domains": ["b.example"]}]),
                f"tools.1.web_search_20250305: {DOMAINS}",
            ),
        ],
        accepted=[
            ask(tools=[SEARCH | {"allowed_domains": ["a.example"], "blocked_domains": []}]),
            ask(tools=[SEARCH | {"allowed_domains": None, "blocked_domains": ["b.example"]}]),
        ],
    ),
}  # fmt: skip
