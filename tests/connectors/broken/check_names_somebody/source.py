from __future__ import annotations

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def check(self, deadline: float) -> None:
        await self.send("/records", {"ids": ["R-1"], "fields": []}, deadline)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
