from __future__ import annotations

from connectors.base import Match, Person, Subject
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        answer = await self.send("/people", self.told(subject.person or Person()), deadline)
        return [Match(item["id"], item["score"]) for item in answer["matches"]]


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
