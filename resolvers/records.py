"""What hangs on a stay: exits, services, income, health and the other dated records, one statement a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import cache

from sqlalchemy import Boolean, Integer, RowMapping, Text, and_, or_, select

from auth.visibility import unlabelled_row
from hmis.spec import FILES
from hmis.tables import HMIS
from resolvers.asked import asked
from resolvers.request import Batch, Request
from resolvers.rows import Record

# HUD's key of the parent, and the day a list is read by: newest first.
_HANGS_ON = {
    "Exit": ("enrollment_id", "exit_date"),
    "IncomeBenefits": ("enrollment_id", "information_date"),
    "HealthAndDV": ("enrollment_id", "information_date"),
    "EmploymentEducation": ("enrollment_id", "information_date"),
    "Disabilities": ("enrollment_id", "information_date"),
    "Services": ("enrollment_id", "date_provided"),
    "CurrentLivingSituation": ("enrollment_id", "information_date"),
    "Assessment": ("enrollment_id", "assessment_date"),
    "AssessmentQuestions": ("assessment_id", "assessment_question_order"),
    "AssessmentResults": ("assessment_id", "assessment_result_type"),
    "Event": ("enrollment_id", "event_date"),
    "YouthEducationStatus": ("enrollment_id", "information_date"),
}

_ParentKey = tuple[int, str, bool]
"""Source, HUD's key of the parent, and whether the viewer's own agency entered it."""


@cache
def _batch(file: str) -> Batch[_ParentKey, list[RowMapping]]:
    """The batch that answers one kind of record for many parents. One for each kind, so that keys gather."""
    table, (parent, day) = HMIS[file], _HANGS_ON[file]

    async def rows_of_parents(request: Request, parents: list[_ParentKey]) -> list[list[RowMapping]]:
        keys = asked({"source_id": Integer(), "parent": Text(), "own": Boolean()}, parents)
        # Questions and results are read in the order they were asked; everything else newest first. On one
        # day by hub id: HUD's key is told to the own agency only, so no order may tell it to others.
        order = table.c[day].asc() if parent == "assessment_id" else table.c[day].desc().nulls_last()
        statement = (
            select(table, table.c[FILES[file].key.attr].label("key"))
            .select_from(keys)
            .join(table, and_(table.c.source_id == keys.c.source_id, table.c[parent] == keys.c.parent))
            .where(table.c.removed_at.is_(None), or_(keys.c.own, unlabelled_row(file, table)))
            .order_by(order, table.c.id)
        )
        found: dict[tuple[int, str], list[RowMapping]] = defaultdict(list)
        for row in await request.fetch(statement):
            found[row["source_id"], row[parent]].append(row)
        return [found[source_id, key] for source_id, key, _ in parents]

    return rows_of_parents


async def of_parent(request: Request, file: str, root: Record) -> list[Record]:
    """Records of one kind that hang on a stay (or an assessment), newest first, without those whose label
    hides them from this viewer."""
    rows = await request.load(_batch(file), (*root.key, root.own))
    return [Record(file, row, root.person, root.own, root.allowed) for row in rows]


def each(file: str) -> Callable[[Request, Record], Awaitable[list[Record]]]:
    """The resolver for a list of one kind of record."""

    async def records(request: Request, root: Record) -> list[Record]:
        return await of_parent(request, file, root)

    return records


async def exit_of_stay(request: Request, root: Record) -> Record | None:
    """How a stay ended. None = not ended, as far as is known. The latest, should a source hold several."""
    exits = await of_parent(request, "Exit", root)
    return exits[0] if exits else None
