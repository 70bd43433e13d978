"""Clients: people as this viewer may see them, over the records of all agencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth import grants, legal_orders
from auth.categories import HMIS as ENTERED
from auth.categories import PARTNER, Category
from auth.columns import told, told_of
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
from auth.speaking import AS_IT_STANDS, is_own, of_link
from auth.viewer import Viewer
from auth.visibility import broken_glass, granted, is_below_emergency
from hmis.labels import Label
from hmis.tables import HMIS, client_label, client_link, source
from resolvers.fixed import fixed
from resolvers.hub_ids import began_as, hub_ids, people_asked
from resolvers.request import Request
from resolvers.rows import ClientRow, Record, union

_CLIENT = HMIS["Client"]


async def client(request: Request, identifier: str) -> ClientRow | None:
    """One person by hub id. None for an id that is hidden, foreign, gone, malformed or never was."""
    request.trail.about_people = True
    try:
        person = UUID(identifier)
    except ValueError:
        return None
    known = await request.load(by_id, person)
    return known if known is not None and person in known.known_as else None


async def own(request: Request, identifier: str) -> ClientRow | None:
    """The same, where the viewer's agency entered a record of them; None for everybody else."""
    row = await client(request, identifier)
    return row if row is not None and row.is_own else None


async def by_id(request: Request, people: list[UUID]) -> list[ClientRow | None]:
    """People as records are linked, or by an id that was given up; None for whoever is not there.

    One statement, whoever is there. Whether a caller may know somebody by that id is asked by `client`.
    """
    viewer = request.viewer
    if viewer is None:
        return [None] * len(people)
    found: dict[UUID, list[Mapping[Any, Any]]] = defaultdict(list)
    rows: Sequence[Mapping[Any, Any]]
    read_ahead, request.read_ahead = request.read_ahead, None
    if read_ahead is not None:
        rows, request.ahead = await read_ahead(request, people)
    else:
        rows = await request.fetch(_records(), {"people": people})
    for row in rows:
        found[row["asked"]].append(row)
    clients = [_client_row(request, viewer, found[person]) for person in people]
    for known in clients:
        if known is not None:
            request.relied_on(known)
    return clients


@cache
def _records() -> Select[Any]:
    """The client records of `people` that the viewer may see, with no more in them than is open."""
    # PostgreSQL would copy a decision into each column that asks for it.
    known = records().offset(AS_IT_STANDS).subquery("known")
    opened = granted(VIEWER, known.c.person_id, known.c.source_id, known.c.labels, born=known.c.oldest_birth)
    return fixed(best_first(visible(known, opened, _spoken, None)))


def _spoken(found: FromClause) -> ColumnElement[Any]:
    return grants.speaking_to_viewer(found.c.person_id, found.c.oldest_birth)


def records(attrs: frozenset[str] | None = None) -> Select[Any]:
    """The client records of `people`, with what the rules ask of each.

    Args:
        attrs: the columns that are read, beside those that join and order rows; None = all.
    """
    person = client_link.c.person_id
    wanted = people_asked(bindparam("people", type_=ARRAY(PgUUID())))
    return (
        select(
            wanted.c.asked,
            person,
            began_as().label("began_as"),
            source.c.name.label("source_name"),
            is_own(VIEWER, client_link).label("own"),
            client_label.c.labels,
            broken_glass(VIEWER, person).label("break_glass"),
            # `auth.speaking.oldest_birth` over the rows that are read anyway: the records of the person.
            func.min(_CLIENT.c.dob)
            .filter(or_(client_label.c.labels == 0, is_own(VIEWER, client_link)))
            .over(partition_by=(wanted.c.asked, person))
            .label("oldest_birth"),
            *told_of("Client", attrs),
        )
        .select_from(wanted)
        .join(client_link, person == wanted.c.person_id)
        .join(_CLIENT, of_link(client_link, _CLIENT))
        .join(client_label, of_link(client_link, client_label))
        .join(source, source.c.id == client_link.c.source_id)
        .where(
            client_link.c.undone_at.is_(None),
            _CLIENT.c.removed_at.is_(None),
        )
    )


def visible(
    known: FromClause,
    opened: ColumnElement[int],
    spoken: Callable[[FromClause], ColumnElement[Any]],
    attrs: frozenset[str] | None,
    *,
    orders: bool = True,
) -> Select[Any]:
    """Of `records` those that the viewer may see, with no more in them than is open.

    Args:
        known: the records.
        opened: what is open of one, as `granted` says.
        spoken: the grants that speak of the person of a visible one, as a JSON text.
        attrs: the columns that are read; None = all.
        orders: whether a viewer may ask under an order of a court.
    """
    found = select(known, opened.label("opened")).offset(AS_IT_STANDS).subquery("found")
    emergency = and_(found.c.break_glass.is_not(None), is_below_emergency(found.c.labels))
    there = or_(emergency, found.c.opened.bitwise_and(int(Category.EXISTENCE)) != 0)
    return select(
        found.c.asked,
        found.c.person_id,
        found.c.began_as,
        found.c.source_name,
        found.c.own,
        found.c.labels,
        found.c.labels.is_not(None).label("tellable"),
        found.c.break_glass,
        found.c.oldest_birth,
        spoken(found).label("grants"),
        (legal_orders.for_viewer(found.c.person_id) if orders else null()).label("orders"),
        found.c.personal_id.label("key"),
        *told("Client", or_(found.c.own, emergency), found.c.opened, literal(0, BigInteger), found, attrs),
    ).where(or_(found.c.own, and_(found.c.labels.is_not(None), there)))


def best_first(rows: Select[Any]) -> Select[Any]:
    """Client records in the order in which they speak for a person: changed last first."""
    found = rows.selected_columns
    return rows.order_by(found.date_updated.desc().nulls_last(), found.source_id, found.personal_id)


def _client_row(
    request: Request,
    viewer: Viewer,
    rows: Sequence[Mapping[Any, Any]],
) -> ClientRow | None:
    """The person over the records that the viewer may see; None when there is none."""
    if not rows:
        return None
    # A given-up id may lead to several people, where its records went several ways: the first is meant.
    person: UUID = rows[0]["person_id"]
    rows = [row for row in rows if row["person_id"] == person]
    facts = Facts(
        grants=grants.spoken(rows[0]["grants"]),
        births=tuple(row["oldest_birth"] for row in rows if row["oldest_birth"] is not None),
        break_glass=rows[0]["break_glass"],
        orders=legal_orders.read_back(rows[0]["orders"]),
    )
    decision = decide(viewer, facts, viewer.policy, request.as_of)
    seen = []
    for row in rows:
        opened = _opened(viewer, decision, row)
        if opened.allowed & Category.EXISTENCE:
            seen.append(Record("Client", row, person, bool(row["own"]), opened, decision))
    if not seen:
        return None
    partners = decision.of(PARTNER_RECORD).allowed & PARTNER
    # A grant may open FOOD of the records of one source: what a partner holds comes from none of them.
    known_as = hub_ids(person, [record.values for record in seen])
    return ClientRow(person, known_as, tuple(seen), decision, union(tuple(seen)) & ENTERED | partners)


def _opened(viewer: Viewer, decision: Decision, row: Mapping[Any, Any]) -> Opened:
    """What is open of one client record: all of an own one, of others what the decision says."""
    shared = CLOSED
    if row["labels"] is not None:
        shared = decision.of(RecordFacts(row["source_id"], labels=Label(row["labels"])))
    if not row["own"]:
        return shared
    return Opened(own_record(viewer) | shared.allowed, everything=True)
