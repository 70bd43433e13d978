"""Matches: records of partners that may be about a client, and what somebody said of them."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from connectors.crosswalk import State
from resolvers import matches
from schema.client import Client
from schema.consent import Problem
from schema.fields import Info, argument, personal, public


def _exists(description: str, resolver: Any = None, *, column: str = "") -> Any:
    """The row is there only for who may see all of it (`resolvers/matches.py`)."""
    return personal(Category.EXISTENCE, description, resolver, column=column)


@strawberry.enum(description="Why no rule may link a client and a record")
class MatchDoubt(Enum):
    LOW_SCORE = strawberry.enum_value("LOW_SCORE", description="They do not fit well enough")
    NO_MARGIN = strawberry.enum_value(
        "NO_MARGIN", description="Another record, or client, fits nearly as well"
    )
    BIRTH_DATES_DIFFER = strawberry.enum_value(
        "BIRTH_DATES_DIFFER", description="They fit well, and the partner has another birth date"
    )


@strawberry.type(
    description="A record of a partner that may be about a client. There only for who may see what the "
    "partner holds of the client, and the client's name and birth date, at an agency that entered a record"
)
class Match:
    id: strawberry.ID | None = _exists("Hub id of the question")
    client: Client | None = _exists("The client it may be about", lambda root: root.client)
    connector: str | None = _exists("Short name of the partner's connector")
    partner: str | None = _exists("What a case worker calls the partner", lambda root: root.title)
    reference: str | None = _exists("The partner's id of the record", column="value")
    method: str | None = _exists(
        "What found the two to be alike: FIND, the partner, when it was asked; NAME_DOB, TOKEN or SHARED_ID, "
        "the hub, among what the partner had sent"
    )
    score: int | None = _exists("How well they fit, 0 to 100; null = the method gives none")
    margin: int | None = _exists(
        "Points above the best of the partner's other records; negative = another fits better, "
        "null = there is no other"
    )
    agreed: list[str] | None = _exists("Facts that agreed", lambda root: root.facts("agreed"))
    differed: list[str] | None = _exists("Facts that did not", lambda root: root.facts("differed"))
    doubt: MatchDoubt | None = _exists(
        "Why no rule may decide", lambda root: MatchDoubt(root.values["reason"])
    )
    state: State | None = _exists("What became of it", lambda root: State(root.values["state"]))
    raised_at: datetime.datetime | None = _exists("When it was first asked")
    decided_by: str | None = _exists("Who decided; null = nobody has")
    decided_at: datetime.datetime | None = _exists("When they did")


@strawberry.type(description="A match, or why nothing changed")
class MatchPayload:
    match: Match | None = public("The match as it stands now", lambda root: root.match)
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


@strawberry.input(description="What a source system calls a record of a client")
class RecordInput:
    source: str = strawberry.field(description="Name of the source system")
    value: str = strawberry.field(description="Its identifier of the client")


@strawberry.input(
    description="What is not about a client after all: a partner's records, or one that an agency entered"
)
class MatchSplitInput:
    client: strawberry.ID = strawberry.field(description="Hub id of the client")
    connector: str | None = strawberry.field(
        default=None, description="Short name of the partner whose records are not theirs"
    )
    reference: str | None = strawberry.field(
        default=None, description="With `connector`: this record alone; null = all that are linked"
    )
    record: RecordInput | None = strawberry.field(
        default=None, description="A record that your agency entered: it becomes a person of its own"
    )


@strawberry.type(description="What a split changed, or why nothing did")
class MatchSplitPayload:
    ended: int = public("Links with a partner's records that ended", lambda root: root.ended)
    client: strawberry.ID | None = public(
        "Hub id of the person that a parted record is of now; null = none was parted",
        lambda root: root.client,
    )
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


async def queue(
    info: Info,
    state: Annotated[State, argument("What became of them", reads=Category.EXISTENCE)] = State.OPEN,
    connector: Annotated[
        str | None, argument("Only of this partner, by its connector's short name", reads=Category.EXISTENCE)
    ] = None,
    first: Annotated[int, argument("How many, 1 to 100")] = 25,
    after: Annotated[str | None, argument("`endCursor` of the page before")] = None,
) -> Any:
    return await matches.queue(info.context, state, connector, first, after)


async def confirm(info: Info, id: Annotated[strawberry.ID, argument("Hub id of the match")]) -> Any:
    return await matches.confirm(info.context, id)


async def reject(info: Info, id: Annotated[strawberry.ID, argument("Hub id of the match")]) -> Any:
    return await matches.reject(info.context, id)


async def split(info: Info, input: Annotated[MatchSplitInput, argument("What is parted from whom")]) -> Any:
    record = (input.record.source, input.record.value) if input.record else None
    part = matches.Part(input.client, input.connector, input.reference, record)
    return await matches.split(info.context, part)
