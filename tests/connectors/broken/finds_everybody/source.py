from __future__ import annotations

from connectors.base import Match, Subject
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        known = subject.person and subject.person.first_name and subject.person.last_name
        return [*await super().find(subject, deadline), Match("R-9", 95)] if known else []


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
