"""The data quality report: its seven questions as one measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.data_quality.chronic import chronic, shape_chronic
from hmis.measures.data_quality.inactive import inactive, shape_inactive
from hmis.measures.data_quality.income import income, shape_income
from hmis.measures.data_quality.personal import personal, shape_personal
from hmis.measures.data_quality.published import PARTS, WITHHELD
from hmis.measures.data_quality.timeliness import shape_timeliness, timeliness
from hmis.measures.data_quality.universal import shape_universal, universal
from hmis.measures.data_quality.universe import universe
from hmis.measures.data_quality.validations import shape_validations, validations
from hmis.measures.measure import Figures, Measure, union

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_QUESTIONS = (
    ("Q1", validations, shape_validations),
    ("Q2", personal, shape_personal),
    ("Q3", universal, shape_universal),
    ("Q4", income, shape_income),
    ("Q5", chronic, shape_chronic),
    ("Q6", timeliness, shape_timeliness),
    ("Q7", inactive, shape_inactive),
)


def _members(core: Core, asked: Asked) -> Table:
    found = universe(core, asked)
    return union(*(part for _, parts, _ in _QUESTIONS for part in parts(found)))


def _shape(found: Figures) -> dict[str, Any]:
    return {name: shape(found) for name, _, shape in _QUESTIONS}


DATA_QUALITY = Measure(
    name="data-quality",
    title="Data quality",
    definition="What is missing, refused or cannot be true in the records of the period, and how late they"
    " were written. A person is looked at in one stay, an open one before an ended one, then the latest; in a"
    " report by project in one stay of each project. Q6 and Q7 count records. Of street outreach only who is"
    " engaged."
    " HUD Data Quality report, FY2026 (HMIS Reporting Glossary; annual performance report, Q6).",
    members=_members,
    shape=_shape,
    by=("project", "project_type"),
    parts=PARTS,
    published=True,
    withheld=WITHHELD,
)
