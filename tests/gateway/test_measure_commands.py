"""`hmis-hub measure`: the operator is told true counts, and the audit knows that they asked."""

from __future__ import annotations

import csv
import getpass
import io
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from hmis.tables import audit_event, audit_subject, published_cell, published_cube, published_record
from tests.gateway.test_cli import NOWHERE, Hub, Ran
from tests.worlds import World

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")
OPERATOR = f"operator:{getpass.getuser()}"


@dataclass
class Asking(Hub):
    """The command line on the test's database."""

    url: str

    def __call__(self, *arguments: str, **variables: str) -> Ran:
        return super().__call__(*arguments, **{"HUB_DATABASE_URL": self.url, **variables})


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    return Asking(tmp_path / "home", database_url)


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """Twelve women and three men at A in March, one of them with a second record at B, in another source; and
    one man at C, a victim service provider."""
    world = World(database)
    await world.organization("A")
    await world.organization("B", source="other")
    await world.organization("C", victim_services=True)
    for number in range(15):
        await world.client(f"c{number}", sex=0 if number < 12 else 1)
        await world.stay(f"s{number}", f"c{number}", "A-p", date(2026, 3, 1), enrollment_coc="MA-500")
    await world.client("again", source="other", person_of="c0", sex=0)
    await world.stay("again", "again", "B-p", date(2026, 3, 2), source="other", enrollment_coc="MA-500")
    await world.client("hidden", sex=1)
    await world.stay("hidden", "hidden", "C-p", date(2026, 3, 2), enrollment_coc="MA-500")
    return world


async def audited(engine: AsyncEngine) -> list[tuple[str, str, str]]:
    """Who, what, how it ended."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(audit_event).order_by(audit_event.c.id))
        return [(row.subject, row.operation_name, row.outcome) for row in rows]


def said(ran: Ran) -> dict[str, object]:
    assert (ran.code, ran.err) == (0, "")
    answer: dict[str, object] = json.loads(ran.out)
    return answer


def test_without_a_name_every_measure_is_listed(hub: Hub) -> None:
    ran = hub("measure", HUB_DATABASE_URL=NOWHERE)
    assert ran.code == 0
    assert "unduplicated-people" in ran.out
    assert "age_group" in ran.out


async def test_people_are_counted_once_and_who_asked_is_audited(hub: Hub, world: World) -> None:
    ran = hub("measure", "unduplicated-people", *MARCH, "--json")
    assert said(ran) == {"people": 15}
    assert await audited(world.engine) == [(OPERATOR, "measure unduplicated-people", "ANSWERED")]


async def test_the_table_says_what_is_counted_from_what_and_a_continuum_is_told_from_another(
    hub: Hub, world: World
) -> None:
    ran = hub("measure", "unduplicated-people", *MARCH, "--coc", "MA-500", "--by", "sex")
    assert ran.code == 0
    assert "Unduplicated people, 2026-03-01 to 2026-03-31, MA-500" in ran.out
    assert re.search(r"people +female +12 ", ran.out)
    assert "active clients, method 1" in ran.out
    assert re.search(r"snapshot of \d{4}-\d\d-\d\d \d\d:\d\d UTC\nSources: demo, other", ran.out)
    wrong = hub("measure", "unduplicated-people", *MARCH, "--coc", "MA-999")
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.line == "--coc: nothing in the snapshot is of the continuum 'MA-999'. There are: MA-500."
    assert [outcome for _, _, outcome in await audited(world.engine)] == ["ANSWERED", "REFUSED"]


async def test_whom_a_figure_counts_is_listed_and_audited_for_each_of_them(hub: Hub, world: World) -> None:
    ran = hub("measure", "unduplicated-people", *MARCH, "--records", "people", "--json")
    assert ran.code == 0
    listed = json.loads(ran.out)
    assert len(listed) == 16
    assert listed[-1] == {
        "source": "other",
        "personal_id": "again",
        "enrollment_id": "again",
        "client": str(world.people["c0"]),
    }
    async with world.engine.connect() as connection:
        rows = (await connection.execute(select(audit_subject))).all()
    assert {row.person_id for row in rows} == {world.people[f"c{number}"] for number in range(15)}
    assert {row.disclosed for row in rows} == {int(Category.EXISTENCE | Category.ENROLLMENT)}


async def test_an_empty_answer_says_so(hub: Hub, world: World) -> None:
    ran = hub("measure", "unduplicated-people", "--from", "1999-01-01", "--to", "1999-12-31")
    assert ran.code == 0
    assert "Nobody was counted." in ran.err
    records = hub("measure", "active-people", *MARCH, "--records", "method_9")
    assert records.line.endswith("counts nobody. Those that do: method_1, method_5.")


async def test_files_are_written_beside_the_answer(hub: Hub, world: World, tmp_path: Path) -> None:
    table, sheet, picture = (tmp_path / f"a.{kind}" for kind in ("csv", "xlsx", "svg"))
    ran = hub(
        *("measure", "unduplicated-people", *MARCH, "--by", "sex", "--json"),
        *("--csv", str(table), "--xlsx", str(sheet), "--svg", str(picture)),
    )
    assert ran.code == 0
    rows = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert rows[:3] == [
        ["figure", "sex", "count", "amount"],
        ["people", "female", "12", "0"],
        ["people", "male", "3", "0"],
    ]
    assert sheet.read_bytes().startswith(b"PK")
    assert picture.read_text().startswith("<svg ")
    nowhere = hub("measure", "unduplicated-people", *MARCH, "--csv", str(tmp_path / "no" / "a.csv"))
    assert nowhere.line.endswith("cannot be written (No such file or directory).")


async def test_what_is_published_has_no_small_number_and_victim_services_apart(
    hub: Hub, world: World
) -> None:
    ran = hub("measure", "unduplicated-people", *MARCH, "--publish")
    assert ran.code == 0, ran.err
    assert "cubes published" in ran.out
    async with world.engine.connect() as connection:
        cell, cube = published_cell.c, published_cube.c
        query = select(published_cell, published_cube.c.by, cube.victim_services).join_from(
            published_cell, published_cube, cell.cube_id == cube.id
        )
        rows = (await connection.execute(query.where(cube.measure == "unduplicated-people"))).all()
    told = {(row.victim_services, *row.by, *row.key): row.value for row in rows}
    assert told[(False,)] == 15
    assert told[(True,)] is None
    assert told[(False, "sex", "male")] is told[(False, "sex", "female")] is None
    assert {value for value in told.values() if value is not None} == {0, 15}
    assert [name for _, name, _ in await audited(world.engine)] == ["measure unduplicated-people"]
    async with world.engine.connect() as connection:
        listed = (
            await connection.execute(select(published_record).where(published_record.c.figure == "people"))
        ).all()
    assert {(row.organization_id, row.enrollment_id) for row in listed} == {
        *(("A", f"s{number}") for number in range(15)),
        ("B", "again"),
    }


async def test_nothing_is_published_of_a_continuum_that_nobody_knows(hub: Hub, world: World) -> None:
    ran = hub("measure", "unduplicated-people", *MARCH, "--coc", "MA-501", "--publish")
    assert ran.code != 0
    assert "There are: MA-500" in ran.err
    async with world.engine.connect() as connection:
        assert not (await connection.execute(select(published_cube))).all()


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("--from", "2026-03-01", "--to", "2026-03-30"), "whole months"),
        ((*MARCH, "--source", "demo"), "leave out --source"),
        ((*MARCH, "--by", "sex"), "leave out --source, --by"),
    ],
)
def test_only_fixed_cubes_are_published(hub: Hub, arguments: tuple[str, ...], mend: str) -> None:
    ran = hub("measure", "unduplicated-people", *arguments, "--publish")
    assert ran.code == 1
    assert mend in ran.line


def test_a_measure_without_a_period_or_of_no_such_name_is_refused(hub: Hub) -> None:
    assert "give --from and --to" in hub("measure", "unduplicated-people").line
    assert "a period has two ends" in hub("measure", "unduplicated-people", *MARCH[:2]).line
    assert "There is no measure 'shoes'" in hub("measure", "shoes", *MARCH).line
    turned = hub("measure", "active-people", "--from", "2026-03-02", "--to", "2026-03-01")
    assert "before it begins" in turned.line
