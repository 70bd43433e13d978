"""Unmet need: what people were found to need and were sent to, against what they got and what was there.

Assessed need is HUD 4.19, referrals are HUD 4.20, services 4.14 and those of the federal partners; capacity
is that of `hmis.measures.utilization`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.days import whole
from hmis.measures.measure import Measure, members, union
from hmis.measures.months import months, period_asked, table
from hmis.measures.need.gaps import gaps, unmet, waits
from hmis.measures.need.published import PARTS, WITHHELD
from hmis.measures.need.rows import assessments, homes, move_ins, referrals, services
from hmis.measures.need.shape import ASSESSED, shape
from hmis.measures.utilization import nightly_by_type

if TYPE_CHECKING:
    from ibis.expr.types import StringValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core


def _members(core: Core, asked: Asked) -> Table:
    assessed = core.kept(assessments(core, asked))
    referred = core.kept(referrals(core, asked))
    moved = core.kept(move_ins(core, asked))
    capacity = nightly_by_type(core, asked)
    return union(
        period_asked(asked),
        *_assessed(assessed),
        _figures(referred, "referred/" + referred.kind),
        _figures(referred, "referrals/" + referred.kind + "/" + referred.result, "once"),
        _figures(unmet(referred), "unmet/" + referred.kind),
        *(
            members(rows, f"waits/{name}", amount="days")
            for name, rows in waits(assessed, referred, moved).items()
        ),
        *(
            members(rows, f"gaps/{name}")
            for name, rows in gaps(assessed, referred, homes(core, asked)).items()
        ),
        _services(services(core, asked)),
        *_monthly(asked, assessed, referred, moved),
        capacity.mutate(figure="capacity/" + capacity.figure),
    )


def _assessed(assessed: Table) -> list[Table]:
    """All, and those that say how, what for, and with what result, or do not."""
    return [
        _figures(assessed, "assessed/all", "once"),
        *(
            _figures(assessed.filter(assessed[column] == code), f"assessed/{name}", "once")
            for column, names in ASSESSED.items()
            for code, name in names.items()
        ),
        *(
            _figures(
                assessed.filter(~assessed[column].isin(tuple(names)).fill_null(False)),
                f"assessed/no_{column}",
                "once",
            )
            for column, names in ASSESSED.items()
        ),
    ]


def _services(given: Table) -> Table:
    return _figures(given, "services/" + given.program, "times")


def _monthly(asked: Asked, assessed: Table, referred: Table, moved: Table) -> list[Table]:
    in_period = table(months(asked.start, asked.end))

    def by_month(rows: Table) -> Table:
        joined = rows.cross_join(in_period)
        within = joined.filter(joined["on"].between(joined.first_day, joined.last_day))
        return within.mutate(month="monthly/" + within.name + "/")

    of_assessed, of_referred, of_moved = by_month(assessed), by_month(referred), by_month(moved)
    prioritized = of_assessed.filter(of_assessed.prioritized == 1)
    accepted = of_referred.filter(of_referred.result == "accepted")
    return [
        _figures(of_assessed, of_assessed.month + "assessed", "once"),
        _figures(prioritized, prioritized.month + "prioritized", "once"),
        _figures(of_referred, of_referred.month + "referred/" + of_referred.kind, "once"),
        _figures(accepted, accepted.month + "accepted/" + accepted.kind, "once"),
        _figures(of_moved, of_moved.month + "moved_in", "once"),
    ]


def _figures(rows: Table, figure: StringValue | str, amount: str | None = None) -> Table:
    """Members that count people, and add up what they stand for: each row once, or an amount of it."""
    import ibis

    amounts = {None: ibis.null("int64"), "once": whole(1)}
    return rows.select(
        figure=ibis.literal(figure) if isinstance(figure, str) else figure,
        unit=rows.person.cast("int64"),
        amount=amounts[amount] if amount in amounts else rows[str(amount)].cast("int64"),
        person=rows.person.cast("int64"),
        enrollment=rows.enrollment.cast("int64"),
    )


UNMET_NEED = Measure(
    name="unmet-need",
    title="Unmet need and gaps in services",
    definition="Assessments of coordinated entry (HUD 4.19) and referrals (4.20) of the period, with what had"
    " come of each when it ended: accepted, rejected by client or provider, unknown, or open for so many"
    " days; days from an assessment to a referral to housing to the move-in; people prioritized and never"
    " referred, referred to housing and never housed, or sent to something that never accepted them; services"
    " given; and by project type and month the beds that were there and those in use (HUD 2.07).",
    members=_members,
    shape=shape,
    by=("project_type", "household_type", "age_group", "sex", "race_ethnicity", "veteran_status"),
    medians=True,
    parts=PARTS,
    published=True,
    withheld=WITHHELD,
    counts_alone=True,
)
