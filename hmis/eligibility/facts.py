"""What is known of somebody and their household. None = not known: never asked, refused or withheld.

Nothing here tells of citizenship or immigration status, and no rule asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Fact(StrEnum):
    """What a rule may need to know and not find."""

    HOUSEHOLD = "HOUSEHOLD"
    INCOME = "INCOME"
    BENEFITS = "BENEFITS"
    AGE = "AGE"
    PREGNANCY = "PREGNANCY"
    DISABILITY = "DISABILITY"
    DEDUCTIONS = "DEDUCTIONS"
    STATE = "STATE"
    STATE_LIMIT = "STATE_LIMIT"
    AREA = "AREA"
    AREA_LIMIT = "AREA_LIMIT"
    RULES = "RULES"


@dataclass(frozen=True, slots=True)
class Person:
    """One member of a household."""

    age: int | None = None
    """Full years."""
    income: Decimal | None = None
    """Dollars a month before deductions."""
    pregnant: bool | None = None
    """Pregnant, or was within the last half year."""
    disabled: bool | None = None
    """As SNAP means it, 7 CFR 271.2: by a benefit that is paid for a disability."""
    snap: bool | None = None
    wic: bool | None = None
    tanf: bool | None = None
    ssi: bool | None = None
    medicaid: bool | None = None
    va_pension: bool | None = None
    """A pension of the VA by need, 38 USC chapter 15."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a screening looks at."""

    client: Person
    others: tuple[Person, ...] | None = None
    """The rest of the household. None = nobody knows who is in it."""
    state: str | None = None
    """Two letters."""
    area: str | None = None
    """HUD's geocode of the city or county."""
    deductions: Decimal | None = None
    """Dollars a month that SNAP takes off before the net test. HMIS does not know them."""

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody known to be in the household, the client first."""
        return (self.client, *(self.others or ()))


FRESH = timedelta(days=395)
"""How long an answer about income or pregnancy is taken for true: HUD has it asked once a year, within 30
days of the day (HMIS Data Standards, annual assessment)."""
_PREGNANCY = timedelta(days=280)
_AFTER_BIRTH = timedelta(days=183)
_MAY_BE_PREGNANT = 10
GROWN = 18


@dataclass(frozen=True, slots=True)
class Answers:
    """What HMIS holds of one person, as far as it may be seen; None where there is nothing."""

    born: date | None = None
    is_male: bool = False
    """True only where HUD 4.21 says so."""
    income: Mapping[str, Any] = field(default_factory=dict)
    """The newest IncomeBenefits by column (`INCOME_COLUMNS`); empty = no such record."""
    pregnancy: int | None = None
    """HealthAndDV.PregnancyStatus, HUD list 1.8."""
    due: date | None = None
    pregnancy_asked: date | None = None
    disabling_condition: int | None = None
    """Enrollment.DisablingCondition, HUD list 1.8."""


INCOME_COLUMNS = (
    *("information_date", "income_from_any_source", "total_monthly_income"),
    *("benefits_from_any_source", "snap", "wic", "insurance_from_any_source", "medicaid"),
    *("tanf", "ssi", "ssdi", "va_disability_service", "va_disability_non_service"),
)
"""The columns of IncomeBenefits that are looked at."""


def person(answers: Answers, day: date) -> Person:
    """What HMIS's answers say of one person on a day."""
    income = _income_answers(answers.income, day)
    ssi = _benefit(income, "ssi", "income_from_any_source")
    age = None if answers.born is None else age_on(answers.born, day)
    return Person(
        age=age,
        income=_monthly(income),
        pregnant=_pregnant(answers, age, day),
        disabled=_disabled(income, answers.disabling_condition),
        snap=_benefit(income, "snap", "benefits_from_any_source"),
        wic=_benefit(income, "wic", "benefits_from_any_source"),
        tanf=_benefit(income, "tanf", "income_from_any_source"),
        ssi=ssi,
        medicaid=_benefit(income, "medicaid", "insurance_from_any_source"),
        va_pension=_benefit(income, "va_disability_non_service", "income_from_any_source"),
    )


def with_children(people: list[Person], head: Person | None) -> list[Person]:
    """A household in which the head answers for children who gave no answer of their own.

    HUD 4.02 and 4.03: a minor's income and benefits are recorded with the head of household. Insurance (4.04)
    is asked of everybody.
    """
    if head is None:
        return people
    return [_answered_for(one, head) if one is not head else one for one in people]


def _answered_for(one: Person, head: Person) -> Person:
    if one.age is None or one.age >= GROWN:
        return one
    theirs = {name: getattr(head, name) for name in ("snap", "tanf", "ssi", "va_pension")}
    silent = {name: value for name, value in theirs.items() if getattr(one, name) is None}
    income = one.income if one.income is not None or head.income is None else Decimal(0)
    return replace(one, income=income, **silent)


def age_on(born: date, day: date) -> int | None:
    """Full years. None for a birth that is still to come."""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years if years >= 0 else None


def yes(answer: object) -> bool | None:
    """A code of HUD's lists 1.7 and 1.8: 1 and 0 are answers, everything else is none."""
    return {0: False, 1: True}.get(answer) if isinstance(answer, int) else None


def _income_answers(income: Mapping[str, Any], day: date) -> Mapping[str, Any]:
    asked = income.get("information_date")
    return income if asked is not None and asked <= day <= asked + FRESH else {}


def _benefit(income: Mapping[str, Any], name: str, any_source: str) -> bool | None:
    """A yes or no to one source; a no to all of them is a no to it."""
    answer = yes(income.get(name))
    return False if answer is None and yes(income.get(any_source)) is False else answer


def _monthly(income: Mapping[str, Any]) -> Decimal | None:
    total = income.get("total_monthly_income")
    if yes(income.get("income_from_any_source")) is False:
        return Decimal(0) if not total else None  # a no beside an amount: one of the two is wrong
    return total if total is not None and total >= 0 else None


def _disabled(income: Mapping[str, Any], condition: int | None) -> bool | None:
    paid = [
        _benefit(income, name, "income_from_any_source")
        for name in ("ssi", "ssdi", "va_disability_non_service")
    ]
    if any(paid):
        return True
    # HUD's disabling condition is wider than SNAP's word, and VA compensation counts where it is for a total
    # disability: a yes to either leaves it open.
    rest = [_benefit(income, "va_disability_service", "income_from_any_source"), yes(condition)]
    return False if all(answer is False for answer in (*paid, *rest)) else None


def _pregnant(answers: Answers, age: int | None, day: date) -> bool | None:
    if answers.is_male or (age is not None and age < _MAY_BE_PREGNANT):
        return False  # R10 is asked of women only
    asked = answers.pregnancy_asked
    if asked is None or not asked <= day <= asked + FRESH:
        return None
    answer = yes(answers.pregnancy)
    if answer:
        due = answers.due or asked + _PREGNANCY
        return True if day <= due + _AFTER_BIRTH else None
    return answer
