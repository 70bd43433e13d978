"""Chronic homelessness (Q5): whether it can be told, by the answers to HUD 3.917 at entry.

Asked of adults and heads of household. In shelter, safe haven and outreach everybody is asked how long they
have been homeless; elsewhere only who came from the street or a shelter, at once or after a short time
elsewhere.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from hmis.measures.answering import percent, units
from hmis.measures.data_quality.elements import REFUSED, either, is_missing
from hmis.measures.data_quality.marking import marked
from hmis.measures.data_quality.universe import Universe, is_one_of
from hmis.measures.days import number
from hmis.measures.measure import Figures
from hmis.measures.project_types import ES, PH, SH, SO, TH

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table, Value

_SINCE = number(date(2016, 10, 1))
"""3.917 as it is now is asked since then."""
_STREET = "es_sh_so"
ROWS = {_STREET: (*ES, *SH, *SO), "th": TH, "ph": PH, "ce": (14,), "sso_day_shelter_hp": (6, 11, 12)}
_UNDER_90_DAYS = (10, 11, 2, 3)
_UNDER_7_NIGHTS = (10, 11)
"""HUD list 3.917.2, LengthOfStay: below the thresholds for institutions and for housing."""
_TIME = ("missing_time_in_institution", "missing_time_in_housing")
_WHOLE = ("records", "unable_to_calculate")
_EPISODE = ("missing_date", "missing_times", "missing_months")


def chronic(found: Universe) -> list[Table]:
    """The members of Q5."""
    types = tuple(kind for kinds in ROWS.values() for kind in kinds)
    people = found.for_dq
    people = people.filter(
        is_one_of(people.project_type, types)
        & (people.is_adult | people.is_head)
        & (people.entry_date > _SINCE)
    )
    people = _with_cells(people)
    cells = {cell: people[cell] for cell in (*_TIME, *_EPISODE)}
    cells |= {"records": people.enrollment.notnull(), "unable_to_calculate": either(cells.values())}
    figures = {f"Q5/total/{cell}": cells[cell] for cell in _WHOLE}
    for row, kinds in ROWS.items():
        of_row = is_one_of(people.project_type, kinds)
        figures |= {f"Q5/{row}/{cell}": of_row & cells[cell] for cell in _of(row)}
    return [marked(found.core, people, figures)]


def _with_cells(people: Table) -> Table:
    situation = people.living_situation
    people = people.mutate(
        on_the_street=is_one_of(people.project_type, ROWS[_STREET]),
        from_the_street=situation.between(100, 199).fill_null(False),
        institution=situation.between(200, 299).fill_null(False),
        # No situation at all is asked like housing.
        housing=(situation.between(0, 99) | situation.between(300, 499)).fill_null(True),
        no_length=_unknown(people.length_of_stay),
        shortly=(people.los_under_threshold == 1).fill_null(False),
        before=(people.previous_street_essh == 1).fill_null(False),
    )
    shortly = (people.institution & (people.shortly | is_one_of(people.length_of_stay, _UNDER_90_DAYS))) | (
        people.housing & (people.shortly | is_one_of(people.length_of_stay, _UNDER_7_NIGHTS))
    )
    people = people.mutate(asked=people.on_the_street | people.from_the_street | (shortly & people.before))
    return people.mutate(
        missing_time_in_institution=~people.on_the_street & people.institution & people.no_length,
        missing_time_in_housing=~people.on_the_street & people.housing & people.no_length,
        missing_date=people.asked & people.date_to_street_essh.isnull(),
        missing_times=people.asked & _unknown(people.times_homeless_past_three_years),
        missing_months=people.asked & _unknown(people.months_homeless_past_three_years),
    )


def _unknown(value: Value) -> BooleanValue:
    return is_one_of(value, REFUSED) | is_missing(value).fill_null(True)


def _of(row: str) -> tuple[str, ...]:
    time = () if row == _STREET else _TIME
    return (_WHOLE[0], *time, *_EPISODE, _WHOLE[1])


def shape_chronic(found: Figures) -> dict[str, Any]:
    """Q5 as it is printed."""
    shaped: dict[str, Any] = {}
    for row, names in ({row: _of(row) for row in ROWS} | {"total": _WHOLE}).items():
        cells = {name: units(found, f"Q5/{row}/{name}") for name in names}
        shaped[row] = {**cells, "percent": percent(cells["unable_to_calculate"], cells["records"])}
    return shaped
