from __future__ import annotations

from collections.abc import Mapping

from connectors.base import FetchRequest, NotFound, Outcome
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        outcomes = dict(await super().fetch(request))
        if len(outcomes) == self.limits.batch_max:
            outcomes[request.subjects[-1].key] = NotFound()
        return outcomes


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
