"""Eligibility: what a client may be able to receive, from what this viewer may see of their household.

Every fact is read through the rows that show it to this viewer and noted as shown. What consent withholds is
not in `Facts`, exactly like what nobody entered, so no verdict can tell it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from auth.categories import Category
from auth.consent import Grant
from hmis.codes import Sex
from hmis.eligibility.facts import (
    FRESH,
    INCOME_COLUMNS,
    Answers,
    Facts,
    Person,
    person,
    with_children,
)
from hmis.eligibility.programs import screen
from resolvers import enrollments, households, projects, records
from resolvers.request import Request
from resolvers.rows import ClientRow, HouseholdRow, PlainRow, Record

FIELD = "Client.eligibility"
"""What the answer says was asked for when a fact is withheld."""
_STAYS = 10
"""How many of the client's newest stays are looked through for the newest answers."""
_SELF = 1
_COC = re.compile(r"([A-Z]{2})-\d{3}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """What a screening says of a client, or one reason of it: as open as the client's income."""

    client: ClientRow
    said: Any

    @property
    def person(self) -> UUID:
        return self.client.person

    @property
    def allowed(self) -> Category:
        return self.client.allowed & Category.INCOME_BENEFITS

    def own_in(self, category: Category) -> bool:
        return self.client.own_in(category)

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return self.client.opened_by(category)

    def fact(self, category: Category, attr: str) -> Any:
        return getattr(self.said, attr)

    @property
    def reasons(self) -> list[ScreeningRow]:
        return [ScreeningRow(self.client, reason) for reason in self.said.reasons]


@dataclass(frozen=True, slots=True)
class _Member:
    """Somebody in the household, and the stays at which their answers are looked for, newest first."""

    client: ClientRow | None
    stays: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class _Home:
    """Where and with whom a client stays, as far as that is a fact of today."""

    stay: Record
    has_ended: bool


async def of_client(request: Request, root: ClientRow) -> list[ScreeningRow]:
    """One screening for each program."""
    facts = await request.load(_facts, root)
    return [ScreeningRow(root, screening) for screening in screen(facts, request.as_of, request.rules)]


async def _facts(request: Request, clients: list[ClientRow]) -> list[Facts]:
    """What is known of many clients. Step by step for all of them, so that a step is a statement."""
    stays = await _each(_stays(request, client) for client in clients)
    homes = await _each(_home(request, own[0] if own else None) for own in stays)
    rows = await _each(_household(request, home) for home in homes)
    others = await _each(
        _others(request, client, home, household)
        for client, home, household in zip(clients, homes, rows, strict=True)
    )
    places = await _each(_place(request, home) for home in homes)
    known = await _each(
        _people(request, [_Member(client, own), *(them or ())])
        for client, own, them in zip(clients, stays, others, strict=True)
    )
    return [
        Facts(people[0], None if them is None else tuple(people[1:]), *place)
        for people, them, place in zip(known, others, places, strict=True)
    ]


async def _each(steps: Iterable[Awaitable[_T]]) -> list[_T]:
    return list(await asyncio.gather(*steps))


async def _stays(request: Request, client: ClientRow) -> tuple[Record, ...]:
    """The client's newest stays."""
    if not request.sees(client, Category.ENROLLMENT, FIELD):
        return ()
    page = await enrollments.of_client(request, client, _STAYS, None)
    return tuple(stay for stay in page.rows if request.sees(stay, Category.ENROLLMENT, FIELD))


async def _home(request: Request, latest: Record | None) -> _Home | None:
    """None = no stay is known, or it ended long ago: whom somebody lived with then, and where, has passed."""
    if latest is None:
        return None
    ended = await _end(request, latest)
    if ended is not None and ended + FRESH < request.as_of:
        return None
    return _Home(latest, ended is not None)


async def _end(request: Request, stay: Record) -> date | None:
    """The day the stay ended, if it has. None = not ended, as far as is known."""
    found = await records.exit_of_stay(request, stay)
    ended: date | None = found.fact(Category.ENROLLMENT, "exit_date") if found is not None else None
    return ended if ended is not None and ended <= request.as_of else None


async def _household(request: Request, home: _Home | None) -> HouseholdRow | None:
    """None = who is in the household is not known, or not to be seen."""
    if home is None or not request.sees(home.stay, Category.HOUSEHOLD, FIELD):
        return None
    return await households.of_stay(request, home.stay)


async def _others(
    request: Request, client: ClientRow, home: _Home | None, household: HouseholdRow | None
) -> list[_Member] | None:
    """Everybody else in the household; who left it before the client did is no longer in it."""
    if home is None or household is None:
        return None
    stays = [stay for stay in household.members if stay.person != client.person]
    ends = await _each(_end(request, stay) for stay in stays)
    there = [stay for stay, end in zip(stays, ends, strict=True) if home.has_ended or end is None]
    clients = await _each(enrollments.client_of_stay(request, stay) for stay in there)
    members = {
        stay.person: _Member(known, (stay,))
        for stay, known in zip(there, clients, strict=True)
        if request.sees(stay, Category.HOUSEHOLD, FIELD)
    }
    return list(members.values())


def _is_head(who: _Member) -> bool:
    return any(stay.fact(Category.HOUSEHOLD, "relationship_to_hoh") == _SELF for stay in who.stays[:1])


async def _people(request: Request, members: Sequence[_Member]) -> list[Person]:
    answers = await _each(_answers(request, one) for one in members)
    people = [person(given, request.as_of) for given in answers]
    heads = [one for one, who in zip(people, members, strict=True) if _is_head(who)]
    return with_children(people, heads[0] if heads else None)


async def _answers(request: Request, who: _Member) -> Answers:
    income, health = await _each(
        _newest(request, who.stays, file, category)
        for file, category in (
            ("IncomeBenefits", Category.INCOME_BENEFITS),
            ("HealthAndDV", Category.HEALTH_DISABILITY),
        )
    )
    born, sex = (
        _of_client(request, who.client, Category.DOB, "dob"),
        _of_client(request, who.client, Category.DEMOGRAPHICS, "sex"),
    )
    latest = who.stays[0] if who.stays else None
    condition = None
    if latest is not None and request.sees(latest, Category.HEALTH_DISABILITY, FIELD):
        condition = latest.fact(Category.HEALTH_DISABILITY, "disabling_condition")
    return Answers(
        born=born,
        is_male=sex == Sex.MALE,
        income={name: income.fact(Category.INCOME_BENEFITS, name) for name in INCOME_COLUMNS}
        if income is not None
        else {},
        pregnancy=_health(health, "pregnancy_status"),
        due=_health(health, "due_date"),
        pregnancy_asked=_health(health, "information_date"),
        disabling_condition=condition,
    )


def _health(record: Record | None, attr: str) -> Any:
    return None if record is None else record.fact(Category.HEALTH_DISABILITY, attr)


def _of_client(request: Request, client: ClientRow | None, category: Category, attr: str) -> Any:
    if client is None or not request.sees(client, category, FIELD):
        return None
    return client.fact(category, attr)


async def _newest(request: Request, stays: Iterable[Record], file: str, category: Category) -> Record | None:
    """The newest answers of one kind at any of the stays, none from after today."""
    open_stays = [stay for stay in stays if request.sees(stay, category, FIELD)]
    found = await _each(records.of_parent(request, file, stay) for stay in open_stays)
    dated = [
        (day, record)
        for rows in found
        for record in rows
        if (day := record.values["information_date"]) is not None and day <= request.as_of
    ]
    newest = max(dated, key=lambda pair: pair[0], default=None)
    if newest is None or not request.sees(newest[1], category, FIELD):
        return None
    return newest[1]


async def _place(request: Request, home: _Home | None) -> tuple[str | None, str | None]:
    """State and HUD's geocode of where the stay is: by its Continuum of Care, or the project's only one."""
    if home is None:
        return None, None
    stay = home.stay
    told = stay.fact(Category.ENROLLMENT, "enrollment_coc")
    project = await projects.of_stay(request, stay)
    served: list[PlainRow] = []
    if project is not None:
        served = await projects.each("ProjectCoC")(request, project)
    cocs = {row.values["coc_code"] for row in served}
    coc = told or (cocs.pop() if len(cocs) == 1 else None)
    state = _COC.fullmatch(coc or "")
    areas = {projects.address_of(row, "geocode") for row in served if row.values["coc_code"] == coc}
    return state[1] if state else None, areas.pop() if len(areas) == 1 else None
