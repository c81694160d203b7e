"""The answer of `count_tokens`. Not here: estimating (`reply.tokens`), choosing a scenario."""

from mockserver.engine.asking import Asking
from mockserver.reply import plan
from mockserver.reply.steps import Reply
from mockserver.reply.tokens import count_input


def count(asking: Asking, tokens: int | None = None) -> Reply:
    """Return `{"input_tokens": N}`: the estimate where no scenario gives the number."""
    body = asking.body or {}
    estimate = count_input(body, asking.models.find(body.get("model"))) if tokens is None else tokens
    return plan.plain({"input_tokens": estimate}, asking.envelope)
