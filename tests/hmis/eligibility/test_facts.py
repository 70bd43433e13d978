"""From HMIS's answers to facts: what counts as known, and who answers for whom."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hmis.eligibility.facts import FRESH, INCOME_COLUMNS, Answers, Person, age_on, person, with_children, yes
from hmis.spec import FILES

DAY = date(2026, 6, 30)


def said(**columns: Any) -> Person:
    return person(Answers(income={"information_date": date(2026, 1, 1), **columns}), DAY)


def test_nothing_answered_is_nothing_known() -> None:
    assert person(Answers(), DAY) == Person()


def test_a_total_is_the_income() -> None:
    assert said(income_from_any_source=1, total_monthly_income=Decimal("812.50")).income == Decimal("812.50")


def test_a_no_to_every_source_is_an_income_of_nothing_and_a_no_to_each() -> None:
    found = said(income_from_any_source=0, benefits_from_any_source=0, insurance_from_any_source=0)
    assert found.income == 0
    assert (found.snap, found.wic, found.tanf, found.ssi, found.medicaid, found.va_pension) == (False,) * 6


def test_a_no_beside_an_amount_is_no_answer() -> None:
    assert said(income_from_any_source=0, total_monthly_income=Decimal(300)).income is None


def test_a_yes_without_an_amount_is_no_amount() -> None:
    assert said(income_from_any_source=1).income is None


@pytest.mark.parametrize("code", [8, 9, 99, 777, None])
def test_a_client_who_does_not_know_or_does_not_say_leaves_it_unknown(code: int | None) -> None:
    assert yes(code) is None
    assert said(benefits_from_any_source=code, snap=code).snap is None


@pytest.mark.parametrize(
    ("after", "known"), [(0, True), (FRESH.days, True), (FRESH.days + 1, False), (-1, False)]
)
def test_answers_are_facts_for_a_year_and_a_month(after: int, known: bool) -> None:
    asked = DAY - timedelta(days=after)
    found = person(Answers(income={"information_date": asked, "income_from_any_source": 0}), DAY)
    assert (found.income == 0) is known


@pytest.mark.parametrize(
    ("born", "age"),
    [(date(2021, 7, 1), 4), (date(2021, 6, 30), 5), (date(1966, 6, 30), 60), (date(2026, 7, 1), None)],
)
def test_age_is_in_full_years(born: date, age: int | None) -> None:
    assert age_on(born, DAY) == age


def pregnant(**answers: Any) -> bool | None:
    return person(Answers(**answers), DAY).pregnant


def test_pregnancy_counts_until_half_a_year_after_the_birth() -> None:
    asked = date(2026, 1, 1)
    for due, known in ((date(2025, 12, 29), True), (date(2025, 12, 28), None), (date(2026, 9, 1), True)):
        assert pregnant(pregnancy=1, due=due, pregnancy_asked=asked) is known
    assert pregnant(pregnancy=1, pregnancy_asked=asked) is True
    assert pregnant(pregnancy=0, pregnancy_asked=asked) is False
    assert pregnant(pregnancy=8, pregnancy_asked=asked) is None
    assert pregnant(pregnancy=0, pregnancy_asked=date(2024, 1, 1)) is None
    assert pregnant() is None


def test_men_and_children_are_not_asked() -> None:
    assert pregnant(is_male=True) is False
    assert pregnant(born=date(2020, 1, 1)) is False


def disabled(condition: int | None, **columns: int) -> bool | None:
    income = {"information_date": date(2026, 1, 1), **columns}
    return person(Answers(income=income, disabling_condition=condition), DAY).disabled


def test_disabled_is_whom_a_benefit_for_it_is_paid_to() -> None:
    assert disabled(None, ssi=1) is True
    assert disabled(0, ssdi=1) is True
    assert disabled(None, va_disability_non_service=1) is True
    assert disabled(0, income_from_any_source=0) is False
    # HUD's disabling condition is wider than SNAP's word: it opens nothing and leaves the question open.
    assert disabled(1, income_from_any_source=0) is None
    assert disabled(None, income_from_any_source=0) is None
    assert disabled(0, income_from_any_source=1, ssi=0, ssdi=0, va_disability_service=1) is None


HEAD = Person(age=30, income=Decimal(900), snap=True, tanf=False, ssi=None)


def test_the_head_answers_for_children_who_gave_no_answer() -> None:
    child, teen, adult = Person(age=3, medicaid=True), Person(age=17, income=Decimal(50)), Person(age=18)
    found = with_children([HEAD, child, teen, adult], HEAD)
    assert found == [
        HEAD,
        Person(age=3, income=Decimal(0), medicaid=True, snap=True, tanf=False),
        Person(age=17, income=Decimal(50), snap=True, tanf=False),
        adult,
    ]


def test_nobody_answers_for_children_of_a_head_who_is_not_known() -> None:
    child = Person(age=3)
    assert with_children([child], None) == [child]
    silent = Person(age=30)
    assert with_children([silent, child], silent) == [silent, child]


def test_somebody_of_unknown_age_is_not_taken_for_a_child() -> None:
    assert with_children([HEAD, Person()], HEAD) == [HEAD, Person()]


def test_every_column_that_is_looked_at_is_huds() -> None:
    assert set(INCOME_COLUMNS) <= set(FILES["IncomeBenefits"].by_attr)
