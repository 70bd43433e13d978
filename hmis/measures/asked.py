"""Asked: the period a measure is taken over, and whose system it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hmis.errors import InputRefused
from hmis.measures.days import number, years_before

_LOOKBACK_YEARS = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What a measure is asked for."""

    start: date
    """RS, report start: the first day."""
    end: date
    """RE, report end: the last day, inclusive."""
    coc: str | None = None
    """HUD 2.03 CoCCode. None = every continuum in the snapshot."""
    by: tuple[str, ...] = ()
    """What figures are counted by. A measure that looks at one stay of a person takes one in each group."""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InputRefused(f"The period ends on {self.end}, before it begins on {self.start}.")

    @property
    def rs(self) -> int:
        """Report start as a day's number."""
        return number(self.start)

    @property
    def re(self) -> int:
        """Report end as a day's number."""
        return number(self.end)

    @property
    def lookback(self) -> int:
        """Seven years before report start, as a day's number (system performance measures, lookback)."""
        return number(years_before(self.start, _LOOKBACK_YEARS))
