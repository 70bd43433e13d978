"""Referral: a client sent on to a partner, and what became of it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from hmis.referral_states import Delivery, Status
from resolvers import referrals, referred
from resolvers.partners import category_of
from schema.consent import Problem
from schema.fields import Info, argument, personal, public
from schema.partner import PartnerSource


@strawberry.input(description="A client to be sent on to a partner")
class ReferralInput:
    client: strawberry.ID = strawberry.field(description="Hub id of the client; one whom your agency entered")
    partner: strawberry.ID = strawberry.field(description="Short name of the partner's connector")
    service: str = strawberry.field(
        description="What is asked of the partner; it is told so. Nothing about the client belongs here"
    )
    tell: list[Category] = strawberry.field(
        description="What the partner is told of the client, as agreed with them: NAME, DOB, both or neither"
    )


@strawberry.type(description="A partner that takes referrals")
class ReferralPartner:
    id: strawberry.ID = public("Short name of the connector", lambda root: strawberry.ID(root.name))
    name: str = public("What a case worker calls it", lambda root: root.title)
    about: list[Category] = public(
        "What it is about: categories that the client has to have opened to the agency that refers",
        lambda root: list(category_of(root) or ()),
    )


@strawberry.type(description="One step of a referral")
class ReferralStep:
    status: Status | None = personal(Category.SERVICES, "Where it stood then")
    at: datetime.datetime | None = personal(Category.SERVICES, "When")
    by: str | None = personal(Category.SERVICES, "HUB, PARTNER or who it was; told to the agency that refers")
    reason: str | None = personal(
        Category.SERVICES, "A code, or why it was called off; told to the agency that refers"
    )


@strawberry.type(description="A client sent on to a partner by an agency")
class Referral:
    id: strawberry.ID | None = personal(
        Category.SERVICES, "Hub id of the referral", lambda root: strawberry.ID(str(root.id))
    )
    agency: str | None = personal(Category.SERVICES, "Name of the agency that refers")
    partner: PartnerSource | None = personal(
        Category.SERVICES,
        "The partner that is to serve; null = it is not switched on any more",
        lambda root: root.source,
    )
    service: str | None = personal(Category.SERVICES, "What is asked of the partner")
    told: list[Category] | None = personal(
        Category.SERVICES, "What the partner is told of the client", lambda root: root.told
    )
    status: Status | None = personal(Category.SERVICES, "Where it stands")
    delivery: Delivery | None = personal(
        Category.SERVICES, "What became of the last thing the partner was to be sent about it"
    )
    reference: str | None = personal(
        Category.SERVICES, "What the partner calls it; null = the partner has not answered yet"
    )
    created_at: datetime.datetime | None = personal(Category.SERVICES, "When it was written down")
    updated_at: datetime.datetime | None = personal(Category.SERVICES, "When it last took a step")
    history: list[ReferralStep] | None = personal(
        Category.SERVICES,
        "Every step, oldest first",
        rows=referred.history,
        size=10,
    )


@strawberry.type(description="A referral as it stands now, or why nothing changed")
class ReferralPayload:
    referral: Referral | None = public("The referral", lambda root: root.referral)
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


async def partners(info: Info) -> Any:
    return referrals.takers(info.context)


async def create(info: Info, input: Annotated[ReferralInput, argument("Whom to send where")]) -> Any:
    proposal = referrals.Proposal(input.client, input.partner, input.service, tuple(input.tell))
    return await referrals.create(info.context, proposal)


async def cancel(
    info: Info,
    id: Annotated[strawberry.ID, argument("Hub id of the referral")],
    reason: Annotated[str, argument("Why, in a few words; kept with it and not told to the partner")],
) -> Any:
    return await referrals.cancel(info.context, id, reason)
