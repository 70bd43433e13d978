from __future__ import annotations

from typing import Any

from connectors.base import Person
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def told(self, person: Person) -> dict[str, Any]:
        return {**super().told(person), "born": str(person.dob)}


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
