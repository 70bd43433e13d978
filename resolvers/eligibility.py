"""Eligibility: what a client may be able to receive, from what this viewer may see of their household.

Every fact is read through the rows that show it to this viewer and noted as shown. What consent withholds is
not in `Facts`, exactly like what nobody entered, so no verdict can tell it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
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
from hmis.eligibility.pack import pack
from hmis.eligibility.programs import screen
from resolvers import enrollments, households, projects, records
from resolvers.request import Request
from resolvers.rows import ClientRow, PlainRow, Record

FIELD = "Client.eligibility"
"""What the answer says was asked for when a fact is withheld."""
_STAYS = 10
"""How many of the client's newest stays are looked through for the newest answers."""
_SELF = 1
_COC = re.compile(r"([A-Z]{2})-\d{3}")


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


async def of_client(request: Request, root: ClientRow) -> list[ScreeningRow]:
    """One screening for each program."""
    facts = await _facts(request, root)
    return [ScreeningRow(root, screening) for screening in screen(facts, request.as_of, pack())]


async def _facts(request: Request, root: ClientRow) -> Facts:
    stays: tuple[Record, ...] = ()
    if request.sees(root, Category.ENROLLMENT, FIELD):
        page = await enrollments.of_client(request, root, _STAYS, None)
        stays = tuple(stay for stay in page.rows if request.sees(stay, Category.ENROLLMENT, FIELD))
    client = _Member(root, stays)
    latest = stays[0] if stays else None
    ended = None if latest is None else await _end(request, latest)
    if latest is None or (ended is not None and ended + FRESH < request.as_of):
        # Whom somebody lived with long ago, and where, is no fact of today.
        return Facts((await _people(request, [client]))[0])
    others = await _others(request, root, latest, left_too=ended is not None)
    people, (state, area) = await asyncio.gather(
        _people(request, [client, *(others or ())]), _place(request, latest)
    )
    if others is None:
        return Facts(people[0], state=state, area=area)
    head = next((one for one, who in zip(people, [client, *others], strict=True) if _is_head(who)), None)
    known = with_children(people, head)
    return Facts(known[0], tuple(known[1:]), state, area)


async def _end(request: Request, stay: Record) -> date | None:
    """The day the stay ended, if it has. None = not ended, as far as is known."""
    found = await records.exit_of_stay(request, stay)
    ended: date | None = found.fact(Category.ENROLLMENT, "exit_date") if found is not None else None
    return ended if ended is not None and ended <= request.as_of else None


async def _others(
    request: Request, root: ClientRow, latest: Record, *, left_too: bool
) -> list[_Member] | None:
    """Everybody else in the household of a stay; who left it before the client is no longer in it.

    None = who is in it is not known, or not to be seen.
    """
    if not request.sees(latest, Category.HOUSEHOLD, FIELD):
        return None
    household = await households.of_stay(request, latest)
    if household is None:
        return None
    stays = [stay for stay in household.members if stay.person != root.person]
    ends = await asyncio.gather(*(_end(request, stay) for stay in stays))
    there = [stay for stay, end in zip(stays, ends, strict=True) if left_too or end is None]
    clients = await asyncio.gather(*(enrollments.client_of_stay(request, stay) for stay in there))
    seen = {
        stay.person: _Member(client, (stay,))
        for stay, client in zip(there, clients, strict=True)
        if request.sees(stay, Category.HOUSEHOLD, FIELD)
    }
    return list(seen.values())


def _is_head(who: _Member) -> bool:
    return any(stay.fact(Category.HOUSEHOLD, "relationship_to_hoh") == _SELF for stay in who.stays[:1])


async def _people(request: Request, members: Sequence[_Member]) -> list[Person]:
    answers = await asyncio.gather(*(_answers(request, one) for one in members))
    return [person(given, request.as_of) for given in answers]


async def _answers(request: Request, who: _Member) -> Answers:
    income, health = await asyncio.gather(
        _newest(request, who.stays, "IncomeBenefits", Category.INCOME_BENEFITS),
        _newest(request, who.stays, "HealthAndDV", Category.HEALTH_DISABILITY),
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
    found = await asyncio.gather(*(records.of_parent(request, file, stay) for stay in open_stays))
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


async def _place(request: Request, stay: Record) -> tuple[str | None, str | None]:
    """State and HUD's geocode of where the stay is: by its Continuum of Care, or the project's only one."""
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
