"""The same rules as `auth/consent.py`, said in SQL: which people a viewer may see, and which records.

Every statement about people is built from these expressions, so a list can filter, sort and page by what the
viewer may see, and a hidden row never leaves PostgreSQL.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from auth.categories import Category
from auth.consent import Effect, may_see, own_record
from auth.labels import FUNDERS, TARGET_POPULATIONS, of_rows
from auth.viewer import Viewer
from hmis.tables import (
    HMIS,
    client_link,
    consent_grant,
    consent_recipient,
    consent_revocation,
)

_ENROLLMENT = HMIS["Enrollment"]
_PROJECT = HMIS["Project"]
_ORGANIZATION = HMIS["Organization"]
_FUNDER = HMIS["Funder"]

# An EXISTS that PostgreSQL may hash, it answers by reading every stay; with an OFFSET it looks up the
# few stays of each client by index, so the cost grows with the clients in question and not with the database.
_ONE_BY_ONE: ColumnElement[int] = literal_column("0", Integer())


def own_project(viewer: Viewer, project: FromClause = _PROJECT) -> ColumnElement[bool]:
    """A project of the viewer's own agency. Rule 2 follows from here: a stay belongs to its project.

    False for whoever may see no person at all, so that own records do not even make a person exist for them.
    """
    agency = viewer.agency
    if agency.source_id is None or agency.organization_id is None or not may_see(viewer):
        return false()
    return and_(project.c.source_id == agency.source_id, project.c.organization_id == agency.organization_id)


def shareable_project(project: FromClause = _PROJECT) -> ColumnElement[bool]:
    """A project whose records may be shown to other agencies at all: not of a victim service provider.

    VAWA 34 USC 12291(b)(2); HMIS data element 2.01.3. An unknown answer counts as yes.
    """
    organization = _ORGANIZATION.alias()
    return exists().where(
        organization.c.source_id == project.c.source_id,
        organization.c.organization_id == project.c.organization_id,
        organization.c.victim_service_provider == 0,
    )


def unlabelled_project(project: FromClause = _PROJECT) -> ColumnElement[bool]:
    """A project that does not tell by itself of HIV, violence, mental illness or running away."""
    funder = _FUNDER.alias()
    return and_(
        func.coalesce(project.c.target_population, 0).not_in(list(TARGET_POPULATIONS)),
        not_(
            exists().where(
                funder.c.source_id == project.c.source_id,
                funder.c.project_id == project.c.project_id,
                funder.c.funder.in_(list(FUNDERS)),
                funder.c.removed_at.is_(None),
            )
        ),
    )


def _enrolled(client: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The client row has a live stay at a project that meets the conditions."""
    return exists(
        select(literal(1))
        .select_from(
            _ENROLLMENT.join(
                _PROJECT,
                and_(
                    _PROJECT.c.source_id == _ENROLLMENT.c.source_id,
                    _PROJECT.c.project_id == _ENROLLMENT.c.project_id,
                ),
            )
        )
        .where(
            _ENROLLMENT.c.source_id == client.c.source_id,
            _ENROLLMENT.c.personal_id == client.c.personal_id,
            _ENROLLMENT.c.removed_at.is_(None),
            *conditions,
        )
        .correlate(client)
        .offset(_ONE_BY_ONE)
    )


def own_client(viewer: Viewer, client: FromClause) -> ColumnElement[bool]:
    """A client row belongs to every organization of its source that enrolled the client (rule 2)."""
    return _enrolled(client, own_project(viewer))


def shareable_client(client: FromClause) -> ColumnElement[bool]:
    """A client row that somebody other than a victim service provider entered (rule 1)."""
    return _enrolled(client, shareable_project(), unlabelled_project())


def tellable_client(client: FromClause) -> ColumnElement[bool]:
    """A client row that may be told to a partner: not known to a victim service provider alone (rule 1)."""
    return _enrolled(client, shareable_project())


def unlabelled_row(file: str, row: FromClause) -> ColumnElement[bool]:
    """A row that does not tell by its mere kind."""
    labelled = of_rows(file)
    if labelled is None:
        return true()
    attr, codes = labelled
    return func.coalesce(row.c[attr], 0).not_in(list(codes))


def speaking(viewer: Viewer, as_of: date, grant: FromClause) -> ColumnElement[bool]:
    """A grant that is in force and speaks to the viewer. Equal to `stays_open_on` and `speaks_to`."""
    recipient, revocation = consent_recipient.alias(), consent_revocation.alias()
    named = exists().where(recipient.c.grant_id == grant.c.id, recipient.c.agency_id == viewer.agency.id)
    revoked = exists().where(revocation.c.grant_id == grant.c.id)
    return and_(
        grant.c.start_on <= as_of,
        or_(grant.c.end_on.is_(None), grant.c.end_on > as_of),
        not_(revoked),
        or_(grant.c.community_wide, named),
        literal(viewer.purpose.value) == any_(grant.c.purposes),
    )


def grants_to(
    viewer: Viewer, as_of: date, person_id: ColumnElement[Any], needed: Category
) -> ColumnElement[bool]:
    """Grants open every one of these categories to the viewer."""
    bits = int(needed | Category.EXISTENCE)
    return granted(viewer, as_of, person_id).bitwise_and(bits) == bits


def granted(viewer: Viewer, as_of: date, person_id: ColumnElement[Any]) -> ScalarSelect[int]:
    """Rules 4, 5 and 7 as a mask: what active grants open to the viewer, less what they deny.

    Zero without EXISTENCE; cut to the viewer's role. Equal to `decide(...).allowed`.
    """
    grant = consent_grant.alias()
    union = func.bit_or(grant.c.categories)
    permitted = func.coalesce(union.filter(grant.c.effect == Effect.PERMIT.value), 0)
    denied = func.coalesce(union.filter(grant.c.effect == Effect.DENY.value), 0)
    opened = permitted.bitwise_and(denied.bitwise_not())
    widest = literal(int(may_see(viewer)), BigInteger)
    return (
        select(
            case(
                (opened.bitwise_and(int(Category.EXISTENCE)) != 0, opened.bitwise_and(widest)),
                else_=literal(0, BigInteger),
            )
        )
        .where(grant.c.person_id == person_id, speaking(viewer, as_of, grant))
        .correlate_except(grant)
        .scalar_subquery()
    )


def visible_people(viewer: Viewer, as_of: date, person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """A person is there when the viewer's agency entered a record, or a grant opens a shareable one."""
    link, client = client_link.alias(), HMIS["Client"].alias()
    return exists(
        select(literal(1))
        .select_from(
            link.join(
                client,
                and_(client.c.source_id == link.c.source_id, client.c.personal_id == link.c.personal_id),
            )
        )
        .where(
            link.c.person_id == person_id,
            link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
            visible_record(viewer, as_of, person_id, client, Category.EXISTENCE),
        )
        .correlate_except(link, client)
    )


def visible_record(
    viewer: Viewer,
    as_of: date,
    person_id: ColumnElement[Any],
    client: FromClause,
    needed: Category,
) -> ColumnElement[bool]:
    """A client row of a person that shows the viewer every category in `needed`.

    Filters use this, so that a search by name finds nobody whose name the viewer may not see.
    """
    # The grants first: a look-up in one index, where the stays take several.
    shared = and_(grants_to(viewer, as_of, person_id, needed), shareable_client(client))
    if needed & ~own_record(viewer):
        return shared
    return or_(own_client(viewer, client), shared)
