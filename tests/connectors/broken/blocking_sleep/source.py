from __future__ import annotations

import time
from typing import Any

from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def send(self, path: str, body: Any, deadline: float, method: Any = "POST") -> Any:
        time.sleep(0.001)  # noqa: ASYNC251  # that is the fault
        return await super().send(path, body, deadline, method)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
