from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def wanted(self, fields: Iterable[str]) -> list[str]:
        return super().wanted(self.offers["FoodAssistance"].fields)

    def values(self, record: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
        return super().values(record, self.offers["FoodAssistance"].fields)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
