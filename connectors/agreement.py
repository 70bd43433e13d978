"""The data-sharing agreement under which a partner is asked: its id, and the days it is in force."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

FORM = "must read like DSA-2026-014 2026-01-01/2027-01-01: the agreement's id, its first and its last day"
_WRITTEN = re.compile(r"(?P<id>[\w.:/-]+)\s+(?P<begins>\d{4}-\d\d-\d\d)/(?P<ends>\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Agreement:
    """begins, ends: its first and its last day; both are in it, in the community's time zone."""

    id: str
    begins: date
    ends: date

    def on(self, day: date) -> bool:
        return self.begins <= day <= self.ends

    def standing(self, day: date) -> str:
        """For operators: whether it is in force, and until or since when not."""
        if day < self.begins:
            return f"agreement {self.id} begins on {self.begins}"
        if day > self.ends:
            return f"agreement {self.id} ended on {self.ends}"
        return f"agreement {self.id} until {self.ends}"


def read_agreement(text: str) -> Agreement:
    """`DSA-2026-014 2026-01-01/2027-01-01`, as an operator writes it.

    Raises:
        ValueError: saying how it must read.
    """
    parts = _WRITTEN.fullmatch(text.strip())
    if parts is None:
        raise ValueError(FORM)
    try:
        begins, ends = date.fromisoformat(parts["begins"]), date.fromisoformat(parts["ends"])
    except ValueError:
        raise ValueError(FORM) from None
    if ends < begins:
        raise ValueError("must not end before it begins")
    return Agreement(parts["id"], begins, ends)
