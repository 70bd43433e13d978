"""Forms: the releases that communities use, as data, and the grants that a filled-in form makes.

One file a form (`auth/forms/*.toml`). A section is what a client can choose: it permits, denies, or shares
nothing. `golden` matrices in tests hold what each choice lets each role see.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from auth.categories import NOTHING, Category
from auth.consent import Effect
from auth.grants import NewGrant
from auth.policy import Combination, Policy
from auth.regimes import Regime
from auth.viewer import Purpose
from hmis.errors import InputRefused

FOLDER = Path(__file__).parent


class Language(StrEnum):
    """A language that forms are written in."""

    EN = "en"
    ES = "es"


LANGUAGES = tuple(language.value for language in Language)
_SHARES_NOTHING = "NOTHING"


class Choose(StrEnum):
    """How sections are chosen: EACH apart by yes or no, or ONE of them."""

    EACH = "EACH"
    ONE = "ONE"


class To(StrEnum):
    """Whom a section names: everybody, a living group, or agencies that the client names when signing."""

    COMMUNITY = "COMMUNITY"
    GROUP = "GROUP"
    NAMED = "NAMED"


@dataclass(frozen=True, slots=True)
class Section:
    """One choice on a form."""

    id: str
    text: Mapping[str, str]
    """In plain words, by language."""
    effect: Effect
    categories: Category
    """Empty: a choice to share nothing, kept because it may replace an older form."""
    to: To
    group: str | None
    """Name of the living visibility group, where the section names one."""
    purposes: tuple[Purpose, ...]
    term_days: int | None
    """How long it holds; None = until revoked."""

    @property
    def shares_nothing(self) -> bool:
        return not self.categories


@dataclass(frozen=True, slots=True)
class Template:
    """A form as a community prints it."""

    id: str
    version: str
    title: Mapping[str, str]
    """By language."""
    regime: Regime
    choose: Choose
    combination: Combination
    age_of_consent: int
    form_per_child: bool
    """Whether each child has a form of its own, or a parent's form may name the children."""
    notice: Category
    """Shared by the community's notice, whatever is chosen."""
    sections: tuple[Section, ...]

    @property
    def name(self) -> str:
        """As a grant keeps it: which form, which edition."""
        return f"{self.id}@{self.version}"

    @property
    def policy(self) -> Policy:
        """What a community decides that uses this form and no other."""
        return Policy(
            notice_categories=self.notice,
            combination=self.combination,
            age_of_consent=self.age_of_consent,
            notice_version=self.name if self.notice else None,
        )

    def section(self, identifier: str) -> Section:
        for section in self.sections:
            if section.id == identifier:
                return section
        known = ", ".join(section.id for section in self.sections)
        raise InputRefused(f"Form {self.id} has no such section. Its sections: {known}.")


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signed a form, when, and how; whom they named."""

    person: UUID
    form: UUID
    start: date
    method: str
    evidence: str | None
    agencies: tuple[UUID, ...] = ()
    """Those that the client named, for sections that name agencies."""
    groups: Mapping[str, UUID] = field(default_factory=dict)
    guardian: UUID | None = None
    """Who signed for the person; None = the person."""
    children: Mapping[UUID, UUID] = field(default_factory=dict)
    """Children on the same form, each with the guardian who signs for them."""


def grants_of(template: Template, choices: Mapping[str, bool], signing: Signing) -> list[NewGrant]:
    """The grants that a filled-in form makes: one for each section chosen, and for each child on it.

    Args:
        template: the form.
        choices: yes or no by section; a section left out is a no.
        signing: who signed, and whom they named.

    Raises:
        InputRefused: a choice the form does not offer, or a recipient it needs and nobody named.
    """
    chosen = _chosen(template, choices)
    if signing.children and template.form_per_child:
        raise InputRefused(f"Form {template.id} is signed for each child by itself.")
    return [
        _grant(template, section, signing, person, guardian)
        for section in chosen
        for person, guardian in [(signing.person, signing.guardian), *signing.children.items()]
    ]


def _chosen(template: Template, choices: Mapping[str, bool]) -> list[Section]:
    chosen = [template.section(name) for name, answer in choices.items() if answer]
    for name in choices:
        template.section(name)
    if template.choose is Choose.ONE and len(chosen) != 1:
        known = ", ".join(section.id for section in template.sections)
        raise InputRefused(f"Form {template.id} takes exactly one of: {known}.")
    return chosen


def _grant(
    template: Template, section: Section, signing: Signing, person: UUID, guardian: UUID | None
) -> NewGrant:
    agencies: tuple[UUID, ...] = ()
    group = None
    if section.to is To.NAMED:
        if not signing.agencies:
            raise InputRefused(f"Section {section.id} of form {template.id} names agencies: name them.")
        agencies = signing.agencies
    elif section.to is To.GROUP:
        group = signing.groups.get(section.group or "")
        if group is None:
            raise InputRefused(f"Section {section.id} needs a visibility group named {section.group}.")
    ends = timedelta(days=section.term_days) if section.term_days is not None else None
    return NewGrant(
        person=person,
        effect=section.effect,
        categories=section.categories,
        purposes=tuple(purpose.value for purpose in section.purposes),
        community_wide=section.to is To.COMMUNITY,
        agencies=agencies,
        group=group,
        start=signing.start,
        end=signing.start + ends if ends is not None else None,
        method=signing.method,
        evidence=signing.evidence,
        form=signing.form,
        template=template.name,
        section=section.id,
        regime=template.regime.value,
        signed_by_client=guardian is None,
        guardian=guardian,
    )


@cache
def templates() -> Mapping[str, Template]:
    """Every form, by its id."""
    found = [read(path) for path in sorted(FOLDER.glob("*.toml"))]
    return {template.id: template for template in found}


def template_of(identifier: str) -> Template:
    """A form by its id, with or without its edition: `mn-hmis` or `mn-hmis@1`.

    Raises:
        InputRefused: there is no such form, or not in that edition.
    """
    name, _, version = identifier.partition("@")
    template = templates().get(name)
    if template is None or version not in ("", template.version):
        known = ", ".join(each.name for each in templates().values())
        raise InputRefused(f"There is no such form. Known forms: {known}.")
    return template


def section_of(template: str, section: str) -> Section:
    """A section of a form; InputRefused where there is none."""
    return template_of(template).section(section)


def read(path: Path) -> Template:
    """A form from its file.

    Raises:
        InputRefused: something is missing, unknown or contradicts itself; names the file and the key.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        template = _template(raw)
        _agrees(template)
    except KeyError as absent:
        raise InputRefused(f"{path.name}: {absent.args[0]} is missing.") from None
    except (ValueError, TypeError) as wrong:
        raise InputRefused(f"{path.name}: {wrong}") from None
    return template


_FORM_KEYS = frozenset(Template.__dataclass_fields__) - {"sections"} | {"section"}
_SECTION_KEYS = frozenset(Section.__dataclass_fields__)


def _template(raw: Mapping[str, Any]) -> Template:
    _known(raw, _FORM_KEYS, "the form")
    return Template(
        id=str(raw["id"]),
        version=str(raw["version"]),
        title=_spoken(raw["title"]),
        regime=Regime(raw["regime"]),
        choose=Choose(raw["choose"]),
        combination=Combination(raw["combination"]),
        age_of_consent=int(raw["age_of_consent"]),
        form_per_child=bool(raw["form_per_child"]),
        notice=_categories(raw.get("notice", ())),
        sections=tuple(_section(section) for section in raw["section"]),
    )


def _section(raw: Mapping[str, Any]) -> Section:
    _known(raw, _SECTION_KEYS, f"section {raw['id']}")
    nothing = raw["effect"] == _SHARES_NOTHING
    days = raw.get("term_days")
    return Section(
        id=str(raw["id"]),
        text=_spoken(raw["text"]),
        effect=Effect.PERMIT if nothing else Effect(raw["effect"]),
        categories=_categories(raw.get("categories", ())),
        to=To(raw["to"]),
        group=raw.get("group"),
        purposes=tuple(Purpose(name) for name in raw["purposes"]),
        term_days=None if days is None else int(days),
    )


def _spoken(raw: Mapping[str, Any]) -> dict[str, str]:
    return {language: str(raw[language]) for language in LANGUAGES}


def _known(raw: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    unknown = sorted(set(raw) - keys)
    if unknown:
        raise ValueError(f"{where} has unknown keys: {', '.join(unknown)}.")


def _categories(names: Sequence[str]) -> Category:
    total = NOTHING
    for name in names:
        if name not in Category.__members__:
            raise ValueError(f"{name} is no category.")
        total |= Category[name]
    return total


def _agrees(template: Template) -> None:
    """What single values cannot tell: parts that contradict each other."""
    ids = [section.id for section in template.sections]
    if not ids or len(ids) != len(set(ids)):
        raise ValueError("a form has sections, each with an id of its own.")
    for section in template.sections:
        if not all(text.strip() for text in section.text.values()):
            raise ValueError(f"section {section.id} says nothing in one of {', '.join(LANGUAGES)}.")
        if (section.to is To.GROUP) != (section.group is not None):
            raise ValueError(f"section {section.id}: group goes with to = GROUP.")
        if section.shares_nothing:
            continue
        if section.effect is Effect.PERMIT and not section.categories & Category.EXISTENCE:
            raise ValueError(f"section {section.id} permits without EXISTENCE, which would open nothing.")
        if not section.purposes:
            raise ValueError(f"section {section.id} names no purpose.")
    if template.notice and not template.notice & Category.EXISTENCE:
        raise ValueError("notice without EXISTENCE would open nothing.")
    if template.regime is Regime.PART2 and any(
        section.to is To.COMMUNITY or section.term_days is None for section in template.sections
    ):
        raise ValueError("a Part 2 form names its recipients and ends (42 CFR 2.31).")
