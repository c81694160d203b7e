"""The server's numbers for Prometheus. Not here: counting (`state.tally`)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

import mockserver
from mockserver.engine import Engine

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class _Collector(Collector):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        yield from (self._of_worker(metric) for metric in self._metrics())

    def _of_worker(self, metric: Metric) -> Metric:
        """Return numbers that say whose they are, where several workers count each for itself."""
        place = self._engine.sessions.store.place
        if place.of > 1:
            metric.samples = [
                sample._replace(labels={**sample.labels, "worker": str(place.number)}) for sample in metric.samples
            ]
        return metric

    def _metrics(self) -> Iterator[Metric]:
        tally, worlds = self._engine.tally, list(self._engine.sessions)
        yield _counter("requests", "Requests that were answered.", ("verdict", "status"), tally.answers.items())
        yield _counter("answer_ends", "How answers ended on the wire.", ("sent",), tally.ends.items())
        yield _counter("tokens", "Tokens that answers told in their usage.", ("counter",), tally.tokens.items())
        yield _counter("broken_answers", "Answers in which something was broken on purpose.", (), [((), tally.faults)])
        yield _counter("answer_bytes", "Bytes of bodies that went out.", (), [((), tally.body_bytes)])
        yield _counter("answer_seconds", "Real seconds from arrivals to ends.", (), [((), tally.seconds)])
        yield GaugeMetricFamily("mockserver_sessions", "Sessions that are kept.", value=len(worlds))
        yield GaugeMetricFamily(
            "mockserver_requests_under_way", "Requests that are being answered.", value=sum(w.busy for w in worlds)
        )
        yield GaugeMetricFamily("mockserver_connections", "Connections that are open.", value=tally.connections)
        refused = "Connections that were too many."
        yield _counter("refused_connections", refused, (), [((), tally.refused_connections)])
        version = GaugeMetricFamily("mockserver_info", "The version.", labels=("version",))
        version.add_metric([mockserver.__version__], 1)
        yield version


def _counter(name: str, words: str, labels: tuple[str, ...], values: Iterable[tuple[Any, float]]) -> Metric:
    family = CounterMetricFamily(f"mockserver_{name}", words, labels=labels)
    for key, value in values:
        parts = key if isinstance(key, tuple) else (key,)
        family.add_metric([str(part) for part in parts], value)
    return family


def metrics(engine: Engine) -> str:
    """Return the numbers in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Collector(engine))
    return generate_latest(registry).decode()
