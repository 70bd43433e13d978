"""Labels are computed where rows are written: whose a record is, and what it tells without saying it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis import labelling
from hmis.csv.loading import import_archive
from hmis.labels import FUNDERS, TARGET_POPULATIONS, VERSION, Label
from hmis.tables import agency, client_label, client_owner, project_label, source
from tests.worlds import NOW, World


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    world = World(database)
    await world.organization("A")
    await world.organization("B")
    return world


async def rows(world: World, table: Any) -> list[Any]:
    async with world.engine.connect() as connection:
        return list((await connection.execute(select(table).order_by(*table.primary_key))).all())


async def of_project(world: World, key: str) -> Any:
    return next(row for row in await rows(world, project_label) if row.project_id == key)


@pytest.mark.parametrize(("code", "label"), list(FUNDERS.items()))
async def test_a_funder_tells(world: World, code: int, label: Label) -> None:
    await world.row("Funder", "f", project_id="A-p", funder=code)
    assert (await of_project(world, "A-p")).labels == label
    assert (await of_project(world, "B-p")).labels == 0
    await world.change("Funder", "f", removed_at=NOW)
    assert (await of_project(world, "A-p")).labels == 0


@pytest.mark.parametrize(("code", "label"), list(TARGET_POPULATIONS.items()))
async def test_for_whom_a_project_is_tells(world: World, code: int, label: Label) -> None:
    await world.change("Project", "A-p", target_population=code)
    assert (await of_project(world, "A-p")).labels == label


@pytest.mark.parametrize(
    ("kind", "label"), [("PART2", Label.PART2), ("RHY", Label.RHY), ("HOPWA", Label.HIV)]
)
async def test_the_kind_of_an_agency_tells_and_is_noticed_by_itself(
    world: World, kind: str, label: Label
) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(update(agency).where(agency.c.organization_id == "A").values(kind=kind))
    assert await labelling.catch_up(world.engine) == 1
    assert (await of_project(world, "A-p")).labels == label
    assert await labelling.catch_up(world.engine) == 0


async def test_everything_of_a_source_may_tell(world: World) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(update(source).values(labels=int(Label.EDUCATION_RECORD)))
    await world.renew_labels()
    assert {row.labels for row in await rows(world, project_label)} == {Label.EDUCATION_RECORD}


async def test_what_a_victim_service_provider_holds_is_nobody_elses(world: World) -> None:
    await world.organization("V", victim_services=True)
    await world.change("Organization", "B", victim_service_provider=None)
    shareable = {row.project_id: row.shareable for row in await rows(world, project_label)}
    assert shareable == {"A-p": True, "B-p": False, "V-p": False}, "an unknown answer counts as yes"
    async with world.engine.begin() as connection:
        await connection.execute(update(agency).where(agency.c.organization_id == "A").values(kind="VSP"))
    await labelling.catch_up(world.engine)
    assert not (await of_project(world, "A-p")).shareable, "who signed as one is one"


async def test_a_client_tells_nothing_by_themselves_with_one_stay_that_tells_nothing(world: World) -> None:
    await world.project("A-h", "A", target_population=3)
    await world.client("ada")
    await world.stay("s1", "ada", "A-h")
    assert [row.labels for row in await rows(world, client_label)] == [Label.HIV]
    await world.stay("s2", "ada", "B-p", entry=date(2026, 2, 1))
    assert [row.labels for row in await rows(world, client_label)] == [0]
    assert [(row.organization_id, row.personal_id) for row in await rows(world, client_owner)] == [
        ("A", "ada"),
        ("B", "ada"),
    ]
    await world.change("Enrollment", "s2", removed_at=NOW)
    assert [row.labels for row in await rows(world, client_label)] == [Label.HIV]
    assert [row.organization_id for row in await rows(world, client_owner)] == ["A"]
    await world.change("Enrollment", "s1", removed_at=NOW)
    assert await rows(world, client_label) == await rows(world, client_owner) == []


async def test_a_client_of_victim_services_alone_is_told_apart(world: World) -> None:
    await world.organization("V", victim_services=True)
    await world.client("eve")
    await world.stay("s", "eve", "V-p")
    assert [row.labels for row in await rows(world, client_label)] == [None]


async def test_what_another_edition_computed_is_computed_anew(world: World) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(update(project_label).values(rules="an older one", labels=int(Label.SUD)))
    assert await labelling.catch_up(world.engine) == 2
    assert {(row.rules, row.labels) for row in await rows(world, project_label)} == {(VERSION, 0)}


async def test_whoever_writes_at_the_moment_is_not_waited_for(world: World) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(update(agency).values(kind="RHY"))
    async with world.engine.begin() as writing:
        await writing.execute(text("lock table project_label in exclusive mode"))
        assert await labelling.catch_up(world.engine) == 0
    assert await labelling.catch_up(world.engine) == 2


async def test_an_import_leaves_no_stay_without_its_labels(database: AsyncEngine, reference: Any) -> None:
    path: Path = reference("hmis-fy2026-demo.zip")
    await import_archive(database, path, "demo", now=NOW)
    counts = text("""
        select (select count(*) from enrollment e where not exists (
                  select from project_label p
                  where p.source_id = e.source_id and p.project_id = e.project_id)) as projects,
               (select count(*) from enrollment e where e.removed_at is null and not exists (
                  select from client_label c
                  where c.source_id = e.source_id and c.personal_id = e.personal_id)) as clients,
               (select count(*) from pg_statistic where starelid = 'client_owner'::regclass) as known
    """)
    async with database.connect() as connection:
        found = (await connection.execute(counts)).one()
    assert (found.projects, found.clients) == (0, 0)
    assert found.known, "PostgreSQL was told what it holds"
