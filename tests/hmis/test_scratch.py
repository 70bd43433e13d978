"""A folder of one process goes with it, and nobody takes it from a process that lives."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hmis.scratch import scratch

_HOLDS = """
import sys
from pathlib import Path
from hmis.scratch import scratch

with scratch(Path(sys.argv[1]), ".made-") as folder:
    (folder / "half").write_text("written")
    print(folder, flush=True)
    sys.stdin.read()
"""


def _holding(parent: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(parent)], cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_what_a_killed_process_left_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    with _holding(tmp_path) as killed, _holding(tmp_path) as living:
        assert killed.stdout is not None
        assert living.stdout is not None
        left, held = Path(killed.stdout.readline().strip()), Path(living.stdout.readline().strip())
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert left.exists()
        with scratch(tmp_path, ".made-") as own:
            assert not left.exists()
            assert (held / "half").read_text() == "written"
            assert own.stat().st_mode & 0o777 == 0o700
        living.communicate("")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_got_a_name_of_its_own_stays(tmp_path: Path) -> None:
    with scratch(tmp_path, ".made-") as folder:
        (folder / "whole").write_text("written")
        folder.rename(tmp_path / "made")
    assert [path.name for path in tmp_path.rglob("*")] == ["made", "whole"]


def test_a_fault_removes_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="half way"), scratch(tmp_path, ".made-"):
        raise ValueError("half way")
    assert list(tmp_path.iterdir()) == []
