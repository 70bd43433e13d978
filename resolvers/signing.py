"""Signing: a form as a client filled it in, as the proposals that it makes: one for each section chosen.

What each opens is the form's to say. The client may make it shorter, name agencies where a section asks for
them, and say what it takes the place of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from auth.consent import is_minor
from auth.forms import Choose, Section, Template, To
from auth.policy import Policy
from auth.regimes import end_of
from resolvers import clients
from resolvers.consent import Recorded, record_together
from resolvers.problems import Problem
from resolvers.proposals import FormPart, Proposal, Recipients
from resolvers.request import Request
from resolvers.rows import ClientRow


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in, before anything was checked."""

    form: str
    """The form by its id, with or without its edition."""
    sections: tuple[str, ...]
    """Those that were chosen."""
    method: str
    agencies: tuple[str, ...] = ()
    """Hub ids of those that the client named, for the sections that ask for them."""
    evidence: str | None = None
    guardian: str | None = None
    end: date | None = None
    """First day no longer in force, where that is sooner than the form says."""
    provisional_until: date | None = None
    language: str | None = None
    replaces: tuple[str, ...] = ()
    """Permits that end with it, by id."""


async def sign(request: Request, client: str, filled: Filled) -> Recorded:
    """Record all that a client chose on a form, in one transaction."""
    row = await clients.own(request, client)
    proposals, problems = proposals_of(request, client, row, filled)
    # Of a client who is not the viewer's own nothing is told, not even what is wrong with the form.
    if problems and row is not None:
        request.trail.about_people = True
        return Recorded(problems=tuple(problems))
    return await record_together(request, client, proposals, filled.replaces)


def proposals_of(
    request: Request, client: str, row: ClientRow | None, filled: Filled
) -> tuple[list[Proposal], list[Problem]]:
    """A proposal for each section chosen, and what is wrong with the choice."""
    template = form_of(request, filled.form)
    viewer = request.viewer
    if template is None or viewer is None or row is None:
        told = "This community uses no such form."
        return [], [Problem("UNKNOWN_FORM", told, ("input", "form"))]
    chosen = [section for section in template.sections if section.id in filled.sections]
    problems = [
        *_choice(template, filled, chosen),
        *_signer(row, filled, viewer.policy, request.as_of),
        *_end(filled, chosen, request.as_of),
    ]
    return [
        _proposal(template, section, client, filled, viewer.policy, request.as_of) for section in chosen
    ], problems


def form_of(request: Request, identifier: str) -> Template | None:
    """One of the community's forms, by its id with or without its edition."""
    return next((form for form in request.forms if identifier in (form.id, form.name)), None)


def _choice(template: Template, filled: Filled, chosen: list[Section]) -> Iterator[Problem]:
    path = ("input", "sections")
    if set(filled.sections) - {section.id for section in template.sections}:
        yield Problem("UNKNOWN_FORM", "The form has no such section.", path)
    elif template.choose is Choose.ONE and len(chosen) != 1:
        yield Problem("INVALID", "Choose one of the answers.", path)
    elif not chosen:
        told = "Choose at least one part. To share nothing, take back what stands."
        yield Problem("REQUIRED", told, path)
    if not filled.agencies and any(section.to is To.NAMED for section in chosen):
        told = "Name the agencies: a part that was chosen is for those alone."
        yield Problem("REQUIRED", told, ("input", "agencies"))


def _signer(row: ClientRow, filled: Filled, policy: Policy, today: date) -> Iterator[Problem]:
    """A permit that the wrong one signed opens nothing, so it is not written down (`Grant.is_signed_for`)."""
    births = () if row.born is None else (row.born,)
    path = ("input", "guardian")
    if is_minor(births, policy.age_of_consent, today):
        if filled.guardian is None:
            told = f"The client is younger than {policy.age_of_consent}: a guardian signs. Choose who."
            yield Problem("REQUIRED", told, path)
    elif filled.guardian is not None:
        yield Problem("INVALID", "The client is of age and signs for themselves.", path)


def _end(filled: Filled, chosen: list[Section], today: date) -> Iterator[Problem]:
    if filled.end is None:
        return
    if filled.end <= today:
        told = "The end is the first day it no longer holds; take a day to come."
        yield Problem("INVALID", told, ("input", "end"))
    terms = [section.term_days for section in chosen]
    longest = max((days for days in terms if days is not None), default=0)
    if chosen and None not in terms and filled.end > today + timedelta(days=longest):
        told = f"The form holds for {longest} days at most; take an earlier day."
        yield Problem("INVALID", told, ("input", "end"))


def _proposal(
    template: Template, section: Section, client: str, filled: Filled, policy: Policy, today: date
) -> Proposal:
    proposal = Proposal(
        client=client,
        effect=section.effect,
        categories=tuple(section.categories),
        purposes=section.purposes,
        recipients=_recipients(section, filled),
        start=today,
        end=None,
        method=filled.method,
        evidence=filled.evidence,
        provisional_until=filled.provisional_until,
        regime=template.regime,
        guardian=filled.guardian,
        part=FormPart(template.name, section.id),
        language=filled.language,
    )
    return (
        replace(proposal, end=_sooner(filled.end, section, policy, today)) if proposal.is_permit else proposal
    )


def _recipients(section: Section, filled: Filled) -> Recipients:
    match section.to:
        case To.COMMUNITY:
            return Recipients(community_wide=True)
        case To.GROUP:
            return Recipients(group=section.group)
        case To.NAMED:
            return Recipients(agencies=filled.agencies)


def _sooner(wished: date | None, section: Section, policy: Policy, today: date) -> date | None:
    """The first of the days that end it: the client's, the form's, the community's usual or longest."""
    term = None if section.term_days is None else today + timedelta(days=section.term_days)
    longest = None if policy.max_term_days is None else today + timedelta(days=policy.max_term_days)
    named = [day for day in (wished, term) if day is not None]
    if not named:
        return end_of(today, None, policy)
    return min([*named, *([longest] if longest is not None else [])])
