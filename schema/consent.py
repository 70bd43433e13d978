"""Consent: what a client agreed to share, recorded and revoked, and what that means for the viewer."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from auth.consent import Effect, Reason
from auth.viewer import Purpose
from resolvers import consent
from schema.fields import Info, argument, personal, public


@strawberry.input(description="Whom the client names. Exactly one of `organizations` and `communityWide`")
class ConsentRecipientsInput:
    organizations: list[str] | None = strawberry.field(
        default=None, description="OrganizationIDs, as their source calls them"
    )
    source: str | None = strawberry.field(default=None, description="The source of the organizations")
    community_wide: bool = strawberry.field(
        default=False, description="Every agency with an agreement in force, now and later"
    )


@strawberry.input(description="What a client agreed to, or refused")
class ConsentGrantInput:
    client: strawberry.ID = strawberry.field(description="Hub id of the client")
    effect: Effect = strawberry.field(default=Effect.PERMIT, description="Whether it opens or closes")
    categories: list[Category] = strawberry.field(
        description="What it is about. A permit always shares EXISTENCE too"
    )
    labels: list[str] = strawberry.field(
        default_factory=list, description="Labels named one by one. Not yet supported: leave it empty"
    )
    recipients: ConsentRecipientsInput = strawberry.field(description="Whom it speaks to")
    purposes: list[Purpose] = strawberry.field(description="What the recipients may use it for")
    start: datetime.date = strawberry.field(description="First day in force")
    end: datetime.date | None = strawberry.field(
        default=None, description="First day no longer in force; null = until revoked"
    )
    method: str = strawberry.field(description="WRITTEN, ELECTRONIC, VERBAL, TELEPHONIC or NOTICE")
    evidence: str | None = strawberry.field(
        default=None, description="sha256:… of the signed form; needed when written or electronic"
    )


@strawberry.type(description="Something in the input that its writer can mend")
class Problem:
    code: str = public("Stable code", lambda root: root.code)
    message: str = public("What is wrong and what mends it", lambda root: root.message)
    path: list[str] = public("Where in the arguments it is", lambda root: root.path)


@strawberry.type(description="What a client agreed to, or refused")
class ConsentGrant:
    id: strawberry.ID = public("Hub id of the grant")
    effect: Effect = public("Whether it opens or closes", lambda root: Effect(root.values["effect"]))
    categories: list[Category] = public(
        "What it is about", lambda root: list(Category(root.values["categories"]))
    )
    purposes: list[Purpose] = public(
        "What the recipients may use it for", lambda root: [Purpose(name) for name in root.values["purposes"]]
    )
    community_wide: bool = public("Whether it speaks to every agency")
    start: datetime.date = public("First day in force", column="start_on")
    end: datetime.date | None = public("First day no longer in force", column="end_on")
    revoked_at: datetime.datetime | None = public("When it was revoked; null = it was not")


@strawberry.type(description="A changed grant, or why nothing changed")
class ConsentPayload:
    grant: ConsentGrant | None = public("The grant as it stands now", lambda root: root.grant)
    problems: list[Problem] = public("What the writer can mend; empty = done", lambda root: root.problems)


@strawberry.type(description="Whether the viewer may see one category of a client, and why")
class Access:
    category: Category | None = personal(
        Category.EXISTENCE, "Which part of a life", lambda root: root.category
    )
    granted: bool | None = personal(
        Category.EXISTENCE, "Whether the viewer may see any of it", lambda root: root.granted
    )
    basis: Reason | None = personal(
        Category.EXISTENCE,
        "Why. OWN_RECORD: only what the viewer's own agency entered",
        lambda root: root.basis,
    )


async def _grant(
    info: Info, input: Annotated[ConsentGrantInput, argument("What the client agreed to")]
) -> Any:
    recipients = input.recipients
    proposal = consent.Proposal(
        client=input.client,
        effect=input.effect,
        categories=tuple(input.categories),
        labels=tuple(input.labels),
        purposes=tuple(input.purposes),
        recipients=consent.Recipients(
            organizations=tuple(recipients.organizations or ()),
            source=recipients.source,
            community_wide=recipients.community_wide,
        ),
        start=input.start,
        end=input.end,
        method=input.method,
        evidence=input.evidence,
    )
    return await consent.record(info.context, proposal)


async def _revoke(
    info: Info,
    id: Annotated[strawberry.ID, argument("Hub id of the grant")],
    reason: Annotated[str, argument("Why, in a few words; kept with the revocation")],
) -> Any:
    return await consent.revoke(info.context, id, reason)


@strawberry.type(description="What may be changed. Each change is one transaction")
class Mutation:
    consent_grant: ConsentPayload = public("Record what a client agreed to, or refused", _grant)
    consent_revoke: ConsentPayload = public("End a grant now, for every reader", _revoke)
