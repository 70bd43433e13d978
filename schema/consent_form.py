"""ConsentForm: the release that clients of this community sign, and a form that one of them filled in."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from auth.consent import Effect
from auth.forms import Choose, Language, Section, Template, To
from auth.policy import Combination
from auth.regimes import Regime
from auth.viewer import Purpose
from resolvers import forms, narrowing, signing
from schema.consent import ConsentGrant, Problem
from schema.fields import Info, argument, public


def _title(
    root: strawberry.Parent[Template],
    language: Annotated[Language, argument("In which language")] = Language.EN,
) -> str:
    return root.title[language.value]


def _text(
    root: strawberry.Parent[Section],
    language: Annotated[Language, argument("In which language")] = Language.EN,
) -> str:
    return root.text[language.value]


@strawberry.type(description="What a client can choose on a form")
class ConsentFormSection:
    id: strawberry.ID = public("Its name on the form", lambda root: root.id)
    text: str = public("What it says, as the client reads it", _text)
    effect: Effect = public("Whether it opens or closes", lambda root: root.effect)
    shares_nothing: bool = public(
        "Whether choosing it shares nothing: it may take the place of an older form all the same",
        lambda root: root.shares_nothing,
    )
    categories: list[Category] = public("What it is about", lambda root: list(root.categories))
    recipients: To = public("Whom it speaks to", lambda root: root.to)
    group: str | None = public("The living group it names", lambda root: root.group)
    purposes: list[Purpose] = public("What the recipients may use it for", lambda root: list(root.purposes))
    term_days: int | None = public("How long it holds; null = until revoked", lambda root: root.term_days)


@strawberry.type(description="A release as the community prints it")
class ConsentForm:
    id: strawberry.ID = public("Which form, and its edition: `mn-hmis@1`", lambda root: root.name)
    title: str = public("What stands above it", _title)
    regime: Regime = public("The law it follows", lambda root: root.regime)
    choose: Choose = public("How its sections are chosen", lambda root: root.choose)
    sections: list[ConsentFormSection] = public("What can be chosen", lambda root: root.sections, size=10)


@strawberry.type(description="An agency that a client can name when signing")
class ConsentRecipient:
    id: strawberry.ID = public("Hub id of the agency", lambda root: root.values["id"])
    name: str = public("Its name", lambda root: root.values["name"])


@strawberry.type(description="What the community decided about consent for everybody")
class ConsentPolicy:
    notice: list[Category] = public(
        "What every agency sees by the privacy notice, whatever is signed",
        lambda root: list(root.notice_categories),
    )
    combination: Combination = public("What a newer form does to older ones", lambda root: root.combination)
    age_of_consent: int = public(
        "From which age somebody signs for themselves", lambda root: root.age_of_consent
    )


@strawberry.input(description="A form as a client filled it in. It holds from the day it is recorded")
class ConsentFormInput:
    form: strawberry.ID = strawberry.field(description="One of `consentForms`")
    sections: list[str] = strawberry.field(description="Those that were chosen")
    agencies: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Of `consentRecipients`, for sections whose recipients are NAMED",
    )
    end: datetime.date | None = strawberry.field(
        default=None,
        description="First day no longer in force, where the client wants that sooner than the form says",
    )
    method: str = strawberry.field(default="WRITTEN", description="WRITTEN, ELECTRONIC, VERBAL or TELEPHONIC")
    evidence: str | None = strawberry.field(
        default=None, description="sha256:… of the signed form; needed when written or electronic"
    )
    provisional_until: datetime.date | None = strawberry.field(
        default=None, description="A spoken consent stands in for a signature until this day"
    )
    guardian: strawberry.ID | None = strawberry.field(
        default=None, description="Hub id of the guardian who signs for a minor; null = the client signs"
    )
    language: Language | None = strawberry.field(
        default=None, description="In which language the client read it"
    )
    replaces: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Releases that end with it, by hub id of the grant"
    )

    def as_filled(self) -> signing.Filled:
        """The same for the resolver, which knows nothing of GraphQL."""
        return signing.Filled(
            form=self.form,
            sections=tuple(self.sections),
            method=self.method,
            agencies=tuple(self.agencies),
            evidence=self.evidence,
            guardian=self.guardian,
            end=self.end,
            provisional_until=self.provisional_until,
            language=self.language.value if self.language else None,
            replaces=tuple(self.replaces),
        )


@strawberry.input(description="What stays of a release of which a client takes a part back")
class ConsentNarrowInput:
    grant: strawberry.ID = strawberry.field(description="Hub id of the grant")
    categories: list[Category] = strawberry.field(description="What stays")
    end: datetime.date | None = strawberry.field(
        default=None, description="First day no longer in force; null = as before"
    )
    reason: str = strawberry.field(
        default="", description="Why, in a few words; kept with the revocation, needed to record it"
    )

    def as_narrowed(self) -> narrowing.Narrowed:
        """The same for the resolver, which knows nothing of GraphQL."""
        return narrowing.Narrowed(self.grant, tuple(self.categories), self.end, self.reason)


@strawberry.type(description="What was recorded of a form, or why nothing was")
class ConsentSignPayload:
    form: strawberry.ID | None = public("Hub id of the signed form", lambda root: root.form)
    grants: list[ConsentGrant] = public(
        "A grant for each section that was chosen", lambda root: root.grants, size=10
    )
    problems: list[Problem] = public(
        "What the writer can mend; empty = done", lambda root: root.problems, size=10
    )


async def of_community(info: Info) -> Any:
    return info.context.forms


async def recipients(info: Info) -> Any:
    return await forms.recipients(info.context)


async def policy(info: Info) -> Any:
    return forms.policy(info.context)


async def sign(
    info: Info,
    client: Annotated[strawberry.ID, argument("Hub id of the client")],
    input: Annotated[ConsentFormInput, argument("What the client chose")],
) -> Any:
    return await signing.sign(info.context, client, input.as_filled())


async def narrow(info: Info, input: Annotated[ConsentNarrowInput, argument("What stays of it")]) -> Any:
    return await narrowing.narrow(info.context, input.as_narrowed())
