"""/metrics: what this process counts, in Prometheus' text format. Counts of operations, and of nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from gateway.hub import Hub


class _Operations(Collector):
    """`hub_operations_total{way}`: by a plan (`compiled`), or why graphql-core answered."""

    def __init__(self, answered: Counter[str]) -> None:
        self._answered = answered

    def collect(self) -> Iterator[Metric]:
        told = "Operations answered: by a compiled plan, or by graphql-core and why"
        operations = CounterMetricFamily("hub_operations", told, labels=["way"])
        for way, count in sorted(self._answered.items()):
            operations.add_metric([way], count)
        yield operations


async def metrics(http: Request) -> Response:
    """The counts since the process began; each worker has its own."""
    hub: Hub = http.app.state.hub
    registry = CollectorRegistry()
    registry.register(_Operations(hub.documents.answered))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
