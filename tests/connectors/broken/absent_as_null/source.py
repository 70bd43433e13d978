from __future__ import annotations

from typing import Any

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def values(self, record: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
        return super().values({**dict.fromkeys(fields), **record}, fields)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
