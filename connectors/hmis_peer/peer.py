"""What both ways to a peer have in common: who it is, and what a row of it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import (
    Acceptance,
    Labelled,
    Row,
)
from connectors.declared import DeclaredSource
from connectors.manifest import Manifest
from hmis import labels
from hmis.labels import Label

NOUN = "PeerEnrollment"


def today() -> date:
    return datetime.now(UTC).date()


class Peer(DeclaredSource):
    """What both ways have in common.

    implementation: the HMIS database (Export.ImplementationID) whose PersonalIDs this peer and one of our own
    sources are agreed to share; None = none. It takes the operator's word, not the export's alone, for
    vendors name their databases themselves, and two may have one name.
    """

    def __init__(
        self, manifest: Manifest, engine: AsyncEngine, implementation: str | None, today: Callable[[], date]
    ) -> None:
        super().__init__(manifest, {"check", "sync"})
        self.discloses = frozenset()
        self.acceptance = Acceptance()
        self.today = today
        self._engine = engine
        self._implementation = implementation
        self._freshness = manifest.supplies[NOUN].freshness or timedelta.max

    def _row(
        self, personal_id: str, values: Mapping[str, object], fields: frozenset[str], day: date, told: int
    ) -> Row:
        """A row with nothing in it but what was asked.

        Referred to by the client's id: systems count their stays, so the id of a stay would tell of others
        that are not shown.
        """
        kept = {name: values[name] for name in fields}
        destination = kept.get("destination")
        if label := labels.of_value("Exit", "destination", destination):
            kept["destination"] = Labelled(destination, labels.names(label))
        return Row(kept, personal_id, day, labels.names(Label(told)))
