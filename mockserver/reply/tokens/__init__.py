"""The token estimator: how many tokens a text, a request or an answer has. Deterministic, without a vocabulary.

Not here: the prompt cache (`reply.caching`).
"""

from mockserver.reply.tokens.answers import count_answer_block, count_member, count_output, count_thinking
from mockserver.reply.tokens.figures import ANSWER
from mockserver.reply.tokens.prompt import Weight, count_input, weigh
from mockserver.reply.tokens.texts import count_text, cut, pieces

__all__ = [
    "ANSWER",
    "Weight",
    "count_answer_block",
    "count_input",
    "count_member",
    "count_output",
    "count_text",
    "count_thinking",
    "cut",
    "pieces",
    "weigh",
]
