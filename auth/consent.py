"""The decision: what one viewer may see of one person, now.

`decide` is a plain function: facts in, answer and reason out; no database, no clock. `auth/visibility.py`
says the same rules in SQL for lists, and tests hold the two equal.

The order is total, and for each category the first rule that speaks wins:

    0  the viewer may act for nobody, or for no such purpose   -> nothing (auth/membership.py)
    1  records of a victim service provider                    -> never for anyone else
    2  own record                                              -> all of it, as it was entered
    3  break-glass open for this client                        -> all but rule 1
    4  a deny grant that speaks to the viewer                  -> denied, whatever any permit says
    5  a permit grant that speaks to the viewer                -> permitted; labels only if it names them
    6  categories that the community's notice covers           -> permitted, never labels
    7  otherwise                                               -> denied

Who asks for law enforcement sees what an order in force lists (`auth/legal_order.py`), by none of 2 to 6.
Last, everything is cut to what scope, role and purpose may see at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from auth.categories import EVERYTHING, HMIS, NOTHING, Category
from auth.legal_order import LegalOrder
from auth.policy import Combination, Policy
from auth.viewer import Purpose, Role, Scope, Viewer
from hmis.labels import NONE, Label

POLICY_VERSION = "2026.3"
"""Written to every audit row, so that a later reader knows which rules decided."""


class Effect(StrEnum):
    """Whether a grant opens or closes."""

    PERMIT = "PERMIT"
    DENY = "DENY"


class Reason(StrEnum):
    """Why a category is open or closed. For the client and privacy officers; callers get coarser words."""

    OWN_RECORD = "OWN_RECORD"
    BREAK_GLASS = "BREAK_GLASS"
    LEGAL_ORDER = "LEGAL_ORDER"
    GRANT = "GRANT"
    NOTICE = "NOTICE"
    DENIED_BY_CLIENT = "DENIED_BY_CLIENT"
    NO_GRANT = "NO_GRANT"
    ROLE = "ROLE"


@dataclass(frozen=True, slots=True)
class Guardian:
    """An adult who may sign for a minor, as far as it matters to a decision."""

    id: UUID
    start: date
    end: date | None
    barred: bool = False
    """A court or the agency took the authority away: every grant they signed is dead."""

    def may_sign_on(self, day: date) -> bool:
        return not self.barred and self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client agreed to (or refused) once. See `hmis/tables/consent.py`."""

    id: UUID
    effect: Effect
    categories: Category
    purposes: frozenset[str]
    community_wide: bool
    agencies: frozenset[UUID]
    """Named recipients: agencies frozen at signing, and those of a living group on the day asked."""
    start: date
    end: date | None
    """First day no longer in force. None = until revoked."""
    revoked: bool = False
    labels: Label = NONE
    """Named one by one. A community-wide or notice grant carries none, whatever was written down."""
    subject: str | None = None
    """One person at a named agency. None = whoever acts for it."""
    sources: frozenset[int] | None = None
    """Only records of these sources. None = of every source."""
    data_from: date | None = None
    data_to: date | None = None
    """Only records dated in this half-open period. None = no such limit."""
    provisional_until: date | None = None
    """A spoken consent stands in for a signature until this day. None = it is final."""
    form: UUID | None = None
    """The signed form it was one section of. None = recorded by itself."""
    signed_by_client: bool = True
    guardian: Guardian | None = None
    regime: str = "HUD"
    method: str = "WRITTEN"
    evidence: str | None = None
    recorded_at: datetime | None = None

    def stays_open_on(self, day: date) -> bool:
        """Half-open: in force on `start`, no longer on `end`, nor on the day a spoken consent lapses."""
        if self.revoked or day < self.start or (self.end is not None and self.end <= day):
            return False
        return self.provisional_until is None or day < self.provisional_until

    def speaks_to(self, viewer: Viewer) -> bool:
        """Named recipient (or everybody with an agreement), asking for a purpose the client named."""
        if self.subject is not None and self.subject != viewer.subject:
            return False
        if not self.community_wide and viewer.agency.id not in self.agencies:
            return False
        return viewer.purpose.value in self.purposes

    def is_signed_for(self, minor: bool, day: date) -> bool:
        """A grown person signs for themselves; for a minor somebody must who may.

        A refusal counts whoever spoke it. Age of consent: the community's policy; RHY 45 CFR 1351.19.
        """
        if self.effect is Effect.DENY:
            return True
        if not minor:
            return self.signed_by_client
        return self.guardian is not None and self.guardian.may_sign_on(day)

    @property
    def is_complete(self) -> bool:
        """Whether its regime's required fields are there. 42 CFR 2.31(a): written or electronic, signed, with
        a named recipient, and ending."""
        if self.regime != "PART2" or self.effect is Effect.DENY:
            return True
        signed = self.method in ("WRITTEN", "ELECTRONIC") and self.evidence is not None
        return signed and not self.community_wide and self.end is not None

    @property
    def named_labels(self) -> Label:
        """Labels it opens: none where everybody is meant."""
        if self.effect is Effect.PERMIT and (self.community_wide or self.method == "NOTICE"):
            return NONE
        if self.labels & Label.PART2_NOTES and self.labels != Label.PART2_NOTES:
            return self.labels & ~(Label.VSP | Label.PART2_NOTES)  # 42 CFR 2.31(b): a consent of its own
        return self.labels & ~Label.VSP

    def covers(self, record: RecordFacts) -> bool:
        """Whether the record is among those the grant speaks of. An undated record is in every period."""
        if self.sources is not None and record.source_id not in (None, *self.sources):
            return False
        if record.day is None:
            return True
        early = self.data_from is not None and record.day < self.data_from
        late = self.data_to is not None and record.day >= self.data_to
        return not (early or late)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the rules ask of a record: where it comes from, of when it is, what it tells by itself."""

    source_id: int | None
    """None = any source: for what is asked of a person and not of a record."""
    day: date | None = None
    labels: Label = NONE


ANY_RECORD = RecordFacts(None)
PARTNER_RECORD = RecordFacts(0)
"""What a partner holds comes from no HMIS source, so a grant that names sources does not cover it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask of a person."""

    grants: tuple[Grant, ...] = ()
    """Every grant of the person, whatever its state."""
    births: tuple[date, ...] = ()
    """Birth dates in the person's records; the oldest decides whether they are of age. Empty = grown."""
    break_glass: UUID | None = None
    """An opening of this viewer for this person that is in force now."""
    orders: tuple[LegalOrder, ...] = ()
    """Orders of courts about this person."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What is open of one record: the categories, and for values that tell more, by which permits."""

    allowed: Category
    labels: Label = NONE
    permits: tuple[Grant | LegalOrder, ...] = ()
    denials: tuple[Grant, ...] = ()
    everything: bool = False
    """Own record or break-glass: labelled values too."""
    but: Label = NONE
    """Labels that even then take a grant."""

    def shows(self, category: Category, label: Label) -> bool:
        """Whether a value of this category that carries a label may be seen."""
        if not self.allowed & category:
            return False
        if not label or (self.everything and not label & self.but):
            return True
        wanted = self.labels | label
        if any(grant.categories & category and grant.labels & wanted for grant in self.denials):
            return False
        return any(grant.categories & category and not wanted & ~grant.named_labels for grant in self.permits)


CLOSED = Opened(NOTHING)
_EXISTENCE = Category.EXISTENCE.value
NEVER = Label.VSP | Label.PART2_NOTES
"""Rule 1: no emergency opens them. 34 USC 12291(b)(2); 42 CFR 2.31(b)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a viewer may see of the records that other agencies entered about one person."""

    permits: tuple[Grant, ...] = ()
    denials: tuple[Grant, ...] = ()
    notice: Category = NOTHING
    break_glass: UUID | None = None
    may_see: Category = NOTHING
    orders: tuple[LegalOrder, ...] = ()
    """In force for a viewer who asks for law enforcement: then there is nothing else."""

    def of(self, record: RecordFacts) -> Opened:
        """What is open of one record. Nothing without EXISTENCE from its source: it is not there."""
        agreed = tuple([grant for grant in self.permits if grant.covers(record)])
        permits: tuple[Grant | LegalOrder, ...] = self.orders or agreed
        denials = tuple([grant for grant in self.denials if grant.covers(record)])
        if self.break_glass is not None and not record.labels & NEVER:
            return Opened(self.may_see, record.labels, permits, denials, everything=True, but=NEVER)
        # Plain numbers from here: flags of an enum take ten times as long, and this runs for every record.
        told = record.labels._value_
        there = self.notice._value_
        opened = self.notice._value_ if not told else 0
        for grant in permits:
            there |= grant.categories._value_
            if not told or not told & ~grant.named_labels._value_:
                opened |= grant.categories._value_
        for grant in denials:
            if not grant.labels:
                there &= ~grant.categories._value_
                opened &= ~grant.categories._value_
            elif grant.labels._value_ & told:
                opened &= ~grant.categories._value_
        if not there & _EXISTENCE:
            return CLOSED
        return Opened(Category(opened & self.may_see._value_), record.labels, permits, denials)

    @property
    def allowed(self) -> Category:
        """What is open of an undated, unlabelled record of a source that no grant excludes."""
        return self.of(ANY_RECORD).allowed

    @property
    def widest(self) -> tuple[Category, Label]:
        """At least what is open of every record there may be: categories, and labels."""
        opened, named = self.notice, NONE
        openers: tuple[Grant | LegalOrder, ...] = self.orders or self.permits
        for grant in openers:
            opened |= grant.categories
            named |= grant.named_labels
        return opened & self.may_see, named

    @property
    def grants(self) -> tuple[UUID, ...]:
        """The grants that open anything."""
        return tuple(sorted(grant.id for grant in self.permits if grant.categories & self.may_see))

    def reason(self, category: Category) -> Reason:
        """Why this one category is open or closed, for records of other agencies."""
        opened = self.of(ANY_RECORD).allowed
        if opened & category:
            if self.break_glass is not None:
                return Reason.BREAK_GLASS
            if self.orders:
                return Reason.LEGAL_ORDER
            permitted = any(grant.categories & category for grant in self.permits)
            return Reason.GRANT if permitted else Reason.NOTICE
        if any(grant.categories & category and not grant.labels for grant in self.denials):
            return Reason.DENIED_BY_CLIENT
        if any(grant.categories & category for grant in self.permits) and not self.may_see & category:
            return Reason.ROLE
        return Reason.NO_GRANT


ROLE_MAY_SEE: Mapping[Role, Category] = {
    Role.CASE_MANAGER: EVERYTHING & ~Category.SSN_FULL,
    Role.PRIVACY_OFFICER: EVERYTHING & ~Category.SSN_FULL,
    Role.DASHBOARD: EVERYTHING
    & ~(
        Category.NAME
        | Category.SSN_LAST4
        | Category.SSN_FULL
        | Category.CONTACT
        | Category.CURRENT_LOCATION
        | Category.NOTES
        | Category.FILES
    ),
    Role.INTEGRATOR: NOTHING,
    Role.SYSTEM: NOTHING,
}
"""The widest a role may see, whoever agreed: a dashboard draws numbers and needs no names, an integrator
needs no person at all. A full SSN leaves the hub for nobody whose work is not matching it."""

_IDENTIFIERS = Category.NAME | Category.DOB | Category.SSN_LAST4 | Category.SSN_FULL | Category.CONTACT
PURPOSE_MAY_NOT_SEE: Mapping[Purpose, Category] = {
    Purpose.REPORTING: Category.NAME | Category.SSN_LAST4 | Category.SSN_FULL | Category.CONTACT,
    Purpose.DEIDENTIFICATION: _IDENTIFIERS,
    Purpose.RESEARCH: _IDENTIFIERS,
}
"""What a purpose has no need of, whatever the role. 69 FR 45888, 4.1.3 and 4.1.4."""


_MAY_SEE = {
    (role, purpose): ROLE_MAY_SEE[role] & ~PURPOSE_MAY_NOT_SEE.get(purpose, NOTHING)
    for role in Role
    for purpose in Purpose
}


def may_see(viewer: Viewer) -> Category:
    """The widest this viewer may see: scope, role and purpose together."""
    if Scope.CLIENTS_READ not in viewer.scopes:
        return NOTHING
    return _MAY_SEE[viewer.role, viewer.purpose]


def own_record(viewer: Viewer) -> Category:
    """Rule 2: what the viewer sees of a record that its own agency entered."""
    if viewer.under_order:
        return NOTHING
    return HMIS & may_see(viewer)


def decide(viewer: Viewer, facts: Facts, policy: Policy, as_of: date) -> Decision:
    """Decide what the viewer may see of one person's records that other agencies entered.

    Args:
        viewer: who asks, with agency, role and purpose already proved (rule 0).
        facts: what is known of the person; see `Facts`.
        policy: what the community decided for everybody.
        as_of: the day of the request in the community's time zone, one for the whole request.

    Returns:
        The grants that speak to this viewer; `Decision.of(record)` says what they open of one record.
    """
    widest = may_see(viewer)
    if viewer.under_order:
        speaking_orders = tuple(order for order in facts.orders if order.speaks_to(viewer, as_of))
        return Decision(orders=speaking_orders, may_see=widest)
    minor = is_minor(facts.births, policy.age_of_consent, as_of)
    latest = latest_form(facts.grants) if policy.combination is Combination.LATEST else None
    speaking = [
        grant
        for grant in facts.grants
        if grant.stays_open_on(as_of)
        and grant.speaks_to(viewer)
        and grant.is_signed_for(minor, as_of)
        and grant.is_complete
    ]
    permits = [
        grant
        for grant in speaking
        if grant.effect is Effect.PERMIT and (latest is None or grant.form in (None, latest))
    ]
    return Decision(
        permits=tuple(permits),
        denials=tuple([grant for grant in speaking if grant.effect is Effect.DENY]),
        notice=policy.notice_categories,
        break_glass=facts.break_glass,
        may_see=widest,
    )


def is_minor(births: Iterable[date], age_of_consent: int, day: date) -> bool:
    """Whether the person is below the age of consent. Unknown = grown; records that differ: the oldest."""
    oldest = min(births, default=None)
    if oldest is None:
        return False
    years = day.year - oldest.year - ((day.month, day.day) < (oldest.month, oldest.day))
    return years < age_of_consent


def latest_form(grants: Iterable[Grant]) -> UUID | None:
    """The form recorded last, in force or not: where the newest wins, an older one never comes back."""
    forms = [grant for grant in grants if grant.form is not None and grant.recorded_at is not None]
    newest = max(forms, key=lambda grant: (grant.recorded_at, grant.form), default=None)
    return newest.form if newest else None
