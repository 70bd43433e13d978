"""Orders of courts: what law enforcement was let see of one client, and who approved it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from auth.legal_order import Authority
from hmis.labels import Label
from resolvers import legal_orders
from schema.consent import Problem
from schema.fields import Info, argument, public


@strawberry.input(description="An order as a court gave it: what it lists, of one client, and no more")
class LegalOrderInput:
    client: strawberry.ID = strawberry.field(description="Hub id of the client; one whom your agency entered")
    reader: str = strawberry.field(
        description="Who looks under it: the subject of a privacy officer of your agency. Nobody else will"
    )
    categories: list[Category] = strawberry.field(
        description="What the order names. EXISTENCE always goes with it"
    )
    labels: list[Label] = strawberry.field(
        default_factory=list,
        description="Labels that the order names one by one; never VSP, PART2 or PART2_NOTES",
    )
    authority: Authority = strawberry.field(description="What the court gave")
    reference: str = strawberry.field(description="Which one: the court, its number, where you keep it")
    start: datetime.date = strawberry.field(description="First day in force")
    end: datetime.date = strawberry.field(
        description="First day no longer in force; 30 days after `start` at the latest"
    )


@strawberry.type(description="An order of a court, as privacy officers of its agency read it")
class LegalOrder:
    id: strawberry.ID = public("Hub id of the order")
    client: strawberry.ID = public("Hub id of the client", column="person_id")
    reader: str = public("Who looks under it", column="subject")
    categories: list[Category] = public(
        "What it lists", lambda root: list(Category(root.values["categories"]))
    )
    labels: list[Label] = public("Labels it names", lambda root: list(Label(root.values["labels"])))
    authority: Authority = public("What the court gave", lambda root: Authority(root.values["authority"]))
    reference: str = public("Which one")
    start: datetime.date = public("First day in force", column="valid_from")
    end: datetime.date = public("First day no longer in force", column="valid_to")
    recorded_by: str = public("Who wrote it down")
    recorded_at: datetime.datetime = public("When it was written down")
    approvers: list[str] = public("Who approved it", lambda root: sorted(root.values["approvers"] or ()))
    ended_at: datetime.datetime | None = public("When it was withdrawn; null = it was not")
    in_force: bool = public("Whether it opens anything today", lambda root: root.in_force)


@strawberry.type(description="An order, or why nothing changed")
class LegalOrderPayload:
    order: LegalOrder | None = public("The order as it stands now", lambda root: root.order)
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


async def record(info: Info, input: Annotated[LegalOrderInput, argument("The order")]) -> Any:
    proposal = legal_orders.Proposal(
        client=input.client,
        reader=input.reader,
        categories=tuple(input.categories),
        labels=tuple(input.labels),
        authority=input.authority,
        reference=input.reference,
        start=input.start,
        end=input.end,
    )
    return await legal_orders.record(info.context, proposal)


async def approve(info: Info, id: Annotated[strawberry.ID, argument("Hub id of the order")]) -> Any:
    return await legal_orders.approve(info.context, id)


async def withdraw(
    info: Info,
    id: Annotated[strawberry.ID, argument("Hub id of the order")],
    reason: Annotated[str, argument("Why, in a few words; kept with it")],
) -> Any:
    return await legal_orders.withdraw(info.context, id, reason)


async def of_agency(info: Info) -> Any:
    return await legal_orders.of_agency(info.context)
