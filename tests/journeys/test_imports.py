"""Those who run the hub see which export came when and what was found in it; others see that nothing is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, text

from auth.viewer import Role
from hmis.tables import import_attempt, import_run
from tests.worlds import NOW, World

LIST = """query($source: String, $latest: Boolean! = false, $first: Int! = 25, $after: String) {
  imports(source: $source, latest: $latest, first: $first, after: $after) {
    nodes { id source state startedAt seconds version errors warnings totals { read added leftOut } stage
            bytesDone bytesTotal }
    pageInfo { hasNextPage endCursor } } }"""
ONE = """query($id: ID!, $severity: FindingSeverity, $file: String, $rule: String) {
  importRun(id: $id) { source state finishedAt fingerprint people linksMade infos
    files { file read changed }
    findings(severity: $severity, file: $file, rule: $rule) {
      rule severity effect message mend file column line lines count }
    filesFound { name count } rulesFound { name count } } }"""
COUNTS = {
    "read": 9,
    "added": 5,
    "changed": 1,
    "deleted": 0,
    "restored": 0,
    "left_out": 1,
    "unchanged": 2,
}
FOUND = [
    {
        "file": "Client.csv",
        "line": 3,
        "column": "DOB",
        "rule": "date-unreadable",
        "severity": "ERROR",
        "message": "Not a date, or one that can be read in two ways.",
        "count": 2,
        "lines": [3, 7],
    },
    {
        "file": "Exit.csv",
        "line": None,
        "column": None,
        "rule": "file-missing",
        "severity": "WARNING",
        "message": "The file is not in the archive; what is stored stays.",
        "count": 1,
        "lines": [],
    },
]


async def imported(world: World, source: str = "demo", minutes: int = 0) -> str:
    report = {
        "source": source,
        "version": 2026,
        "files": {"Client": COUNTS},
        "totals": COUNTS,
        "people": 4,
        "links_made": 1,
        "findings": FOUND,
    }
    began = NOW - timedelta(minutes=minutes)
    row = await world._insert(
        import_run,
        source_id=await world.source(source),
        archive_sha256="ab" * 32,
        started_at=began,
        finished_at=began + timedelta(seconds=90),
        report=report,
    )
    return str(row.id)


async def tried(world: World, **values: Any) -> str:
    row = {"source_name": "harbor", "started_at": NOW - timedelta(minutes=1), "seen_at": func.now(), **values}
    async with world.engine.begin() as connection:
        found = await connection.execute(insert(import_attempt).values(row).returning(import_attempt.c.id))
        return str(found.scalar_one())


async def ask(world: World, document: str, role: Role = Role.INTEGRATOR, **variables: Any) -> Any:
    answer = await world.ask(world.viewer("A", role), document, **variables)
    assert answer.errors == ()
    (payload,) = answer.data.values()  # type: ignore[union-attr]
    return payload


@pytest.mark.parametrize("role", [Role.INTEGRATOR, Role.PRIVACY_OFFICER])
async def test_an_operator_sees_what_came_of_an_import(world: World, role: Role) -> None:
    await world.organization("A")
    wanted = await imported(world)
    (seen,) = (await ask(world, LIST, role))["nodes"]
    assert seen == {
        "id": wanted,
        "source": "demo",
        "state": "DONE",
        "startedAt": NOW.isoformat(),
        "seconds": 90.0,
        "version": "FY2026",
        "errors": 2,
        "warnings": 1,
        "stage": None,
        "bytesDone": 0,
        "bytesTotal": 0,
        "totals": {"read": 9, "added": 5, "leftOut": 1},
    }
    one = await ask(world, ONE, role, id=wanted)
    assert one["files"] == [{"file": "Client", "read": 9, "changed": 1}]
    assert one["filesFound"] == [{"name": "Client.csv", "count": 2}, {"name": "Exit.csv", "count": 1}]
    assert one["rulesFound"] == [
        {"name": "date-unreadable", "count": 2},
        {"name": "file-missing", "count": 1},
    ]
    assert one["findings"][0] == {
        **FOUND[0],
        "effect": "value set aside",
        "mend": "Write yyyy-mm-dd.",
    }
    for narrowed in ({"severity": "WARNING"}, {"file": "Exit.csv"}, {"rule": "file-missing"}):
        (found,) = (await ask(world, ONE, role, id=wanted, **narrowed))["findings"]
        assert found["rule"] == "file-missing"
    assert (await ask(world, ONE, role, id=wanted, file="Funder.csv"))["findings"] == []


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.DASHBOARD])
async def test_others_are_told_of_no_import(world: World, role: Role) -> None:
    await world.organization("A")
    wanted, attempt = await imported(world), await tried(world)
    assert await ask(world, LIST, role) == {
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }
    for one in (wanted, attempt, "0", "x"):
        assert await ask(world, ONE, role, id=one) is None


async def test_one_that_runs_says_how_far_it_is_and_one_that_was_killed_is_known(world: World) -> None:
    await world.organization("A")
    running = {"stage": "Client", "bytes_done": 3, "bytes_total": 9}
    await tried(world, **running)
    await tried(world, **running, source_name="east", seen_at=text("now() - interval '2 minutes'"))
    ended = {"ended_at": NOW - timedelta(seconds=30)}
    await tried(world, **ended, source_name="north", state="REFUSED", findings=FOUND[:1])
    await tried(world, **ended, source_name="south", state="FAILED")
    found = {row["source"]: row for row in (await ask(world, LIST))["nodes"]}
    assert {name: row["state"] for name, row in found.items()} == {
        "harbor": "RUNNING",
        "east": "BROKEN_OFF",
        "north": "REFUSED",
        "south": "FAILED",
    }
    assert [found["harbor"][name] for name in ("stage", "bytesDone", "bytesTotal", "seconds")] == [
        *("Client", 3, 9, 60.0),
    ]
    assert (found["east"]["stage"], found["east"]["seconds"]) == (None, None)
    assert (found["north"]["errors"], found["north"]["seconds"]) == (2, 30.0)
    assert {row["totals"] for row in found.values()} == {None}
    assert [one["rule"] for one in (await ask(world, ONE, id=found["north"]["id"]))["findings"]] == [
        "date-unreadable"
    ]


async def test_imports_are_told_page_by_page_by_source_and_the_last_of_each(world: World) -> None:
    await world.organization("A")
    mine = [await imported(world, minutes=number) for number in range(3)]
    other = await imported(world, "east", minutes=1)
    told: list[str] = []
    after = None
    for size in (2, 2):
        page = await ask(world, LIST, first=2, after=after)
        told += [row["id"] for row in page["nodes"]]
        assert len(page["nodes"]) == size
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    # Of two that began at one moment the one with the later number is the newer.
    assert told == [mine[0], other, mine[1], mine[2]]
    assert [row["id"] for row in (await ask(world, LIST, source="demo"))["nodes"]] == mine
    assert [row["id"] for row in (await ask(world, LIST, latest=True))["nodes"]] == [mine[0], other]


@pytest.mark.parametrize("after", ["x", "MXwy", "eA"])
async def test_what_is_no_cursor_is_refused(world: World, after: str) -> None:
    await world.organization("A")
    answer = await world.ask(world.viewer("A", Role.INTEGRATOR), LIST, after=after)
    (error,) = answer.errors
    assert "not a cursor" in error.message
