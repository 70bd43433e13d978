from __future__ import annotations

from collections.abc import Mapping

from connectors.base import FetchRequest, Found, Outcome
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        outcomes = await super().fetch(request)
        return {key: outcome for key, outcome in outcomes.items() if isinstance(outcome, Found)}


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
