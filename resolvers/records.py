"""What hangs on a stay: exits, services, income, health and the other dated records, one statement a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Integer, RowMapping, Text, and_, or_, select
from sqlalchemy.types import TypeEngine

from auth.categories import Category
from auth.columns import told
from auth.visibility import row_labels
from hmis.spec import FILES
from hmis.tables import HMIS
from resolvers.asked import asked, keys
from resolvers.request import Batch, Request
from resolvers.rows import Record

# HUD's key of the parent, the day a list is read by (newest first), and what a row needs to be there.
_HANGS_ON = {
    "Exit": ("enrollment_id", "exit_date", Category.ENROLLMENT),
    "IncomeBenefits": ("enrollment_id", "information_date", Category.INCOME_BENEFITS),
    "HealthAndDV": ("enrollment_id", "information_date", Category.HEALTH_DISABILITY),
    "EmploymentEducation": ("enrollment_id", "information_date", Category.EDUCATION_EMPLOYMENT),
    "Disabilities": ("enrollment_id", "information_date", Category.HEALTH_DISABILITY),
    "Services": ("enrollment_id", "date_provided", Category.SERVICES),
    "CurrentLivingSituation": ("enrollment_id", "information_date", Category.CURRENT_LOCATION),
    "Assessment": ("enrollment_id", "assessment_date", Category.CE_ASSESSMENT),
    "AssessmentQuestions": ("assessment_id", "assessment_question_order", Category.CE_ASSESSMENT),
    "AssessmentResults": ("assessment_id", "assessment_result_type", Category.CE_ASSESSMENT),
    "Event": ("enrollment_id", "event_date", Category.CE_ASSESSMENT),
    "YouthEducationStatus": ("enrollment_id", "information_date", Category.EDUCATION_EMPLOYMENT),
}


class _Parent(NamedTuple):
    """The record that others hang on, and how much of them this viewer may see at the most."""

    source_id: int
    key: str
    whole: bool
    seen: int
    named: int


_PARENT: dict[str, TypeEngine[Any]] = {
    "source_id": Integer(),
    "parent": Text(),
    "whole": Boolean(),
    "seen": BigInteger(),
    "named": BigInteger(),
}


def _parent(root: Record) -> _Parent:
    seen, named = root.decision.widest
    return _Parent(*root.key, root.own or root.decision.break_glass is not None, int(seen), int(named))


@cache
def _batch(file: str) -> Batch[_Parent, list[RowMapping]]:
    """The batch that answers one kind of record for many parents. One for each kind, so that keys gather."""
    table, (parent, day, _) = HMIS[file], _HANGS_ON[file]

    parents_asked = asked(_PARENT)
    # Questions and results are read in the order they were asked; everything else newest first. On one day by
    # hub id: HUD's key is told to the own agency only, so no order may tell it to others.
    order = table.c[day].asc() if parent == "assessment_id" else table.c[day].desc().nulls_last()
    named = parents_asked.c.named.bitwise_not()
    statement = (
        select(
            *told(file, parents_asked.c.whole, parents_asked.c.seen, parents_asked.c.named),
            table.c[FILES[file].key.attr].label("key"),
        )
        .select_from(parents_asked)
        .join(
            table,
            and_(table.c.source_id == parents_asked.c.source_id, table.c[parent] == parents_asked.c.parent),
        )
        .where(
            table.c.removed_at.is_(None),
            or_(parents_asked.c.whole, row_labels(file, table).bitwise_and(named) == 0),
        )
        .order_by(order, table.c.id)
    )

    async def rows_of_parents(request: Request, parents: list[_Parent]) -> list[list[RowMapping]]:
        found: dict[tuple[int, str], list[RowMapping]] = defaultdict(list)
        for row in await request.fetch(statement, keys(_PARENT, parents)):
            found[row["source_id"], row[parent]].append(row)
        return [found[one.source_id, one.key] for one in parents]

    return rows_of_parents


async def of_parent(request: Request, file: str, root: Record) -> list[Record]:
    """Records of one kind that hang on a stay (or an assessment), newest first, without those whose day or
    label hides them from this viewer."""
    _, day, category = _HANGS_ON[file]
    found = []
    for row in await request.load(_batch(file), _parent(root)):
        dated = row[day]
        record = root.hanging(file, row, dated if isinstance(dated, date) else None)
        if record.allowed & category:
            found.append(record)
    return found


def each(file: str) -> Callable[[Request, Record], Awaitable[list[Record]]]:
    """The resolver for a list of one kind of record."""

    async def records(request: Request, root: Record) -> list[Record]:
        return await of_parent(request, file, root)

    return records


async def exit_of_stay(request: Request, root: Record) -> Record | None:
    """How a stay ended. None = not ended, as far as is known. The latest, should a source hold several."""
    exits = await of_parent(request, "Exit", root)
    return exits[0] if exits else None
