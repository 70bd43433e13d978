"""Files that only their owner reads: made once whoever comes first, replaced whole."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from auth.private_file import read_or_make, replace
from hmis.errors import InputRefused


def test_the_first_to_come_makes_it_and_all_find_the_same(tmp_path: Path) -> None:
    numbers = count()

    def ask(_: int) -> str:
        return read_or_make(tmp_path / "key", lambda: f"key {next(numbers)}")

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(ask, range(32)))
    assert found == {(tmp_path / "key").read_text()}
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_nobody_else_may_read_it_even_if_it_was_open_before(tmp_path: Path) -> None:
    path = tmp_path / "key"
    read_or_make(path, lambda: "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert read_or_make(path, lambda: "other") == "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_place_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="HUB_HOME"):
        read_or_make(tmp_path / "nowhere" / "key", lambda: "secret")


def test_replacing_leaves_one_file_with_the_new_text(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    replace(path, "old")
    replace(path, "new")
    assert path.read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]


def test_a_failed_replacement_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace(tmp_path / "kept", "new")
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]
