from __future__ import annotations

from typing import Any

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def by_id(self, ids: list[str], items: Any) -> dict[str, dict[str, Any]]:
        held = super().by_id(ids, items)
        return dict(zip([value for value in ids if value in held], held.values(), strict=True))


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
