"""HUD 2.02.6 project types, grouped as reports group them, and destinations by what they mean."""

from __future__ import annotations

NIGHT_BY_NIGHT = 1
ES = (0, 1)
"""Emergency shelter: entry/exit, night by night."""
TH = (2,)
PH = (3, 9, 10, 13)
"""Permanent housing: PSH, housing only, housing with services, rapid re-housing."""
RRH = (13,)
SO = (4,)
SH = (8,)
SHELTERED = (*ES, *TH, *SH)

PERMANENT = (410, 411, 421, 422, 423, 426, 435)
"""Permanent destinations (HUD 3.12.1)."""
