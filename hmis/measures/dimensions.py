"""Dimensions: what figures may be counted by.

Each gives members one value: of the stay they stand for, of its household, or of the person. What is said of
a person or a household is said once for the period, whatever the number of records and stays, so that nobody
is in two groups of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hmis.errors import InputRefused
from hmis.measures.characteristics import (
    AGE_GROUPS,
    ANSWERS,
    RACES_AND_ETHNICITIES,
    SEXES,
    age_group,
    race_ethnicity,
    sex,
    veteran_status,
)
from hmis.measures.household_types import HOUSEHOLD_TYPES, household_type

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

UNKNOWN = "unknown"
PROJECT, MONTH = "project", "month"
"""A month is counted by only where a measure says itself when something was."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to count."""

    title: str
    of: Literal["enrollment", "person"]
    """What it is said of: a row each."""
    values: Callable[[Core, Asked], Table]
    """Rows of `of` and `value`; null, or no row, where nothing is known."""
    known: tuple[str, ...] = ()
    """Every value there is, where that does not depend on the data; `unknown` apart."""


def with_dimensions(core: Core, asked: Asked, rows: Table, by: tuple[str, ...]) -> Table:
    """Members with a column for each dimension; `unknown` where nothing is said.

    A column that a measure gives its members itself is taken as it is.

    Raises:
        InputRefused: there is no such dimension, or this measure does not say the month.
    """
    for name in by:
        if name in rows.columns:
            rows = rows.mutate(**{name: _text(name, rows[name])})
            continue
        found = DIMENSIONS.get(name)
        if found is None:
            if name == MONTH:
                raise InputRefused("This measure does not say in which month; it cannot be counted by month.")
            raise InputRefused(
                f"Nothing can be counted by {name!r}. There are: {', '.join([*DIMENSIONS, MONTH])}."
            )
        values = found.values(core, asked).select(found.of, **{name: lambda table: table["value"]})
        rows = rows.join(values, found.of, how="left").drop(f"{found.of}_right")
        rows = rows.mutate(**{name: _text(name, rows[name])})
    return rows


def _text(name: str, value: Value) -> Value:
    """As it is printed; a month, 202603, as 2026-03."""
    import ibis

    text = value.cast("string")
    if name == MONTH:
        text = text.substr(0, 4).concat(ibis.literal("-"), text.substr(4, 2))
    return text.fill_null(UNKNOWN)


def _project_type(core: Core, asked: Asked) -> Table:
    return core.stay.select("enrollment", value=core.stay.project_type)


def _project(core: Core, asked: Asked) -> Table:
    """HUD's ProjectID, with its source's number before it where several sources have the same."""
    import ibis

    projects = core.project.select("project", "project_id", "source_id")
    same = projects.group_by("project_id").agg(sources=projects.source_id.nunique())
    named = projects.join(same, "project_id")
    alone = named.sources == 1
    with_source = named.source_id.cast("string").concat(ibis.literal(":"), named.project_id)
    named = named.select("project", value=ibis.ifelse(alone, named.project_id, with_source))
    return core.stay.select("enrollment", "project").join(named, "project").select("enrollment", "value")


DIMENSIONS: Mapping[str, Dimension] = {
    "project_type": Dimension("HUD 2.02.6 project type, by its code", "enrollment", _project_type),
    PROJECT: Dimension("HUD ProjectID", "enrollment", _project),
    "household_type": Dimension("Who is in the household", "enrollment", household_type, HOUSEHOLD_TYPES),
    "age_group": Dimension("Age in the period, in the LSA's groups", "person", age_group, AGE_GROUPS),
    "sex": Dimension("HUD 3.06.1 Sex", "person", sex, SEXES),
    "race_ethnicity": Dimension(
        "HUD 3.04 race and ethnicity", "person", race_ethnicity, RACES_AND_ETHNICITIES
    ),
    "veteran_status": Dimension("HUD 3.07.1 veteran status", "person", veteran_status, ANSWERS),
}
