"""Regimes: under which law a consent is given, and what that law wants to stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from auth.policy import Policy
from hmis.labels import Label


class Regime(StrEnum):
    """The law that a consent follows. HUD: the community's own release, 69 FR 45888."""

    HUD = "HUD"
    PART2 = "PART2"
    HIPAA = "HIPAA"
    RHY = "RHY"
    HIV = "HIV"
    FERPA = "FERPA"


PART2_LABELS = Label.PART2 | Label.PART2_NOTES
"""Records of a substance use programme: only a consent under 42 CFR Part 2 names them."""


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a consent, as far as a regime asks for it."""

    method: str
    evidence: str | None
    named_recipient: bool
    end: date | None


PART2_REQUIRED: Mapping[str, str] = {
    "method": "42 CFR 2.31(a): a Part 2 consent is WRITTEN or ELECTRONIC, never spoken.",
    "evidence": "42 CFR 2.31(a)(8): name the signed consent, sha256:… of it.",
    "recipients": "42 CFR 2.31(a)(4): name the recipients; the whole community is nobody's name.",
    "end": "42 CFR 2.31(a)(7): say when the consent ends.",
}


def missing(regime: Regime, written: Written) -> dict[str, str]:
    """The fields that the regime wants and that are not there, each with the rule. `Grant.is_complete`."""
    if regime is not Regime.PART2:
        return {}
    present = {
        "method": written.method in ("WRITTEN", "ELECTRONIC"),
        "evidence": bool(written.evidence),
        "recipients": written.named_recipient,
        "end": written.end is not None,
    }
    return {name: rule for name, rule in PART2_REQUIRED.items() if not present[name]}


def end_of(start: date, end: date | None, policy: Policy) -> date | None:
    """When a permit ends: as it says; else after the community's usual term, or after its longest one."""
    usual = policy.default_term_days if policy.default_term_days is not None else policy.max_term_days
    if end is not None or usual is None:
        return end
    if policy.max_term_days is not None:
        usual = min(usual, policy.max_term_days)
    return start + timedelta(days=usual)


def is_too_long(start: date, end: date | None, policy: Policy) -> bool:
    """Whether a permit runs longer than the community lets any run."""
    if policy.max_term_days is None:
        return False
    return end is None or end > start + timedelta(days=policy.max_term_days)
