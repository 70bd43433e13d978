"""Break-glass: opening a person in an emergency, and the look at it afterwards."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.emergency import Outcome
from resolvers import emergency
from schema.consent import Problem
from schema.fields import Info, argument, public
from schema.identifier import IdentifierInput


@strawberry.type(description="What asking for an opening gave; it tells nothing of the person")
class BreakGlassPayload:
    closes_at: datetime.datetime | None = public(
        "Until when whoever may be opened is open; null = nothing was opened", lambda root: root.closes_at
    )
    problems: list[Problem] = public(
        "What the asker can mend; empty = done", lambda root: root.problems, size=10
    )


@strawberry.type(description="One opening, as a privacy officer reads it")
class BreakGlass:
    id: strawberry.ID = public("Hub id of the opening", lambda root: root.values["id"])
    client: strawberry.ID = public("Hub id of the client", lambda root: root.values["person_id"])
    subject: str = public("Who opened it")
    reason: str = public("Why, in their words")
    opened_at: datetime.datetime = public("When it was opened")
    closes_at: datetime.datetime = public("When it closes, or closed")
    outcome: Outcome | None = public(
        "What a privacy officer found; null = nobody has looked",
        lambda root: Outcome(root.values["outcome"]) if root.values["outcome"] else None,
    )
    reviewed_at: datetime.datetime | None = public("When they looked")


@strawberry.type(description="A reviewed opening, or why nothing was written")
class BreakGlassReviewPayload:
    opening: BreakGlass | None = public("The opening as it stands now", lambda root: root.opening)
    problems: list[Problem] = public(
        "What the reviewer can mend; empty = done", lambda root: root.problems, size=10
    )


async def open_for(
    info: Info,
    reason: Annotated[str, argument("Why, in ten characters or more; somebody will read it")],
    client: Annotated[
        strawberry.ID | None,
        argument("Hub id of the client, as it stands on their papers; not with identifier"),
    ] = None,
    identifier: Annotated[
        IdentifierInput | None, argument("What a source system calls the client; not with client")
    ] = None,
    minutes: Annotated[int, argument("For how long, 1 to 60")] = 60,
) -> Any:
    named = (identifier.source, identifier.value) if identifier else None
    return await emergency.open_for(info.context, emergency.Whom(client, named), reason, minutes)


async def review(
    info: Info,
    id: Annotated[strawberry.ID, argument("Hub id of the opening")],
    outcome: Annotated[Outcome, argument("What was found")],
) -> Any:
    return await emergency.review(info.context, id, outcome)


async def openings(info: Info) -> Any:
    return await emergency.openings(info.context)
