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
BY_DATES = (0, *TH, *PH, *SH)
"""Types where whoever is enrolled is there every night from entry to exit."""

PERMANENT = (410, 411, 421, 422, 423, 426, 435)
"""Permanent destinations (HUD 3.12.1)."""

NAMES = {
    0: "ES", 1: "ES", 2: "TH", 3: "PSH", 4: "SO", 6: "SSO", 7: "Other", 8: "SH", 9: "OPH", 10: "OPH",
    11: "Day shelter", 12: "HP", 13: "RRH", 14: "CE",
}  # fmt: skip
"""What reports call a type. OPH: permanent housing other than PSH and RRH."""
WITH_BEDS = (*ES, *TH, *SH, *PH)
SERVICES_ONLY = 1
"""HUD 2.02.6A, RRHSubType: rapid re-housing that houses nobody itself."""
