"""Policy: what a community decided for everybody. The newest row of `policy_profile` is in force."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auth.categories import NOTHING, Category


class Combination(StrEnum):
    """What a newer signed form does to an older one. All Chicago: LATEST; most communities: UNION."""

    LATEST = "LATEST"
    UNION = "UNION"


@dataclass(frozen=True, slots=True)
class Policy:
    """What decisions need of it."""

    notice_categories: Category = NOTHING
    """Shared by notice, without a signature (69 FR 45888, 4.2.1). Off unless a community says so."""
    combination: Combination = Combination.UNION
    age_of_consent: int = 18
    default_term_days: int | None = None
    """End of a grant that names none. None = until revoked."""
    max_term_days: int | None = None
    """Longest a grant may run. None = no limit."""
    notice_version: str | None = None


NO_POLICY = Policy()
"""Before a community has recorded anything: nothing by notice, every form counts, grown at eighteen."""
