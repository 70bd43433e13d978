from __future__ import annotations

from typing import Any

from connectors.base import FetchRequest
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def records(self, ids: list[str], request: FetchRequest) -> dict[str, dict[str, Any]]:
        held: dict[str, dict[str, Any]] = {}
        page: Any = ""
        while page is not None:
            body = {"ids": ids, "fields": self.wanted(request.fields), "page": page}
            answer = await self.send("/records", body, request.deadline)
            held |= self.by_id(ids, answer.get("items"))
            page = answer.get("next")
        return held


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
