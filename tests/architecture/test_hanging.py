"""A test that hangs fails alone, says where it stands, and the others run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = """
import asyncio, pytest

async def without_end():
    await asyncio.Event().wait()

@pytest.fixture
async def never_torn_down():
    yield
    await without_end()

async def test_hangs():
    await without_end()

async def test_hangs_after_a_failure(never_torn_down):
    raise KeyError

@pytest.mark.parametrize("number", range(20))
def test_is_well(number):
    pass
"""


def test_a_test_that_hangs_fails_alone_and_says_what_it_waits_for(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    running = tmp_path / "running"
    running.mkdir()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path),
            *("-p", "tests.hanging", "-p", "no:cacheprovider", "-n", "2", "--timeout", "2", tmp_path),
        ],
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": str(ROOT), "HUB_TEST_RUNNING": str(running)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    said = ran.stdout + ran.stderr
    assert ran.returncode == 1, said
    # The two that hang, and the failure that one of them hangs after.
    assert "3 failed, 20 passed" in said
    for test in ("test_hangs", "test_hangs_after_a_failure"):
        assert f"test_some.py::{test} has not ended within 2 s; its process ends." in said
        assert f"crashed while running 'test_some.py::{test}'" in said
    for frame in ("in test_hangs\n", "in never_torn_down\n"):
        assert f"{frame}  {tmp_path / 'test_some.py'}:5 in without_end\n" in said
    at = [path.read_text().strip() for path in running.iterdir()]
    assert sorted(at) == ["test_some.py::test_hangs", "test_some.py::test_hangs_after_a_failure"]
