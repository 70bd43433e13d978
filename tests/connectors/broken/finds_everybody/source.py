from __future__ import annotations

from connectors.base import Match, Subject
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        found = await super().find(subject, deadline)
        return [*found, Match("R-9", 95)] if subject.person and subject.person.last_name else found


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
