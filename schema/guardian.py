"""Guardians: who may sign for a minor."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.guardians import Authority
from resolvers import guardians
from schema.consent import Problem
from schema.fields import Info, argument, public


@strawberry.input(description="An adult who may sign for a minor")
class GuardianInput:
    client: strawberry.ID = strawberry.field(description="Hub id of the minor")
    adult: str = strawberry.field(description="Who: a hub id, or how your file names them")
    authority: Authority = strawberry.field(description="By what right")
    start: datetime.date = strawberry.field(description="First day they may sign")
    end: datetime.date | None = strawberry.field(
        default=None, description="First day they may no longer; null = until the client is of age"
    )


@strawberry.type(description="An adult who may sign for a minor")
class Guardian:
    id: strawberry.ID = public("Hub id of the guardian")
    adult: str = public("Who, as your file names them")
    authority: Authority = public("By what right", lambda root: Authority(root.values["authority"]))
    start: datetime.date = public("First day they may sign", column="valid_from")
    end: datetime.date | None = public(
        "First day they may no longer; null = until the client is of age", column="valid_to"
    )
    barred_at: datetime.datetime | None = public("When the authority was taken away; null = it was not")


@strawberry.type(description="A recorded or barred guardian, or why nothing changed")
class GuardianPayload:
    guardian: Guardian | None = public("The guardian as they stand now", lambda root: root.guardian)
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


async def record(info: Info, input: Annotated[GuardianInput, argument("Who may sign for whom")]) -> Any:
    proposal = guardians.Proposal(input.client, input.adult, input.authority, input.start, input.end)
    return await guardians.record(info.context, proposal)


async def bar(
    info: Info,
    id: Annotated[strawberry.ID, argument("Hub id of the guardian")],
    reason: Annotated[str, argument("Why, in a few words; kept with it")],
) -> Any:
    return await guardians.bar(info.context, id, reason)
