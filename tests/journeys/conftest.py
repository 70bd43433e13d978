"""Journeys: a world, a document, the exact answer. `hub` asks over HTTP what `world` asks in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from auth.demo_issuer import DemoIssuer
from auth.viewer import SCOPES, Role
from connectors.base import Source
from gateway.app import create_app
from gateway.settings import DEMO_ISSUER, Settings
from hmis.tables import member
from tests.telling import Line, events, lines
from tests.worlds import NOW, World


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """An empty community."""
    return World(database)


@dataclass
class Hub:
    """The hub with its real schema as callers reach it, and a clock that the test may set."""

    app: Starlette
    http: httpx.AsyncClient
    settings: Settings
    world: World
    now: datetime = NOW

    def token(self, subject: str, **claims: Any) -> str:
        """A token of the demo issuer for somebody; whether they may do anything the member table says."""
        said = {
            "audience": self.settings.audience,
            "lifetime": timedelta(minutes=5),
            "now": self.now,
            "client_id": "tests",
            "scopes": frozenset().union(*SCOPES.values()),
            **claims,
        }
        return DemoIssuer.open(self.settings.home, DEMO_ISSUER).mint(subject=subject, **said)

    async def joins(
        self, subject: str, agency: str, role: Role = Role.CASE_MANAGER, until: date | None = None
    ) -> str:
        """Somebody becomes a member; gives their token."""
        async with self.world.engine.begin() as connection:
            await connection.execute(
                insert(member).values(
                    issuer=DEMO_ISSUER,
                    subject=subject,
                    agency_id=self.world.agencies[agency].id,
                    role=role.value,
                    valid_from=date(2020, 1, 1),
                    valid_to=until,
                )
            )
        return self.token(subject)

    async def post(self, token: str, body: object, **headers: str) -> httpx.Response:
        """POST this as JSON."""
        sent = {
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
            "authorization": f"Bearer {token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        response = await self.http.post("/graphql", content=orjson.dumps(body), headers=sent)
        # What is kept of partners' answers is written after the answer; tests look at it at once.
        await self.app.state.hub.runtime.keeper.settled()
        return response

    async def ask(self, token: str, document: str, **variables: Any) -> httpx.Response:
        return await self.post(token, {"query": document, "variables": variables})

    async def audited(self, response: httpx.Response) -> tuple[Mapping[Any, Any], dict[UUID, Line]]:
        """What the audit says of an answered question: exactly one event, and its lines about people."""
        asked = response.headers["x-request-id"]
        [event] = [one for one in await events(self.world.engine) if one["request_id"] == asked]
        return event, await lines(self.world.engine, event["id"])

    def partner(self, source: Source) -> None:
        """Switch a partner on."""
        state = self.app.state
        state.hub = replace(state.hub, sources={**state.hub.sources, source.name: source})


@asynccontextmanager
async def running(settings: Settings, world: World) -> AsyncIterator[Hub]:
    """A hub whose lifespan has begun. Two of them on one database are two workers."""
    begun: list[Hub] = []  # the clock is read before there is a hub to set it at
    app = create_app(settings, now=lambda: begun[0].now if begun else NOW, environ={})
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        http = httpx.AsyncClient(transport=transport, base_url="http://hub.test")
        hub = Hub(app, await stack.enter_async_context(http), settings, world)
        begun.append(hub)
        yield hub


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path, database_url=database_url, demo_issuer=True)


@pytest.fixture
async def hub(settings: Settings, world: World) -> AsyncIterator[Hub]:
    async with running(settings, world) as hub:
        yield hub
