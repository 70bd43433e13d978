"""/healthz and /readyz, with the database there, empty and gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.settings import Settings
from tests.gateway.conftest import Gate, Gateway, running


async def test_a_hub_with_its_tables_is_ready(gateway: Gateway) -> None:
    response = await gateway.client.get("/readyz")
    assert (response.status_code, response.json()) == (
        200,
        {"status": "ready", "database": "reachable", "migrations": "current", "revocations": "kept"},
    )


async def test_a_database_of_another_version_is_not_ready_and_recovers_alone(
    gateway: Gateway, database: AsyncEngine
) -> None:
    for revision, state in (("9999_of_tomorrow", "newer"), (None, "empty")):
        async with database.begin() as connection:
            kept = await connection.scalar(text("select version_num from alembic_version"))
            if revision is None:
                await connection.execute(text("delete from alembic_version"))
            else:
                await connection.execute(
                    text("update alembic_version set version_num = :to"), {"to": revision}
                )
        try:
            response = await gateway.client.get("/readyz")
        finally:
            async with database.begin() as connection:
                await connection.execute(text("delete from alembic_version"))
                await connection.execute(text("insert into alembic_version values (:to)"), {"to": kept})
        assert (response.status_code, response.json()["migrations"]) == (503, state)
    assert (await gateway.client.get("/readyz")).status_code == 200


async def test_without_a_database_the_process_lives_but_is_not_ready(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=f"postgresql:///hub?host={tmp_path}", demo_issuer=True)
    async with running(settings, Gate()) as gateway:
        alive, ready = await asyncio.gather(gateway.client.get("/healthz"), gateway.client.get("/readyz"))
        asked = await gateway.ask("{ hello }")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()["database"]) == (503, "unreachable")
    assert (asked.status_code, asked.json()["errors"][0]["extensions"]["code"]) == (503, "NOT_READY")


async def test_the_demo_issuer_publishes_its_keys_only_where_it_is_on(
    gateway: Gateway, tmp_path: Path, database_url: str
) -> None:
    document = (await gateway.client.get("/.well-known/openid-configuration")).json()
    keys = (await gateway.client.get("/.well-known/jwks.json")).json()["keys"]
    assert document["jwks_uri"] == "http://hub.test/.well-known/jwks.json"
    assert "d" not in keys[0]
    settings = Settings(home=tmp_path, database_url=database_url, demo_issuer=False)
    async with running(settings, Gate()) as other:
        assert (await other.client.get("/.well-known/jwks.json")).status_code == 404
        assert (await other.post(b"{}", token=gateway.token())).status_code == 401
