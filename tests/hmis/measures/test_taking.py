"""A snapshot that was not finished is none: processes that are killed, disks that are full, two at once."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.errors import InputRefused
from hmis.measures.snapshot import newest, taken

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_CHILD = """
import asyncio, resource, sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb  # before there is a limit on what may be written
from hmis.database import engine
from hmis.errors import InputRefused
from hmis.measures.snapshot import taken

url, home, phase, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))

def pause(what):
    if what == phase:
        print("here", flush=True)
        sys.stdin.readline()

try:
    snapshot = asyncio.run(taken(engine(url), Path(home), datetime(2026, 3, 1, 12, tzinfo=UTC), pause))
    print(snapshot.rows["stay"], flush=True)
except InputRefused as refused:
    print(refused, flush=True)
"""


async def _child(url: str, home: Path, phase: str = "", limit: int = 0) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CHILD, url, str(home), phase, str(limit),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3],
    )  # fmt: skip


async def _says(child: asyncio.subprocess.Process) -> str:
    assert child.stdout is not None
    return (await child.stdout.readline()).decode().strip()


@pytest.mark.parametrize("phase", ["Reading Client", "Numbering rows"])
async def test_kill_9_leaves_nothing_that_is_taken_for_a_snapshot(
    load: Any, craft: Any, database: AsyncEngine, database_url: str, tmp_path: Path, phase: str
) -> None:
    craft.stay("1")
    await load(craft)
    child = await _child(database_url, tmp_path, phase)
    assert await _says(child) == "here"
    child.kill()
    await child.wait()
    (left,) = (tmp_path / "snapshots").iterdir()
    assert newest(tmp_path) is None
    whole = await taken(database, tmp_path, NOON)
    assert newest(tmp_path) == whole
    assert not left.exists(), "what the dead process left is still there"


@pytest.mark.parametrize(
    "most", [10, 3_000], ids=["while rows are read", "while they are written as a table"]
)
async def test_a_full_disk_is_said_to_be_one_and_leaves_nothing(
    load: Any, craft: Any, database_url: str, tmp_path: Path, most: int
) -> None:
    """No file may grow beyond so many bytes: the system refuses to write, as where a disk is full."""
    craft.stay("1")
    await load(craft)
    child = await _child(database_url, tmp_path, limit=most)
    said = await _says(child)
    await child.wait()
    assert said.startswith(f"No snapshot could be written below {tmp_path} (")
    assert said.endswith("; is there room?")
    assert list((tmp_path / "snapshots").iterdir()) == []


async def test_two_processes_that_take_one_at_once_both_have_it(
    load: Any, craft: Any, database_url: str, tmp_path: Path
) -> None:
    craft.stay("1")
    await load(craft)
    children = [await _child(database_url, tmp_path, "Numbering rows") for _ in range(2)]
    for child in children:
        assert await _says(child) == "here"
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"\n")
    # Both of the same moment by the clock, too.
    assert [await _says(child) for child in children] == ["1", "1"]
    for child in children:
        await child.wait()
    assert len(list((tmp_path / "snapshots").glob("*/snapshot.json"))) == 2


async def test_the_newest_is_the_one_taken_last_whatever_the_clock_says(
    load: Any, craft: Any, database: AsyncEngine, tmp_path: Path
) -> None:
    for stays, hours in ((1, 0), (2, 0), (3, -5), (4, -4)):
        craft.stay(str(stays))
        await load(craft)
        await taken(database, tmp_path, NOON + timedelta(hours=hours))
        found = newest(tmp_path)
        assert found is not None
        assert found.rows["stay"] == stays


async def test_a_home_that_cannot_be_written_to_is_named(database: AsyncEngine, tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file where a folder should be")
    with pytest.raises(InputRefused, match="No snapshot could be written below"):
        await taken(database, tmp_path, NOON)
