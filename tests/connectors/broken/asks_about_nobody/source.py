from __future__ import annotations

from collections.abc import Mapping

from connectors.base import FetchRequest, Outcome
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = [value for subject in request.subjects for value in subject.partner_ids]
        held = await self.records(ids, request)
        return {one.key: self.outcome(one, held, request.fields) for one in request.subjects}


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
