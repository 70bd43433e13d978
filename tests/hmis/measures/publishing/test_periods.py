"""Only fixed periods are published."""

from __future__ import annotations

from datetime import date

import pytest

from hmis.measures.publishing.periods import fixed_period, months_of


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
        (date(2024, 2, 1), date(2024, 2, 28), None),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2025, 10, 1), date(2026, 9, 30), "FY2026"),
        (date(2025, 9, 1), date(2026, 8, 31), None),
        (date(2025, 10, 1), date(2027, 9, 30), None),
        (date(2025, 1, 1), date(2026, 12, 31), None),
        (date(2026, 3, 2), date(2026, 3, 31), None),
    ],
)
def test_months_and_years_have_names_and_nothing_else_has(first: date, last: date, name: str | None) -> None:
    assert fixed_period(first, last) == name


def test_a_year_is_made_of_its_months() -> None:
    assert months_of("2026") == tuple(f"2026-{month:02}" for month in range(1, 13))
    assert months_of("FY2026")[:4] == ("2025-10", "2025-11", "2025-12", "2026-01")
    assert months_of("FY2026")[-1] == "2026-09"
    assert len(months_of("FY2026")) == 12
    assert months_of("2026-03") == ()
