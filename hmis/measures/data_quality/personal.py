"""Personally identifiable information (Q2): name, SSN, birth date, race and ethnicity. HUD 3.01 to 3.04."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from hmis.measures.answering import percent, units
from hmis.measures.data_quality.elements import (
    REFUSED,
    Checked,
    either,
    elements,
    is_missing,
    shape_element,
)
from hmis.measures.data_quality.marking import marked
from hmis.measures.data_quality.universe import Universe, is_one_of
from hmis.measures.data_quality.validations import EVERYBODY
from hmis.measures.days import number
from hmis.measures.measure import Figures

if TYPE_CHECKING:
    from ibis.expr.types import Table

_FULL, _PARTIAL = 1, 2
_BORN_TOO_EARLY = number(date(1915, 1, 1))
_RACES = (
    "am_ind_ak_native", "asian", "black_af_american", "hispanic_latinao", "mid_east_n_african",
    "native_hi_pacific", "white",
)  # fmt: skip


def personal(found: Universe) -> list[Table]:
    """The members of Q2."""
    people = found.for_dq
    rows = _checked(people)
    cells = elements("Q2", rows)
    cells["Q2/overall/total"] = either([cells[f"Q2/{name}/total"] for name in rows])
    return [marked(found.core, people, cells)]


def _checked(people: Table) -> dict[str, Checked]:
    name, ssn = people.name_data_quality, people.ssn_data_quality
    unnamed = ~(people.first_name_given & people.last_name_given)
    no_ssn = ~people.ssn_given
    return {
        "name": Checked(
            refused=name.isin(REFUSED),
            missing=(name == 99).fill_null(False) | (unnamed & ~is_one_of(name, REFUSED)),
            issues=name == _PARTIAL,
        ),
        "ssn": Checked(
            refused=ssn.isin(REFUSED),
            missing=(ssn == 99).fill_null(False) | (no_ssn & ~is_one_of(ssn, REFUSED)),
            issues=(ssn == _PARTIAL) | ((ssn == _FULL) & people.ssn_given & ~people.ssn_usable),
        ),
        "dob": _dob(people),
        "race_and_ethnicity": _race(people),
    }


def _dob(people: Table) -> Checked:
    dob, quality = people.dob, people.dob_data_quality
    refused = is_one_of(quality, REFUSED)
    impossible = (
        (dob < _BORN_TOO_EARLY)
        | (dob > people.date_created).fill_null(False)
        | (people.is_head & (dob > people.entry_date))
    )
    issues = (
        (quality == _PARTIAL).fill_null(False)
        | ((quality == _FULL) & impossible).fill_null(False)
        # A date stands there although it was refused or not collected; no quality means not collected.
        | (dob.notnull() & (refused | is_missing(quality)))
        | (dob > people.client_created).fill_null(False)
    )
    return Checked(refused=dob.isnull() & refused, missing=dob.isnull() & ~refused, issues=issues)


def _race(people: Table) -> Checked:
    """Refused counts also beside a race that was given."""
    said = either([(people[race] == 1).fill_null(False) for race in _RACES])
    refused = is_one_of(people.race_none, REFUSED)
    return Checked(refused=refused, missing=(people.race_none == 99).fill_null(False) | (~said & ~refused))


def shape_personal(found: Figures) -> dict[str, Any]:
    """Q2 as it is printed."""
    rows = {
        name: shape_element(found, f"Q2/{name}", EVERYBODY)
        for name in ("name", "ssn", "dob", "race_and_ethnicity")
    }
    total, asked = units(found, "Q2/overall/total"), units(found, EVERYBODY)
    return {**rows, "overall": {"total": total, "of": asked, "error_rate": percent(total, asked)}}
