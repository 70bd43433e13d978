from __future__ import annotations

from urllib.parse import urlencode

from connectors.base import Match, Subject
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        person = subject.person
        if person is None or not all(getattr(person, fact) for fact in self.discloses):
            return []
        answer = await self.send(f"/people?{urlencode(self.told(person))}", None, deadline, "GET")
        return [Match(item["id"], item["score"]) for item in answer["matches"]]


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
