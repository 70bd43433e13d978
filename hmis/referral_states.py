"""How a referral goes on its way: the one table of what may become what.

The words are those of FHIR R4 Task.status, as the Gravity SDOH Clinical Care guide uses them between who
refers and who serves (requested = SENT). DRAFT: written down here, and the partner has not said yet that it
has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """Where a referral stands."""

    DRAFT = "DRAFT"
    SENT = "SENT"
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"


class Delivery(StrEnum):
    """What became of what a partner was to be sent. UNKNOWN, CONFLICT and FAILED wait for a person."""

    PENDING = "PENDING"
    DONE = "DONE"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED_BY_CONSENT = "CANCELLED_BY_CONSENT"
    UNKNOWN = "UNKNOWN"
    CONFLICT = "CONFLICT"
    FAILED = "FAILED"


_OVER = frozenset({Status.CANCELLED, Status.FAILED, Status.ENTERED_IN_ERROR})
_SERVED = frozenset({Status.IN_PROGRESS, Status.COMPLETED}) | _OVER

# A partner is asked now and then, so what it went through between two looks may be left out.
NEXT: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SENT}) | _OVER,
    Status.SENT: frozenset({Status.RECEIVED, Status.ACCEPTED, Status.REJECTED}) | _SERVED,
    Status.RECEIVED: frozenset({Status.ACCEPTED, Status.REJECTED}) | _SERVED,
    Status.ACCEPTED: _SERVED,
    Status.IN_PROGRESS: frozenset({Status.COMPLETED}) | _OVER,
    Status.REJECTED: frozenset({Status.ENTERED_IN_ERROR}),
    Status.COMPLETED: frozenset({Status.ENTERED_IN_ERROR}),
    Status.CANCELLED: frozenset({Status.ENTERED_IN_ERROR}),
    Status.FAILED: frozenset({Status.ENTERED_IN_ERROR}),
    Status.ENTERED_IN_ERROR: frozenset(),
}

MOVING = frozenset({Status.SENT, Status.RECEIVED, Status.ACCEPTED, Status.IN_PROGRESS})
"""At the partner, and not over: what is asked after, and what may still be called off there."""


def may_become(now: Status, then: Status) -> bool:
    return then in NEXT[now]
