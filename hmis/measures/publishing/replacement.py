"""When a table that is published may be published anew.

Two publications of one table, before and after an import, are two tables that anybody can subtract. So a
table is published once. A later one takes its place only as a whole, and only if the difference tells of no
small number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hmis.measures.publishing.cells import (
    LARGEST_SMALL,
    SUPPRESSED,
    Cell,
    Key,
    Protected,
    Published,
    Relation,
)
from hmis.measures.publishing.ledger import equations
from hmis.measures.publishing.suppress import suppress


def replacement(
    before: Mapping[Key, Published], cells: Iterable[Cell], relations: Iterable[Relation]
) -> Protected | None:
    """What may take the place of `before`; None: it stays, with its snapshot time.

    What was hidden stays hidden, also where it is 0 or more than 10 by now: else the old neighbours would
    tell it.
    """
    cells, relations = list(cells), list(relations)
    if {cell.key for cell in cells} != set(before):
        return None
    after = suppress(cells, relations, [key for key, count in before.items() if count is SUPPRESSED])
    return None if tells_of_few(before, after.published, relations) else after


def tells_of_few(
    before: Mapping[Key, Published], after: Mapping[Key, Published], relations: Iterable[Relation]
) -> bool:
    """Whether some count that both show, or what both show of some relation, changed by 1 to 10."""
    changed = {
        key: new - old
        for key, new in after.items()
        if new is not SUPPRESSED and (old := before[key]) is not SUPPRESSED
    }
    if any(_is_few(change) for change in changed.values()):
        return True
    # What is shown of a sum tells how much the hidden rest of it changed; of an inequality, what is left
    # over.
    rows = (row for relation in relations for row in equations(relation))
    return any(_is_few(sum(times * changed.get(key, 0) for key, times in row.items())) for row in rows)


def _is_few(change: int) -> bool:
    return 1 <= abs(change) <= LARGEST_SMALL
