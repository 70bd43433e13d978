"""Questions whether two people are one, for somebody who knows them to answer.

A question tells of two people, and an answer is about every record of both. So it is there only for who may
see the name and the birth date of every record of both, and whose own agency entered one of them. For anybody
else there is no such question, and every answer is the one that an unknown id gets.

What is told of a question follows from what this viewer may see of the two, and from nothing else: not why a
rule held back (it may lie with others), and no comparison of what is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    Integer,
    RowMapping,
    Select,
    Text,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth.categories import Category
from auth.consent import Grant
from auth.parameters import VIEWER
from auth.speaking import any_row, is_own, of_link
from hmis.bulk import BULK_SETTINGS, bulk
from hmis.errors import AnswerRefused, Unfit
from hmis.identity.links import LINKING_AT_ONCE
from hmis.identity.matching.answering import asked_again, decided
from hmis.identity.matching.telling_apart import AUTOMATIC, tells_apart
from hmis.tables import HMIS, client_link, match_review
from resolvers import clients, pages, queues
from resolvers.fixed import fixed
from resolvers.problems import Problem, may_not_decide
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Page

DECIDED_BY = Category.NAME | Category.DOB
"""What somebody has to see of every record of both to say who they are."""
COMPARED = {
    "first_name": Category.NAME,
    "last_name": Category.NAME,
    "birth_date": Category.DOB,
    "ssn": Category.SSN_LAST4,
    "sex": Category.DEMOGRAPHICS,
    "veteran": Category.VETERAN,
}
"""Comparison -> what has to be open of every record of both before it is told how it came out."""
SAME, DIFFERENT, AGAIN = "PERSONS_SAME", "PERSONS_DIFFERENT", "PERSONS_ASKED_AGAIN"
"""In the audit: what was said, before the other person's hub id."""

_NOBODY = UUID(int=0)
_DAY = cast(func.timezone("UTC", match_review.c.raised_at), Date)


class State(StrEnum):
    """What became of a question."""

    OPEN = "OPEN"
    SAME = "SAME"
    DIFFERENT = "DIFFERENT"


class Doubt(StrEnum):
    """What of what is shown keeps a rule from saying that two people are one."""

    UNSURE = "UNSURE"
    FEW_FACTS = "FEW_FACTS"
    BIRTH_DATES_DIFFER = "BIRTH_DATES_DIFFER"
    SSNS_DIFFER = "SSNS_DIFFER"
    NOT_SHOWN = "NOT_SHOWN"


@dataclass(frozen=True, slots=True)
class PersonMatchRow:
    """A question as whoever may answer it reads it."""

    values: Any
    one: ClientRow
    other: ClientRow

    @property
    def person(self) -> UUID:
        return self.one.person

    @property
    def allowed(self) -> Category:
        return self.one.allowed & self.other.allowed

    def own_in(self, category: Category) -> bool:
        return self.one.own_in(category) and self.other.own_in(category)

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return (*self.one.opened_by(category), *self.other.opened_by(category))

    def fact(self, category: Category, attr: str) -> Any:
        return self.values[attr]

    @property
    def steps(self) -> list[Step]:
        """How alike the two are, comparison by comparison, in what this viewer may see of both."""
        records = (*self.one.records, *self.other.records)
        told = [Step(self, "", "", step["bits"]) for step in self.values["evidence"] if not step["says"]]
        for step in self.values["evidence"]:
            category = COMPARED.get(step["fact"])
            if category is not None and all(one.allowed & category for one in records):
                told.append(Step(self, step["fact"], step["says"], step["bits"]))
        return told

    @property
    def doubt(self) -> Doubt:
        """What keeps a rule from deciding, as far as what is shown tells it."""
        steps = self.steps
        says = {step.compared: step.says for step in steps}
        if says.get("birth_date") == "other":
            return Doubt.BIRTH_DATES_DIFFER
        if says.get("ssn") == "other":
            return Doubt.SSNS_DIFFER
        if not tells_apart(*(says.get(fact, "missing") for fact in ("first_name", "birth_date", "ssn"))):
            return Doubt.FEW_FACTS
        return Doubt.UNSURE if sum(step.bits for step in steps) < AUTOMATIC else Doubt.NOT_SHOWN


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison, and how it speaks."""

    match: PersonMatchRow
    compared: str
    """Of `COMPARED`; empty = what is so of any two records."""
    says: str
    """How alike the two are in it; `missing` = one of them has none."""
    bits: float
    """For one person, or against where negative."""

    @property
    def person(self) -> UUID:
        return self.match.person

    @property
    def allowed(self) -> Category:
        return self.match.allowed

    def own_in(self, category: Category) -> bool:
        return self.match.own_in(category)

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return self.match.opened_by(category)

    def fact(self, category: Category, attr: str) -> Any:
        return getattr(self, attr)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question as it stands now, or why nothing changed."""

    match: PersonMatchRow | None = None
    problems: tuple[Problem, ...] = ()


async def queue(request: Request, state: State, first: int, after: str | None) -> Page[PersonMatchRow]:
    """Questions that this viewer may answer, or has others' answers to, by the day they were raised."""
    request.trail.about_people = True
    size, start = pages.page_size(first), pages.after_day_and_id(after)
    if may_not_decide(request.viewer) is not None:
        return EMPTY_PAGE

    async def read(behind: Mapping[str, Any]) -> Iterable[tuple[RowMapping, PersonMatchRow | None]]:
        rows = await request.fetch(_of_own_clients(), {"state": state.value, **behind})
        return zip(rows, await _seen(request, rows), strict=True)

    found = await queues.known(size, start, read)
    for edge in found[:size]:
        _note(request, edge.node)
    return Page(edges=tuple(found[:size]), has_next=len(found) > size, has_previous=after is not None)


async def decide(request: Request, identifier: str, same: bool, consent_of: str | None) -> Outcome:
    """Say that two people are one, or that they are two.

    consent_of: hub id of the one whose choices hold for the records of both, where each made some.
    """
    match, refused = await _to_change(request, identifier, State.OPEN)
    if match is None or request.viewer is None:
        return Outcome(problems=refused)
    left = None
    if consent_of is not None:
        left = _one_of(match, consent_of)
        if left is None:
            return Outcome(problems=(_UNFIT[Unfit.NOT_THEIRS],))
    by, now = request.viewer.subject, request.now
    try:
        async with request.writing() as connection:
            if not await connection.scalar(text(LINKING_AT_ONCE)):
                return Outcome(problems=(_BUSY,))
            driver = await bulk(connection)
            await driver.execute(BULK_SETTINGS)
            await decided(driver, match.values["id"], by, now, same=same, consent_of=left)
    except AnswerRefused as fault:
        return Outcome(problems=(_UNFIT[fault.why],))
    _said(request, match, SAME if same else DIFFERENT)
    said = State.SAME if same else State.DIFFERENT
    values = {**match.values, "state": said.value, "decided_by": by, "decided_at": now}
    return Outcome(PersonMatchRow(values, match.one, match.other))


async def reopen(request: Request, identifier: str) -> Outcome:
    """Take back that two people are different. They are asked about again."""
    match, refused = await _to_change(request, identifier, State.DIFFERENT)
    if match is None:
        return Outcome(problems=refused)
    try:
        async with request.writing() as connection:
            if not await connection.scalar(text(LINKING_AT_ONCE)):
                return Outcome(problems=(_BUSY,))
            await asked_again(await bulk(connection), match.values["id"])
    except AnswerRefused as fault:
        return Outcome(problems=(_UNFIT[fault.why],))
    _said(request, match, AGAIN)
    values = {**match.values, "state": State.OPEN.value, "decided_by": None, "decided_at": None}
    return Outcome(PersonMatchRow(values, match.one, match.other))


async def _to_change(
    request: Request, identifier: str, state: State
) -> tuple[PersonMatchRow | None, tuple[Problem, ...]]:
    """A question in a state in which this viewer may say something to it; or why not."""
    request.trail.about_people = True
    if refused := may_not_decide(request.viewer):
        return None, (refused,)
    try:
        wanted = UUID(identifier)
    except ValueError:
        return None, (_NO_MATCH,)
    rows = await request.fetch(_one(), {"identifier": wanted})
    # An unknown question is looked after like one about somebody hidden, and costs the same.
    (match,) = await _seen(request, rows or [{"one_id": _NOBODY, "other_id": _NOBODY}])
    if match is None:
        return None, (_NO_MATCH,)
    _note(request, match)
    if match.values["state"] != state.value:
        return None, (_DECIDED if state is State.OPEN else _NOT_DIFFERENT,)
    return match, ()


async def _seen(request: Request, rows: Sequence[Any]) -> list[PersonMatchRow | None]:
    """The questions, where this viewer may know of them. All at once: their people are read together."""
    whose = [(row["one_id"], row["other_id"]) for row in rows]
    loading = [[request.load(clients.by_id, person) for person in two] for two in whose]
    found = [[await one for one in two] for two in loading]
    counting = [[request.load(_linked, one.person) for one in two if one is not None] for two in found]
    counts = [[await one for one in two] for two in counting]
    return [
        PersonMatchRow(row, one, other)
        if one is not None and other is not None and _may_judge((one, other), linked)
        else None
        for row, (one, other), linked in zip(rows, found, counts, strict=True)
    ]


def _may_judge(two: Sequence[ClientRow], linked: Sequence[int]) -> bool:
    """Whether nothing of the two is closed that they would be judged by."""
    whole = all(
        len(person.records) == count and all(one.allowed & DECIDED_BY == DECIDED_BY for one in person.records)
        for person, count in zip(two, linked, strict=True)
    )
    return whole and any(person.is_own for person in two)


async def _linked(request: Request, people: list[UUID]) -> list[int]:
    """How many records people have, with those that this viewer may not see."""
    rows = await request.fetch(_counts(), {"people": people})
    counts = {row["person_id"]: row["records"] for row in rows}
    return [counts.get(person, 0) for person in people]


@cache
def _counts() -> Select[Any]:
    client = HMIS["Client"]
    # Of a record that is hidden from the viewer nothing is joined: it counts like a live one.
    return fixed(
        select(client_link.c.person_id, func.count().label("records"))
        .select_from(client_link.outerjoin(client, of_link(client_link, client)))
        .where(
            client_link.c.person_id == func.any(bindparam("people", type_=ARRAY(PgUUID()))),
            client_link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
        )
        .group_by(client_link.c.person_id)
    )


def _one() -> Select[Any]:
    """A question by id."""
    wanted = bindparam("identifier", type_=PgUUID())
    return select(match_review).where(match_review.c.id == wanted, match_review.c.state != "WITHDRAWN")


@cache
def _of_own_clients() -> Select[Any]:
    """Questions of which the viewer's agency entered a record of one, a page behind `day` and its id."""
    asked, place = match_review.c, (_DAY, match_review.c.id)
    day, identifier = bindparam("day", type_=Date()), bindparam("identifier", type_=PgUUID())
    own = any_row(
        or_(client_link.c.person_id == asked.one_id, client_link.c.person_id == asked.other_id),
        client_link.c.undone_at.is_(None),
        is_own(VIEWER, client_link),
        of=client_link,
    )
    return fixed(
        select(match_review, _DAY.label("day"))
        .where(
            asked.state == bindparam("state", type_=Text()),
            or_(day.is_(None), tuple_(*place) > tuple_(day, identifier)),
            own,
        )
        .order_by(*place)
        .limit(bindparam("most", type_=Integer()))
    )


def _one_of(match: PersonMatchRow, hub_id: str) -> UUID | None:
    """Which of the two is meant by a hub id."""
    for column, one in (("one_id", match.one), ("other_id", match.other)):
        if hub_id.lower() in map(str, one.known_as):
            whom: UUID = match.values[column]
            return whom
    return None


def _note(request: Request, match: PersonMatchRow) -> None:
    """That the two are alike is told of both, by their names and birth dates."""
    for one in (match.one, match.other):
        shown = request.trail.of(one.person)
        for category in (Category.EXISTENCE, Category.NAME, Category.DOB):
            shown.show(category, own=one.own_in(category))


def _said(request: Request, match: PersonMatchRow, code: str) -> None:
    request.trail.of(match.one.person).exception = f"{code} {match.other.person}"
    request.trail.of(match.other.person).exception = f"{code} {match.one.person}"


_NO_MATCH = Problem("NOT_FOUND", "There is no such question, or none you may answer.", ("id",))
_DECIDED = Problem("ALREADY_DECIDED", "Somebody has answered it already.", ("id",))
_NOT_DIFFERENT = Problem("INVALID", "Nobody said of these two that they are different.", ("id",))
_BUSY = Problem("BUSY", "Records are being imported or linked at the moment. Try again in a few minutes.")
_UNFIT = {
    Unfit.NO_QUESTION: _NO_MATCH,
    Unfit.SAID_APART: Problem(
        "SAID_APART", "Somebody said of records of these two that they are not one person.", ("same",)
    ),
    Unfit.CONSENT_OF: Problem(
        "CONSENT_OF",
        "Each of the two has agreed to something or refused it, and only what one said can hold for all "
        "records. Ask the client, and say whose choices hold.",
        ("consentOf",),
    ),
    Unfit.NOT_THEIRS: Problem(
        "INVALID",
        "Whose choices hold has to be one of the two, and one who has made some.",
        ("consentOf",),
    ),
}
