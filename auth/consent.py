"""The decision: what one viewer may see of one person, now.

`decide` is a plain function: facts in, answer and reason out; no database, no clock. `auth/visibility.py`
says the same rules in SQL for lists, and tests hold the two equal.

The order is total and the first match for a category wins. Of the full order this release has:

    0  the viewer may act for nobody, or for no such purpose   -> nothing (auth/membership.py)
    1  records of a victim service provider                    -> never for anyone else
    2  own record                                              -> all of it, as it was entered
    4  a deny grant that speaks to the viewer                  -> denied, whatever any permit says
    5  a permit grant that speaks to the viewer                -> permitted
    7  otherwise                                               -> denied

and then everything is cut to what the viewer's role may see at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from auth.categories import EVERYTHING, HMIS, NOTHING, Category
from auth.viewer import Role, Scope, Viewer

POLICY_VERSION = "2026.1"
"""Written to every audit row, so that a later reader knows which rules decided."""


class Effect(StrEnum):
    """Whether a grant opens or closes."""

    PERMIT = "PERMIT"
    DENY = "DENY"


class Reason(StrEnum):
    """Why a category is open or closed. For the client and privacy officers; callers get coarser words."""

    OWN_RECORD = "OWN_RECORD"
    GRANT = "GRANT"
    DENIED_BY_CLIENT = "DENIED_BY_CLIENT"
    NO_GRANT = "NO_GRANT"
    ROLE = "ROLE"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client agreed to (or refused) once. See `hmis/tables/consent.py`."""

    id: UUID
    effect: Effect
    categories: Category
    purposes: frozenset[str]
    community_wide: bool
    agencies: frozenset[UUID]
    start: date
    end: date | None
    """First day no longer in force. None = until revoked."""
    revoked: bool = False

    def stays_open_on(self, day: date) -> bool:
        """Half-open: in force on `start`, no longer on `end`."""
        return not self.revoked and self.start <= day and (self.end is None or day < self.end)

    def speaks_to(self, viewer: Viewer) -> bool:
        """Named recipient (or everybody with an agreement), asking for a purpose the client named."""
        named = self.community_wide or viewer.agency.id in self.agencies
        return named and viewer.purpose.value in self.purposes


@dataclass(frozen=True, slots=True)
class Decision:
    """What a viewer may see of the records that other agencies entered about one person."""

    allowed: Category
    grants: tuple[UUID, ...]
    denied: Category
    beyond_role: Category

    def reason(self, category: Category) -> Reason:
        """Why this one category is open or closed."""
        if self.allowed & category:
            return Reason.GRANT
        if self.denied & category:
            return Reason.DENIED_BY_CLIENT
        if self.beyond_role & category:
            return Reason.ROLE
        return Reason.NO_GRANT


NO_DECISION = Decision(NOTHING, (), NOTHING, NOTHING)

ROLE_MAY_SEE: dict[Role, Category] = {
    Role.CASE_MANAGER: EVERYTHING & ~Category.SSN_FULL,
    Role.PRIVACY_OFFICER: EVERYTHING & ~Category.SSN_FULL,
    Role.DASHBOARD: EVERYTHING
    & ~(
        Category.NAME
        | Category.SSN_LAST4
        | Category.SSN_FULL
        | Category.CONTACT
        | Category.CURRENT_LOCATION
        | Category.NOTES
        | Category.FILES
    ),
    Role.INTEGRATOR: NOTHING,
    Role.SYSTEM: NOTHING,
}
"""The widest a role may see, whoever agreed: a dashboard draws numbers and needs no names, an integrator
needs no person at all. A full SSN leaves the hub for nobody whose work is not matching it."""


def may_see(viewer: Viewer) -> Category:
    """The widest this viewer may see: its role, and nothing about people without the scope for it."""
    return ROLE_MAY_SEE[viewer.role] if Scope.CLIENTS_READ in viewer.scopes else NOTHING


def decide(viewer: Viewer, grants: Iterable[Grant], as_of: date) -> Decision:
    """Decide what the viewer may see of one person's records that other agencies entered.

    Args:
        viewer: who asks, with agency, role and purpose already proved (rule 0).
        grants: every grant of the person, whatever its state.
        as_of: the day of the request in the community's time zone, one for the whole request.

    Returns:
        The allowed categories with the grants relied on. Nothing at all without EXISTENCE: such a person is
        not there.
    """
    permitted = denied = NOTHING
    relied: list[tuple[UUID, Category]] = []
    for grant in grants:
        if not (grant.stays_open_on(as_of) and grant.speaks_to(viewer)):
            continue
        if grant.effect is Effect.DENY:
            denied |= grant.categories
        else:
            permitted |= grant.categories
            relied.append((grant.id, grant.categories))
    opened = permitted & ~denied
    if not opened & Category.EXISTENCE:
        return Decision(NOTHING, (), denied, NOTHING)
    widest = may_see(viewer)
    allowed = opened & widest
    return Decision(
        allowed=allowed,
        grants=tuple(sorted(grant for grant, categories in relied if categories & allowed)),
        denied=denied,
        beyond_role=opened & ~widest,
    )


def own_record(viewer: Viewer) -> Category:
    """Rule 2: what the viewer sees of a record that its own agency entered, cut to its role."""
    return HMIS & may_see(viewer)
