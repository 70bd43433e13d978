from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import FetchRequest, Outcome
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    fields: frozenset[str] = frozenset()

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        self.fields = request.fields
        return await super().fetch(request)

    def wanted(self, fields: Iterable[str]) -> list[str]:
        return super().wanted(self.fields)

    def values(self, record: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
        return super().values(record, self.fields)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
