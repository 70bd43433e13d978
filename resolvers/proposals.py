"""Proposals: a grant as it was written down, and what can be seen to be wrong with it by reading it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from auth.categories import NOTHING, Category
from auth.consent import Effect
from auth.forms import Section, section_of
from auth.policy import Policy
from auth.regimes import PART2_LABELS, Regime, Written, end_of, is_too_long, missing
from auth.viewer import Purpose
from hmis.errors import InputRefused
from hmis.labels import NONE, Label
from resolvers.problems import Problem

METHODS = ("WRITTEN", "ELECTRONIC", "VERBAL", "TELEPHONIC", "NOTICE")
SIGNED = ("WRITTEN", "ELECTRONIC")
SPOKEN = ("VERBAL", "TELEPHONIC")


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """One person at one organization, by the subject of their token."""

    organization: str
    source: str
    subject: str


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a client names: exactly one of these kinds."""

    organizations: tuple[str, ...] = ()
    source: str | None = None
    group: str | None = None
    frozen: bool = False
    """The agencies in the group today, and none that joins later."""
    community_wide: bool = False
    partner: str | None = None
    person: NamedPerson | None = None
    agencies: tuple[str, ...] = ()
    """By hub id, of whatever source."""

    @property
    def kinds(self) -> int:
        """How many kinds were named."""
        named = (
            self.organizations,
            self.group,
            self.community_wide,
            self.partner,
            self.person,
            self.agencies,
        )
        return sum(bool(kind) for kind in named)


@dataclass(frozen=True, slots=True)
class FormPart:
    """Which form, which section of it, and the form's own id where another section was recorded before."""

    template: str
    section: str
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grant as it was written down, before anything was checked."""

    client: str
    effect: Effect
    categories: tuple[Category, ...]
    purposes: tuple[Purpose, ...]
    recipients: Recipients
    start: date
    end: date | None
    method: str
    evidence: str | None
    labels: tuple[Label, ...] = ()
    sources: tuple[str, ...] | None = None
    data_from: date | None = None
    data_to: date | None = None
    include_past: bool = True
    provisional_until: date | None = None
    regime: Regime = Regime.HUD
    guardian: str | None = None
    signed_by_client: bool | None = None
    """None = unless a guardian signed."""
    part: FormPart | None = None
    language: str | None = None
    """In which language the client read the form."""

    @property
    def is_permit(self) -> bool:
        return self.effect is Effect.PERMIT

    @property
    def mask(self) -> Category:
        """What it is about. A permit shares being there too: without that it would open nothing."""
        total = NOTHING
        for category in self.categories:
            total |= category
        return total | Category.EXISTENCE if self.is_permit and total else total

    @property
    def label_mask(self) -> Label:
        total = NONE
        for label in self.labels:
            total |= label
        return total

    @property
    def is_signed_by_client(self) -> bool:
        return self.guardian is None if self.signed_by_client is None else self.signed_by_client

    @property
    def since(self) -> date | None:
        """From when on records are meant: those of the past only where the client included them."""
        if self.include_past:
            return self.data_from
        return max(self.start, self.data_from or self.start)


def completed(proposal: Proposal, policy: Policy) -> Proposal:
    """The proposal with the end that the community gives to a permit that names none."""
    if not proposal.is_permit:
        return proposal
    return replace(proposal, end=end_of(proposal.start, proposal.end, policy))


def check(proposal: Proposal, policy: Policy) -> list[Problem]:
    """What can be seen to be wrong without looking anything up."""
    return [
        *_content(proposal),
        *_labels(proposal),
        *_dates(proposal, policy),
        *_signature(proposal),
        *_recipients(proposal.recipients),
        *_regime(proposal),
        *_form(proposal),
    ]


def _at(*path: str) -> tuple[str, ...]:
    return ("input", *path)


def _content(proposal: Proposal) -> Iterator[Problem]:
    if not proposal.categories and not _shares_nothing(proposal.part):
        yield Problem("REQUIRED", "Name at least one category.", _at("categories"))
    if not proposal.purposes:
        yield Problem("REQUIRED", "Name at least one purpose.", _at("purposes"))


def _labels(proposal: Proposal) -> Iterator[Problem]:
    named = proposal.label_mask
    if named & Label.VSP:
        yield Problem(
            "NOT_ALLOWED",
            "What a victim service provider holds is shared by no grant (34 USC 12291(b)(2)).",
            _at("labels"),
        )
    if not proposal.is_permit:
        return
    if named and (proposal.recipients.community_wide or proposal.method == "NOTICE"):
        yield Problem(
            "NOT_ALLOWED",
            "Labels are opened to named recipients by somebody who agreed: not communityWide, not NOTICE.",
            _at("labels"),
        )
    if named & PART2_LABELS and proposal.regime is not Regime.PART2:
        yield Problem(
            "INVALID", "PART2 and PART2_NOTES take a consent with regime PART2 (42 CFR 2.31).", _at("regime")
        )
    if named & Label.PART2_NOTES and named != Label.PART2_NOTES:
        yield Problem("INVALID", "PART2_NOTES takes a consent of its own (42 CFR 2.31(b)).", _at("labels"))


def _dates(proposal: Proposal, policy: Policy) -> Iterator[Problem]:
    if proposal.end is not None and proposal.end <= proposal.start:
        yield Problem("INVALID", "end is the first day no longer in force; take a later one.", _at("end"))
    elif proposal.is_permit and is_too_long(proposal.start, proposal.end, policy):
        days = policy.max_term_days
        yield Problem(
            "INVALID", f"A release runs {days} days at most in this community; end it earlier.", _at("end")
        )
    if proposal.data_to is not None and proposal.data_to <= (proposal.since or date.min):
        yield Problem(
            "INVALID", "dataTo is the first day no longer meant; no record lies before it.", _at("dataTo")
        )
    until = proposal.provisional_until
    if until is None:
        return
    if proposal.method not in SPOKEN:
        yield Problem(
            "INVALID", "Only a spoken consent is provisional: VERBAL or TELEPHONIC.", _at("provisionalUntil")
        )
    elif until <= proposal.start:
        yield Problem("INVALID", "provisionalUntil is later than start.", _at("provisionalUntil"))


def _signature(proposal: Proposal) -> Iterator[Problem]:
    if proposal.method not in METHODS:
        yield Problem("INVALID", f"method is one of {', '.join(METHODS)}.", _at("method"))
    if proposal.method in SIGNED and not proposal.evidence and proposal.regime is not Regime.PART2:
        yield Problem("REQUIRED", "A signed form needs evidence: sha256:… of it.", _at("evidence"))
    if proposal.is_permit and not proposal.is_signed_by_client and proposal.guardian is None:
        yield Problem("REQUIRED", "Somebody agrees: the client, or a guardian named here.", _at("guardian"))


def _recipients(recipients: Recipients) -> Iterator[Problem]:
    if recipients.kinds != 1:
        yield Problem(
            "INVALID",
            "recipients takes exactly one of organizations (with source), group, communityWide: true, "
            "partner and person.",
            _at("recipients"),
        )
    elif recipients.organizations and not recipients.source:
        yield Problem("REQUIRED", "Name the source of the organizations.", _at("recipients", "source"))
    elif recipients.person is not None and not recipients.person.subject.strip():
        yield Problem("REQUIRED", "Name the person.", _at("recipients", "person", "subject"))
    if recipients.frozen and not recipients.group:
        yield Problem("INVALID", "Only a group can be frozen.", _at("recipients", "frozen"))


def _regime(proposal: Proposal) -> Iterator[Problem]:
    """The required fields of a regime, each missing one by its name: such a grant would open nothing."""
    if not proposal.is_permit:
        return
    written = Written(
        proposal.method, proposal.evidence, not proposal.recipients.community_wide, proposal.end
    )
    for name, rule in missing(proposal.regime, written).items():
        yield Problem("REQUIRED", rule, _at(name))


def _form(proposal: Proposal) -> Iterator[Problem]:
    part = proposal.part
    if part is None:
        return
    section = _section(part)
    if section is None:
        yield Problem("UNKNOWN_FORM", "There is no such form, or it has no such section.", _at("template"))
        return
    if section.shares_nothing:
        if proposal.categories:
            yield Problem("INVALID", "This section shares nothing.", _at("categories"))
        return
    if section.effect is not proposal.effect:
        yield Problem("INVALID", f"This section is a {section.effect.value}.", _at("effect"))
    if proposal.mask & ~section.categories:
        yield Problem("INVALID", "A category does not stand in this section.", _at("categories"))


def _section(part: FormPart) -> Section | None:
    try:
        return section_of(part.template, part.section)
    except InputRefused:
        return None


def _shares_nothing(part: FormPart | None) -> bool:
    section = _section(part) if part else None
    return section is not None and section.shares_nothing
