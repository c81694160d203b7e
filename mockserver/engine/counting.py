"""The answer of `count_tokens`. Not here: estimating (`reply.tokens`), choosing a scenario."""

from mockserver.engine.asking import Asking
from mockserver.reply import plan
from mockserver.reply.steps import Reply
from mockserver.wire.encoding import JsonObject


def count(asking: Asking, tokens: int | None = None) -> Reply:
    """Return `{"input_tokens": N}`: the estimate where no scenario gives the number.

    Where the context is managed, it is what the edits leave, and the number before them is told beside it (package).
    """
    managed = asking.prompt.managed
    body: JsonObject = {"input_tokens": managed.weight.total if tokens is None else tokens}
    if managed.edits is not None:
        body["context_management"] = {"original_input_tokens": managed.original}
    return plan.plain(body, asking.envelope, _timing(asking) if asking.settings.edge_headers == "on" else {})


def _timing(asking: Asking) -> dict[str, str]:
    """Return the header that the edge adds where tokens are counted (recorded: 26 to 499 ms)."""
    return {"server-timing": f"x-originResponse;dur={asking.source.random('timing').randint(26, 499)}"}
