"""How the partners are doing: for those who run the hub and connect it.

Nothing here is about a person. But how often a partner is asked says that somebody works with it just now, so
case workers and dashboards are told nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, select

from auth.viewer import Role
from connectors.base import Source
from connectors.desk import State
from hmis.tables import sync_state
from resolvers.request import Request

OPERATORS = frozenset({Role.INTEGRATOR, Role.PRIVACY_OFFICER})


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One partner that is on. synced: its row of `sync_state`; None = nothing is fetched in advance."""

    source: Source
    state: State
    synced: Any
    level: str | None
    now: datetime

    @property
    def last_success(self) -> datetime | None:
        """Of a question or a look in advance, whichever was later; None = none since the hub began."""
        known = (self.state.last_success, self.synced["last_success"] if self.synced else None)
        return max((moment for moment in known if moment is not None), default=None)

    @property
    def lag(self) -> timedelta | None:
        """How long what is fetched in advance has not been renewed; None = it never was, or none is."""
        if self.synced is None or self.synced["last_success"] is None:
            return None
        since: datetime = self.synced["last_success"]
        return self.now - since

    @property
    def freshness(self) -> timedelta | None:
        """How old an answer of the partner may be at most; None = nothing is promised."""
        promised = (offer.freshness for offer in self.source.offers.values())
        return min((one for one in promised if one is not None), default=None)

    @property
    def is_stale(self) -> bool:
        """Whether what is fetched in advance is older than is promised."""
        return self.lag is not None and self.freshness is not None and self.lag > self.freshness


async def of_hub(request: Request) -> list[SourceRow]:
    """Every partner that is on, by name; nothing for those who do not run the hub."""
    if request.viewer is None or request.viewer.role not in OPERATORS:
        return []
    known = {row["connector"]: row for row in await request.fetch(_synced())}
    return [
        SourceRow(
            source,
            request.runtime.state(source),
            known.get(source.name),
            request.levels.get(source.name),
            request.now,
        )
        for _, source in sorted(request.partners.items())
    ]


@cache
def _synced() -> Select[Any, Any, Any, Any]:
    told = sync_state.c
    return select(told.connector, told.last_started, told.last_success, told.last_code)
