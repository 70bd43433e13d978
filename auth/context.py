"""For whom one reads, as PostgreSQL's row-level security is told: the net below the rules of consent."""

from __future__ import annotations

from datetime import date, datetime

from auth.categories import Category
from auth.consent import may_see
from auth.viewer import Viewer
from hmis.context import Context


def context_of(viewer: Viewer | None, as_of: date, now: datetime) -> Context | None:
    """What the policies need to know of a viewer. None = they may see no person, whoever agreed (rule 0)."""
    if viewer is None or not may_see(viewer) & Category.EXISTENCE:
        return None
    agency = viewer.agency
    owns = not viewer.under_order
    return Context(
        agency=str(agency.id),
        source=str(agency.source_id) if owns and agency.source_id is not None else "",
        organization=(agency.organization_id or "") if owns else "",
        subject=viewer.subject,
        purpose=viewer.purpose.value,
        as_of=as_of.isoformat(),
        now=now.replace(second=0, microsecond=0).isoformat(),
    )
