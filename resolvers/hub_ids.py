"""Hub ids that last: linking two records makes one person of two, and neither id may show it.

A person has an id under which one of the records began that the viewer sees. Who sees one of two records
knows the person by the id of before, whichever of the two people was kept; and an id that was given up
leads on to the person its records are of now. A record that was parted again begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    FromClause,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    union_all,
)

from auth.speaking import any_row
from hmis.tables import client_link


def people_asked(people: BindParameter[Any]) -> CTE:
    """`asked` and `person_id`: each id that is asked for, and whom it leads to; given-up ids lead on."""
    asked = func.unnest(people).table_valued("id", name="asked").render_derived()
    was, now, live = (client_link.alias() for _ in range(3))
    moved = (
        select(asked.c.id.label("asked"), now.c.person_id)
        .select_from(asked)
        .join(was, and_(was.c.person_id == asked.c.id, was.c.undone_at.is_not(None)))
        .join(
            now,
            and_(
                now.c.source_id == was.c.source_id,
                now.c.personal_id == was.c.personal_id,
                now.c.undone_at.is_(None),
                not_(_begins(now)),
            ),
        )
        .where(~any_row(live.c.person_id == asked.c.id, live.c.undone_at.is_(None), of=live))
    )
    itself = select(asked.c.id.label("asked"), asked.c.id.label("person_id"))
    return union_all(itself, moved).cte("wanted")


def began_as() -> ColumnElement[Any]:
    """The person that a record (`client_link`, in force) began as; null where it joined one as it came."""
    first = client_link.alias()
    before = (
        select(first.c.person_id)
        .where(
            first.c.source_id == client_link.c.source_id,
            first.c.personal_id == client_link.c.personal_id,
            first.c.undone_at.is_not(None),
            _begins(first),
        )
        .order_by(first.c.id.desc())
        .limit(1)
        .correlate_except(first)
        .scalar_subquery()
    )
    return case((_begins(client_link), client_link.c.person_id), else_=before)


def _begins(link: FromClause) -> ColumnElement[bool]:
    """The link began a person (`hmis/identity`)."""
    return or_(link.c.method == "FIRST", link.c.method == "SPLIT")


def hub_ids(person: UUID, rows: Sequence[Mapping[Any, Any]]) -> tuple[UUID, ...]:
    """The ids that a viewer knows a person by who sees these records of theirs; the first is the one told.

    Those that the records began as, and the person's own where one joined it as it came: any other would tell
    of a record that the viewer does not see. The smallest first, since which was linked when shows nowhere.
    """
    began = {row["began_as"] or person for row in rows}
    return tuple(sorted(began))
