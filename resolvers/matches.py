"""Matches: records of partners that may be about a client, for somebody who knows the client to decide.

A question tells that a partner may know the client. So it is there only for who may see what that partner
holds, who may see the name and the birth date it is decided by, and whose own agency entered a record of the
client. For anybody else there is no such question, and every answer is the one that an unknown id gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Date, Integer, RowMapping, Select, Text, bindparam, cast, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.categories import Category
from auth.consent import Grant
from auth.parameters import VIEWER
from auth.speaking import any_row, is_own
from connectors import crosswalk
from connectors.crosswalk import State
from hmis.errors import InputRefused
from hmis.identity import forgetting, links
from hmis.tables import client_link, match_candidate
from resolvers import clients, pages, queues
from resolvers.fixed import fixed
from resolvers.problems import Problem, may_not_decide
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Page
from resolvers.withdrawing import categories

DECIDED_BY = Category.NAME | Category.DOB
"""What somebody has to see of a client to say who they are."""
CONFIRMED, REJECTED, SPLIT = "MATCH_CONFIRMED", "MATCH_REJECTED", "MATCH_SPLIT"
"""In the audit: what was done, before the question's id or the other person's hub id."""

_NOBODY = UUID(int=0)
_NO_MATCH = Problem("NOT_FOUND", "There is no such match, or none you may decide.", ("id",))
_NO_LINK = Problem("NOT_FOUND", "There is no such link, or none you may end.", ("input",))
_DAY = cast(func.timezone("UTC", match_candidate.c.raised_at), Date)


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A question as whoever may decide it reads it."""

    values: RowMapping
    client: ClientRow
    category: Category
    """Of what the partner holds, as far as this viewer may see it."""
    title: str
    """What a case worker calls the partner."""

    @property
    def person(self) -> UUID:
        return self.client.person

    @property
    def allowed(self) -> Category:
        return self.client.allowed

    def own_in(self, category: Category) -> bool:
        return self.client.own_in(category)

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return self.client.opened_by(category)

    def fact(self, category: Category, attr: str) -> Any:
        return self.values[attr]

    def facts(self, how: Literal["agreed", "differed"]) -> list[str]:
        """Names of facts, never their values."""
        return sorted(self.values["evidence"].get(how, ()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A match as it stands now, or why nothing changed."""

    match: MatchRow | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be parted from a client: a partner's records, or a record that an agency entered."""

    client: str
    connector: str | None = None
    reference: str | None = None
    """One of the partner's records. None = all that are linked."""
    record: tuple[str, str] | None = None
    """Source and PersonalID."""


@dataclass(frozen=True, slots=True)
class Parted:
    """What a split changed, or why nothing did."""

    ended: int = 0
    """Links to a partner's records."""
    client: UUID | None = None
    """Whose a parted record is now."""
    problems: tuple[Problem, ...] = ()


async def queue(
    request: Request, state: State, connector: str | None, first: int, after: str | None
) -> Page[MatchRow]:
    """Questions that this viewer may decide, or has others' answers to, by the day they were raised."""
    request.trail.about_people = True
    size, start = pages.page_size(first), pages.after_day_and_id(after)
    if may_not_decide(request.viewer) is not None:
        return EMPTY_PAGE
    partners = categories(request.partners.values())

    async def read(behind: Mapping[str, Any]) -> list[tuple[RowMapping, MatchRow | None]]:
        asked = {"state": state.value, "connector": connector, **behind}
        rows = await request.fetch(_of_own_clients(), asked)
        # All at once: their clients are read in one statement.
        loading = [request.load(clients.by_id, row["person_id"]) for row in rows]
        whose = [await one for one in loading]
        return [(row, _match(request, partners, row, one)) for row, one in zip(rows, whose, strict=True)]

    found = await queues.known(size, start, read)
    for edge in found[:size]:
        _note(request, edge.node)
    return Page(edges=tuple(found[:size]), has_next=len(found) > size, has_previous=after is not None)


def _one() -> Select[Any]:
    """A question by id."""
    return select(match_candidate, _DAY.label("day")).where(
        match_candidate.c.id == bindparam("identifier", type_=PgUUID())
    )


@cache
def _of_own_clients() -> Select[Any]:
    """Questions about people of whom the viewer's agency entered a record, a page behind `day` and its id."""
    candidate, place = match_candidate.c, (_DAY, match_candidate.c.id)
    connector = bindparam("connector", type_=Text())
    day, identifier = bindparam("day", type_=Date()), bindparam("identifier", type_=PgUUID())
    own = any_row(
        client_link.c.person_id == candidate.person_id,
        client_link.c.undone_at.is_(None),
        is_own(VIEWER, client_link),
        of=client_link,
    )
    return fixed(
        select(match_candidate, _DAY.label("day"))
        .where(
            candidate.state == bindparam("state", type_=Text()),
            or_(connector.is_(None), candidate.connector == connector),
            or_(day.is_(None), tuple_(*place) > tuple_(day, identifier)),
            own,
        )
        .order_by(*place)
        .limit(bindparam("most", type_=Integer()))
    )


def _match(
    request: Request, partners: Mapping[str, Category], row: RowMapping, client: ClientRow | None
) -> MatchRow | None:
    """The question, where this viewer may know of it."""
    category = partners.get(row["connector"])
    if client is None or category is None or not _may_judge(client, category):
        return None
    source = request.partners.get(row["connector"])
    return MatchRow(row, client, category & client.allowed, source.title if source else row["connector"])


def _may_judge(client: ClientRow, category: Category) -> bool:
    decides = client.allowed & DECIDED_BY == DECIDED_BY
    return client.is_own and decides and bool(client.allowed & category)


def _note(request: Request, match: MatchRow) -> None:
    """That the partner may know the client is told: what the partner's category is about."""
    request.trail.of(match.person).show(match.category, own=False)


async def confirm(request: Request, identifier: str) -> Outcome:
    """Say that the record is about the client. From now on the partner is asked by its id."""
    return await _decide(request, identifier, State.CONFIRMED, CONFIRMED)


async def reject(request: Request, identifier: str) -> Outcome:
    """Say that the record is not about the client. No rule will link or ask about the two again."""
    return await _decide(request, identifier, State.REJECTED, REJECTED)


async def _decide(
    request: Request, identifier: str, said: Literal[State.CONFIRMED, State.REJECTED], code: str
) -> Outcome:
    request.trail.about_people = True
    viewer, refused = request.viewer, may_not_decide(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    try:
        wanted = UUID(identifier)
    except ValueError:
        return Outcome(problems=(_NO_MATCH,))
    known = await _read(request, wanted)
    if known is None:
        return Outcome(problems=(_NO_MATCH,))
    async with request.writing() as connection:
        stands = await crosswalk.decide(connection, wanted, said, viewer.subject, request.now)
    if stands is None:
        return Outcome(problems=(_NO_MATCH,))
    _note(request, known)
    if stands is not said:
        sentence = f"It is {stands.value}; end a link with matchSplit."
        return Outcome(problems=(Problem("ALREADY_DECIDED", sentence, ("id",)),))
    request.trail.of(known.person).exception = f"{code} {wanted}"
    return Outcome(await _read(request, wanted))


async def _read(request: Request, identifier: UUID) -> MatchRow | None:
    rows = await request.fetch(_one(), {"identifier": identifier})
    # An unknown question is looked after like one about somebody hidden, and costs the same.
    client = await clients.client(request, str(rows[0]["person_id"] if rows else _NOBODY))
    return _match(request, categories(request.partners.values()), rows[0], client) if rows else None


async def split(request: Request, part: Part) -> Parted:
    """Say that something is not about a client after all."""
    request.trail.about_people = True
    refused = may_not_decide(request.viewer)
    if refused:
        return Parted(problems=(refused,))
    if (part.connector is None) == (part.record is None):
        sentence = "Say what is parted: connector, or record, and not both."
        return Parted(problems=(Problem("INVALID", sentence, ("input",)),))
    client = await clients.client(request, part.client)
    async with request.writing() as connection:
        if client is None or not client.is_own:
            return Parted(problems=(_NO_LINK,))
        if part.record is not None:
            return await _part_record(request, connection, client, part.record)
        return await _part_partner(request, connection, client, part)


async def _part_partner(
    request: Request, connection: AsyncConnection, client: ClientRow, part: Part
) -> Parted:
    connector = part.connector or ""
    category = categories(request.partners.values()).get(connector)
    if category is None or not _may_judge(client, category):
        return Parted(problems=(_NO_LINK,))
    if not await forgetting.may_remember(connection, [client.person], connector):
        return Parted(problems=(_NO_LINK,))
    linked = (await crosswalk.links(connection, connector, [client.person])).get(client.person, ())
    values = [link.value for link in linked if part.reference in (None, link.value)]
    if not values:
        return Parted(problems=(_NO_LINK,))
    await forgetting.forget(connection, client.person, [connector], values)
    for value in values:
        await crosswalk.say(connection, connector, client.person, value, State.REJECTED)
    shown = request.trail.of(client.person)
    shown.show(category & client.allowed, own=False)
    shown.exception = SPLIT
    return Parted(ended=len(values))


async def _part_record(
    request: Request, connection: AsyncConnection, client: ClientRow, record: tuple[str, str]
) -> Parted:
    """Part a record that the viewer's own agency entered: it becomes a person of its own."""
    own = {(one.values["source_name"], one.values["key"]) for one in client.records if one.own}
    if record not in own or client.allowed & DECIDED_BY != DECIDED_BY:
        return Parted(problems=(_NO_LINK,))
    try:
        begun = await links.undo(connection, *record, request.now)
    except InputRefused:
        return Parted(problems=(Problem("INVALID", "It is linked with no other.", ("input", "record")),))
    request.trail.of(client.person).exception = f"{SPLIT} {begun}"
    request.trail.of(begun).exception = f"{SPLIT} {client.person}"
    return Parted(client=begun)
