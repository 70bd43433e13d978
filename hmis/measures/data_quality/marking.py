"""Marking: the members of many figures that are asked of the same rows, in one pass over them.

Each row gets a number with a bit for every figure that counts it. Few different numbers occur, so telling
figures from numbers is cheap, and a hundred cells cost little more than one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, Table

    from hmis.measures.core import Core

Cells = Mapping[str, "BooleanValue"]
"""Figure -> whether a row counts for it; null is no. At most 62 of them fit into one number."""
_BITS = 62


def marked(core: Core, rows: Table, cells: Cells, *, unit: str = "person") -> Table:
    """The members of all these figures (`hmis.measures.measure`). unit: the column that is counted once."""
    import ibis

    assert len(cells) <= _BITS
    marks: IntegerValue = ibis.literal(0, "int64")
    for bit, counts in enumerate(cells.values()):
        marks = marks + ibis.ifelse(
            counts.fill_null(False), ibis.literal(1 << bit, "int64"), ibis.literal(0, "int64")
        )
    told = rows.select("person", "enrollment", unit=rows[unit].cast("int64"), marks=marks)
    told = core.kept(told.filter(told.marks > 0))
    different = told.select("marks").distinct()
    figures = ibis.array(
        [
            ibis.ifelse((different.marks & (1 << bit)) != 0, ibis.literal(figure), ibis.null("string"))
            for bit, figure in enumerate(cells)
        ]
    )
    meanings = different.select("marks", figure=figures.unnest())
    meanings = meanings.filter(meanings.figure.notnull())
    counted = told.join(meanings, "marks")
    return counted.select(
        "figure",
        "unit",
        amount=ibis.null("int64"),
        person=counted.person.cast("int64"),
        enrollment=counted.enrollment.cast("int64"),
    )
