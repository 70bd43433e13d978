"""Inactive records (Q7): stays that nobody closed, of people who have not been seen for 90 days.

Counts records. A stay of 90 days or more that is open at the end of the period is inactive when the last
contact (outreach, PATH-funded services; adults and heads of household) or the last bed night (night-by-night
shelter) was more than 90 days before. To enter outreach or to be engaged is a contact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.answering import percent, units
from hmis.measures.data_quality.marking import marked
from hmis.measures.data_quality.universe import Universe
from hmis.measures.measure import Figures
from hmis.measures.presence import bed_nights
from hmis.measures.project_types import NIGHT_BY_NIGHT, SO

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

_DAYS = 90
_SERVICES_ONLY = 6
_PATH = 21
"""HUD list 2.06.1, FundingSource: HHS PATH, street outreach and supportive services only."""
_ROWS = ("contact", "bed_nights")


def inactive(found: Universe) -> list[Table]:
    """The members of Q7."""
    enrolled = found.enrolled
    # Whoever was never met in the period is not served in it, and is the most inactive of all.
    records = enrolled.filter(
        enrolled.is_open & enrolled.is_engaged & (enrolled.entry_date <= found.asked.re - _DAYS)
    )
    records = records.mutate(
        by_contact=(records.is_adult | records.is_head) & _by_contact(found, records),
        by_night=records.project_type == NIGHT_BY_NIGHT,
        was_met=records.enrollment.isin(_met(found, records).enrollment),
        slept=records.enrollment.isin(_slept(found, records).enrollment),
    )
    cells = {
        "Q7/contact/records": records.by_contact,
        "Q7/contact/inactive": records.by_contact & ~records.was_met,
        "Q7/bed_nights/records": records.by_night,
        "Q7/bed_nights/inactive": records.by_night & ~records.slept,
    }
    return [marked(found.core, records, cells, unit="enrollment")]


def _by_contact(found: Universe, records: Table) -> BooleanValue:
    funder, asked = found.core.funder, found.asked
    paid = (funder.start_date.fill_null(asked.rs) <= asked.re) & (
        funder.end_date.isnull() | (funder.end_date >= asked.rs)
    )
    path = funder.filter((funder.funder == _PATH) & paid).project
    services = (records.project_type == _SERVICES_ONLY) & records.project.isin(path)
    return records.project_type.isin(SO) | services


def _met(found: Universe, records: Table) -> Table:
    import ibis

    re = found.asked.re
    living = found.core.current_living_situation
    met = living.filter(living.information_date.between(re - _DAYS, re)).select("enrollment")
    lately = records.entry_date.between(re - _DAYS, re) | records.date_of_engagement.between(re - _DAYS, re)
    return ibis.union(met, records.filter(lately.fill_null(False)).select("enrollment"))


def _slept(found: Universe, records: Table) -> Table:
    re = found.asked.re
    nights = bed_nights(found.core, records)
    return nights.filter(nights.night.between(re - _DAYS, re))


def shape_inactive(found: Figures) -> dict[str, Any]:
    """Q7 as it is printed."""
    shaped = {}
    for row in _ROWS:
        cells = {name: units(found, f"Q7/{row}/{name}") for name in ("records", "inactive")}
        shaped[row] = {**cells, "percent": percent(cells["inactive"], cells["records"])}
    return shaped
