from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Ledger(manifest, config)
