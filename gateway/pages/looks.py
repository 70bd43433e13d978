"""Disclosures as one reads them to the client: by month, a sentence for each agency, day and reason.

What an accounting has to say is in 45 CFR 164.528(b)(2) and (3): the date, who received it, what in brief,
what for; of several alike the first, how many, and the last, which within a day is the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from gateway.pages.agreed import long_day, yours
from gateway.pages.category_words import PURPOSE_WORDS
from gateway.pages.places import _
from gateway.pages.rendering import says


@dataclass(slots=True)
class Look:
    """What one agency was told on one day for one reason."""

    day: date
    agency: str
    purpose: str | None
    emergency: bool
    categories: set[str] = field(default_factory=set)
    times: int = 0

    def sentence(self, language: str, order: list[str]) -> str:
        """On March 3, 2026, Cedar Street Housing looked at: your name and your stays."""
        told = {
            "day": long_day(self.day, language),
            "agency": self.agency,
            "what": yours(sorted(self.categories, key=order.index), language),
        }
        say = says(language)
        if self.emergency:
            return say(_("On %(day)s, %(agency)s looked in an emergency at: %(what)s.")) % told
        return say(_("On %(day)s, %(agency)s looked at: %(what)s.")) % told

    def reason(self, language: str) -> str:
        """Reason: to coordinate your care."""
        say = says(language)
        if self.purpose is None:
            return say(_("Reason: not known any more."))
        why = {"why": say(PURPOSE_WORDS.get(self.purpose, self.purpose))}
        return say(_("Reason: %(why)s.")) % why


@dataclass(frozen=True, slots=True)
class Month:
    """The looks of a month, newest first."""

    name: str
    looks: tuple[Look, ...]


def by_month(disclosures: Iterable[Mapping[str, Any]], language: str, zone: ZoneInfo) -> list[Month]:
    """Disclosures as the API gives them (`at agency purpose categories emergency`), newest first.

    Args:
        zone: the community's, whose days are told.
    """
    looks: dict[tuple[date, str, str | None, bool], Look] = {}
    for one in disclosures:
        day = datetime.fromisoformat(one["at"]).astimezone(zone).date()
        key = (day, one["agency"], one["purpose"], one["emergency"])
        look = looks.setdefault(key, Look(*key))
        look.categories |= set(one["categories"])
        look.times += 1
    months: dict[date, list[Look]] = {}
    for look in looks.values():
        months.setdefault(look.day.replace(day=1), []).append(look)
    return [
        Month(format_date(month, "MMMM y", language), tuple(of_month)) for month, of_month in months.items()
    ]
