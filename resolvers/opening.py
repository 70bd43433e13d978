"""Which rows that hang on a record are open, by day and by what their kind tells, so that no other is read.

The rules are `Decision.of` and nothing else. It is asked once for each stretch of days between which the
grants change and for each label that a row may carry, and never for a row.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

from auth.categories import Category
from auth.consent import RecordFacts
from hmis.labels import ALL, NONE, Label, of_rows
from resolvers.rows import Record


class OpenRows(NamedTuple):
    """Rows that are open: of which days, and with which labels at the most."""

    undated: bool
    dated: bool
    since: date | None = None
    """None = from the beginning."""
    until: date | None = None
    """First day no longer. None = without end."""
    labels: int = int(ALL)


ALL_ROWS = OpenRows(undated=True, dated=True)


def open_rows(root: Record, file: str, category: Category) -> tuple[OpenRows, ...]:
    """What is open of the rows of a file that hang on a record of another agency; () = nothing."""
    source_id: int = root.values["source_id"]
    labelled = of_rows(file)
    told = frozenset(labelled[1].values()) if labelled else frozenset()

    def labels_on(day: date | None) -> int | None:
        """The labels that a row of this day may carry and be open. None = not even one that carries none."""

        def is_open(label: Label) -> bool:
            record = RecordFacts(source_id, day, root.opened.labels | label)
            return bool(root.decision.of(record).allowed & category)

        if not is_open(NONE):
            return None
        return int(reduce(or_, filter(is_open, told), NONE))

    undated = labels_on(None)
    days = _changing_days(root)
    if not days:
        return () if undated is None else (OpenRows(undated=True, dated=True, labels=undated),)
    found = [] if undated is None else [OpenRows(undated=True, dated=False, labels=undated)]
    for since, until in zip([None, *days], [*days, None], strict=True):
        labels = labels_on(since or days[0] - timedelta(days=1))
        if labels is not None:
            found.append(OpenRows(False, True, since, until, labels))
    return tuple(found)


def _changing_days(root: Record) -> list[date]:
    """The days on which a grant begins or ceases to cover records."""
    grants = (*root.decision.permits, *root.decision.denials)
    return sorted({day for grant in grants for day in (grant.data_from, grant.data_to) if day is not None})
