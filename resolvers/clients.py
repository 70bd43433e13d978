"""Clients: people as this viewer may see them, over the records of all agencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth import grants, legal_orders
from auth.categories import PARTNER, Category
from auth.columns import told
from auth.consent import (
    CLOSED,
    PARTNER_RECORD,
    Decision,
    Facts,
    Opened,
    RecordFacts,
    decide,
    own_record,
)
from auth.parameters import VIEWER
from auth.speaking import is_own, of_link, oldest_birth
from auth.viewer import Viewer
from auth.visibility import broken_glass, granted, is_below_emergency
from hmis.labels import Label
from hmis.tables import HMIS, client_label, client_link, source
from resolvers.request import Request
from resolvers.rows import ClientRow, Record, union

_CLIENT = HMIS["Client"]
# PostgreSQL would copy a decision into each column that asks for it; behind an OFFSET it is made once a row.
_ONCE = literal_column("0", Integer())


async def client(request: Request, identifier: str) -> ClientRow | None:
    """One person by hub id. None for an id that is hidden, foreign, gone, malformed or never was."""
    request.trail.about_people = True
    try:
        person = UUID(identifier)
    except ValueError:
        return None
    return await request.load(by_id, person)


async def by_id(request: Request, people: list[UUID]) -> list[ClientRow | None]:
    """People by hub id; None for whoever is not there for this viewer. One statement, whoever is there."""
    viewer = request.viewer
    if viewer is None:
        return [None] * len(people)
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in await request.fetch(_records(), {"people": people}):
        found[row["person_id"]].append(row)
    clients = [_client_row(request, viewer, person, found[person]) for person in people]
    for known in clients:
        if known is not None:
            request.relied_on(known)
    return clients


@cache
def _records() -> Select[Any]:
    """The client records of `people` that the viewer may see, with no more in them than is open."""
    person = client_link.c.person_id
    known = (
        select(
            person,
            source.c.name.label("source_name"),
            is_own(VIEWER, client_link).label("own"),
            client_label.c.labels,
            broken_glass(VIEWER, person).label("break_glass"),
            oldest_birth(VIEWER, person).label("oldest_birth"),
            *_CLIENT.c,
        )
        .select_from(client_link)
        .join(_CLIENT, of_link(client_link, _CLIENT))
        .join(client_label, of_link(client_link, client_label))
        .join(source, source.c.id == client_link.c.source_id)
        .where(
            person == sql_any(bindparam("people", type_=ARRAY(PgUUID()))),
            client_link.c.undone_at.is_(None),
            _CLIENT.c.removed_at.is_(None),
        )
        .offset(_ONCE)
        .subquery("known")
    )
    opened = granted(VIEWER, known.c.person_id, known.c.source_id, known.c.labels, born=known.c.oldest_birth)
    found = select(known, opened.label("opened")).offset(_ONCE).subquery("found")
    emergency = and_(found.c.break_glass.is_not(None), is_below_emergency(found.c.labels))
    there = or_(emergency, found.c.opened.bitwise_and(int(Category.EXISTENCE)) != 0)
    return (
        select(
            found.c.person_id,
            found.c.source_name,
            found.c.own,
            found.c.labels,
            found.c.labels.is_not(None).label("tellable"),
            found.c.break_glass,
            found.c.oldest_birth,
            grants.speaking_to_viewer(found.c.person_id, found.c.oldest_birth).label("grants"),
            legal_orders.for_viewer(found.c.person_id).label("orders"),
            found.c.personal_id.label("key"),
            *told("Client", or_(found.c.own, emergency), found.c.opened, literal(0, BigInteger), found),
        )
        .where(or_(found.c.own, and_(found.c.labels.is_not(None), there)))
        .order_by(found.c.date_updated.desc().nulls_last(), found.c.source_id, found.c.personal_id)
    )


def _client_row(
    request: Request,
    viewer: Viewer,
    person: UUID,
    rows: Sequence[RowMapping],
) -> ClientRow | None:
    """The person over the records that the viewer may see; None when there is none."""
    if not rows:
        return None
    facts = Facts(
        grants=grants.spoken(rows[0]["grants"]),
        births=tuple(row["oldest_birth"] for row in rows if row["oldest_birth"] is not None),
        break_glass=rows[0]["break_glass"],
        orders=legal_orders.read_back(rows[0]["orders"]),
    )
    decision = decide(viewer, facts, viewer.policy, request.as_of)
    records = []
    for row in rows:
        opened = _opened(viewer, decision, row)
        if opened.allowed & Category.EXISTENCE:
            records.append(Record("Client", row, person, bool(row["own"]), opened, decision))
    if not records:
        return None
    partners = decision.of(PARTNER_RECORD).allowed & PARTNER
    return ClientRow(person, tuple(records), decision, union(tuple(records)) | partners)


def _opened(viewer: Viewer, decision: Decision, row: RowMapping) -> Opened:
    """What is open of one client record: all of an own one, of others what the decision says."""
    shared = CLOSED
    if row["labels"] is not None:
        shared = decision.of(RecordFacts(row["source_id"], labels=Label(row["labels"])))
    if not row["own"]:
        return shared
    return Opened(own_record(viewer) | shared.allowed, everything=True)
