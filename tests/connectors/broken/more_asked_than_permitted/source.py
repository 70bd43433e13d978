from __future__ import annotations

from collections.abc import Iterable

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def wanted(self, fields: Iterable[str]) -> list[str]:
        return super().wanted(self.offers["FoodAssistance"].fields)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
