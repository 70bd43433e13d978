"""Rows that need is read from: assessments, referrals, services, and when people got a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.codes.service import ServiceRecordType
from hmis.measures.people import in_coc
from hmis.measures.presence import move_in_used
from hmis.measures.project_types import PERMANENT, PH

if TYPE_CHECKING:
    from ibis.expr.types import StringValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

KINDS = {
    1: "prevention", 2: "diversion", 3: "crisis_assessment", 4: "housing_assessment", 5: "case_management",
    6: "SO", 7: "housing_navigation", 8: "outside_not_eligible", 9: "outside_nothing_available", 10: "ES",
    11: "TH", 12: "TH+RRH", 13: "RRH", 14: "PSH", 15: "OPH", 16: "emergency_assistance",
    17: "emergency_housing_voucher", 18: "housing_stability_voucher",
}  # fmt: skip
"""HUD 4.20.2, Event: what somebody was sent to."""
HOUSING = (11, 12, 13, 14, 15, 17, 18)
"""Those that are to end in a place to live for longer."""
SHELTER_OR_HOUSING = (10, *HOUSING)
RESULTS = {1: "accepted", 2: "rejected_by_client", 3: "rejected_by_provider"}
"""HUD 4.20.D, ReferralResult."""
OPEN = ("open_under_30_days", "open_30_to_59_days", "open_60_to_89_days", "open_90_days_or_more")
UNKNOWN = "unknown"
SERVICES = {int(code): code.name.lower() for code in ServiceRecordType}
"""Services.RecordType: whose program a service was of."""


def assessments(core: Core, asked: Asked) -> Table:
    """HUD 4.19 in the period: `person`, `enrollment`, `on`, `type`, `level`, `is_prioritized`."""
    rows = _of_stays(core, asked, core.assessment)
    rows = rows.filter(rows.assessment_date.between(asked.rs, asked.re))
    return rows.select(
        "person", "enrollment",
        on=rows.assessment_date.cast("int64"),
        type=rows.assessment_type,
        level=rows.assessment_level,
        prioritized=rows.prioritization_status,
    )  # fmt: skip


def referrals(core: Core, asked: Asked) -> Table:
    """HUD 4.20 in the period: `person`, `enrollment`, `on`, `event`, `kind`, `result` when it ended."""
    rows = _of_stays(core, asked, core.event)
    rows = rows.filter(rows.event_date.between(asked.rs, asked.re) & rows.event.isin(tuple(KINDS)))
    return rows.select(
        "person", "enrollment", "event",
        on=rows.event_date.cast("int64"),
        kind=rows.event.cases(*KINDS.items(), else_=""),
        result=_result(rows, asked),
    )  # fmt: skip


def _result(rows: Table, asked: Asked) -> StringValue:
    """What came of a referral. One that was answered after the period was open when it ended."""
    import ibis

    answered = rows.result_date.fill_null(asked.rs) <= asked.re
    age = asked.re - rows.event_date
    named: StringValue = ibis.cases(
        *(
            (answered & (rows.referral_result == code).fill_null(False), name)
            for code, name in RESULTS.items()
        ),
        (rows.result_date.notnull() & answered, UNKNOWN),
        (age < 30, OPEN[0]),
        (age < 60, OPEN[1]),
        (age < 90, OPEN[2]),
        else_=OPEN[3],
    )
    return named


def services(core: Core, asked: Asked) -> Table:
    """Services in the period, those of one stay and program as one row: `program`, `times`."""
    rows = _of_stays(core, asked, core.service)
    within = rows.date_provided.between(asked.rs, asked.re) & rows.record_type.isin(tuple(SERVICES))
    rows = rows.filter(within)
    rows = rows.mutate(program=rows.record_type.cases(*SERVICES.items(), else_=""))
    return rows.group_by("person", "enrollment", "program").agg(times=rows.count())


def move_ins(core: Core, asked: Asked) -> Table:
    """Into permanent housing, until the period ends: `person`, `enrollment`, `on`."""
    stay = in_coc(core.stay, asked)
    stay = stay.filter(stay.project_type.isin(PH))
    moved = stay.select("person", "enrollment", on=move_in_used(stay, asked.re).cast("int64"))
    return moved.filter(moved["on"].notnull())


def homes(core: Core, asked: Asked) -> Table:
    """When people got a home, a project's or any other: move-ins, and exits to permanent housing."""
    import ibis

    stay = in_coc(core.stay, asked)
    left = stay.filter((stay.exit_date <= asked.re) & stay.destination.isin(PERMANENT))
    exits = left.select("person", "enrollment", on=left.exit_date.cast("int64"))
    return ibis.union(move_ins(core, asked), exits)


def _of_stays(core: Core, asked: Asked, rows: Table) -> Table:
    return rows.semi_join(in_coc(core.stay, asked), "enrollment")
