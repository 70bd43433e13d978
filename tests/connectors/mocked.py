"""A connector that is asked in one word."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from connectors.base import Failed, Person, Subject
from connectors.discovery import at
from connectors.registry import build
from connectors.runtime import Runtime
from tests.connectors.partners import ask, soon

_NOWHERE = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")


class Asked:
    def __init__(self, folder: Path, address: str, key: str) -> None:
        partner = at(folder)
        config: dict[str, str | int] = {"base_url": address, "api_key": "env:KEY"}
        known = {partner.manifest.id: partner}
        (self._source,) = build({partner.manifest.id: config}, _NOWHERE, {"KEY": key}, known).values()

    async def find(self, person: Person) -> list[str]:
        return [match.value for match in await self._source.find(Subject("p", (), person), soon())]

    async def fetch(self, value: str) -> str:
        noun, offer = next(iter(self._source.offers.items()))
        question = ask(Subject("p", (value,)), noun=noun, fields=offer.fields)
        outcome = (await Runtime().fetch(self._source, question))["p"]
        return outcome.code.value if isinstance(outcome, Failed) else type(outcome).__name__

    async def close(self) -> None:
        await self._source.aclose()
