"""An outcome is tried on the request that it is to answer. Not here: which outcomes there are (`outcomes`)."""

from typing import Final

from mockserver.control.exports.questions import Question
from mockserver.control.exports.seeing import Seen, seen_of
from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.scenario.problems import ScenarioError
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.state.journal import Exchange
from mockserver.validation.incoming import Incoming
from mockserver.wire.encoding import JsonObject, encode

_SETTINGS: Final = Settings(validation="off")


class Trial:
    """One request, on which outcomes are tried, each in an engine of its own.

    `last` is what the last one answered; None: there is no such scenario.
    """

    def __init__(self, question: Question, exchange: Exchange) -> None:
        body = {**question.body, "stream": (exchange.body or {}).get("stream", False)}
        body.pop("thread", None)
        headers = {**exchange.headers, "x-api-key": "any"}
        self._incoming = Incoming(exchange.method, exchange.path, headers, encode(body))
        self._is_row = question.endpoint == "batches"
        self._endpoint = "messages" if self._is_row else question.endpoint  # a row is tried as a request of its own
        self._moment = exchange.trial.arrived
        self.last: Seen | None = None

    def of(self, outcome: JsonObject) -> Seen | None:
        """Return what a scenario with this outcome alone answers to the request."""
        engine = Engine(Library(), _SETTINGS, Clock.frozen(self._moment))
        try:
            engine.library.add({"match": {"endpoint": self._endpoint}, **outcome})
        except ScenarioError:
            self.last = None
        else:
            self.last = seen_of(engine.handle(self._incoming).reply, is_row=self._is_row)
        return self.last
