"""The seeded community of any size, imported into a database of its own, with consents: for benches."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import EVERYTHING
from auth.enrolling import enroll
from auth.viewer import Role, Viewer
from hmis.community import build
from hmis.csv.loading import import_archive
from hmis.database import engine
from hmis.migrate import upgrade
from tests.worlds import TODAY, World

SOURCE = "demo"
SHELTER = "1"
"""OrganizationID of the agency that asks: the emergency shelter."""

# Six in ten share all they have with everybody. By PersonalID, so the same people in every run.
_CONSENTS = text("""
    insert into consent_grant (person_id, effect, categories, purposes, community_wide, start_on, method,
                               recorded_by, recorded_at_agency)
    select person_id, 'PERMIT', :categories, '{CARE_COORDINATION}', true, '2026-01-05', 'WRITTEN', 'bench',
           :agency
    from client_link where undone_at is null
    group by person_id having (hashtext(min(personal_id)) & 2147483647) % 100 < 60
""")


@dataclass(frozen=True, slots=True)
class Town:
    """One community in one database, and a case manager of its shelter."""

    people: int
    engine: AsyncEngine
    world: World
    viewer: Viewer

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.engine.connect() as connection:
            return list((await connection.execute(text(statement), values)).all())


def _write_archive(people: int, target: Path) -> None:
    build(people).write_archive(target)


async def settle(server: str, people: int, folder: Path) -> Town:
    """Build, import, consent, and bring PostgreSQL's statistics up to date, as autovacuum would by and by."""
    archive = folder / f"{people}.zip"
    # In a process of its own: a large community takes memory that the measuring should not run beside.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        processes.submit(_write_archive, people, archive).result()
    url = await empty_database(server, f"bench_{people}")
    database = engine(url)
    await import_archive(database, archive, SOURCE, now=datetime.now(UTC))
    archive.unlink()
    world = World(database)
    async with database.begin() as connection:
        agency = await enroll(
            connection, issuer="bench", subject="bench", source=SOURCE, organization_id=SHELTER,
            role=Role.CASE_MANAGER, as_of=TODAY,
        )  # fmt: skip
        await connection.execute(_CONSENTS, {"categories": int(EVERYTHING), "agency": agency.id})
    async with database.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("vacuum (analyze)"))
    world.agencies[SHELTER] = agency
    return Town(people, database, world, world.viewer(SHELTER))


async def empty_database(server: str, name: str) -> str:
    """A database of its own with our tables, and its URL."""
    admin = engine(server)
    async with admin.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"create database {name}"))
    await admin.dispose()
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    await upgrade(url)
    return url
