"""What a recipient owes for what was told on a consent: the notice that the law sends along with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from auth.categories import Category
from auth.consent import Grant, Opened
from auth.regimes import Regime


@dataclass(frozen=True, slots=True, order=True)
class Obligation:
    """One notice, and the consent that it goes with."""

    grant: UUID
    code: str
    text: str


_NOTICES = {
    # 42 CFR 2.32(a)(2), the shorter of the two statements that the rule offers. The reference to the consent
    # is there for 2.32(b), which wants a copy of it, or of what it covers, to go along.
    Regime.PART2.value: (
        "42_CFR_2_32",
        "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
    )
}


def opening(opened: Opened, category: Category) -> tuple[Grant, ...]:
    """The grants that open a category of a record, and no others."""
    return tuple(
        grant
        for grant in opened.permits
        if isinstance(grant, Grant)
        and grant.categories & category
        and not opened.labels & ~grant.named_labels
    )


def owed_for(grants: Iterable[Grant]) -> frozenset[Obligation]:
    """What is owed for something that these grants opened: nothing for most."""
    return frozenset(
        Obligation(grant.id, *_NOTICES[grant.regime]) for grant in grants if grant.regime in _NOTICES
    )
