"""What somebody lives on, and how that changes from one review to the next."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from hmis.community.chance import chance
from hmis.community.people import Pay, Person

_CENTS = (Decimal("0.00"), Decimal("0.25"), Decimal("0.50"), Decimal("0.00"))
_RANGES: dict[str, tuple[int, int]] = {
    "Earned": (320, 1900),
    "Unemployment": (480, 1300),
    "SSI": (620, 967),
    "SSDI": (690, 1560),
    "VADisabilityService": (170, 1760),
    "VADisabilityNonService": (300, 1120),
    "PrivateDisability": (500, 1200),
    "WorkersComp": (600, 1500),
    "TANF": (200, 560),
    "GA": (115, 330),
    "SocSecRetirement": (610, 1480),
    "Pension": (120, 800),
    "ChildSupport": (80, 420),
    "Alimony": (150, 500),
    "OtherIncomeSource": (40, 360),
}


class Luck:
    """Whether somebody has a benefit or insurance: mostly the same answer each time it is asked."""

    def __init__(self, rng: random.Random, certain: bool) -> None:
        self._rng = rng
        self._certain = certain  # likely things are so, unlikely ones are not
        self._rolls: dict[str, int] = {}

    def has(self, name: str, percent: int) -> bool:
        if self._certain:
            return percent >= 50
        if name not in self._rolls or chance(self._rng, 8):
            self._rolls[name] = self._rng.randrange(100)
        return self._rolls[name] < percent


class Purse:
    """The monthly income of one person, source by source (HUD 4.02)."""

    def __init__(self, rng: random.Random, person: Person, day: date, has_children: bool) -> None:
        self._rng = rng
        self._person = person
        self._has_children = has_children
        self.sources: dict[str, Decimal] = {}
        for source, percent in self._likely(person.age(day)).items():
            if chance(rng, percent):
                self._gain(source)
        self._follow_plan(day)

    def _likely(self, age: int) -> dict[str, int]:
        """How likely each source is at first sight, in a hundred."""
        person = self._person
        if age < 18:
            return {"Earned": 10}
        likely = {"Earned": 12 if person.is_disabled else 34, "GA": 6, "OtherIncomeSource": 3, "Alimony": 1}
        if person.lasting:
            likely |= {"SSI": 24, "SSDI": 17, "PrivateDisability": 4}
        if self._has_children:
            likely |= {"TANF": 30, "ChildSupport": 14}
        if person.service:
            likely |= {"VADisabilityService": 30, "VADisabilityNonService": 10}
        if age >= 62:
            likely |= {"SocSecRetirement": 64, "Pension": 12, "Earned": 6}
        else:
            likely |= {"Unemployment": 5, "WorkersComp": 2}
        return likely

    def _gain(self, source: str) -> None:
        self.sources[source] = Decimal(self._rng.randint(*_RANGES[source])) + self._rng.choice(_CENTS)

    def move_on(self, day: date) -> None:
        """Time has passed until that day: some find work, some lose it, some are granted a benefit."""
        rng, person = self._rng, self._person
        for source, amount in self.sources.items():
            grown = amount * (100 + rng.randint(0, 4)) / 100
            self.sources[source] = grown.quantize(Decimal("0.01"))
        if 18 <= person.age(day) < 65 and "Earned" not in self.sources and chance(rng, 18):
            self._gain("Earned")
            self.sources.pop("Unemployment", None)
        elif "Earned" in self.sources and chance(rng, 14):
            del self.sources["Earned"]
            if chance(rng, 35):
                self._gain("Unemployment")
        if person.lasting and not {"SSI", "SSDI"} & self.sources.keys() and chance(rng, 22):
            self._gain("SSI" if chance(rng, 60) else "SSDI")
            self.sources.pop("GA", None)
        self._follow_plan(day)

    def _follow_plan(self, day: date) -> None:
        plan: Pay | None = None
        for since, pay in self._person.pays:
            if since <= day:
                plan = pay
        if plan is not None:
            self.sources = dict(plan)
