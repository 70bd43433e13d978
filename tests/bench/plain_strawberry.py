"""Plain Strawberry: the same tables behind a schema as one would write it, with DataLoaders, open to anybody.

No authorization, no audit. As quick as its users have it: asyncpg with a pool, parser and validation caches,
a loader for every edge, plain fields without resolvers wherever a value is there. Started by `peers.py`.
"""

from __future__ import annotations

import datetime
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has no types
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

from hmis import codes
from hmis.codes.code import Code
from hmis.codes.race import Race, races
from schema import words  # noqa: F401  makes HUD's codes GraphQL enums

_Loaders = dict[str, DataLoader[Any, Any]]
_POOL: list[Any] = []


def said(kind: type[Code], value: Any) -> Any:
    """A code as its word; null where HUD's list lacks it."""
    return kind._value2member_map_.get(value)


@strawberry.type
class Organization:
    id: strawberry.ID
    name: str | None


@strawberry.type
class Project:
    id: strawberry.ID
    name: str | None
    type: codes.ProjectType | None
    key: strawberry.Private[tuple[int, str]]

    @strawberry.field
    async def organization(self, info: Info) -> Organization | None:
        return await _loaded(info, "organization", self.key)


@strawberry.type
class Exit:
    date: datetime.date | None
    destination: codes.LivingSituation | None


@strawberry.type
class Service:
    date: datetime.date | None
    type: codes.ServiceType | None


@strawberry.type
class IncomeBenefits:
    information_date: datetime.date | None
    total_monthly_income: Decimal | None
    income_from_any_source: codes.NoYesReasonsForMissingData | None
    snap: codes.NoYesMissing | None


@strawberry.type
class Disability:
    information_date: datetime.date | None
    type: codes.DisabilityType | None
    response: codes.DisabilityResponse | None
    indefinite_and_impairs: codes.NoYesReasonsForMissingData | None


@strawberry.type
class Health:
    information_date: datetime.date | None
    domestic_violence_survivor: codes.NoYesReasonsForMissingData | None
    currently_fleeing: codes.NoYesReasonsForMissingData | None


@strawberry.type
class Enrollment:
    id: strawberry.ID
    entry_date: datetime.date | None
    relationship_to_head_of_household: codes.RelationshipToHeadOfHousehold | None
    living_situation: codes.LivingSituation | None
    move_in_date: datetime.date | None
    disabling_condition: codes.NoYesReasonsForMissingData | None
    key: strawberry.Private[tuple[int, str]]
    project_key: strawberry.Private[tuple[int, str]]

    @strawberry.field
    async def project(self, info: Info) -> Project | None:
        return await _loaded(info, "project", self.project_key)

    @strawberry.field
    async def exit(self, info: Info) -> Exit | None:
        found = await _loaded(info, "exit", self.key)
        return found[0] if found else None

    @strawberry.field
    async def services(self, info: Info) -> list[Service]:
        return await _loaded(info, "services", self.key)

    @strawberry.field
    async def income_benefits(self, info: Info) -> list[IncomeBenefits]:
        return await _loaded(info, "income_benefits", self.key)

    @strawberry.field
    async def disabilities(self, info: Info) -> list[Disability]:
        return await _loaded(info, "disabilities", self.key)

    @strawberry.field
    async def health_and_domestic_violence(self, info: Info) -> list[Health]:
        return await _loaded(info, "health_and_dv", self.key)


@strawberry.type
class Enrollments:
    nodes: list[Enrollment]


@strawberry.type
class Identifier:
    source: str
    value: str


@strawberry.type
class Name:
    first: str | None
    middle: str | None
    last: str | None
    suffix: str | None
    quality: codes.NameDataQuality | None


@strawberry.type
class Birth:
    date: datetime.date | None
    quality: codes.DateOfBirthDataQuality | None


@strawberry.type
class Ssn:
    last_four: str | None
    quality: codes.SsnDataQuality | None


@strawberry.type
class Client:
    id: strawberry.ID
    identifiers: list[Identifier]
    name: Name
    birth: Birth
    ssn: Ssn
    sex: codes.Sex | None
    races: list[Race]
    veteran_status: codes.NoYesReasonsForMissingData | None

    @strawberry.field
    async def enrollments(self, info: Info, first: int = 25) -> Enrollments:
        found = await _loaded(info, "enrollments", self.id)
        return Enrollments(nodes=found[:first])


@strawberry.type
class Clients:
    nodes: list[Client]


@strawberry.type
class Query:
    @strawberry.field
    async def client(self, info: Info, id: strawberry.ID) -> Client | None:
        return await _loaded(info, "client", id)

    @strawberry.field
    async def clients(self, info: Info, after: strawberry.ID, first: int = 25) -> Clients:
        people = await _fetch("select id from person where id > $1::uuid order by id limit $2", after, first)
        found = await info.context["loaders"]["client"].load_many([str(row["id"]) for row in people])
        return Clients(nodes=[client for client in found if client is not None])


async def _fetch(sql: str, *values: Any) -> list[Any]:
    found: list[Any] = await _POOL[0].fetch(sql, *values)
    return found


def _loaded(info: Info, name: str, key: Any) -> Awaitable[Any]:
    found: Awaitable[Any] = info.context["loaders"][name].load(key)
    return found


async def _clients(people: Sequence[str]) -> list[Client | None]:
    rows = await _fetch(
        "select l.person_id, s.name as source, c.* from client_link l"
        " join client c on c.source_id = l.source_id and c.personal_id = l.personal_id"
        " join source s on s.id = c.source_id"
        " where l.person_id = any ($1::uuid[]) and l.undone_at is null and c.removed_at is null"
        " order by c.date_updated desc nulls last, c.source_id, c.personal_id",
        people,
    )
    records: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        records[str(row["person_id"])].append(row)
    return [_client(person, records[person]) if records[person] else None for person in people]


def _client(person: str, records: list[Any]) -> Client:
    best = records[0]
    ssn = best["ssn"]
    return Client(
        id=strawberry.ID(person),
        identifiers=[Identifier(source=one["source"], value=one["personal_id"]) for one in records],
        name=Name(
            first=best["first_name"], middle=best["middle_name"], last=best["last_name"],
            suffix=best["name_suffix"], quality=said(codes.NameDataQuality, best["name_data_quality"]),
        ),
        birth=Birth(
            date=best["dob"], quality=said(codes.DateOfBirthDataQuality, best["dob_data_quality"])
        ),
        ssn=Ssn(
            last_four=ssn[-4:] if ssn and len(ssn) == 9 and ssn[-4:].isdigit() else None,
            quality=said(codes.SsnDataQuality, best["ssn_data_quality"]),
        ),
        sex=said(codes.Sex, best["sex"]),
        races=races(best),
        veteran_status=said(codes.NoYesReasonsForMissingData, best["veteran_status"]),
    )  # fmt: skip


async def _enrollments(people: Sequence[str]) -> list[list[Enrollment]]:
    rows = await _fetch(
        "select l.person_id, e.id, e.source_id, e.enrollment_id, e.project_id, e.entry_date,"
        " e.relationship_to_hoh, e.living_situation, e.move_in_date, e.disabling_condition"
        " from client_link l"
        " join enrollment e on e.source_id = l.source_id and e.personal_id = l.personal_id"
        " where l.person_id = any ($1::uuid[]) and l.undone_at is null and e.removed_at is null"
        " order by e.entry_date desc nulls last, e.id",
        people,
    )
    found: dict[str, list[Enrollment]] = defaultdict(list)
    for row in rows:
        found[str(row["person_id"])].append(
            Enrollment(
                id=strawberry.ID(str(row["id"])),
                entry_date=row["entry_date"],
                relationship_to_head_of_household=said(
                    codes.RelationshipToHeadOfHousehold, row["relationship_to_hoh"]
                ),
                living_situation=said(codes.LivingSituation, row["living_situation"]),
                move_in_date=row["move_in_date"],
                disabling_condition=said(codes.NoYesReasonsForMissingData, row["disabling_condition"]),
                key=(row["source_id"], row["enrollment_id"]),
                project_key=(row["source_id"], row["project_id"]),
            )
        )
    return [found[person] for person in people]


async def _projects(keys: Sequence[tuple[int, str]]) -> list[Project | None]:
    rows = await _fetch(
        "select * from project where (source_id, project_id) in"
        " (select * from unnest($1::integer[], $2::text[]))",
        *_columns(keys),
    )
    found = {
        (row["source_id"], row["project_id"]): Project(
            id=strawberry.ID(str(row["id"])),
            name=row["project_name"],
            type=said(codes.ProjectType, row["project_type"]),
            key=(row["source_id"], row["organization_id"]),
        )
        for row in rows
    }
    return [found.get(key) for key in keys]


async def _organizations(keys: Sequence[tuple[int, str]]) -> list[Organization | None]:
    rows = await _fetch(
        "select * from organization where (source_id, organization_id) in"
        " (select * from unnest($1::integer[], $2::text[]))",
        *_columns(keys),
    )
    found = {
        (row["source_id"], row["organization_id"]): Organization(
            id=strawberry.ID(str(row["id"])), name=row["organization_name"]
        )
        for row in rows
    }
    return [found.get(key) for key in keys]


def _columns(keys: Sequence[tuple[int, str]]) -> tuple[list[int], list[str]]:
    return [source for source, _ in keys], [key for _, key in keys]


def _hanging(table: str, day: str, made: Callable[[Any], Any]) -> Any:
    """The batch that answers one kind of record for many stays, newest first."""
    sql = (
        f'select h.* from unnest($1::integer[], $2::text[]) k (source, stay) join "{table}" h'
        " on h.source_id = k.source and h.enrollment_id = k.stay"
        f" where h.removed_at is null order by h.{day} desc nulls last, h.id"
    )

    async def of_stays(keys: Sequence[tuple[int, str]]) -> list[list[Any]]:
        found: dict[tuple[int, str], list[Any]] = defaultdict(list)
        for row in await _fetch(sql, *_columns(keys)):
            found[row["source_id"], row["enrollment_id"]].append(made(row))
        return [found[key] for key in keys]

    return of_stays


_YES_NO = codes.NoYesReasonsForMissingData
_BATCHES: dict[str, Any] = {
    "client": _clients,
    "enrollments": _enrollments,
    "project": _projects,
    "organization": _organizations,
    "exit": _hanging(
        "exit",
        "exit_date",
        lambda row: Exit(date=row["exit_date"], destination=said(codes.LivingSituation, row["destination"])),
    ),
    "services": _hanging(
        "services",
        "date_provided",
        lambda row: Service(
            date=row["date_provided"], type=codes.service_type(row["record_type"], row["type_provided"])
        ),
    ),
    "income_benefits": _hanging(
        "income_benefits",
        "information_date",
        lambda row: IncomeBenefits(
            information_date=row["information_date"],
            total_monthly_income=row["total_monthly_income"],
            income_from_any_source=said(_YES_NO, row["income_from_any_source"]),
            snap=said(codes.NoYesMissing, row["snap"]),
        ),
    ),
    "disabilities": _hanging(
        "disabilities",
        "information_date",
        lambda row: Disability(
            information_date=row["information_date"],
            type=said(codes.DisabilityType, row["disability_type"]),
            response=codes.disability_response(row["disability_type"], row["disability_response"]),
            indefinite_and_impairs=said(_YES_NO, row["indefinite_and_impairs"]),
        ),
    ),
    "health_and_dv": _hanging(
        "health_and_dv",
        "information_date",
        lambda row: Health(
            information_date=row["information_date"],
            domestic_violence_survivor=said(_YES_NO, row["domestic_violence_survivor"]),
            currently_fleeing=said(_YES_NO, row["currently_fleeing"]),
        ),
    ),
}


class _Endpoint(GraphQL[Any, Any]):
    async def get_context(self, request: Any, response: Any) -> Any:
        loaders: _Loaders = {name: DataLoader(load_fn=batch) for name, batch in _BATCHES.items()}
        return {"loaders": loaders}


schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["PLAIN_DATABASE_URL"], min_size=10, max_size=10) as pool:
        _POOL.append(pool)
        yield


app = Starlette(routes=[Route("/graphql", _Endpoint(schema, graphql_ide=None))], lifespan=_lifespan)
