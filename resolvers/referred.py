"""Referrals as they are read: by the agency that refers, and by others as far as the client opened them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, and_, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth.categories import NOTHING, Category
from auth.consent import Grant, Opened, RecordFacts, own_record
from auth.obligations import opening
from auth.parameters import VIEWER
from auth.viewer import AgencyKind
from connectors.base import Source
from hmis.labels import AGENCY_KINDS, NONE
from hmis.tables import HMIS, agency, outbox, referral, referral_event
from resolvers.fixed import fixed
from resolvers.request import Request
from resolvers.rows import ClientRow

_ORGANIZATION = HMIS["Organization"]


@dataclass(frozen=True, slots=True, eq=False)
class ReferralRow:
    """A referral as one viewer may see it."""

    values: Mapping[Any, Any]
    person: UUID
    own: bool
    """True when the viewer's own agency refers."""
    opened: Opened
    source: Source | None
    """None = the partner is not switched on any more."""

    @property
    def allowed(self) -> Category:
        return self.opened.allowed

    @property
    def id(self) -> UUID:
        identifier: UUID = self.values["id"]
        return identifier

    @property
    def told(self) -> list[Category]:
        return list(Category(self.values["tell"]))

    def own_in(self, category: Category) -> bool:
        return self.own

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return () if self.own else opening(self.opened, category)

    def fact(self, category: Category, attr: str) -> Any:
        return self.values[attr]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a referral."""

    referral: ReferralRow
    values: Mapping[Any, Any]

    @property
    def person(self) -> UUID:
        return self.referral.person

    @property
    def allowed(self) -> Category:
        return self.referral.allowed

    def own_in(self, category: Category) -> bool:
        return self.referral.own

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return self.referral.opened_by(category)

    def fact(self, category: Category, attr: str) -> Any:
        # Who took it and why, in their own words, is for those who refer.
        return self.values[attr] if self.referral.own or attr in ("status", "at") else None


async def of_client(request: Request, root: ClientRow) -> list[ReferralRow]:
    """The referrals of a client by the viewer's agency, and those of others that the client opened, newest
    first."""
    return await request.load(_by_client, root)


async def _by_client(request: Request, roots: list[ClientRow]) -> list[list[ReferralRow]]:
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in await request.fetch(_referrals(), {"people": [root.person for root in roots]}):
        found[row["person_id"]].append(row)
    return [_visible(request, root, found[root.person]) for root in roots]


async def one(request: Request, root: ClientRow, identifier: UUID) -> ReferralRow | None:
    """A referral of this client, read back after it was written."""
    rows = await request.fetch(_referrals(), {"people": [root.person]})
    return next((_row(request, root, row) for row in rows if row["id"] == identifier), None)


def _visible(request: Request, root: ClientRow, rows: list[RowMapping]) -> list[ReferralRow]:
    seen = [_row(request, root, row) for row in rows]
    return [row for row in seen if row.allowed & Category.SERVICES]


def _row(request: Request, root: ClientRow, values: RowMapping) -> ReferralRow:
    viewer = request.viewer
    own = viewer is not None and values["agency_id"] == viewer.agency.id
    opened = Opened(own_record(viewer), everything=True) if own and viewer else _opened(root, values)
    return ReferralRow(values, root.person, own, opened, request.partners.get(values["connector"]))


def _opened(root: ClientRow, values: RowMapping) -> Opened:
    """What is open of a referral by another agency: as of a service it recorded. Where the client is sent
    tells as much as what is found there, so the partner's own category has to be open too."""
    labels = AGENCY_KINDS.get(values["agency_kind"], NONE)
    opened = root.decision.of(RecordFacts(values["source_id"], values["created_at"].date(), labels))
    tells = Category(values["category"])
    return opened if opened.allowed & tells == tells else replace(opened, allowed=NOTHING)


@cache
def _referrals() -> Select[Any]:
    """The referrals of `people`, without another agency's where a victim service provider refers."""
    newest = (
        select(outbox.c.state)
        .where(outbox.c.referral_id == referral.c.id)
        .order_by(outbox.c.created_at.desc(), outbox.c.id)
        .limit(1)
        .scalar_subquery()
    )
    people = bindparam("people", type_=ARRAY(PgUUID()))
    return fixed(
        select(
            *referral.c,
            agency.c.name.label("agency"),
            agency.c.kind.label("agency_kind"),
            agency.c.source_id,
            newest.label("delivery"),
        )
        .join(agency, agency.c.id == referral.c.agency_id)
        .outerjoin(
            _ORGANIZATION,
            and_(
                _ORGANIZATION.c.source_id == agency.c.source_id,
                _ORGANIZATION.c.organization_id == agency.c.organization_id,
            ),
        )
        .where(
            referral.c.person_id == any_(people),
            or_(
                referral.c.agency_id == VIEWER.agency,
                # VAWA 34 USC 12291(b)(2): a victim service provider's is nobody else's.
                and_(agency.c.kind != AgencyKind.VSP.value, _ORGANIZATION.c.victim_service_provider == 0),
            ),
        )
        .order_by(referral.c.created_at.desc(), referral.c.id)
    )


async def history(request: Request, root: ReferralRow) -> list[StepRow]:
    """Every step of a referral, oldest first."""
    return await request.load(_steps, root)


async def _steps(request: Request, roots: list[ReferralRow]) -> list[list[StepRow]]:
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in await request.fetch(_events(), {"referrals": [root.id for root in roots]}):
        found[row["referral_id"]].append(row)
    return [[StepRow(root, row) for row in found[root.id]] for root in roots]


@cache
def _events() -> Select[Any]:
    wanted = bindparam("referrals", type_=ARRAY(PgUUID()))
    return (
        select(referral_event)
        .where(referral_event.c.referral_id == any_(wanted))
        .order_by(referral_event.c.id)
    )
