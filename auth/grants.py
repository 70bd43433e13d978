"""Grants: reading, recording and revoking what clients agreed to. Append-only: nothing is ever changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    ScalarSelect,
    Select,
    Text,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.categories import Category
from auth.consent import Effect, Grant, Guardian
from auth.parameters import VIEWER
from auth.speaking import in_group, names_viewer, newest_form, speaking
from auth.viewer import Viewer
from hmis.labels import NONE, Label
from hmis.tables import (
    agency,
    consent_grant,
    consent_recipient,
    consent_revocation,
    guardian,
    guardian_bar,
    source,
    visibility_group_member,
)


def _named(grant: FromClause) -> ScalarSelect[Any]:
    """The agencies that a grant names, frozen when it was signed."""
    return (
        select(func.array_agg(consent_recipient.c.agency_id))
        .where(consent_recipient.c.grant_id == grant.c.id)
        .correlate(grant)
        .scalar_subquery()
    )


def _living(grant: FromClause, as_of: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The agencies in the living group that a grant names."""
    return (
        select(func.array_agg(visibility_group_member.c.agency_id))
        .where(in_group(grant.c.group_id, as_of))
        .correlate(grant)
        .scalar_subquery()
    )


def statement(as_of: date, *, people: Iterable[UUID] | None = None, grant: UUID | None = None) -> Select[Any]:
    """The statement that reads grants of some people, or one grant, whatever their state.

    With all that `grant_of` reads, the living groups as they are on that day.
    """
    query = (
        select(
            consent_grant,
            _named(consent_grant).label("agencies"),
            _living(consent_grant, literal(as_of, Date())).label("group_agencies"),
            consent_revocation.c.revoked_at,
            guardian.c.valid_from.label("guardian_from"),
            guardian.c.valid_to.label("guardian_to"),
            guardian_bar.c.barred_at.label("guardian_barred_at"),
        )
        .outerjoin(consent_revocation, consent_revocation.c.grant_id == consent_grant.c.id)
        .outerjoin(guardian, guardian.c.id == consent_grant.c.guardian_id)
        .outerjoin(guardian_bar, guardian_bar.c.guardian_id == guardian.c.id)
    )
    if grant is not None:
        return query.where(consent_grant.c.id == grant)
    keys = literal(list(people or ()), ARRAY(PgUUID()))
    return query.where(consent_grant.c.person_id == sql_any(keys)).order_by(consent_grant.c.recorded_at)


def spoken_to_viewer(people: FromClause) -> Select[Any]:
    """The grants of many people (person_id, born) that speak to the viewer that day, each with its person.

    For a statement that asks of many rows what is open of them: which grants speak is worked out once.
    """
    grant = consent_grant.alias()
    return (
        select(*_told(grant))
        .select_from(people)
        .join(grant, grant.c.person_id == people.c.person_id)
        .outerjoin(guardian, guardian.c.id == grant.c.guardian_id)
        .where(*speaking(VIEWER, people.c.person_id, grant, people.c.born))
    )


def as_text(spoken: FromClause, person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Of `spoken_to_viewer` the grants of one person, as a JSON text for `spoken`; null = none."""
    grant = spoken.alias("of_person")
    told = select(grant).where(grant.c.person_id == person_id).order_by(grant.c.recorded_at)
    rows = told.correlate_except(grant).subquery("spoken_of")
    return select(func.json_agg(literal_column("spoken_of")).cast(Text)).select_from(rows).scalar_subquery()


def speaking_to_viewer(person_id: ColumnElement[Any], born: ColumnElement[Any]) -> ColumnElement[Any]:
    """The grants of a person that speak to the viewer that day, as a JSON text for `spoken`; null = none.

    In the statement that asks whether the person is there at all: another one would cost as much again.
    """
    grant = consent_grant.alias()
    spoken = (
        select(*_told(grant))
        .outerjoin(guardian, guardian.c.id == grant.c.guardian_id)
        .where(*speaking(VIEWER, person_id, grant, born))
        .order_by(grant.c.recorded_at)
        .correlate_except(grant, guardian)
        .subquery("spoken")
    )
    return select(func.json_agg(literal_column("spoken")).cast(Text)).select_from(spoken).scalar_subquery()


def _told(grant: FromClause) -> list[ColumnElement[Any]]:
    """What `grant_of` reads of a grant that speaks; beside `guardian`."""
    return [
        *(grant.c[name] for name in _SPOKEN),
        _named(grant).label("agencies"),
        _living(grant, VIEWER.as_of).label("group_agencies"),
        guardian.c.valid_from.label("guardian_from"),
        guardian.c.valid_to.label("guardian_to"),
    ]


_SPOKEN = (
    *(
        "id",
        "person_id",
        "effect",
        "categories",
        "purposes",
        "community_wide",
        "labels",
        "subject",
        "sources",
    ),
    *("start_on", "end_on", "data_from", "data_to", "provisional_until"),
    *("form_id", "signed_by_client", "guardian_id", "regime", "method", "evidence", "recorded_at"),
)


def spoken(stored: str | None) -> tuple[Grant, ...]:
    """What `speaking_to_viewer` gave, as the facts that `decide` reads."""
    if stored is None:
        return ()
    return tuple(grant_of(_from_json(row)) for row in orjson.loads(stored))


def _from_json(row: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no ids and no days. What speaks was neither revoked nor signed by somebody barred."""
    days = ("start_on", "end_on", "data_from", "data_to", "provisional_until", "guardian_from", "guardian_to")
    found = {**row, "revoked_at": None, "guardian_barred_at": None}
    found |= {name: date.fromisoformat(row[name]) for name in days if row[name] is not None}
    found |= {name: UUID(row[name]) for name in ("id", "form_id", "guardian_id") if row[name] is not None}
    found |= {name: [UUID(one) for one in row[name] or ()] for name in ("agencies", "group_agencies")}
    found["recorded_at"] = datetime.fromisoformat(row["recorded_at"])
    return found


def known_to_viewer(
    as_of: date, *, people: Iterable[UUID] | None = None, grant: UUID | None = None
) -> Select[Any]:
    """The statement that reads grants the viewer may know of: their agency recorded them or is named in them.

    Any other would tell where else the client is known, so it is not even counted. `newest_form` is the form
    signed last all the same: it decides what the older ones are worth.
    """
    to_me = or_(consent_grant.c.subject.is_(None), consent_grant.c.subject == VIEWER.subject)
    ours = consent_grant.c.recorded_at_agency == VIEWER.agency
    return (
        statement(as_of, people=people, grant=grant)
        .add_columns(newest_form(consent_grant.c.person_id).label("newest_form"))
        .where(or_(ours, and_(names_viewer(VIEWER, consent_grant), to_me)))
    )


def grant_of(row: Mapping[Any, Any]) -> Grant:
    """A stored row as the fact that `decide` reads."""
    return Grant(
        id=row["id"],
        effect=Effect(row["effect"]),
        categories=Category(row["categories"]),
        purposes=frozenset(row["purposes"]),
        community_wide=row["community_wide"],
        agencies=frozenset(row["agencies"] or ()) | frozenset(row["group_agencies"] or ()),
        start=row["start_on"],
        end=row["end_on"],
        revoked=row["revoked_at"] is not None,
        labels=Label(row["labels"]),
        subject=row["subject"],
        sources=None if row["sources"] is None else frozenset(row["sources"]),
        data_from=row["data_from"],
        data_to=row["data_to"],
        provisional_until=row["provisional_until"],
        form=row["form_id"],
        signed_by_client=row["signed_by_client"],
        guardian=None
        if row["guardian_id"] is None
        else Guardian(
            row["guardian_id"],
            row["guardian_from"],
            row["guardian_to"],
            barred=row["guardian_barred_at"] is not None,
        ),
        regime=row["regime"],
        method=row["method"],
        evidence=row["evidence"],
        recorded_at=row["recorded_at"],
    )


def by_person(rows: Iterable[Mapping[Any, Any]]) -> dict[UUID, list[Grant]]:
    """Grants under the person who gave them."""
    grants: dict[UUID, list[Grant]] = defaultdict(list)
    for row in rows:
        grants[row["person_id"]].append(grant_of(row))
    return grants


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant to be recorded, already checked."""

    person: UUID
    effect: Effect
    categories: Category
    purposes: tuple[str, ...]
    community_wide: bool
    agencies: tuple[UUID, ...]
    start: date
    end: date | None
    method: str
    evidence: str | None
    labels: Label = NONE
    group: UUID | None = None
    subject: str | None = None
    sources: tuple[int, ...] | None = None
    data_from: date | None = None
    data_to: date | None = None
    provisional_until: date | None = None
    form: UUID | None = None
    template: str | None = None
    section: str | None = None
    language: str | None = None
    """In which language the client read it; None = not noted."""
    regime: str = "HUD"
    signed_by_client: bool = True
    guardian: UUID | None = None
    id: UUID = field(default_factory=uuid4, compare=False)
    """Chosen beforehand, so that a refusal can be in the journal before its row is there."""


def values_of(viewer: Viewer, grant: NewGrant) -> dict[str, Any]:
    """The row of a grant that this viewer records."""
    return {
        "id": grant.id,
        "person_id": grant.person,
        "effect": grant.effect.value,
        "categories": int(grant.categories),
        "purposes": list(grant.purposes),
        "community_wide": grant.community_wide,
        "start_on": grant.start,
        "end_on": grant.end,
        "method": grant.method,
        "evidence": grant.evidence,
        "labels": int(grant.labels),
        "group_id": grant.group,
        "subject": grant.subject,
        "sources": list(grant.sources) if grant.sources is not None else None,
        "data_from": grant.data_from,
        "data_to": grant.data_to,
        "provisional_until": grant.provisional_until,
        "form_id": grant.form,
        "template": grant.template,
        "section": grant.section,
        "language": grant.language,
        "regime": grant.regime,
        "signed_by_client": grant.signed_by_client,
        "guardian_id": grant.guardian,
        "recorded_by": viewer.subject,
        "recorded_at_agency": viewer.agency.id,
    }


async def record(connection: AsyncConnection, viewer: Viewer, grant: NewGrant) -> UUID:
    """Write a grant and its recipients; the caller's transaction commits."""
    row = pg_insert(consent_grant).values(**values_of(viewer, grant))
    # A hub that starts at this moment may have read of a refusal in the journal and written it already.
    await connection.execute(row.on_conflict_do_nothing(index_elements=["id"]))
    if grant.agencies:
        named = [{"grant_id": grant.id, "agency_id": recipient} for recipient in grant.agencies]
        await connection.execute(pg_insert(consent_recipient).on_conflict_do_nothing(), named)
    return grant.id


async def revoke(
    connection: AsyncConnection, viewer: Viewer, grant: UUID, reason: str, now: datetime
) -> None:
    """Write a revocation. Revoking twice is harmless: the first one stands."""
    await connection.execute(
        pg_insert(consent_revocation)
        .values(grant_id=grant, reason=reason, revoked_at=now, revoked_by=viewer.subject)
        .on_conflict_do_nothing(index_elements=["grant_id"])
    )


async def agencies_of(
    connection: AsyncConnection, source_name: str, organizations: Iterable[str]
) -> dict[str, UUID]:
    """The agencies behind OrganizationIDs of one source; those the hub has no agreement with are absent."""
    rows = await connection.execute(
        select(agency.c.organization_id, agency.c.id)
        .join(source, source.c.id == agency.c.source_id)
        .where(source.c.name == source_name, agency.c.organization_id.in_(list(organizations)))
    )
    return {row.organization_id: row.id for row in rows}
