"""An order of a court that law enforcement brings: the one way to see anybody for that purpose.

45 CFR 164.512(f)(1)(ii) and 69 FR 45888, section 4.1.3, let a provider tell what a court order, a warrant or
a subpoena issued by a judicial officer expressly names, and no more. So an order lists its categories and
labels, is about one client, lets one person look for some days, and two others have to approve it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from auth.categories import Category
from auth.viewer import Viewer
from hmis.labels import NONE, Label

LONGEST = timedelta(days=30)
APPROVALS = 2
NEVER_BY_ORDER = Label.VSP | Label.PART2 | Label.PART2_NOTES
"""34 USC 12291(b)(2); 42 CFR 2.61 to 2.67: Part 2 records take an order of their own kind, after a hearing
for which the patient is told. The hub cannot tell such an order from another, so it supports none."""


class Authority(StrEnum):
    """What a court gave. A subpoena that no court stands behind is none of these."""

    COURT_ORDER = "COURT_ORDER"
    WARRANT = "WARRANT"
    SUBPOENA_WITH_COURT_ORDER = "SUBPOENA_WITH_COURT_ORDER"


@dataclass(frozen=True, slots=True)
class LegalOrder:
    """What a court let somebody see of one client, as far as it matters to a decision."""

    id: UUID
    agency: UUID
    subject: str
    """Who looks under it, at that agency. Nobody else does."""
    categories: Category
    start: date
    end: date
    """First day no longer in force."""
    recorded_by: str
    approvers: frozenset[str] = frozenset()
    """Privacy officers when they approved it."""
    withdrawn: bool = False
    labels: Label = NONE
    """Named one by one."""

    @property
    def is_approved(self) -> bool:
        """By two people, of whom neither wrote it down nor looks under it."""
        return len(self.approvers - {self.recorded_by, self.subject}) >= APPROVALS

    def is_in_force_on(self, day: date) -> bool:
        """Half-open: in force on `start`, no longer on `end`."""
        return not self.withdrawn and self.is_approved and self.start <= day < self.end

    def speaks_to(self, viewer: Viewer, day: date) -> bool:
        """In force for this very person at this agency."""
        if self.subject != viewer.subject or self.agency != viewer.agency.id:
            return False
        return self.is_in_force_on(day)

    @property
    def named_labels(self) -> Label:
        """Labels it opens, whatever was written down."""
        return self.labels & ~NEVER_BY_ORDER
