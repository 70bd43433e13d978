"""Consent on the command line: who sees what of a client and why, and what a form would change.

The operator sees what no caller may: the whole truth over all agencies. So each look is in the audit, under
the operator's name, before a line of it is printed.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Date, RowMapping, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth import audit, grants
from auth.categories import Category
from auth.consent import Grant, Guardian, is_minor
from auth.forms import Signing, Template, grants_of, template_of
from auth.membership import everybody, memberships_of, policy_in_force, stand_ins
from auth.parameters import OFFICER, VIEWER
from auth.speaking import in_group
from auth.viewer import Purpose, Role, Viewer
from gateway.command import operator
from gateway.settings import Settings
from hmis.database import engine
from hmis.errors import InputRefused, NotReady
from hmis.standing import state
from hmis.tables import client_link, person, source, visibility_group, visibility_group_member
from resolvers.explaining import explained, facts_of, records
from resolvers.simulating import as_if_recorded, changes

CLIENT_ID = "hmis-hub-cli"
ROLES = (Role.CASE_MANAGER, Role.DASHBOARD, Role.PRIVACY_OFFICER)
_SIMULATED = "sha256:simulated"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one person by an operator."""

    writer: AsyncEngine
    connection: AsyncConnection
    now: datetime
    as_of: date
    person: UUID

    async def records_for(self, viewer: Viewer) -> Sequence[RowMapping]:
        """What the decision about this viewer reads of the person's records."""
        asks = VIEWER.of(viewer, self.as_of, self.now)
        # Nobody asks on behalf of an officer here: told as the viewer's, which changes nothing.
        asked_by = OFFICER.of(viewer, self.as_of, self.now)
        found = await self.connection.execute(records(), {"person": self.person, **asks, **asked_by})
        rows: Sequence[RowMapping] = found.mappings().all()
        return rows

    async def given(self) -> list[Grant]:
        """Every grant of the person, whatever its state."""
        rows = await self.connection.execute(grants.statement(self.as_of, people=[self.person]))
        return [grants.grant_of(row) for row in rows.mappings()]


@asynccontextmanager
async def _looking(settings: Settings, url: str, client: str, command: str) -> AsyncIterator[Look]:
    """A connection to look with. The audit is written when the block ends; print nothing before."""
    now = datetime.now(UTC)
    as_of = now.astimezone(settings.zone).date()
    writer = engine(url)
    trail = audit.Trail(about_people=True)
    outcome = "REFUSED"
    try:
        if await state(writer) != "current":
            raise NotReady("The database has not the tables of this version. Run `hmis-hub migrate`.")
        try:
            async with writer.connect() as connection:
                someone = await _person(connection, client)
                trail.of(someone).show(Category.EXISTENCE, own=True)
                yield Look(writer, connection, now, as_of, someone)
            outcome = "ANSWERED"
        finally:
            digest = hashlib.sha256(command.encode()).hexdigest()
            await audit.write(
                writer,
                audit.Operation(str(uuid4()), command, digest, as_of),
                trail,
                subject=operator(),
                application=CLIENT_ID,
                viewer=None,
                outcome=outcome,
            )
    finally:
        await writer.dispose()


async def _person(connection: AsyncConnection, client: str) -> UUID:
    """The person by hub id, or by what a source calls one of their records."""
    try:
        wanted = select(person.c.id).where(person.c.id == UUID(client))
    except ValueError:
        name, colon, identifier = client.partition(":")
        if not colon:
            raise InputRefused("Name the client by hub id or as SOURCE:IDENTIFIER.") from None
        wanted = (
            select(client_link.c.person_id)
            .join(source, source.c.id == client_link.c.source_id)
            .where(
                source.c.name == name,
                client_link.c.personal_id == identifier,
                client_link.c.undone_at.is_(None),
            )
        )
    found = await connection.scalar(wanted)
    if found is None:
        raise InputRefused("There is no such client.")
    return UUID(str(found))


async def explain(
    settings: Settings, url: str, client: str, subject: str, purpose: Purpose | None = None
) -> list[str]:
    """Per category and membership: open or closed, the reason, and the grants.

    Raises:
        InputRefused: no such client, or nobody of that subject who may ask for that purpose today.
    """
    lines = []
    async with _looking(settings, url, client, "consent explain") as look:
        members = (await look.connection.execute(memberships_of(subject, look.as_of))).mappings().all()
        viewers = stand_ins(members, subject, look.as_of, purpose)
        if not viewers:
            raise InputRefused("Nobody of that subject may ask for that purpose today.")
        given = await look.given()
        for viewer in viewers:
            lines.append(f"{viewer.agency.name}, {viewer.role}, for {viewer.purpose}")
            for told in explained(viewer, await look.records_for(viewer), given, look.as_of):
                stands = "open" if told.is_open else "closed"
                ids = " ".join(str(grant) for grant in told.grants)
                lines.append(f"  {told.category.name:<20}  {stands:<6}  {told.reason:<16}  {ids}".rstrip())
    return lines


async def simulate(
    settings: Settings, url: str, form: str, choices: Mapping[str, bool], client: str
) -> list[str]:
    """What a form would change for whom: a line for each category that opens or closes.

    Raises:
        InputRefused: no such client or form, or a choice the form does not offer.
    """
    template = template_of(form)
    async with _looking(settings, url, client, "consent simulate") as look:
        policy = await policy_in_force(look.connection)
        names = await _groups(look.connection)
        members = await _members(look.connection, look.as_of)
        signing = Signing(look.person, uuid4(), look.as_of, "WRITTEN", _SIMULATED, groups=names)
        news = grants_of(template, choices, signing)
        given, lines, asked = await look.given(), [], 0
        for viewer in await everybody(look.connection, look.as_of, ROLES):
            rows = await look.records_for(viewer)
            minor = is_minor(facts_of(rows, ()).births, policy.age_of_consent, look.as_of)
            guardian = Guardian(uuid4(), look.as_of, None) if minor else None
            added = [as_if_recorded(new, look.now, members, guardian) for new in news]
            asked += 1
            lines += [
                _row(
                    viewer.agency.name,
                    viewer.role,
                    viewer.purpose,
                    change.category.name or "",
                    _word(change.before.is_open, change.before.reason),
                    _word(change.after.is_open, change.after.reason),
                )
                for change in changes(viewer, rows, given, added, look.as_of)
            ]
    return [
        *_expectations(template, policy.combination.value),
        *([_row("Agency", "Role", "Purpose", "Category", "Before", "After"), *lines] if lines else []),
        f"{template.name}: {len(lines)} changes for {asked} roles at agencies with an agreement in force.",
    ]


def _row(agency: str, role: str, purpose: str, category: str, before: str, after: str) -> str:
    return f"{agency:<28}  {role:<15}  {purpose:<17}  {category:<20}  {before:<24}  {after}".rstrip()


def _word(is_open: bool, reason: str) -> str:
    return f"{'open' if is_open else 'closed'} {reason}"


def _expectations(template: Template, combination: str) -> list[str]:
    """Where the community decided otherwise than the form was made for."""
    if template.combination.value == combination:
        return []
    return [
        f"{template.name} was made for communities where forms combine by {template.combination.value}; "
        f"this one decided {combination}, and that is what counts here."
    ]


async def _groups(connection: AsyncConnection) -> dict[str, UUID]:
    rows = await connection.execute(select(visibility_group.c.name, visibility_group.c.id))
    return {row.name: row.id for row in rows}


async def _members(connection: AsyncConnection, as_of: date) -> dict[UUID, frozenset[UUID]]:
    """The agencies in each living group on a day."""
    member = visibility_group_member.c
    rows = await connection.execute(
        select(member.group_id, member.agency_id).where(in_group(member.group_id, literal(as_of, Date())))
    )
    found: dict[UUID, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.group_id, set()).add(row.agency_id)
    return {group: frozenset(agencies) for group, agencies in found.items()}


def choices_of(given: Sequence[str]) -> dict[str, bool]:
    """`["basic=yes", "health=no"]` as answers by section.

    Raises:
        InputRefused: neither yes nor no, or one section twice.
    """
    choices: dict[str, bool] = {}
    for one in given:
        section, _, answer = one.partition("=")
        if answer not in ("yes", "no") or not section:
            raise InputRefused("--choice takes SECTION=yes or SECTION=no.")
        if section in choices:
            raise InputRefused(f"--choice answers section {section} twice.")
        choices[section] = answer == "yes"
    return choices
