from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import Failed, NotFound, Outcome, Subject
from connectors.config import Config
from connectors.manifest import Manifest
from hmis.errors import FailureCode

from .ledger import Ledger


class Broken(Ledger):
    def outcome(
        self, subject: Subject, held: Mapping[str, dict[str, Any]], fields: frozenset[str]
    ) -> Outcome:
        found = super().outcome(subject, held, fields)
        return Failed(FailureCode.BAD_DATA) if found == NotFound() and subject.partner_ids else found


def build(manifest: Manifest, config: Config, engine: object) -> Ledger:
    return Broken(manifest, config)
