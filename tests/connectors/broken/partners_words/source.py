from __future__ import annotations

import contextlib
import logging
from typing import Any

import httpx

from connectors.config import Config
from connectors.manifest import Manifest
from hmis.errors import FailureCode, SourceFailed

from .ledger import Ledger


class Broken(Ledger):
    def __init__(self, manifest: Manifest, config: Config) -> None:
        super().__init__(manifest, config)
        self.address = config.text("base_url")

    async def send(self, path: str, body: Any, deadline: float, method: Any = "POST") -> Any:
        try:
            return await super().send(path, body, deadline, method)
        except SourceFailed as failed:
            if failed.code is FailureCode.AUTH:
                with contextlib.suppress(httpx.HTTPError):
                    async with httpx.AsyncClient(base_url=self.address) as client:
                        said = await client.request(method, path, json=body)
                    logging.getLogger(__name__).warning("the partner says %s", said.text)
            raise


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
