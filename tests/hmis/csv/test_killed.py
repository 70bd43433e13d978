"""An import that is killed leaves the database as it was, and the next one succeeds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_CHILD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from hmis.csv.loading import import_archive
from hmis.database import engine

url, path, phase = sys.argv[1:]

def pause(file, done, total):
    if file == phase:
        print("here", flush=True)
        sys.stdin.read()

asyncio.run(import_archive(engine(url), Path(path), "north", now=datetime.now(UTC), progress=pause))
"""


@pytest.mark.parametrize("phase", ["Enrollment", "done"], ids=["while copying", "before the commit"])
async def test_kill_9_leaves_what_was_there_twice(
    load: Any, dump: Any, craft: Any, database_url: str, phase: str
) -> None:
    craft.stay("1")
    await load(craft)
    before = await dump()
    craft.files["Client"][0]["VeteranStatus"] = "1"
    for number in range(2, 50):
        craft.stay(str(number))
    path = craft.zip()
    for _ in range(2):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CHILD, database_url, str(path), phase,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3],
        )  # fmt: skip
        assert child.stdout is not None
        assert await child.stdout.readline() == b"here\n"
        child.kill()
        await child.wait()
        assert await dump() == before
    report = await load(path)
    assert (report.files["Client"].added, report.files["Client"].changed) == (48, 1)
