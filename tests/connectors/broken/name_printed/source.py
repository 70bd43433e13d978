from __future__ import annotations

from typing import Any

from connectors.base import Person
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def told(self, person: Person) -> dict[str, Any]:
        print(person.first_name)  # noqa: T201  # that is the fault
        return super().told(person)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
