"""PATH: Projects for Assistance in Transition from Homelessness, for people with a serious mental illness.

PATH services and referrals (P1, P2) are services; the connection with SOAR (P4) stands with income.
"""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import personal


@strawberry.type(description="What a PATH project asks about a stay. HUD P3")
class Path:
    date_of_status: datetime.date | None = personal(
        Category.HEALTH_DISABILITY, "Day the status was determined", hud="Enrollment.DateOfPATHStatus"
    )
    enrolled: codes.NoYesMissing | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether the client became enrolled in PATH",
        hud="Enrollment.ClientEnrolledInPATH",
    )
    reason_not_enrolled: codes.PathNotEnrolledReason | None = personal(
        Category.HEALTH_DISABILITY, "Why the client did not", hud="Enrollment.ReasonNotEnrolled"
    )
