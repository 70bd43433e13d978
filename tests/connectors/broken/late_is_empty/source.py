from __future__ import annotations

from typing import Any

from connectors.config import Config
from connectors.manifest import Manifest
from hmis.errors import FailureCode, SourceFailed

from .ledger import Ledger


class Broken(Ledger):
    async def send(self, path: str, body: Any, deadline: float, method: Any = "POST") -> Any:
        try:
            # Well before the hub gives up by itself, however busy the machine is.
            return await super().send(path, body, deadline - 0.18, method)
        except SourceFailed as failed:
            if failed.code is FailureCode.TIMEOUT:
                return {"items": [], "matches": []}
            raise


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
