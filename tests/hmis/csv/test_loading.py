"""An import brings the database to what the archive says, all of it or nothing."""

from __future__ import annotations

import asyncio
import csv
import io
import traceback
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.errors import ArchiveRefused, InputRefused, NotReady
from hmis.findings import Severity
from hmis.spec import FILES


def _later(days: int) -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=days)


@pytest.fixture(scope="module")
def sets(reference: Any) -> list[Path]:
    return sorted(path for path in reference("").iterdir() if path.name.startswith("hmis-fy"))


async def test_the_demo_export_loads_every_row_and_links_nobody(
    load: Any, fetch: Any, reference: Any
) -> None:
    report = await load(reference("hmis-fy2026-demo.zip"), "demo")
    assert report.files["Client"].added == 4146
    assert report.files["Enrollment"].added == 4771
    assert report.totals.left_out == 0
    assert report.totals.added == report.totals.read == 77694
    for file in FILES.values():
        [(stored,)] = await fetch(f"select count(*) from {file.table}")
        assert stored == report.files[file.name].read
    # Names and SSN are hashed, all alike: nobody may be linked by them.
    assert (report.people, report.links_made) == (4146, 0)
    assert await fetch("select count(distinct person_id), count(*) from client_link") == [(4146, 4146)]
    assert await fetch("select count(*) from client_fact") == [(0,)]
    # What no column holds is set aside by its name.
    assert await fetch("select date_updated, set_aside from client where personal_id = '2615'") == [
        (None, {"DateUpdated": "03-11-21"})
    ]


async def test_the_demo_export_a_second_time_changes_nothing(
    load: Any, dump: Any, reference: Any, fetch: Any
) -> None:
    path = reference("hmis-fy2026-demo.zip")
    await load(path, "demo")
    before, state = await dump(), await fetch("select xmin::text, ctid::text from disabilities")
    again = await load(path, "demo")
    after = await dump()
    assert not again.changed_anything
    assert again.totals.unchanged == again.totals.read
    assert {name for name in before if before[name] != after[name]} == {"import_run"}
    assert len(after["import_run"]) == 2
    assert state == await fetch("select xmin::text, ctid::text from disabilities")


async def test_the_demo_export_equals_its_csv_rows(load: Any, fetch: Any, reference: Any) -> None:
    path = reference("hmis-fy2026-demo.zip")
    await load(path, "demo")
    with zipfile.ZipFile(path) as archive:
        content = archive.read("Enrollment.csv").decode()
    wanted = {
        r["EnrollmentID"]: r for r in csv.DictReader(io.StringIO(content)) if r["PersonalID"] == "673501"
    }
    assert len(wanted) == 6
    columns = FILES["Enrollment"].columns
    names = ", ".join(f"{column.attr}::text" for column in columns)
    rows = await fetch(f"select {names} from enrollment where personal_id = '673501'")
    assert len(rows) == 6
    for found in rows:
        csv_row = wanted[found[0]]
        for column, value in zip(columns, found, strict=True):
            said = csv_row.get(column.name, csv_row.get(column.name.replace("HoH", "HOH"), ""))
            if column.type == "T" and len(said) == 10:
                said = f"{said} 00:00:00"
            assert (value or "") == said, column.name


async def test_every_real_set_loads_or_is_refused_with_a_list(load: Any, sets: list[Path]) -> None:
    assert len(sets) == 5
    for path in sets:
        if path.name == "hmis-fy2026-validation_files":
            # Its rows named VALIDATION stand twice in most files, with different content.
            with pytest.raises(ArchiveRefused) as refused:
                await load(path, path.name)
            assert {f.rule for f in refused.value.findings} == {"key-differs"}
            assert len(refused.value.findings) > 10
        else:
            report = await load(path, path.name)
            assert report.totals.added + report.totals.left_out == report.totals.read > 0


async def test_an_fy2024_set_loads_and_keeps_what_hud_removed(load: Any, fetch: Any, reference: Any) -> None:
    report = await load(reference("hmis-fy2024-enrollment_test_files"))
    assert report.version == 2024
    [(sex, aside)] = await fetch("select sex, set_aside from client order by personal_id limit 1")
    assert sex is None
    assert "Woman" in aside


async def test_the_same_archive_twice_changes_nothing_but_its_run(load: Any, dump: Any, craft: Any) -> None:
    craft.stay("1")
    craft.stay("2")
    await load(craft)
    before = await dump()
    report = await load(craft)
    assert not report.changed_anything
    after = await dump()
    assert len(after.pop("import_run")) == len(before.pop("import_run")) + 1 == 2
    assert after == before


async def test_a_changed_row_is_changed_and_says_by_which_import(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    craft.stay("2")
    first = await load(craft)
    craft.files["Client"][0]["VeteranStatus"] = "1"
    second = await load(craft)
    assert second.files["Client"].changed == 1
    assert second.files["Client"].unchanged == 1
    assert await fetch("select veteran_status, import_id from client order by personal_id") == [
        (1, second.import_id),
        (0, first.import_id),
    ]


async def test_a_new_export_id_alone_is_no_change(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    await load(craft)
    for rows in craft.files.values():
        for known in rows:
            known["ExportID"] = "x2"
    report = await load(craft)
    assert report.totals.added == 1, "the Export row"
    assert report.totals.changed == 0
    assert await fetch("select export_id from client") == [("x1",)]


async def test_date_deleted_removes_a_row_and_its_absence_restores_it(
    load: Any, fetch: Any, craft: Any
) -> None:
    craft.stay("1")
    await load(craft)
    craft.files["Client"][0]["DateDeleted"] = "2026-01-15 00:00:00"
    deleted = await load(craft, now=(later := _later(1)))
    assert deleted.files["Client"].deleted == 1
    assert await fetch("select removed_at from client") == [(later,)]
    craft.files["Client"][0]["DateDeleted"] = ""
    restored = await load(craft, now=_later(2))
    assert restored.files["Client"].restored == 1
    assert await fetch("select removed_at from client") == [(None,)]


async def test_a_row_that_comes_deleted_is_kept_as_removed(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    craft.files["Enrollment"][0]["DateDeleted"] = "2026-01-15 00:00:00"
    report = await load(craft)
    assert report.files["Enrollment"].added == 1
    assert await fetch("select removed_at is not null from enrollment") == [(True,)]
    assert not (await load(craft)).changed_anything


async def test_a_deletion_on_an_unreadable_day_is_a_deletion(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    await load(craft)
    craft.files["Client"][0]["DateDeleted"] = "03-11-21"
    report = await load(craft, now=_later(1))
    assert report.files["Client"].deleted == 1
    assert await fetch("select date_deleted, removed_at is not null from client") == [(None, True)]
    assert not (await load(craft, now=_later(2))).changed_anything


async def test_sources_do_not_touch_each_other(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    await load(craft, "north")
    craft.files["Client"].clear()
    craft.files["Enrollment"].clear()
    await load(craft, "south")
    assert await fetch("select count(*) from client where removed_at is null") == [(1,)]


async def test_two_imports_of_one_source_wait_for_each_other(load: Any, craft: Any) -> None:
    craft.stay("1")
    path = craft.zip()
    reports = await asyncio.gather(*(load(path) for _ in range(3)))
    assert sorted(report.totals.added for report in reports) == [0, 0, reports[0].totals.read]
    assert len({report.import_id for report in reports}) == 3


async def test_imports_of_several_sources_at_once_find_the_same_people(
    load: Any, fetch: Any, craft: Any
) -> None:
    for number in range(600):
        craft.stay(str(number))
        craft.files["Client"][-1].update(
            FirstName="Ada", LastName="Smith" + chr(97 + number % 26) + chr(97 + number // 26),
            NameDataQuality="1", DOB="1990-05-23", DOBDataQuality="1",
        )  # fmt: skip
    path = craft.zip()
    reports = await asyncio.gather(*(load(path, name) for name in ("north", "south", "east")))
    assert sum(report.people for report in reports) == 600
    assert sum(report.links_made for report in reports) == 1200
    assert await fetch(
        "select count(distinct person_id), count(*) from client_link where undone_at is null"
    ) == [(600, 1800)]


async def test_a_zip_and_its_folder_have_one_digest(load: Any, craft: Any) -> None:
    craft.stay("1")
    assert (await load(craft.zip())).archive_sha256 == (await load(craft.folder())).archive_sha256


async def test_a_refused_archive_changes_nothing_and_lists_every_fault(
    load: Any, dump: Any, craft: Any
) -> None:
    craft.stay("1")
    await load(craft)
    before = await dump()
    craft.bytes["Client"] = b"FirstName,LastName\nA,B\n"
    craft.bytes["Exit"] = b"ExitID,ExitID,EnrollmentID\n1,1,e1\n"
    craft.files["Export"][0]["CSVVersion"] = "2020"
    with pytest.raises(ArchiveRefused) as refused:
        await load(craft)
    assert {(f.file, f.column, f.rule) for f in refused.value.findings} == {
        ("Client.csv", "PersonalID", "key-column-missing"),
        ("Exit.csv", "ExitID", "column-twice"),
        ("Export.csv", "CSVVersion", "version-unknown"),
    }
    assert await dump() == before


async def test_keys_that_differ_are_listed_for_every_file(load: Any, dump: Any, craft: Any) -> None:
    craft.stay("1")
    before = await dump()
    craft.add("Client", "c1", FirstName="Another")
    craft.add("Enrollment", "e1", EntryDate="2025-11-01")
    with pytest.raises(ArchiveRefused) as refused:
        await load(craft)
    assert [(f.file, f.rule, f.lines) for f in refused.value.findings] == [
        ("Client.csv", "key-differs", (2, 3)),
        ("Enrollment.csv", "key-differs", (2, 3)),
    ]
    assert await dump() == before


async def test_a_missing_file_is_a_finding_and_removes_nothing(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    craft.add("Services", "s1")
    await load(craft)
    del craft.files["Services"], craft.files["Client"]
    report = await load(craft)
    missing = {f.file for f in report.findings if f.rule == "file-missing"}
    assert missing == {"Services.csv", "Client.csv"}
    assert await fetch("select removed_at from services") == [(None,)]
    assert await fetch("select removed_at from client") == [(None,)]


async def test_a_path_that_is_not_there_is_refused(load: Any, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no file or folder"):
        await load(tmp_path / "nothing")


@pytest.mark.parametrize("phase", ["Export", "Client", "Enrollment", "Services", "people", "done"])
async def test_a_fault_in_any_phase_leaves_what_was_there(
    load: Any, dump: Any, craft: Any, phase: str
) -> None:
    craft.stay("1")
    craft.add("Services", "s1")
    await load(craft)
    before = await dump()
    craft.stay("2")
    craft.files["Client"][0]["VeteranStatus"] = "1"

    def full_disk(file: str, _done: int, _total: int) -> None:
        if file == phase:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await load(craft, progress=full_disk)
    assert await dump() == before
    assert (await load(craft)).files["Client"].added == 1


@pytest.mark.parametrize("table", ["client", "enrollment", "client_link", "import_run"])
async def test_a_full_disk_is_one_clear_line_and_leaves_what_was_there(
    load: Any, dump: Any, craft: Any, database: AsyncEngine, table: str
) -> None:
    craft.stay("1")
    await load(craft)
    before = await dump()
    craft.stay("2")
    craft.files["Client"][1]["FirstName"] = (canary := "Zanzibarowski")
    async with database.begin() as connection:
        await connection.execute(text(_FULL_DISK))
        await connection.execute(
            text(
                f"create trigger full_disk after insert on {table} for each row execute function full_disk()"
            )
        )
    try:
        with pytest.raises(NotReady, match="out of disk") as refused:
            await load(craft)
        assert canary not in "".join(traceback.format_exception(refused.value))
    finally:
        async with database.begin() as connection:
            await connection.execute(text("drop function full_disk cascade"))
    assert await dump() == before
    assert (await load(craft)).files["Client"].added == 1


# As PostgreSQL itself says it, with a row in the text.
_FULL_DISK = """
    create function full_disk() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: %', new using errcode = 'disk_full'; end $$
"""


async def test_texts_of_any_size_are_taken_or_set_aside(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    noise = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(40_000))
    craft.files["Client"][0].update(FirstName=noise, LastName=noise[:600], AdditionalRaceEthnicity=noise)
    craft.files["Enrollment"][0]["HouseholdID"] = noise
    craft.add("Client", noise)
    report = await load(craft)
    assert report.files["Client"].left_out == 1
    assert await fetch("select first_name, last_name, length(set_aside ->> 'FirstName') from client") == [
        (None, noise[:600], 40_000)
    ]
    assert await fetch(
        "select household_id, set_aside ->> 'HouseholdID' = :noise from enrollment", noise=noise
    ) == [(None, True)]
    assert not (await load(craft)).changed_anything


async def test_progress_names_files_and_never_goes_back(load: Any, craft: Any) -> None:
    craft.stay("1")
    seen: list[tuple[str, int, int]] = []
    await load(craft, progress=lambda *step: seen.append(step))
    assert [name for name, _, _ in seen][-2:] == ["people", "done"]
    done = [bytes_done for _, bytes_done, _ in seen]
    assert done == sorted(done)
    assert {name for name, _, _ in seen} >= {"Client", "Enrollment"}


async def test_the_report_is_kept_with_the_import(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    report = await load(craft)
    assert await fetch("select id, archive_sha256, report from import_run") == [
        (report.import_id, report.archive_sha256, report.to_dict())
    ]
    assert report.count(Severity.ERROR) == 0
