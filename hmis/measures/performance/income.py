"""Measure 4: adults whose income grew, among those who stay in projects of the CoC program and those who left.

Rules: MEASURES 3.4, after HUD System Performance Measures FY2026, metrics 4.1 to 4.6, and HMIS Reporting
Glossary, "Determining Total and Earned Income". Income is HUD 4.02; amounts are counted in cents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis import spec
from hmis.measures.answering import percent, units
from hmis.measures.days import age, near_anniversary, ymd_of
from hmis.measures.measure import Figures, union
from hmis.measures.measure import members as members_of
from hmis.measures.performance.stays import first_of_person, leavers, open_at_end

if TYPE_CHECKING:
    from ibis.expr.types import IntegerValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_COC_PROGRAM = (2, 3, 4, 5, 6, 43, 44, 54, 55, 56)
"""HUD 2.06.1: funders of the CoC program, YHDP with it."""
_ADULT = 18
_OLDEST = 105
_BIRTH_UNKNOWN = (8, 9, 99)
_YEAR = 365
_ENTRY, _EXIT, _ANNUAL = 1, 3, 5
"""HUD 5.03, DataCollectionStage."""
_AROUND_ANNIVERSARY = 30
_AMOUNTS = tuple(
    column.attr
    for column in spec.FILES["IncomeBenefits"].columns
    if column.type.startswith("M") and column.attr != "total_monthly_income"
)
_INCOMES = ("earned", "other", "total")
_TABLES = {"4.1": "earned", "4.2": "other", "4.3": "total", "4.4": "earned", "4.5": "other", "4.6": "total"}
_STAYERS = ("4.1", "4.2", "4.3")


def members(core: Core, asked: Asked, stays: Table) -> Table:
    """A row a person: the stay whose records are compared."""
    adults = core.kept(_adults(core, asked, stays))
    open_still = adults.filter(open_at_end(adults, asked))
    long_enough = open_still.filter(asked.re - open_still.entry_date + 1 >= _YEAR)
    stayed = core.kept(first_of_person(long_enough, long_enough.entry_date.desc()))
    left = leavers(adults, asked)
    gone = core.kept(first_of_person(left, left.entry_date.desc()))
    incomes = core.kept(_incomes(core))
    of_stayers = core.kept(_compared_yearly(core, asked, stayed, incomes))
    of_leavers = core.kept(_compared_at_exit(gone, incomes))
    parts = []
    for table, income in _TABLES.items():
        universe = of_stayers if table in _STAYERS else of_leavers
        parts.append(members_of(universe, f"{table}/universe"))
        grew = universe[f"now_{income}"].fill_null(0) > universe[f"before_{income}"]
        parts.append(members_of(universe.filter(grew), f"{table}/increased"))
    return union(*parts)


def _adults(core: Core, asked: Asked, stays: Table) -> Table:
    """Stays of adults in projects with a grant of the CoC program in the period."""
    import ibis

    funder = core.funder
    granted = funder.filter(
        funder.funder.isin(_COC_PROGRAM),
        funder.start_date.isnull() | (funder.start_date <= asked.re),
        funder.end_date.isnull() | (funder.end_date >= asked.rs),
    )
    years = age(stays.dob_ymd, ymd_of(ibis.greatest(stays.entry_date, asked.rs)))
    born_before = (stays.dob <= stays.entry_date) & ~stays.dob_data_quality.fill_null(0).isin(_BIRTH_UNKNOWN)
    adults = stays.filter(born_before, years.between(_ADULT, _OLDEST - 1))
    return adults.semi_join(granted, "project")


def _incomes(core: Core) -> Table:
    """Each record's earned, other and total income a month, in cents, none below 0."""
    import ibis

    record = core.income_benefits
    in_cents = {name: (record[name] * 100).cast("int64").fill_null(0) for name in _AMOUNTS}
    said = (record.total_monthly_income * 100).cast("int64").fill_null(0)
    amounts = list(in_cents.values())
    total = _not_negative((said > 0).ifelse(said, sum(amounts[1:], amounts[0])))
    earned = _not_negative(in_cents["earned_amount"])
    return record.select(
        "enrollment",
        "data_collection_stage",
        "information_date",
        earned=earned,
        total=total,
        other=ibis.greatest(total - earned, 0),
    )


def _not_negative(amount: IntegerValue) -> IntegerValue:
    import ibis

    return ibis.greatest(amount, 0)


def _compared_yearly(core: Core, asked: Asked, stayed: Table, incomes: Table) -> Table:
    """The last annual record, and the annual one before it or else that of entry."""
    theirs = incomes.join(stayed.select("enrollment", "entry_date"), "enrollment")
    annual = theirs.filter(
        theirs.data_collection_stage == _ANNUAL, theirs.information_date <= asked.re
    ).mutate(
        year=lambda row: ymd_of(row.information_date) // 10_000,
        returning=lambda row: ymd_of(row.entry_date) % 10_000,
    )
    annual = core.kept(annual)
    annual = core.kept(
        annual.filter(
            near_anniversary(annual.information_date, annual.year, annual.returning, _AROUND_ANNIVERSARY)
        ).drop("year", "returning")
    )
    now = _latest(annual)
    earlier = annual.join(now.select("enrollment", latest="information_date"), "enrollment")
    previous = _latest(earlier.filter(earlier.information_date < earlier.latest))
    at_entry = _latest(theirs.filter(theirs.data_collection_stage == _ENTRY)).anti_join(
        previous, "enrollment"
    )
    return _compared(stayed, now, union(previous.select(at_entry.columns), at_entry))


def _compared_at_exit(gone: Table, incomes: Table) -> Table:
    theirs = incomes.semi_join(gone, "enrollment")
    return _compared(
        gone,
        _latest(theirs.filter(theirs.data_collection_stage == _EXIT)),
        _latest(theirs.filter(theirs.data_collection_stage == _ENTRY)),
    )


def _compared(universe: Table, now: Table, before: Table) -> Table:
    """People with what they have now and had before; null where no record says."""
    after = now.select("enrollment", **{f"now_{name}": name for name in _INCOMES})
    first = before.select("enrollment", **{f"before_{name}": name for name in _INCOMES})
    people = universe.select("person", "enrollment")
    return people.left_join(after, "enrollment").drop("enrollment_right").left_join(first, "enrollment")


def _latest(records: Table) -> Table:
    """One record a stay: the latest. Of two on a day the greater, so that their order says nothing."""
    import ibis

    order = (ibis.desc("information_date"), ibis.desc("total"), ibis.desc("earned"))
    within = ibis.window(group_by="enrollment", order_by=order)
    placed = records.mutate(place=ibis.row_number().over(within))
    return placed.filter(placed.place == 0).drop("place")


def shape(found: Figures) -> dict[str, Any]:
    """{"4.1": {"universe", "increased", "percent"}, ...}: adults."""
    return {"4": {table: _shape(found, table) for table in _TABLES}}


def _shape(found: Figures, table: str) -> dict[str, Any]:
    universe, increased = units(found, f"{table}/universe"), units(found, f"{table}/increased")
    return {"universe": universe, "increased": increased, "percent": percent(increased, universe)}
