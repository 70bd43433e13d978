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


class _Counted(Collector):
    """Counts by one label."""

    def __init__(self, name: str, told: str, label: str, counts: Counter[str]) -> None:
        self._name, self._told, self._label, self._counts = name, told, label, counts

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(self._name, self._told, labels=[self._label])
        for one, count in sorted(self._counts.items()):
            family.add_metric([one], count)
        yield family


_OPERATIONS = "Operations answered: by a compiled plan, or by graphql-core and why"
_DOCUMENTS = "Texts that were remembered, like others but for their literals, or validated; plans compiled"


async def metrics(http: Request) -> Response:
    """The counts since the process began; each worker has its own."""
    hub: Hub = http.app.state.hub
    registry = CollectorRegistry()
    registry.register(_Counted("hub_operations", _OPERATIONS, "way", hub.documents.answered))
    registry.register(_Counted("hub_documents", _DOCUMENTS, "work", hub.documents.work))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
