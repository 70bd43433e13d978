"""Person matches: two people whose records are alike, and what somebody said of them."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from resolvers import person_matches
from resolvers.person_matches import Doubt, State
from schema.client import Client
from schema.consent import Problem
from schema.fields import Info, argument, personal, public


def _exists(description: str, resolver: Any = None, *, column: str = "", size: int = 0) -> Any:
    """The row is there only for who may see both people (`resolvers/person_matches.py`)."""
    return personal(Category.EXISTENCE, description, resolver, column=column, size=size)


@strawberry.type(description="How alike two people are in one fact, and how much that says. Never a value")
class PersonMatchStep:
    fact: str | None = _exists(
        "first_name, last_name, birth_date, ssn, sex or veteran; empty = what is so of any two records",
        column="compared",
    )
    says: str | None = _exists("How alike: same, one slip, other, missing, ...")
    bits: float | None = _exists("How much that speaks for one person, or against: each bit doubles the odds")


@strawberry.type(
    description="Two people whose records are alike. There only for who may see the name and birth date of "
    "every record of both, at an agency that entered one of them"
)
class PersonMatch:
    id: strawberry.ID | None = _exists("Hub id of the question")
    one: Client | None = _exists("One of the two", lambda root: root.one)
    other: Client | None = _exists("The other", lambda root: root.other)
    steps: list[PersonMatchStep] | None = _exists(
        "How alike they are in what the viewer may see of both; first what is so of any two records",
        lambda root: root.steps,
        size=7,
    )
    doubt: Doubt | None = _exists("What of what is shown keeps a rule from deciding", lambda root: root.doubt)
    state: State | None = _exists("What became of it", lambda root: State(root.values["state"]))
    raised_at: datetime.datetime | None = _exists("When it was first asked")
    decided_by: str | None = _exists("Who decided; null = nobody has")
    decided_at: datetime.datetime | None = _exists("When they did")


@strawberry.type(description="A question about two people, or why nothing changed")
class PersonMatchPayload:
    match: PersonMatch | None = public("The question as it stands now", lambda root: root.match)
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


async def queue(
    info: Info,
    state: Annotated[State, argument("What became of them", reads=Category.EXISTENCE)] = State.OPEN,
    first: Annotated[int, argument("How many, 1 to 100")] = 25,
    after: Annotated[str | None, argument("`endCursor` of the page before")] = None,
) -> Any:
    return await person_matches.queue(info.context, state, first, after)


async def decide(
    info: Info,
    id: Annotated[strawberry.ID, argument("Hub id of the question")],
    same: Annotated[bool, argument("Whether the two are one person")],
    consent_of: Annotated[
        strawberry.ID | None,
        argument("Hub id of the one whose choices hold for all records, where each of the two has made some"),
    ] = None,
) -> Any:
    return await person_matches.decide(info.context, id, same, consent_of)


async def reopen(info: Info, id: Annotated[strawberry.ID, argument("Hub id of the question")]) -> Any:
    return await person_matches.reopen(info.context, id)
