"""Access: for every category, whether this viewer may see any of it and on what ground."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from auth.categories import HMIS, Category
from auth.consent import Reason
from resolvers.request import Request
from resolvers.rows import ClientRow, SaidByTheHub


@dataclass(frozen=True, slots=True)
class AccessRow(SaidByTheHub):
    """One category of one client, as this viewer stands to it."""

    person: UUID
    category: Category
    granted: bool
    basis: Reason
    allowed: Category = Category.EXISTENCE


def of_client(request: Request, root: ClientRow) -> list[AccessRow]:
    """Every category, in the order of the list. Told from the decision alone, whatever lies beneath."""
    own = root.is_own
    rows = []
    for category in Category:
        basis = root.decision.reason(category)
        if basis is not Reason.GRANT and own and root.allowed & category:
            basis = Reason.OWN_RECORD
        elif own and category & HMIS and not root.decision.may_see & category:
            basis = Reason.ROLE  # of an own record nobody has to agree: only the role stands between
        rows.append(AccessRow(root.person, category, bool(root.allowed & category), basis))
    return rows
