"""The journal of revocations: whole lines on the disk, whoever writes and whenever a hub dies."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from auth.journal import Entry, Journal, Kind, refusal
from hmis.errors import InputRefused

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)


def entry(**said: Any) -> Entry:
    return Entry(**{"kind": Kind.REVOKE, "id": uuid4(), "person": uuid4(), "at": AT, "by": "ann", **said})


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "revocations.jsonl")


async def test_what_is_kept_is_read_again_in_its_order_by_its_owner_alone(journal: Journal) -> None:
    assert journal.read() == []
    written = [entry(), entry(kind=Kind.BAR), entry(kind=Kind.REFUSE, terms={"categories": 3})]
    await journal.keep(*written[:2])
    await journal.keep(written[2])
    assert Journal(journal.path).read() == written
    assert journal.path.stat().st_mode & 0o777 == 0o600


async def test_a_refusal_is_kept_with_its_terms_and_without_what_may_name_somebody(journal: Journal) -> None:
    agency = uuid4()
    values = {
        "id": uuid4(),
        "person_id": uuid4(),
        "recorded_by": "ann",
        "recorded_at": AT,
        "start_on": date(2026, 6, 30),
        "end_on": None,
        "categories": 3,
        "evidence": "cabinet 4, Jane Doe",
    }
    told = refusal(values, [agency], AT)
    assert told.terms == {
        "start_on": "2026-06-30",
        "end_on": None,
        "categories": 3,
        "evidence": None,
        "agencies": [str(agency)],
    }
    hashed = refusal({**values, "evidence": "sha256:00ff"}, [], AT)
    assert hashed.terms["evidence"] == "sha256:00ff"
    await journal.keep(told)
    assert b"Jane" not in journal.path.read_bytes()


@pytest.mark.parametrize("cut", [1, 40, -1])
async def test_a_line_that_was_cut_off_by_a_crash_is_none_and_the_next_begins_anew(
    journal: Journal, cut: int
) -> None:
    first, second, torn = entry(), entry(), entry()
    await journal.keep(first)
    with journal.path.open("ab") as file:
        file.write(torn.line()[:-1][:cut])
    assert journal.read() == [first]
    await journal.keep(second)
    assert journal.read() == [first, second]


async def test_a_whole_line_without_its_end_counts(journal: Journal) -> None:
    first, second = entry(), entry()
    journal.path.write_bytes(first.line()[:-1])
    assert journal.read() == [first]
    await journal.keep(second)
    assert journal.read() == [first, second]


def _changed(line: bytes, **changes: Any) -> bytes:
    return json.dumps({**json.loads(line), **changes}).encode() + b"\n"


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: b"\n",
        lambda line: b"{}\n",
        lambda line: b"[1]\n",
        lambda line: b"null\n",
        lambda line: line[:50] + b"\n",
        lambda line: b"\x00" * len(line[:-1]) + b"\n",
        lambda line: _changed(line, id=str(UUID(int=1))),
        lambda line: _changed(line, v=2),
    ],
)
async def test_a_damaged_line_is_refused_with_its_place_and_the_mend(journal: Journal, damage: Any) -> None:
    lines = [entry().line() for _ in range(3)]
    journal.path.write_bytes(lines[0] + damage(lines[1]) + lines[2])
    with pytest.raises(InputRefused) as refused:
        journal.read()
    assert f"{journal.path}, line 2, is no entry" in str(refused.value)
    assert "Put the line back from a copy" in str(refused.value)


async def test_a_folder_that_is_not_there_is_refused_for_an_empty_journal_would_look_the_same(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputRefused, match="its storage mounted"):
        Journal(tmp_path / "unmounted" / "revocations.jsonl").read()


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from auth.journal import Entry, Journal, Kind
journal, number = Journal(Path(sys.argv[1])), int(sys.argv[2])
async def work():
    for each in range(100):
        at = datetime(2026, 6, 30, tzinfo=UTC)
        await journal.keep(Entry(Kind.REVOKE, UUID(int=number * 1000 + each), UUID(int=0), at, "x" * 300))
asyncio.run(work())
"""


async def test_two_processes_and_the_threads_of_a_third_lose_no_line(journal: Journal) -> None:
    others = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(journal.path), str(number), cwd=ROOT
        )
        for number in (1, 2)
    ]
    await asyncio.gather(*(journal.keep(entry(id=UUID(int=each))) for each in range(100)))
    assert [await other.wait() for other in others] == [0, 0]
    wanted = {UUID(int=number * 1000 + each) for number in range(3) for each in range(100)}
    read = journal.read()
    assert len(read) == 300
    assert {one.id for one in read} == wanted


async def test_what_the_disk_does_not_take_is_said_and_written_with_the_next(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = entry(), entry()
    journal.path.mkdir()  # as root a folder without permissions would be written to all the same
    with caplog.at_level(logging.ERROR):
        await journal.keep(first)
    assert journal.owes
    assert f"{journal.path} cannot be written to" in caplog.text
    journal.path.rmdir()
    await journal.keep(second)
    assert not journal.owes
    assert journal.read() == [first, second]


async def test_storage_that_hangs_holds_up_nobody_and_gets_its_lines_when_it_is_back(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody holds the lock, which looks from here like a disk behind a network that is away."""
    first, second, third = entry(), entry(), entry()
    await journal.keep(first)
    hasty = Journal(journal.path, within_s=0.01)
    with journal.path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        await hasty.keep(second)
        await hasty.keep(third)
        assert hasty.owes
        assert "does not answer" in caplog.text
    await asyncio.wrap_future(hasty._thread.submit(lambda: None))  # what waited before this is done
    assert not hasty.owes
    assert journal.read() == [first, second, third]


async def test_half_a_line_on_a_full_disk_is_taken_back(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk fills within a line, and nothing real does so at a wish."""
    first, second = entry(), entry()
    await journal.keep(first)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:30]))
    await journal.keep(second)
    assert journal.owes
    assert journal.read() == [first]
    monkeypatch.undo()
    await journal.keep()
    assert journal.read() == [first, second]


def test_it_says_nothing_of_a_reason() -> None:
    assert set(json.loads(entry().line())) == {"v", "kind", "id", "person", "at", "by", "sum"}


def test_a_program_of_its_own_can_read_it() -> None:
    """Plain JSON lines: `jq` tells what is in it."""
    done = subprocess.run(
        [sys.executable, "-m", "json.tool"], input=entry().line(), capture_output=True, check=True
    )
    assert b'"kind": "REVOKE"' in done.stdout
