"""World: people, agencies and grants for a test, straight in the tables, and a way to ask about them.

`await world.ask(viewer, document, **variables)` runs a document as that viewer and returns what the gateway
would send: `Answer(data, errors, withheld)`. Every name here is invented.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from graphql import GraphQLError
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import audit
from auth.categories import EVERYTHING, Category
from auth.consent import Effect
from auth.forms import Template
from auth.grants import NewGrant, record, revoke
from auth.legal_order import LegalOrder
from auth.viewer import SCOPES, Agency, AgencyKind, Purpose, Role, Viewer
from connectors.runtime import Runtime
from hmis import labelling
from hmis.bulk import bulk
from hmis.labels import NONE, Label
from hmis.spec import FILES
from hmis.tables import (
    HMIS,
    agency,
    break_glass,
    client_link,
    guardian,
    guardian_bar,
    legal_order,
    legal_order_approval,
    legal_order_end,
    member,
    person,
    source,
    visibility_group,
    visibility_group_member,
)
from resolvers.request import Request
from schema.build import schema
from tests.readers import reader_beside

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
_LABELLED_BY = {"Organization", "Project", "Funder", "Enrollment"}


@dataclass(frozen=True)
class Answer:
    """What came back: data, errors, and what was said to be withheld as {(field, category): clients}."""

    data: dict[str, Any] | None
    errors: tuple[GraphQLError, ...]
    withheld: dict[tuple[str, str], int]
    request: Request


def _outcome(viewer: Viewer | None, errors: list[GraphQLError] | None) -> str:
    """In the gateway's words; that it says them is tested over HTTP."""
    if viewer is None:
        return "NO_ACCESS"
    return "WITH_ERRORS" if errors else "ANSWERED"


@dataclass
class World:
    """One community in an empty database. Each method writes one thing and returns what names it."""

    engine: AsyncEngine
    sources: dict[str, int] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    groups: dict[str, UUID] = field(default_factory=dict)
    partners: dict[str, Any] = field(default_factory=dict)
    runtime: Runtime = field(default_factory=Runtime)
    lapsed: frozenset[str] = frozenset()
    forms: tuple[Template, ...] = ()
    """The forms of this community."""

    async def _insert(self, table: Any, **values: Any) -> Any:
        async with self.engine.begin() as connection:
            return (await connection.execute(insert(table).values(**values).returning(table))).one()

    async def source(self, name: str = "demo") -> int:
        """A source system; the same again for the same name."""
        if name not in self.sources:
            self.sources[name] = (await self._insert(source, name=name)).id
        return self.sources[name]

    async def row(self, file: str, key: str, source: str = "demo", **values: Any) -> UUID:
        """One row of an HMIS file, by HUD's file name and our column names."""
        table = HMIS[file]
        key_column = FILES[file].key.attr
        values = {key_column: key, "source_id": await self.source(source), "import_id": 0, **values}
        identifier: UUID = (await self._insert(table, **values)).id
        if file in _LABELLED_BY:
            await self.renew_labels(source)
        return identifier

    async def renew_labels(self, source: str = "demo") -> None:
        """Compute labels anew, as an import does when it has written."""
        async with self.engine.begin() as connection:
            await labelling.renew(await bulk(connection), self.sources[source])

    async def organization(
        self, key: str, *, source: str = "demo", victim_services: bool = False, agreement: bool = True
    ) -> Agency:
        """An organization, its agency, and one project `<key>-p` of an emergency shelter."""
        await self.row(
            "Organization",
            key,
            source,
            organization_name=f"Agency {key}",
            victim_service_provider=int(victim_services),
        )
        await self.project(f"{key}-p", key, source=source)
        kind = AgencyKind.VSP if victim_services else AgencyKind.CHO
        row = await self._insert(
            agency,
            source_id=self.sources[source],
            organization_id=key,
            name=f"Agency {key}",
            kind=kind.value,
            agreement_from=date(2020, 1, 1),
            agreement_to=None if agreement else date(2020, 1, 2),
            purposes=[purpose.value for purpose in Purpose],
        )
        self.agencies[key] = Agency(row.id, row.source_id, key, row.name, kind)
        await self.renew_labels(source)
        return self.agencies[key]

    async def project(self, key: str, organization: str, *, source: str = "demo", **values: Any) -> UUID:
        """A project of an organization; an entry-exit shelter unless said otherwise."""
        values = {"project_name": f"Project {key}", "project_type": 0, "continuum_project": 1, **values}
        return await self.row("Project", key, source, organization_id=organization, **values)

    async def client(
        self, key: str, *, source: str = "demo", person_of: str | None = None, **values: Any
    ) -> UUID:
        """A client record with a person of its own, or linked to the person of another record."""
        await self.row("Client", key, source, **values)
        if person_of is None:
            self.people[key] = (await self._insert(person)).id
        else:
            self.people[key] = self.people[person_of]
        await self._insert(
            client_link,
            person_id=self.people[key],
            source_id=self.sources[source],
            personal_id=key,
            method="FIRST" if person_of is None else "NAME_DOB",
        )
        return self.people[key]

    async def stay(
        self, key: str, client: str, project: str, entry: date = date(2026, 1, 1), **values: Any
    ) -> UUID:
        """A stay of a client at a project."""
        values = {"household_id": f"h-{key}", "relationship_to_hoh": 1, **values}
        return await self.row(
            "Enrollment", key, personal_id=client, project_id=project, entry_date=entry, **values
        )

    def viewer(
        self,
        organization: str,
        role: Role = Role.CASE_MANAGER,
        purpose: Purpose = Purpose.CARE_COORDINATION,
        scopes: frozenset[str] | None = None,
    ) -> Viewer:
        """Somebody of an agency, already proved."""
        return Viewer(
            subject=f"{role.value}@{organization}",
            kind="user",
            agency=self.agencies[organization],
            role=role,
            scopes=frozenset(SCOPES[role]) if scopes is None else scopes,
            purpose=purpose,
            acr=None,
            auth_time=None,
            client_id="test",
        )

    async def grant(
        self,
        client: str,
        *agencies: str,
        categories: Category = EVERYTHING,
        effect: Effect = Effect.PERMIT,
        purposes: tuple[Purpose, ...] = (Purpose.CARE_COORDINATION,),
        start: date = date(2026, 1, 1),
        end: date | None = None,
        **more: Any,
    ) -> UUID:
        """A grant of a client to some agencies; to the whole community when none is named."""
        new = NewGrant(
            person=self.people[client],
            effect=effect,
            categories=categories,
            purposes=tuple(purpose.value for purpose in purposes),
            community_wide=not agencies and "group" not in more,
            agencies=tuple(self.agencies[name].id for name in agencies),
            start=start,
            end=end,
            **{"method": "VERBAL", "evidence": None, **more},
        )
        by = self.viewer(next(iter(self.agencies)))
        async with self.engine.begin() as connection:
            return await record(connection, by, new)

    async def group(self, name: str, *agencies: str, since: date = date(2020, 1, 1)) -> UUID:
        """A living group of agencies; the same again for the same name, with more members."""
        if name not in self.groups:
            self.groups[name] = (await self._insert(visibility_group, name=name)).id
        for name_of in agencies:
            await self._insert(
                visibility_group_member,
                group_id=self.groups[name],
                agency_id=self.agencies[name_of].id,
                valid_from=since,
            )
        return self.groups[name]

    async def guardian(self, client: str, *, start: date = date(2020, 1, 1), end: date | None = None) -> UUID:
        """An adult who may sign for a client while the client is a minor."""
        row = await self._insert(
            guardian,
            person_id=self.people[client],
            adult="an adult",
            authority="PARENT",
            valid_from=start,
            valid_to=end,
            recorded_by="test",
            recorded_at_agency=next(iter(self.agencies.values())).id,
        )
        identifier: UUID = row.id
        return identifier

    async def bar(self, identifier: UUID) -> None:
        """Take a guardian's authority away."""
        await self._insert(guardian_bar, guardian_id=identifier, reason="a court said so", barred_by="test")

    async def broken_glass(
        self, client: str, viewer: Viewer, opened: datetime = NOW, minutes: int = 30
    ) -> UUID:
        """An opening of a client for one viewer in an emergency."""
        row = await self._insert(
            break_glass,
            person_id=self.people[client],
            subject=viewer.subject,
            agency_id=viewer.agency.id,
            reason="found unconscious",
            opened_at=opened,
            closes_at=opened + timedelta(minutes=minutes),
        )
        identifier: UUID = row.id
        return identifier

    async def member(self, subject: str, organization: str, role: Role) -> None:
        """Somebody works for an agency."""
        await self._insert(
            member,
            issuer="test",
            subject=subject,
            agency_id=self.agencies[organization].id,
            role=role.value,
            valid_from=date(2020, 1, 1),
        )

    async def legal_order(
        self,
        client: str,
        viewer: Viewer,
        *approvers: str,
        categories: Category = EVERYTHING & ~Category.SSN_FULL,
        labels: Label = NONE,
        start: date = TODAY,
        days: int = 1,
        ended: bool = False,
    ) -> LegalOrder:
        """An order that a clerk wrote down for one viewer about a client, approved by some."""
        row = await self._insert(
            legal_order,
            person_id=self.people[client],
            agency_id=viewer.agency.id,
            subject=viewer.subject,
            categories=int(categories | Category.EXISTENCE),
            labels=int(labels),
            authority="COURT_ORDER",
            reference="of a test",
            valid_from=start,
            valid_to=start + timedelta(days=days),
            recorded_by="clerk",
            recorded_at_agency=viewer.agency.id,
        )
        for approver in approvers:
            await self._insert(legal_order_approval, order_id=row.id, approver=approver)
        if ended:
            await self._insert(legal_order_end, order_id=row.id, reason="quashed", ended_by="test")
        return LegalOrder(
            id=row.id,
            agency=viewer.agency.id,
            subject=viewer.subject,
            categories=categories | Category.EXISTENCE,
            start=row.valid_from,
            end=row.valid_to,
            recorded_by="clerk",
            approvers=frozenset(approvers),
            withdrawn=ended,
            labels=labels,
        )

    async def revoke(self, grant: UUID, now: datetime = NOW) -> None:
        """End a grant for every reader."""
        async with self.engine.begin() as connection:
            await revoke(connection, self.viewer(next(iter(self.agencies))), grant, "asked to stop", now)

    async def linked(self, client: str, *, to: str) -> None:
        """Say that a record is of the same person as another: its old link ends, a new one begins."""
        source_id = self.sources["demo"]
        async with self.engine.begin() as connection:
            link = client_link.c.personal_id == client
            await connection.execute(update(client_link).where(link).values(undone_at=NOW))
        self.people[client] = self.people[to]
        await self._insert(
            client_link,
            person_id=self.people[to],
            source_id=source_id,
            personal_id=client,
            method="STAFF",
        )

    async def change(self, file: str, key: str, **values: Any) -> None:
        """Change a row as an import would."""
        table = HMIS[file]
        async with self.engine.begin() as connection:
            row = table.c[FILES[file].key.attr] == key
            await connection.execute(update(table).where(row).values(**values))
        if file in _LABELLED_BY:
            for source in self.sources:
                await self.renew_labels(source)

    def request(self, viewer: Viewer | None, now: datetime = NOW, today: date = TODAY) -> Request:
        """A request of this viewer, as the gateway would make it."""
        return Request(
            now=now,
            as_of=today,
            viewer=viewer,
            subject=viewer.subject if viewer else "nobody",
            reader=reader_beside(self.engine),
            writer=self.engine,
            partners=self.partners,
            runtime=self.runtime,
            lapsed=self.lapsed,
            forms=self.forms,
            deadline=asyncio.get_running_loop().time() + 60,
        )

    async def ask(
        self,
        viewer: Viewer | None,
        document: str,
        *,
        today: date = TODAY,
        now: datetime = NOW,
        audited: bool = False,
        **variables: Any,
    ) -> Answer:
        """Run a document as this viewer; `audited` writes the audit row too, as the gateway would."""
        request = self.request(viewer, now, today)
        result = await schema.execute(document, variable_values=variables, context_value=request)
        await self.runtime.keeper.settled()
        if audited:
            await audit.write(
                self.engine,
                audit.Operation("test", None, "0" * 64, today),
                request.trail,
                subject=request.subject,
                application="test",
                viewer=viewer,
                outcome=_outcome(viewer, result.errors),
            )
        withheld = {
            (name, category.name or ""): len(people) for (name, category), people in request.withheld.items()
        }
        return Answer(result.data, tuple(result.errors or ()), withheld, request)
