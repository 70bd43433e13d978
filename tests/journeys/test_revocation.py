"""A client says no to one worker of the hub, and every other worker has heard it at the next question."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.demo_issuer import DemoIssuer
from auth.viewer import SCOPES, Role
from gateway.settings import DEMO_ISSUER, Settings
from hmis.tables import member
from tests.worlds import World

ROOT = Path(__file__).parents[2]
NAME = "query ($id: ID!) { client(id: $id) { name { last } } }"
REVOKE = """
    mutation ($id: ID!) { consentRevoke(id: $id, reason: "asked to") { problems { code } } }
"""


@asynccontextmanager
async def worker(settings: Settings, **more: str) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway in a process of its own, as the operator starts it. more: variables of partners."""
    async with started(settings, **more) as (_, client):
        yield client


@asynccontextmanager
async def started(
    settings: Settings, **more: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """The same with its process, for who wants to kill it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environ |= {
        "HUB_HOME": str(settings.home),
        "HUB_DATABASE_URL": settings.database_url or "",
        "HUB_DEMO_ISSUER": "1",
        "HUB_PORT": "0",
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "serve", cwd=ROOT, env=environ, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    log: asyncio.Task[bytes] | None = None
    try:
        async with httpx.AsyncClient(base_url=await _address(process), trust_env=False) as client:
            # Read on, or the pipe fills and the worker stands still at its next line.
            log = asyncio.create_task(process.stderr.read())
            yield process, client
    finally:
        if process.returncode is None:
            process.terminate()
        await (log or process.stderr.read())
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where it listens, as it says itself."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        async for line in process.stderr:
            if found := re.search(rb"(http://\S+)/graphql", line):
                return found[1].decode()
    raise AssertionError("the worker ended before it listened")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path, database_url=database_url, demo_issuer=True)


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """Ann works for A, where the client stayed, and Ben for B, with whom the client shares."""
    world = World(database)
    for key, subject in (("A", "ann"), ("B", "ben")):
        agency = await world.organization(key)
        async with database.begin() as connection:
            await connection.execute(
                insert(member).values(
                    issuer=DEMO_ISSUER,
                    subject=subject,
                    agency_id=agency.id,
                    role=Role.CASE_MANAGER.value,
                    valid_from=date(2020, 1, 1),
                )
            )
    await world.client("ada", first_name="Ada", last_name="Shared")
    await world.stay("s", "ada", "A-p")
    return world


def headers(settings: Settings, subject: str) -> dict[str, str]:
    token = DemoIssuer.open(settings.home, DEMO_ISSUER).mint(
        subject=subject,
        audience=settings.audience,
        lifetime=timedelta(minutes=5),
        now=datetime.now(UTC),
        client_id="tests",
        scopes=SCOPES[Role.CASE_MANAGER],
    )
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


async def ask(hub: httpx.AsyncClient, who: dict[str, str], document: str, **variables: Any) -> Any:
    response = await hub.post("/graphql", json={"query": document, "variables": variables}, headers=who)
    answer = response.json()
    assert "errors" not in answer, answer
    return answer["data"]


async def test_what_one_worker_is_told_every_other_knows(world: World, settings: Settings) -> None:
    client = str(world.people["ada"])
    ann, ben = headers(settings, "ann"), headers(settings, "ben")
    async with (
        worker(settings) as first,
        worker(settings) as second,
    ):
        assert await ask(second, ben, NAME, id=client) == {"client": None}
        for _ in range(3):
            grant = await world.grant("ada", "B")
            # Warm: whatever a worker might remember of Ben and this client, it remembers now.
            for hub in (first, second, second):
                shown = await ask(hub, ben, NAME, id=client)
                assert shown == {"client": {"name": {"last": "Shared"}}}
            done = await ask(first, ann, REVOKE, id=str(grant))
            assert done["consentRevoke"]["problems"] == []
            assert await ask(second, ben, NAME, id=client) == {"client": None}
            assert await ask(first, ben, NAME, id=client) == {"client": None}


_CACHES = {"cache", "lru_cache", "cached_property", "TTLCache", "LRUCache", "WeakValueDictionary"}
_OF_THE_SCHEMA = {
    "auth/emergency.py:openings",
    "auth/columns.py:category_of",
    "auth/legal_orders.py:of_agency",
    "auth/forms/__init__.py:templates",
    "hmis/labels.py:_ROW_COLUMN",
    "resolvers/clients.py:_records",
    "resolvers/enrollments.py:_named_stays",
    "resolvers/enrollments.py:_of_people",
    "resolvers/explaining.py:records",
    "resolvers/finding.py:_place",
    "resolvers/finding.py:_walk",
    "resolvers/households.py:_statement",
    "resolvers/imports.py:_one",
    "resolvers/imports.py:_page",
    "resolvers/listed_services.py:statement",
    "resolvers/matches.py:_of_own_clients",
    "resolvers/measure_records.py:_own",
    "resolvers/measures.py:_before",
    "resolvers/measures.py:_cells",
    "resolvers/measures.py:_measures",
    "resolvers/measures.py:_of_names",
    "resolvers/partners.py:_batch",
    "resolvers/partners.py:_ids",
    "resolvers/person_matches.py:_counts",
    "resolvers/person_matches.py:_of_own_clients",
    "resolvers/projects.py:_batch",
    "resolvers/projects.py:_named",
    "resolvers/projects.py:_select",
    "resolvers/reading_ahead.py:_statement",
    "resolvers/records.py:_batch",
    "resolvers/sources.py:_synced",
    "resolvers/withdrawing.py:_installed",
    "resolvers/referred.py:_events",
    "resolvers/referred.py:_referrals",
}
"""Kept for the life of the process by the name of a file, a column or a partner; and statements, which are
filled when they run: nothing about anybody.

What lives as long as the hub remembers staff and no client: `auth.viewers.Viewers` holds only for a request
that itself read the same standing, `auth.tokens.Verifier` only while token and key do."""


def _kept(path: Path) -> list[str]:
    """What a module keeps between requests and can add to: cached functions, and mutable globals."""
    name = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            used = {
                part.id
                for each in node.decorator_list
                for part in ast.walk(each)
                if isinstance(part, ast.Name)
            }
            used |= {
                part.attr
                for each in node.decorator_list
                for part in ast.walk(each)
                if isinstance(part, ast.Attribute)
            }
            if used & _CACHES:
                kept.append(f"{name}:{node.name}")
        if isinstance(node, ast.Global):
            kept += [f"{name}:{each}" for each in node.names]
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        # Filled as it is written is a table of constants; empty waits to be filled.
        empty = isinstance(value, ast.Dict) and not value.keys
        empty |= isinstance(value, ast.List | ast.Set) and not value.elts
        called = value.func if isinstance(value, ast.Call) else None
        made = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        if empty or made in _CACHES | {"dict", "list", "set", "defaultdict", "OrderedDict", "ContextVar"}:
            kept.append(f"{name}:{ast.unparse(node).split('=')[0].strip()}")
    return kept


def test_no_module_remembers_people_between_requests() -> None:
    """Revocation needs no message to the workers because none of them keeps a decision."""
    modules = [path for folder in ("auth", "resolvers") for path in sorted((ROOT / folder).rglob("*.py"))]
    kept = {each for path in modules for each in _kept(path)}
    assert kept - _OF_THE_SCHEMA == set(), "say here why it holds nothing about a person"
