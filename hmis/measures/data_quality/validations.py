"""Validations (Q1): how many people the report is about, of which kind.

Twice: those data quality is asked of, and everybody served. And how many records there are, of whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.answering import units
from hmis.measures.data_quality.marking import marked
from hmis.measures.data_quality.universe import YOUTH, Universe
from hmis.measures.measure import Figures

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, Table

LONG_STAY = 365
EVERYBODY = "Q1/persons/for_dq"
LEAVERS = "Q1/leavers/for_dq"
LEAVERS_ASKED = "Q1/adult_and_head_leavers/for_dq"
LONG_STAYERS = "Q1/heads_and_adult_stayers_365_days/for_dq"
_VETERAN = 1
_ROWS = (
    "persons", "adults", "children", "unknown_age", "leavers", "adult_leavers", "adult_and_head_leavers",
    "stayers", "adult_stayers", "veterans", "chronically_homeless", "youth_under_25",
    "parenting_youth_under_25", "adult_heads", "child_and_unknown_age_heads",
    "heads_and_adult_stayers_365_days",
)  # fmt: skip
_TOLD_OF = ("persons", "adults", "children", "unknown_age", "leavers")
NOT_TOLD_OF = (
    *(f"Q1/{row}/all" for row in _ROWS),
    *(f"Q1/{row}/for_dq" for row in _ROWS if row not in _TOLD_OF),
    *(f"Q1/{what}/" for what in ("records", "people", "households")),
)
"""Figures that are not published: `hmis.measures.data_quality.published`."""
_RECORDS = ("all", "still_there", "exited")
_COUNTED = {"records": "enrollment", "people": "person", "households": "household"}


def since(stay: Table) -> IntegerValue:
    """The day the head of household entered; the member's own where there is no head."""
    import ibis

    return ibis.coalesce(stay.head_entry_date, stay.entry_date)


def is_long_stayer(stay: Table, re: int) -> BooleanValue:
    """A head of household or adult who is there while the head's stay comes to a year (Q1, last row).

    Also an adult who came later than the head (HMIS Reporting Glossary, Data Quality, Q1).
    """
    stays_on = stay.head_exit_date.isnull() | (stay.head_exit_date > re)
    return stay.is_open & (stay.is_adult | stay.is_head) & stays_on & (re + 1 - since(stay) >= LONG_STAY)


def validations(found: Universe) -> list[Table]:
    """The members of Q1."""
    people = found.people
    rows = _rows(people, found.asked.re)
    cells = {f"Q1/{row}/all": counts for row, counts in rows.items()} | {
        f"Q1/{row}/for_dq": counts & people.is_engaged for row, counts in rows.items()
    }
    records = found.enrolled.filter(found.enrolled.is_active)
    which = {"all": records.enrollment.notnull(), "still_there": records.is_open, "exited": ~records.is_open}
    return [
        marked(found.core, people, cells),
        *(
            marked(found.core, records, {f"Q1/{what}/{name}": of for name, of in which.items()}, unit=unit)
            for what, unit in _COUNTED.items()
        ),
    ]


def _rows(people: Table, re: int) -> dict[str, BooleanValue]:
    adult, head, stayer = people.is_adult, people.is_head, people.is_open
    youth = (people.age >= YOUTH[0]).fill_null(False) & people.all_youth
    rows = (
        people.person.notnull(), adult, people.is_child, people.age.isnull(), ~stayer, ~stayer & adult,
        ~stayer & (adult | head), stayer, stayer & adult,
        adult & (people.veteran_status == _VETERAN).fill_null(False),
        people.has_chronic | people.is_chronic_alone, youth, youth & (adult | head) & people.has_child,
        adult & head, ~adult & head, is_long_stayer(people, re),
    )  # fmt: skip
    return dict(zip(_ROWS, rows, strict=True))


def shape_validations(found: Figures) -> dict[str, Any]:
    """Q1 as it is printed."""
    rows: dict[str, Any] = {
        row: {column: units(found, f"Q1/{row}/{column}") for column in ("for_dq", "all")} for row in _ROWS
    }
    rows["records"] = {
        which: {what: units(found, f"Q1/{what}/{which}") for what in _COUNTED} for which in _RECORDS
    }
    return rows
