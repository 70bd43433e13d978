from __future__ import annotations

import logging

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def __init__(self, manifest: Manifest, config: Config) -> None:
        super().__init__(manifest, config)
        logging.getLogger(__name__).info("speaking with key %s", config.secret("api_key"))


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
