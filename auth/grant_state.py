"""What became of a grant: the word for it that a case worker reads."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from auth.consent import Effect, Grant
from auth.policy import Combination, Policy


class State(StrEnum):
    """The first that holds, in this order."""

    REVOKED = "REVOKED"
    ENDED = "ENDED"
    LAPSED = "LAPSED"
    """Nobody revoked it and its end has not come, but it carries no longer: it was spoken and never signed,
    the guardian who signed was barred, or the client came of age."""
    SUPERSEDED = "SUPERSEDED"
    """A newer form replaced it, where the newest counts alone."""
    UPCOMING = "UPCOMING"
    ACTIVE = "ACTIVE"


def state_of(grant: Grant, policy: Policy, latest: UUID | None, minor: bool, day: date) -> State:
    """The state of a grant on a day.

    Args:
        grant: the grant.
        policy: the community's.
        latest: the form the client signed last, if any.
        minor: whether the client is below the age of consent that day.
        day: the day asked about.
    """
    if grant.revoked:
        return State.REVOKED
    if grant.end is not None and grant.end <= day:
        return State.ENDED
    lapsed = grant.provisional_until is not None and grant.provisional_until <= day
    if lapsed or (grant.start <= day and not grant.is_signed_for(minor, day)):
        return State.LAPSED
    replaced = grant.form is not None and grant.form != latest and grant.effect is Effect.PERMIT
    if policy.combination is Combination.LATEST and replaced:
        return State.SUPERSEDED
    return State.UPCOMING if day < grant.start else State.ACTIVE
