"""A record as it is compared: what identifies nobody is missing, and nothing missing disagrees.

HUD says of each answer how good it is. A partial or refused SSN (SSNDataQuality other than 1), a name that is
partial or a code name (NameDataQuality), an approximate birth date (DOBDataQuality) are no answers here.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from hmis.identity.matching.nicknames import family
from hmis.identity.names import usable_name
from hmis.identity.ssn import usable_birth_date, usable_ssn

_YES_OR_NO = frozenset({0, 1})


class Known(NamedTuple):
    """One record, normalised. The names of the fields are the columns that `model.py` compares."""

    first: str | None
    last: str | None
    family: str | None
    """Of the first name, `nicknames.family`."""
    formal: str | None
    first_letters: str | None
    """Sorted: two names with the same letters differ by their order alone."""
    last_letters: str | None
    initials: str | None
    """Of family and last name, sorted: the same for names that were swapped."""
    ssn: str | None
    ssn_digits: str | None
    born: str | None
    """YYYYMMDD."""
    born_digits: str | None
    sex: int | None
    """HUD 4.21: 0 female, 1 male."""
    veteran: int | None
    """HUD 3.07: 0 no, 1 yes."""

    @property
    def can_be_compared(self) -> bool:
        """Whether there are two facts to agree in. One alone, or none, never makes a person."""
        return sum(fact is not None for fact in (self.first, self.ssn, self.born)) > 1


def known(
    today: date,
    first: str | None,
    last: str | None,
    name_quality: int | None,
    ssn: str | None,
    ssn_quality: int | None,
    dob: date | None,
    dob_quality: int | None,
    sex: int | None,
    veteran: int | None,
) -> Known:
    """A record of the table `client`, as it is compared."""
    name = usable_name(first, last, name_quality)
    one, two = name.split(" ") if name else (None, None)
    called, formal = family(one) if one else (None, None)
    number = usable_ssn(ssn, ssn_quality)
    day = usable_birth_date(dob, dob_quality, today)
    born = day.isoformat().replace("-", "") if day else None
    return Known(
        first=one,
        last=two,
        family=called,
        formal=formal,
        first_letters=_sorted(one),
        last_letters=_sorted(two),
        initials=_sorted(called[0] + two[0]) if called and two else None,
        ssn=number,
        ssn_digits=_sorted(number),
        born=born,
        born_digits=_sorted(born),
        sex=sex if sex in _YES_OR_NO else None,
        veteran=veteran if veteran in _YES_OR_NO else None,
    )


def _sorted(text: str | None) -> str | None:
    return "".join(sorted(text)) if text else None


def one_slip(one: str, other: str) -> bool:
    """Whether two values differ by one sign changed, lost or added, or two neighbours swapped."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rest, others = one[start:], other[start:]
    if len(rest) == len(others):
        return rest[1:] == others[1:] or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    return rest[1:] == others or rest == others[1:]


def two_of_three(one: str, other: str) -> bool:
    """Whether two days (YYYYMMDD) have two of year, month and day in common, or day and month are swapped."""
    parts, others = (one[:4], one[4:6], one[6:]), (other[:4], other[4:6], other[6:])
    return sum(a == b for a, b in zip(parts, others, strict=True)) > 1 or parts == (
        others[0],
        others[2],
        others[1],
    )
