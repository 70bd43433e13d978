"""A snapshot holds what is counted and nobody's name: every row that is there, as days and numbers."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.errors import InputRefused
from hmis.identity.links import undo
from hmis.identity.ssn import usable_ssn
from hmis.measures import core
from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.columns import TABLES as FILES_KEPT
from hmis.measures.columns import columns
from hmis.measures.days import number
from hmis.measures.numbering import TABLES
from hmis.measures.people import UNDUPLICATED_PEOPLE
from hmis.measures.snapshot import Snapshot, newest, taken
from hmis.spec import FILES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = Asked(date(2025, 10, 1), date(2026, 9, 30))
ADA = {"FirstName": "Ada", "LastName": "Lovelace", "NameDataQuality": "1", "SSN": "219099999",
       "SSNDataQuality": "1", "DOB": "1990-05-23", "DOBDataQuality": "1"}  # fmt: skip

Take = Callable[..., Awaitable[Snapshot]]


@pytest.fixture
def take(database: AsyncEngine, tmp_path: Path) -> Take:
    """A snapshot in this test's home, so many minutes after noon."""

    async def run(minutes: int = 0) -> Snapshot:
        return await taken(database, tmp_path / "home", NOON + timedelta(minutes=minutes))

    return run


def read(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    with duckdb.connect() as database:
        rows: list[dict[str, Any]] = (
            database.sql(f"from '{snapshot.file(table)}'").to_arrow_table().to_pylist()
        )
    return rows


async def test_a_stay_has_its_exit_its_project_and_its_head_beside_it(
    load: Any, craft: Any, take: Take
) -> None:
    craft.stay("1", EntryDate="2025-10-10", MoveInDate="2025-11-01")
    craft.add("Client", "c2")
    craft.add("Enrollment", "e2", PersonalID="c2", HouseholdID="h1", RelationshipToHoH="2",
              EntryDate="2025-10-11", EnrollmentCoC="")  # fmt: skip
    craft.add("Exit", "x1", EnrollmentID="e1", ExitDate="2025-12-24", Destination="410")
    await load(craft)
    head, child = read(await take(), "stay")
    assert head["entry_date"] == number(date(2025, 10, 10))
    assert (head["exit_date"], head["destination"]) == (number(date(2025, 12, 24)), 410)
    assert (child["exit_date"], child["is_head"], child["heads"]) == (None, False, 1)
    assert (child["head_enrollment"], child["head_move_in_date"]) == (1, number(date(2025, 11, 1)))
    assert child["head_enrollment_coc"] == "MA-500"
    assert (child["household"], child["project"]) == (head["household"], head["project"])
    assert (child["project_type"], child["is_victim_service_provider"]) == (1, False)


async def test_rows_of_a_stay_carry_its_number_and_its_person(load: Any, craft: Any, take: Take) -> None:
    craft.stay("1")
    craft.stay("2")
    craft.add("Services", "s1", EnrollmentID="e2", PersonalID="c2", DateProvided="2025-12-01")
    await load(craft)
    snapshot = await take()
    (night,) = read(snapshot, "service")
    stays = {row["enrollment_id"]: row for row in read(snapshot, "stay")}
    assert (night["enrollment"], night["person"]) == (stays["e2"]["enrollment"], stays["e2"]["person"])
    assert night["date_provided"] == number(date(2025, 12, 1))
    assert snapshot.rows["service"] == 1
    assert set(snapshot.rows) == set(TABLES)


async def test_no_name_no_ssn_and_no_text_that_somebody_typed_is_in_any_file(
    load: Any, craft: Any, take: Take
) -> None:
    craft.stay("1")
    for file in FILES_KEPT:
        if not craft.files[file]:
            craft.add(file)
        for row in craft.files[file]:
            row |= {
                column.name: "canary"[: column.length]
                for column in FILES[file].columns
                if column.type == "S" and not column.key and not column.name.endswith("ID")
                and column.name not in ("State", "ZIP", "Geocode", "CoCCode", "EnrollmentCoC")
                and column.attr not in columns(file)
            }  # fmt: skip
    craft.files["Client"][0] |= {"SSN": "536-22-1234", "SSNDataQuality": "1", "NameDataQuality": "1"}
    await load(craft)
    snapshot = await take()
    (client,) = read(snapshot, "client")
    assert (client["first_name_given"], client["ssn_usable"]) == (True, True), "they did not come in"
    for table in TABLES:
        text = str(read(snapshot, table)).lower()
        assert "canary" not in text, table
        # The whole of it: ids are made at random and have any three digits.
        assert "536-22-1234" not in text, table
        assert "536221234" not in text, table
    assert sorted(path.name for path in snapshot.folder.iterdir()) == sorted(
        ["snapshot.json", *(f"{table}.parquet" for table in TABLES)]
    )


async def test_a_snapshot_is_its_owners_alone(load: Any, craft: Any, take: Take) -> None:
    await load(craft)
    snapshot = await take()
    for folder in (snapshot.folder, snapshot.folder.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_row_that_was_removed_is_in_no_snapshot(load: Any, craft: Any, take: Take) -> None:
    craft.stay("1")
    craft.stay("2")
    await load(craft)
    before = await take()
    craft.files["Enrollment"][1]["DateDeleted"] = "2026-01-15 10:00:00"
    craft.files["Client"][1]["DateDeleted"] = "2026-01-15 10:00:00"
    await load(craft)
    after = await take(1)
    assert [len(read(each, "stay")) for each in (before, after)] == [2, 1]
    assert [row["personal_id"] for row in read(after, "client")] == ["c1"]


async def test_a_snapshot_serves_until_something_changes(
    load: Any, craft: Any, take: Take, database: Any
) -> None:
    craft.stay("1")
    craft.files["Client"][-1].update(ADA)
    craft.stay("2")
    craft.files["Client"][-1].update(ADA)
    await load(craft)
    first = await take()
    assert (await take(1)).folder == first.folder
    async with database.begin() as connection:
        await undo(connection, "north", "c1", NOON)
    parted = await take(2)
    assert parted.folder != first.folder
    craft.stay("3")
    await load(craft)
    latest = await take(3)
    assert latest.rows["stay"] == 3
    # The one before serves whoever counts on it; that before it is gone.
    assert sorted(path.name for path in latest.folder.parent.iterdir()) == sorted(
        [parted.folder.name, latest.folder.name]
    )
    assert newest(latest.folder.parents[1]) == latest


async def test_linked_records_have_one_number_and_an_undone_link_has_two(
    load: Any, craft: Any, take: Take, database: Any
) -> None:
    craft.stay("1")
    craft.files["Client"][-1].update(ADA)
    await load(craft)
    await load(craft, "south")
    craft.stay("2")
    await load(craft, "west")
    snapshot = await take()
    people = [(row["source_id"], row["personal_id"], row["person"]) for row in read(snapshot, "client")]
    assert len(people) == 4
    assert len({person for _, personal_id, person in people if personal_id == "c1"}) == 1
    with core.opened(snapshot) as tables:
        assert answer(UNDUPLICATED_PEOPLE, tables, YEAR) == {"people": 2}
    async with database.begin() as connection:
        await undo(connection, "south", "c1", NOON)
    with core.opened(await take(1)) as tables:
        assert answer(UNDUPLICATED_PEOPLE, tables, YEAR) == {"people": 3}


async def test_counting_of_one_source_leaves_the_others_out(load: Any, craft: Any, take: Take) -> None:
    craft.stay("1")
    await load(craft)
    craft.stay("2")
    await load(craft, "south")
    snapshot = await take()
    with core.opened(snapshot, source="south") as tables:
        assert answer(UNDUPLICATED_PEOPLE, tables, YEAR) == {"people": 2}
    with (
        pytest.raises(InputRefused, match=r"no source 'east'.*north, south"),
        core.opened(snapshot, source="east"),
    ):
        pass


_NUMBERS = [
    "219099999", "219-09-9999", "21909-9999", " 219099999 ", "\t219099999\n", "\u00a0219099999",
    "219 09 9999", "219--099999",
    "000123456", "666123456", "900123456", "999123456", "219001234", "219090000", "21909999", "2190999999",
    "xxxxx9999", "21909999x", "", "-", "٢١٩٠٩٩٩٩٩", "2190999९9",
    *(str(digit) * 9 for digit in range(10)),
    *("0123456789012345678"[at : at + 9] for at in range(11)),
    "012-34-5678", "123-45-6789", "111-11-1111", "987654321",
]  # fmt: skip


async def test_an_ssn_is_usable_in_a_snapshot_where_it_is_to_the_matching(fetch: Any) -> None:
    """The rule stands in Python and in SQL: both say the same of each of many numbers."""
    chance = random.Random(7)
    some = [f"{chance.choice((0, 1, 219, 666, 900, 999)):03}{chance.randrange(100):02}"
            f"{chance.randrange(10_000):04}" for _ in range(2_000)]  # fmt: skip
    edges = [f"{area}{group}{serial}" for area in ("000", "001", "665", "666", "667", "899", "900", "999")
             for group in ("00", "01", "99") for serial in ("0000", "0001", "9999")]  # fmt: skip
    numbers = [*_NUMBERS, *some, *edges]
    usable, _ = columns("Client")["ssn_usable"]
    rows = await fetch(f"select t.ssn, {usable} from unnest(cast(:ssns as text[])) t(ssn)", ssns=numbers)
    wrong = [ssn for ssn, found in rows if found != (usable_ssn(ssn, 1) is not None)]
    assert len(rows) == len(numbers)
    assert wrong == []
    assert len([ssn for ssn, found in rows if found]) > 500


async def test_of_a_hashed_ssn_it_is_said_that_there_was_one(fetch: Any) -> None:
    usable, _ = columns("Client")["ssn_usable"]
    hashed = "8665fe03681cf0c07eda9cf76fa800f2" * 2
    assert await fetch(f"select {usable} from (values ('{hashed}')) t(ssn)") == [(True,)]
