from __future__ import annotations

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def __init__(self, manifest: Manifest, config: Config) -> None:
        super().__init__(manifest, config)
        self.capabilities = frozenset({"find", "check", "changes"})


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
