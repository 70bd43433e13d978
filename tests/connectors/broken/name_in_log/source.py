from __future__ import annotations

import logging
from typing import Any

from connectors.base import Person
from connectors.config import Config
from connectors.manifest import Manifest

from .ledger import Ledger


class Broken(Ledger):
    def told(self, person: Person) -> dict[str, Any]:
        logging.getLogger(__name__).debug("looking for %s", person.last_name)
        return super().told(person)


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
