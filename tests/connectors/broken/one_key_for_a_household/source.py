from __future__ import annotations

from collections.abc import Mapping

from connectors.base import FetchRequest, NotFound, Outcome
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        outcomes = await super().fetch(request)
        last = {subject.partner_ids: subject.key for subject in request.subjects}
        return {
            one.key: outcomes[one.key] if last[one.partner_ids] == one.key else NotFound()
            for one in request.subjects
        }


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
