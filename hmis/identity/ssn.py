"""Social security numbers and birth dates that identify somebody, and those that stand for no answer."""

from __future__ import annotations

import re
from datetime import date

_FULL = 1
"""SSNDataQuality and DOBDataQuality 1: full value reported (HUD 3.02.2, 3.03.2)."""

_SSN = re.compile(r"(?!000|666|9)([0-9]{3})-?(?!00)([0-9]{2})-?(?!0000)([0-9]{4})")
# HUD names sixteen placeholders: seven repeated digits and nine runs; 012345678 is one too.
_RUNS = "0123456789012345678"

# Software writes 1900-01-01 and its like for an unknown date; nobody served today was born before 1915.
_EARLIEST_BIRTH = date(1915, 1, 1)


def usable_ssn(ssn: str | None, quality: int | None) -> str | None:
    """The nine digits, or None where they identify nobody.

    Not usable: anything but nine digits, area 000, 666 or 9xx, group 00, serial 0000, one digit repeated, a
    run of consecutive digits, or SSNDataQuality other than 1.
    """
    if ssn is None or quality != _FULL:
        return None
    found = _SSN.fullmatch(ssn.strip())
    if found is None:
        return None
    digits = "".join(found.groups())
    if len(set(digits)) == 1 or digits in _RUNS:
        return None
    return digits


def usable_birth_date(dob: date | None, quality: int | None, today: date) -> date | None:
    """The birth date, or None where it is estimated, a default of some software, or still to come."""
    if dob is None or quality != _FULL or not _EARLIEST_BIRTH <= dob <= today:
        return None
    return dob
