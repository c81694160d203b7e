"""An answer to a request that no scenario answers: made by Faker, seeded from the request. Not here: when.

A forced tool is called with an input that satisfies its schema; structured output is JSON that satisfies its own. A
model that would think first does.
"""

from mockserver.reply.blocks import make_input
from mockserver.reply.identifiers import Source
from mockserver.reply.made_up import fake, sample
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject, encode


def fallback_entries(conversation: Conversation, source: Source) -> tuple[list[JsonObject], bool]:
    """Return the entries of a reply, and whether it must stay whole to satisfy a schema."""
    entry, is_whole = _said(conversation, source)
    return [{"thinking": {"auto": True}}, entry], is_whole


def _said(conversation: Conversation, source: Source) -> tuple[JsonObject, bool]:
    if name := _forced_tool(conversation, source):
        return {"tool_use": {"name": name, "input": make_input(name, conversation, source, 0)}}, True
    if conversation.output_schema is not None:
        return {"text": encode(sample(conversation.output_schema, source, "output")).decode()}, True
    return {"text": fake(source.random("fallback")).paragraph(nb_sentences=3)}, False


def _forced_tool(conversation: Conversation, source: Source) -> str | None:
    """Return the name of the client tool that `tool_choice` forces; None where it leaves the choice."""
    choice = conversation.tool_choice or {}
    names = [str(t["name"]) for t in conversation.tools if _is_client_tool(t)]
    if choice.get("type") == "tool" and choice.get("name") in names:
        return str(choice["name"])
    if choice.get("type") != "any" or not names:
        return None
    return source.random("tool").choice(names)


_SERVER_TOOLS = ("web_search", "web_fetch", "code_execution", "tool_search_tool", "advisor", "mcp_toolset")


def _is_client_tool(tool: JsonObject) -> bool:
    return "name" in tool and not str(tool.get("type") or "custom").startswith(_SERVER_TOOLS)
