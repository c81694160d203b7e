"""What is asked, and the scenarios that answer it. Not here: who is asked, and how often."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from validation import conversation, request

NUMBER = "31415926"
"""Stands in a question, once, where each request has a number of its own: no two that are sent are the same."""

PATH = "/v1/messages"
HEADERS: Mapping[str, str] = {
    "host": "127.0.0.1",
    "accept-encoding": "identity",
    "connection": "keep-alive",
    "accept": "application/json",
    "content-type": "application/json",
    "user-agent": "Anthropic/Python 1.0.0",
    "x-stainless-lang": "python",
    "x-stainless-package-version": "1.0.0",
    "x-stainless-os": "Linux",
    "x-stainless-arch": "x64",
    "x-stainless-runtime": "CPython",
    "x-stainless-runtime-version": "3.13.0",
    "x-stainless-async": "false",
    "x-stainless-retry-count": "0",
    "x-stainless-timeout": "600",
    "anthropic-version": "2023-06-01",
    "x-api-key": "test-key",
}
"""Those of the Python SDK: every server has to read them."""


@dataclass(frozen=True)
class Question:
    """A request's body, and the scenario that answers it; `answer` is a part of its text.

    `step` is how much each request's number is above that of the one before; 0: all are the same.
    """

    body: Mapping[str, Any]
    scenario: str
    answer: str
    step: int = 1

    @property
    def raw(self) -> bytes:
        """The body in bytes."""
        return json.dumps(self.body, separators=(",", ":")).encode()

    def framed(self, *, close: bool = False) -> tuple[bytes, bytes]:
        """Return the whole request, as what stands before and behind its number."""
        headers = {**HEADERS, "connection": "close"} if close else HEADERS
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        whole = f"POST {PATH} HTTP/1.1\r\n{head}content-length: {len(self.raw)}\r\n\r\n".encode() + self.raw
        before, after = whole.split(NUMBER.encode())
        return before, after


def repeated(question: Question) -> Question:
    """Return a question that is asked in the same bytes each time, as load generators do."""
    return replace(question, step=0)


def write_scenarios(folder: Path, asked: Question) -> None:
    """Write the scenarios of all questions and of this one, so that there is something to choose from."""
    scenarios = dict.fromkeys(question.scenario for question in (PLAIN, CONVERSATION, STREAM, asked))
    for number, scenario in enumerate(scenarios):
        (folder / f"{number}.yaml").write_text(scenario, encoding="utf-8")


def paced_question(deltas: int, interval: float) -> Question:
    """Return a question, the same each time, whose answer is a stream with pauses of one length."""
    pace = f"stream: {{first_token: {interval}, interval: {interval}}}\n"
    scenario = f"match: {{user: Count slowly}}\n{_words(deltas)}{pace}"
    return Question(_short("Count slowly."), scenario, "word0 ", step=0)


def _short(words: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"{words} {NUMBER}"}]
    return {"model": "claude-sonnet-5", "max_tokens": 1024, "stream": True, "messages": messages}


def _words(count: int) -> str:
    words = ", ".join(f"'word{number} '" for number in range(count))
    return f"reply: [text: [{words}]]\n"


def _plain() -> dict[str, Any]:
    body = request()
    body["messages"][-1]["content"] += f" {NUMBER}"
    return body


def _conversation() -> dict[str, Any]:
    """Return an agent's conversation whose last tool result differs: what came before can be in the prompt cache."""
    body = conversation()
    body["messages"][-1]["content"][-1]["content"][0]["text"] += NUMBER
    return body


PLAIN = Question(
    _plain(),
    "match: {user: What does the file say}\nreply: The file says that every line was read, and nothing was found.\n",
    "nothing was found",
)
"""1 KB, a plain answer."""

CONVERSATION = Question(
    _conversation(),
    "match: {user: Look for the mistake}\nreply: I found it; it is in the last file.\n",
    "I found it",
)
"""200 KB with tools, calls, results and a prompt cache; a short stream."""

STREAM = Question(_short("Count quickly."), f"match: {{user: Count quickly}}\n{_words(200)}", "word199 ")
"""A stream of 200 deltas without pauses."""
