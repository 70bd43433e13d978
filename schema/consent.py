"""Consent: what a client agreed to share, recorded, denied, revoked and read back."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from auth.consent import Effect, Reason
from auth.forms import Language
from auth.grant_state import State
from auth.regimes import Regime
from auth.viewer import Purpose
from hmis.labels import Label
from resolvers import consent
from resolvers.proposals import FormPart, Proposal
from schema.fields import Info, argument, personal, public
from schema.recipients import ConsentRecipientsInput


@strawberry.input(description="What a client agreed to, or refused")
class ConsentGrantInput:
    client: strawberry.ID = strawberry.field(description="Hub id of the client")
    effect: Effect = strawberry.field(default=Effect.PERMIT, description="Whether it opens or closes")
    categories: list[Category] = strawberry.field(
        description="What it is about. A permit always shares EXISTENCE too"
    )
    labels: list[Label] = strawberry.field(
        default_factory=list,
        description="Labels named one by one, to named recipients only. VSP is shared by no grant",
    )
    recipients: ConsentRecipientsInput = strawberry.field(description="Whom it speaks to")
    purposes: list[Purpose] = strawberry.field(description="What the recipients may use it for")
    start: datetime.date = strawberry.field(description="First day in force")
    end: datetime.date | None = strawberry.field(
        default=None,
        description="First day no longer in force; null = the community's usual term, or until revoked",
    )
    method: str = strawberry.field(description="WRITTEN, ELECTRONIC, VERBAL, TELEPHONIC or NOTICE")
    evidence: str | None = strawberry.field(
        default=None, description="sha256:… of the signed form; needed when written or electronic"
    )
    sources: list[str] | None = strawberry.field(
        default=None, description="Only records of these sources; null = of every source"
    )
    data_from: datetime.date | None = strawberry.field(
        default=None, description="Only records dated on this day or later"
    )
    data_to: datetime.date | None = strawberry.field(
        default=None, description="Only records dated before this day"
    )
    include_past: bool = strawberry.field(
        default=True, description="Whether records from before `start` are meant too"
    )
    provisional_until: datetime.date | None = strawberry.field(
        default=None, description="A spoken consent stands in for a signature until this day"
    )
    regime: Regime = strawberry.field(default=Regime.HUD, description="The law it follows")
    guardian: strawberry.ID | None = strawberry.field(
        default=None, description="Hub id of the guardian who signed for a minor"
    )
    signed_by_client: bool | None = strawberry.field(
        default=None, description="Whether the client signed; null = unless a guardian did"
    )
    template: str | None = strawberry.field(
        default=None, description="The form it is a section of: `mn-hmis`; needs `section`"
    )
    section: str | None = strawberry.field(default=None, description="The section of the form")
    form: strawberry.ID | None = strawberry.field(
        default=None,
        description="Hub id of the signed form, where another section of it was recorded before",
    )

    def as_proposal(self) -> Proposal:
        """The same for the resolver, which knows nothing of GraphQL."""
        part = None
        if self.template is not None or self.section is not None or self.form is not None:
            part = FormPart(self.template or "", self.section or "", self.form)
        return Proposal(
            client=self.client,
            effect=self.effect,
            categories=tuple(self.categories),
            labels=tuple(self.labels),
            purposes=tuple(self.purposes),
            recipients=self.recipients.as_recipients(),
            start=self.start,
            end=self.end,
            method=self.method,
            evidence=self.evidence,
            sources=None if self.sources is None else tuple(self.sources),
            data_from=self.data_from,
            data_to=self.data_to,
            include_past=self.include_past,
            provisional_until=self.provisional_until,
            regime=self.regime,
            guardian=self.guardian,
            signed_by_client=self.signed_by_client,
            part=part,
        )


@strawberry.input(description="What a client refused. It wins over every permit until it is revoked")
class ConsentDenyInput:
    client: strawberry.ID = strawberry.field(description="Hub id of the client")
    categories: list[Category] = strawberry.field(description="What nobody named here may see")
    labels: list[Label] = strawberry.field(
        default_factory=list, description="Only what carries one of these labels; empty = all of it"
    )
    recipients: ConsentRecipientsInput | None = strawberry.field(
        default=None, description="Whom it keeps out; null = every agency but those that entered it"
    )
    purposes: list[Purpose] | None = strawberry.field(
        default=None, description="For which purposes; null = for every one"
    )
    method: str = strawberry.field(default="VERBAL", description="How it was said; needs no signature")
    evidence: str | None = strawberry.field(default=None, description="sha256:… of a signed form, if any")

    def as_proposal(self, today: datetime.date) -> Proposal:
        """The same for the resolver; a refusal holds from the day it was spoken."""
        everybody = ConsentRecipientsInput(community_wide=True)
        return Proposal(
            client=self.client,
            effect=Effect.DENY,
            categories=tuple(self.categories),
            labels=tuple(self.labels),
            purposes=tuple(Purpose) if self.purposes is None else tuple(self.purposes),
            recipients=(self.recipients or everybody).as_recipients(),
            start=today,
            end=None,
            method=self.method,
            evidence=self.evidence,
        )


@strawberry.type(description="Something in the input that its writer can mend")
class Problem:
    code: str = public("Stable code", lambda root: root.code)
    message: str = public("What is wrong and what mends it", lambda root: root.message)
    path: list[str] = public("Where in the arguments it is", lambda root: root.path)


_LANGUAGES = {language.value: language for language in Language}


@strawberry.type(description="What a client agreed to, or refused")
class ConsentGrant:
    id: strawberry.ID = public("Hub id of the grant")
    state: State = public("What became of it", lambda root: root.state)
    effect: Effect = public("Whether it opens or closes", lambda root: Effect(root.values["effect"]))
    categories: list[Category] = public(
        "What it is about", lambda root: list(Category(root.values["categories"]))
    )
    labels: list[Label] = public("Labels it names", lambda root: list(Label(root.values["labels"])))
    purposes: list[Purpose] = public(
        "What the recipients may use it for", lambda root: [Purpose(name) for name in root.values["purposes"]]
    )
    community_wide: bool = public("Whether it speaks to every agency")
    recipients: list[str] = public(
        "The agencies it names; of a grant recorded elsewhere the viewer's own alone",
        lambda root: root.recipients,
    )
    group: str | None = public("The living group it names", lambda root: root.group)
    person: str | None = public("The one person it names", column="subject")
    sources: list[str] | None = public(
        "Only records of these sources; null = of every source", lambda root: root.sources
    )
    data_from: datetime.date | None = public("Only records dated on this day or later")
    data_to: datetime.date | None = public("Only records dated before this day")
    start: datetime.date = public("First day in force", column="start_on")
    end: datetime.date | None = public("First day no longer in force; null = until revoked", column="end_on")
    provisional_until: datetime.date | None = public("The day a spoken consent lapses; null = it is final")
    regime: Regime = public("The law it follows", lambda root: Regime(root.values["regime"]))
    method: str = public("How it was given")
    template: str | None = public("The form it is a section of, and its edition")
    section: str | None = public("The section of the form")
    form: strawberry.ID | None = public("Hub id of the signed form", column="form_id")
    guardian: strawberry.ID | None = public("Hub id of the guardian who signed", column="guardian_id")
    can_narrow: bool = public(
        "Whether a part of it can be taken back: the viewer's agency recorded it, and it is in force",
        lambda root: root.can_narrow,
    )
    recorded_at: datetime.datetime | None = public(
        "When it was recorded; null = by another agency", lambda root: root.ours("recorded_at")
    )
    recorded_by: str | None = public(
        "Who recorded it, by the subject of their token; null = somebody of another agency",
        lambda root: root.ours("recorded_by"),
    )
    evidence: str | None = public(
        "sha256:… of the signed form, or where it is kept; null = none, or with another agency",
        lambda root: root.ours("evidence"),
    )
    language: Language | None = public(
        "In which language the client read the form; null = not noted",
        lambda root: _LANGUAGES.get(root.values["language"]),
    )
    revoked_at: datetime.datetime | None = public("When it was revoked; null = it was not")


@strawberry.type(description="A changed grant, or why nothing changed")
class ConsentPayload:
    grant: ConsentGrant | None = public("The grant as it stands now", lambda root: root.grant)
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


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


async def grant(
    info: Info, input: Annotated[ConsentGrantInput, argument("What the client agreed to")]
) -> Any:
    return await consent.record(info.context, input.as_proposal())


async def deny(info: Info, input: Annotated[ConsentDenyInput, argument("What the client refused")]) -> Any:
    return await consent.record(info.context, input.as_proposal(info.context.as_of))


async def revoke(
    info: Info,
    id: Annotated[strawberry.ID, argument("Hub id of the grant")],
    reason: Annotated[str, argument("Why, in a few words; kept with the revocation")],
) -> Any:
    return await consent.revoke(info.context, id, reason)
