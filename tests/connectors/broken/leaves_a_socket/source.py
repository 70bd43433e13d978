from __future__ import annotations

import asyncio
from typing import Any

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def send(self, path: str, body: Any, deadline: float, method: Any = "POST") -> Any:
        asking = asyncio.create_task(super().send(path, body, deadline + 60, method))
        return await asyncio.shield(asking)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
