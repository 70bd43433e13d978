"""A gateway over a small schema of its own, so that these tests speak of HTTP and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import strawberry
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from strawberry.schema.config import StrawberryConfig
from strawberry.types.info import Info as StrawberryInfo

from auth.categories import Category
from auth.demo_issuer import DemoIssuer
from auth.viewer import SCOPES, Role
from gateway.app import create_app
from gateway.settings import DEMO_ISSUER, Settings
from hmis.errors import FailureCode, InputRefused, SourceFailed
from hmis.tables import member
from resolvers.request import Request, SourceNote
from tests.worlds import World

CANARY = "Jane Doe"
NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
PERSON = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")

Info = StrawberryInfo[Request, None]


@dataclass
class Gate:
    """Holds a request inside its resolver until the test lets it go on."""

    entered: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


def small_schema(gate: Gate) -> strawberry.Schema:
    @strawberry.type
    class Query:
        @strawberry.field
        def hello(self) -> str:
            return "world"

        @strawberry.field
        def echo(
            self, word: str | None = None, day: date | None = None, count: int | None = None
        ) -> str | None:
            return word

        @strawberry.field
        def broken(self) -> str | None:
            raise KeyError(CANARY)

        @strawberry.field
        def unnamed(self) -> int | None:
            return CANARY  # type: ignore[return-value]  # what a field must not be: the executor's complaint quotes it

        @strawberry.field
        def refused(self) -> str | None:
            raise InputRefused("first takes 1 to 100")

        @strawberry.field
        def partner(self) -> str | None:
            raise SourceFailed("pantry", FailureCode.TIMEOUT, retryable=True)

        @strawberry.field
        def person(self, info: Info) -> str | None:
            request = info.context
            request.trail.about_people = True
            if request.viewer is None:
                return None
            request.trail.of(PERSON).disclosed = Category.NAME
            return CANARY

        @strawberry.field
        def withheld(self, info: Info) -> str | None:
            request = info.context
            request.withheld["Client.ssn", Category.SSN_LAST4] = {PERSON}
            request.withheld["Client.birth", Category.DOB] = {PERSON, OTHER}
            return None

        @strawberry.field
        def silent_partner(self, info: Info) -> str | None:
            info.context.source_notes.add(SourceNote("pantry", "TIMEOUT", True))
            info.context.source_notes.add(SourceNote("energy-drop", "UNAVAILABLE", False))
            return None

        @strawberry.field
        async def slow(self) -> str:
            gate.entered.set()
            await gate.opened.wait()
            return "done"

        @strawberry.field
        async def slow_partner(self, info: Info) -> str:
            with info.context.away():
                gate.entered.set()
                await gate.opened.wait()
            return "done"

    return strawberry.Schema(query=Query, config=StrawberryConfig(disable_field_suggestions=True))


@dataclass
class Gateway:
    """The gateway as a caller sees it."""

    app: Starlette
    client: httpx.AsyncClient
    settings: Settings
    gate: Gate

    def token(self, **changes: Any) -> str:
        """A good token of somebody who is a member, with some claims said otherwise."""
        said: dict[str, Any] = {
            "subject": "mia",
            "audience": self.settings.audience,
            "lifetime": timedelta(minutes=5),
            "now": NOW,
            "client_id": "tests",
            "scopes": SCOPES[Role.CASE_MANAGER],
            **changes,
        }
        return DemoIssuer.open(self.settings.home, DEMO_ISSUER).mint(**said)

    async def post(
        self, content: bytes | str, *, token: str | None = None, headers: Any = (), **more: Any
    ) -> httpx.Response:
        """POST exactly these bytes; with a good token unless told otherwise."""
        sent = [("content-type", "application/json"), ("authorization", f"Bearer {token or self.token()}")]
        given = list(dict(headers).items())
        named = {name.lower() for name, _ in given}
        merged = [pair for pair in sent if pair[0] not in named] + [
            pair for pair in given if pair[1] is not None
        ]
        return await self.client.post("/graphql", content=content, headers=merged, **more)

    async def ask(
        self, document: str, accept: str = "application/graphql-response+json", **variables: Any
    ) -> Any:
        """Ask and give the response."""
        import orjson

        body = orjson.dumps({"query": document, "variables": variables})
        return await self.post(body, headers={"accept": accept})


@asynccontextmanager
async def running(
    settings: Settings, gate: Gate, schema: strawberry.Schema | None = None
) -> AsyncIterator[Gateway]:
    """A gateway whose lifespan has begun."""
    app = create_app(settings, schema=schema or small_schema(gate), now=lambda: NOW)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            del client.headers["accept"]
            yield Gateway(app, client, settings, gate)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path, database_url=database_url, demo_issuer=True)


@pytest.fixture
async def membership(database: AsyncEngine) -> None:
    """Mia is a case manager of organization 6."""
    world = World(database)
    agency = await world.organization("6")
    async with database.begin() as connection:
        await connection.execute(
            insert(member).values(
                issuer=DEMO_ISSUER,
                subject="mia",
                agency_id=agency.id,
                role=Role.CASE_MANAGER.value,
                valid_from=date(2020, 1, 1),
            )
        )


@pytest.fixture
async def gateway(settings: Settings, membership: None) -> AsyncIterator[Gateway]:
    async with running(settings, Gate()) as gateway:
        yield gateway
