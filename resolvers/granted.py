"""Grants as they are read back: what a client agreed to, with whom by name, and what became of it.

An agency reads the grants it recorded, and of those that others recorded the ones that name it. Any other
would tell where else the client is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping, select

from auth import grants
from auth.consent import is_minor, latest_form
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

    @property
    def id(self) -> UUID:
        identifier: UUID = self.values["id"]
        return identifier


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
    if not any(record.own for record in root.records):
        return None
    rows = await request.load(_by_person, root.person)
    return await read_back(request, viewer, root, rows)


async def one(request: Request, root: ClientRow, identifier: UUID) -> GrantRow | None:
    """One grant of a client, just recorded or revoked."""
    viewer = request.viewer
    rows = await request.fetch(grants.statement(request.as_of, people=[root.person]))
    found = await read_back(request, viewer, root, rows) if viewer else []
    return next((row for row in found if row.id == identifier), None)


async def _by_person(request: Request, people: list[UUID]) -> list[list[RowMapping]]:
    rows = await request.fetch(grants.statement(request.as_of, people=people))
    return [[row for row in rows if row["person_id"] == person] for person in people]


async def read_back(
    request: Request, viewer: Viewer, root: ClientRow, rows: Sequence[RowMapping]
) -> list[GrantRow]:
    """The rows that the viewer may know of, with names and states; newest first."""
    facts = [grants.grant_of(row) for row in rows]
    births = [record.values["dob"] for record in root.records if record.values["dob"] is not None]
    minor = is_minor(births, viewer.policy.age_of_consent, request.as_of)
    latest = latest_form(facts)
    names = await _names(request, rows)
    found = []
    for row, grant in zip(rows, facts, strict=True):
        ours = row["recorded_at_agency"] == viewer.agency.id
        to_us = viewer.agency.id in grant.agencies
        to_me = grant.subject in (None, viewer.subject)
        if not ours and not ((grant.community_wide or to_us) and to_me):
            continue
        told = grant.agencies if ours else grant.agencies & {viewer.agency.id}
        found.append(
            GrantRow(
                row,
                state_of(grant, viewer.policy, latest, minor, request.as_of),
                tuple(sorted(names.agencies[identifier] for identifier in told)),
                names.groups.get(row["group_id"]),
                None
                if grant.sources is None
                else tuple(sorted(names.sources[number] for number in grant.sources)),
            )
        )
    return sorted(found, key=lambda row: (row.values["recorded_at"], row.id), reverse=True)


async def _names(request: Request, rows: Sequence[RowMapping]) -> Names:
    """Two or three look-ups by key, and none for what no grant holds."""
    agencies = {
        identifier
        for row in rows
        for identifier in (*(row["agencies"] or ()), *(row["group_agencies"] or ()))
    }
    groups = {row["group_id"] for row in rows if row["group_id"] is not None}
    sources = {number for row in rows for number in row["sources"] or ()}
    named: list[Mapping[object, str]] = []
    for table, keys in ((agency, agencies), (visibility_group, groups), (source, sources)):
        found = (
            await request.fetch(select(table.c.id, table.c.name).where(table.c.id.in_(keys))) if keys else ()
        )
        named.append({row["id"]: row["name"] for row in found})
    return Names(*named)  # type: ignore[arg-type]  # in the order of the tables, each by its own kind of key
