"""Under which agreement, and on which days, a partner is asked."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.agreement import Agreement, read_agreement

YEAR = Agreement("DSA-2026-014", date(2026, 1, 1), date(2027, 1, 1))


def test_an_agreement_reads_as_an_operator_writes_it() -> None:
    assert read_agreement("DSA-2026-014 2026-01-01/2027-01-01") == YEAR


@pytest.mark.parametrize(
    ("day", "on", "standing"),
    [
        (date(2025, 12, 31), False, "agreement DSA-2026-014 begins on 2026-01-01"),
        (date(2026, 1, 1), True, "agreement DSA-2026-014 until 2027-01-01"),
        (date(2027, 1, 1), True, "agreement DSA-2026-014 until 2027-01-01"),
        (date(2027, 1, 2), False, "agreement DSA-2026-014 ended on 2027-01-01"),
    ],
)
def test_it_is_in_force_from_its_first_day_to_its_last(day: date, on: bool, standing: str) -> None:
    assert (YEAR.on(day), YEAR.standing(day)) == (on, standing)


@pytest.mark.parametrize(
    "text", ["", "DSA-1", "DSA-1 2026-01-01", "DSA-1 2026-02-30/2026-03-01", "DSA-1 2027-01-01/2026-01-01"]
)
def test_what_is_no_agreement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        read_agreement(text)
