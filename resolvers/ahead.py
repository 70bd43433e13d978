"""Ahead: what was read of people before it was asked for, because the operation's plan knew that it would be.

It knows rows, and nothing of who may see them: that is decided as ever, row by row, when they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from resolvers.rows import PlainRow

NOT_READ: Any = object()
"""Said in place of rows that were not read ahead: they have to be waited for."""

Row = Mapping[Any, Any]
Key = tuple[int, str]
"""Source and HUD's key."""
Columns = frozenset[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operation asks of people: the columns of each file that it reads, and which page of stays."""

    client: Columns
    stays: Columns | None = None
    """None = no stays, and nothing that hangs on them."""
    first: int = 0
    after: tuple[date | None, UUID] | None = None
    """Day and hub id that the page begins behind; None = from the newest on."""
    files: frozenset[tuple[str, Columns]] = frozenset()
    projects: bool = False


@dataclass(slots=True)
class Ahead:
    """What was read ahead for one request."""

    wanted: Wanted
    stays: dict[UUID, list[Row]] = field(default_factory=dict)
    """By person; who is not in it was not read."""
    hanging: dict[str, dict[Key, list[Row]]] = field(default_factory=dict)
    """By file, then by the stay; a stay that is not in it has none."""
    projects: dict[Key, PlainRow] | None = None
    """Those of the stays that were read, as far as this viewer knows them. None = not read."""
    _stays: set[Key] = field(default_factory=set)

    def add_stay(self, row: Row) -> None:
        self.stays[row["person_id"]].append(row)
        self._stays.add((row["source_id"], row["key"]))

    def stays_of(self, person: UUID, first: int, after: tuple[date | None, UUID] | None) -> list[Row] | None:
        """One page of somebody's stays and the first of the next; None = not read."""
        is_this_page = (first, after) == (self.wanted.first, self.wanted.after)
        return self.stays.get(person) if is_this_page else None

    def hanging_on(self, stay: Key, file: str) -> list[Row] | None:
        """The rows of a file that hang on a stay, newest first; None = not read."""
        rows = self.hanging.get(file)
        if rows is None or stay not in self._stays:
            return None
        return rows.get(stay, [])
