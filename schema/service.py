"""Service: what was done for a client on a day, or paid."""

from __future__ import annotations

import datetime
from decimal import Decimal

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, UPDATED, personal


def _subtype(program: int | None, kind: int, more: int | None) -> codes.ServiceSubtype | None:
    if program != codes.ServiceRecordType.SSVF_SERVICE:
        return None
    return codes.service_subtype(kind, more)


@strawberry.type(
    description="Something done for a client, a night in a shelter, a referral, or money paid. "
    "HUD 4.14, C2, P1, P2, R14, V2, V3, V8, W1, W2"
)
class Service:
    id: strawberry.ID | None = personal(Category.SERVICES, "Hub id of the service")
    identifier: str | None = personal(Category.SERVICES, OWN_IDENTIFIER, hud="Services.ServicesID")
    date: datetime.date | None = personal(
        Category.SERVICES, "Day it was provided", hud="Services.DateProvided"
    )
    record_type: codes.ServiceRecordType | None = personal(
        Category.SERVICES, "The program it belongs to", hud="Services.RecordType"
    )
    type: codes.ServiceType | None = personal(
        Category.SERVICES,
        "What it was",
        said=codes.service_type,
        columns="record_type type_provided",
        hud="Services.RecordType Services.TypeProvided",
    )
    subtype: codes.ServiceSubtype | None = personal(
        Category.SERVICES,
        "What it was more exactly (SSVF)",
        said=_subtype,
        columns="record_type type_provided sub_type_provided",
        hud="Services.SubTypeProvided",
    )
    other_type: str | None = personal(
        Category.SERVICES,
        "What else it was (SSVF, HUD-VASH), in the words of staff",
        hud="Services.OtherTypeProvided",
    )
    moving_on_other_type: str | None = personal(
        Category.SERVICES,
        "What other help to move on it was, in the words of staff",
        hud="Services.MovingOnOtherType",
    )
    assistance_amount: Decimal | None = personal(
        Category.SERVICES, "Money paid, in dollars", hud="Services.FAAmount"
    )
    assistance_start: datetime.date | None = personal(
        Category.SERVICES, "First day the money is for", hud="Services.FAStartDate"
    )
    assistance_end: datetime.date | None = personal(
        Category.SERVICES, "Last day the money is for", hud="Services.FAEndDate"
    )
    referral_outcome: codes.PathReferralOutcome | None = personal(
        Category.SERVICES,
        "Whether the client received what PATH referred them to",
        hud="Services.ReferralOutcome",
    )
    recorded_at: datetime.datetime | None = personal(Category.SERVICES, RECORDED, hud="Services.DateCreated")
    updated_at: datetime.datetime | None = personal(Category.SERVICES, UPDATED, hud="Services.DateUpdated")
