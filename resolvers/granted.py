"""Grants as they are read back: what a client agreed to, with whom by name, and what became of it.

An agency reads the grants it recorded, and of those that others recorded the ones that name it. Any other
would tell where else the client is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select

from auth import grants
from auth.consent import Effect, Grant, is_minor
from auth.grant_state import State, state_of
from auth.viewer import Scope, Viewer
from hmis.tables import agency, source, visibility_group
from resolvers.request import Request
from resolvers.rows import ClientRow


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant as those who may know of it read it."""

    values: RowMapping
    state: State
    recipients: tuple[str, ...]
    """The agencies it names, living group included; for a grant recorded elsewhere, the viewer's alone."""
    group: str | None
    sources: tuple[str, ...] | None
    is_ours: bool
    """Whether the viewer's agency recorded it: only then it is told when, by whom and on what evidence."""

    @property
    def id(self) -> UUID:
        identifier: UUID = self.values["id"]
        return identifier

    @property
    def can_narrow(self) -> bool:
        """Whether a part of it can be taken back here (`resolvers/narrowing.py`)."""
        in_force = self.state in (State.ACTIVE, State.UPCOMING)
        return self.is_ours and in_force and self.values["effect"] == Effect.PERMIT.value

    def ours(self, column: str) -> Any:
        """What only the agency that recorded it is told."""
        return self.values[column] if self.is_ours else None


@dataclass(frozen=True, slots=True)
class Names:
    """Names behind the ids that grants hold."""

    agencies: Mapping[UUID, str]
    groups: Mapping[UUID, str]
    sources: Mapping[int, str]


async def of_client(request: Request, root: ClientRow) -> list[GrantRow] | None:
    """The grants of a client that the viewer's agency recorded or is named in, newest first.

    None = not for this viewer: consent is read by agencies that entered a record of the client.
    """
    viewer = request.viewer
    if viewer is None or Scope.CONSENT_READ not in viewer.scopes:
        return None
    if not root.is_own:
        return None
    rows = await request.load(_by_person, root.person)
    return await _read_back(request, viewer, root, rows)


async def one(request: Request, root: ClientRow, identifier: UUID) -> GrantRow | None:
    """One grant of a client, just recorded or revoked."""
    return next(iter(await some(request, root, [identifier])), None)


async def some(request: Request, root: ClientRow, identifiers: Collection[UUID]) -> tuple[GrantRow, ...]:
    """Some grants of a client, just recorded, in the order of the ids."""
    viewer = request.viewer
    if viewer is None:
        return ()
    rows = await request.fetch(grants.known_to_viewer(request.as_of, people=[root.person]))
    found = {row.id: row for row in await _read_back(request, viewer, root, rows)}
    return tuple(found[one] for one in identifiers if one in found)


async def _by_person(request: Request, people: list[UUID]) -> list[list[RowMapping]]:
    viewer = request.viewer
    if viewer is None:
        return [[] for _ in people]
    rows = await request.fetch(grants.known_to_viewer(request.as_of, people=people))
    return [[row for row in rows if row["person_id"] == person] for person in people]


async def _read_back(
    request: Request, viewer: Viewer, root: ClientRow, rows: Sequence[RowMapping]
) -> list[GrantRow]:
    """The rows with names and states; newest first."""
    # What `decide` goes by too, so that a grant is never called in force while it opens nothing.
    births = [born for record in root.records if (born := record.values["oldest_birth"]) is not None]
    minor = is_minor(births, viewer.policy.age_of_consent, request.as_of)
    given = [(row, grants.grant_of(row)) for row in rows]
    recipients = [_recipients(viewer, row, grant) for row, grant in given]
    names = await _names(request, rows, frozenset().union(*recipients))
    found = [
        GrantRow(
            row,
            state_of(grant, viewer.policy, row["newest_form"], minor, request.as_of),
            tuple(sorted(names.agencies[identifier] for identifier in told)),
            names.groups.get(row["group_id"]),
            None
            if grant.sources is None
            else tuple(sorted(names.sources[number] for number in grant.sources)),
            row["recorded_at_agency"] == viewer.agency.id,
        )
        for (row, grant), told in zip(given, recipients, strict=True)
    ]
    return sorted(found, key=lambda row: (row.values["recorded_at"], row.id), reverse=True)


def _recipients(viewer: Viewer, row: RowMapping, grant: Grant) -> frozenset[UUID]:
    """The agencies that the viewer is told of: of a grant recorded elsewhere their own alone."""
    here = viewer.agency.id
    return grant.agencies if row["recorded_at_agency"] == here else grant.agencies & {here}


async def _names(request: Request, rows: Sequence[RowMapping], agencies: Collection[UUID]) -> Names:
    """Two or three look-ups by key, and none for what is not told."""
    groups = {row["group_id"] for row in rows if row["group_id"] is not None}
    sources = {number for row in rows for number in row["sources"] or ()}
    named: list[Mapping[object, str]] = []
    for table, keys in ((agency, agencies), (visibility_group, groups), (source, sources)):
        found = (
            await request.fetch(select(table.c.id, table.c.name).where(table.c.id.in_(keys))) if keys else ()
        )
        named.append({row["id"]: row["name"] for row in found})
    return Names(*named)  # type: ignore[arg-type]  # in the order of the tables, each by its own kind of key
