"""A CSV exchange from a real SFTP server into real tables, and the answers out of them."""

from __future__ import annotations

import asyncio
import logging
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Found, Labelled, NotFound, Outcome, Person, Row, Subject
from connectors.hmis_peer import exchange
from connectors.hmis_peer.source import PeerFiles
from connectors.standin_sftp import pin
from hmis.csv.archive import Limits
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import (
    landing_batch,
    landing_household_member,
    landing_peer_export,
    landing_peer_project,
    landing_peer_stay,
)
from tests.conftest import Statements
from tests.connectors.partners import ADA, DAY, ask
from tests.connectors.peers import (
    NOUN,
    Neighbour,
    community,
    funder,
    left,
    organization,
    person,
    project,
    stay,
)

EVE = Person("Eve", "Hidden", date(1991, 1, 1))
FIELDS = frozenset(
    {"projectName", "projectType", "organizationName", "coc", "entryDate", "exitDate", "destination"}
)


async def _ask(source: PeerFiles, *ids: str, fields: frozenset[str] = FIELDS) -> Outcome:
    return (await source.fetch(ask(Subject("p", ids), noun=NOUN, fields=fields)))["p"]


async def _keys(engine: AsyncEngine) -> dict[str, list[str]]:
    """What is landed: people, projects, stays."""
    columns = {
        "people": landing_household_member.c.household_id,
        "projects": landing_peer_project.c.project_id,
        "stays": landing_peer_stay.c.enrollment_id,
    }
    async with engine.connect() as connection:
        return {
            name: list((await connection.scalars(select(column).order_by(column))).all())
            for name, column in columns.items()
        }


async def _count(engine: AsyncEngine, table: Any) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def test_an_exchange_is_taken_and_answers(next_door: Neighbour, database: AsyncEngine) -> None:
    next_door.lay_out()
    source = next_door.source(database)

    synced = await source.sync()

    assert (synced.state, synced.as_of, synced.rows) == ("TAKEN", DAY, 4)
    assert await _ask(source, "H-1") == Found(
        (
            Row(
                {
                    "projectName": "Project P1",
                    "projectType": 1,
                    "organizationName": "Organization O1",
                    "coc": "MA-500",
                    "entryDate": date(2025, 10, 1),
                    "exitDate": date(2025, 12, 24),
                    "destination": 410,
                },
                "H-1",
                DAY,
            ),
        ),
        "landing",
    )
    assert await _ask(source, "H-9") == NotFound()


async def test_any_number_of_people_costs_one_statement_that_reads_what_was_asked(
    next_door: Neighbour, database: AsyncEngine, statements: Statements
) -> None:
    next_door.lay_out()
    source = next_door.source(database)
    await source.sync()
    for people in (1, 100):
        statements.forget()
        subjects = [Subject(f"p{number}", ("H-1", "H-2")) for number in range(people)]
        await source.fetch(ask(*subjects, noun=NOUN, fields=frozenset({"entryDate"})))
        assert statements.count == 1
        assert "destination" not in statements.texts[0]
    statements.forget()
    await _ask(source)
    assert statements.count == 0


@pytest.mark.parametrize(
    "more",
    [
        {"Organization": [organization("OV", 1)], "Project": [project("PV", "OV")]},
        {"Organization": [organization("OV", None)], "Project": [project("PV", "OV")]},
        {"Organization": [organization("OV", 99)], "Project": [project("PV", "OV")]},
        {"Project": [project("PV", "nobody's")]},
        {"Project": [project("PV", population=1)]},
        {"Project": [project("PV", population=77)]},
        {"Project": [project("PV")], "Funder": [funder("FV", "PV", 999)]},
    ],
    ids=["provider", "unanswered", "not collected", "no organization", "survivors", "no such code", "funder"],
)
async def test_who_stayed_only_where_nobody_may_know_is_never_landed(
    next_door: Neighbour, database: AsyncEngine, more: dict[str, list[dict[str, Any]]]
) -> None:
    hidden = [stay("E-V", "H-V", "PV"), stay("E-V1", "H-1", "PV", entry="2026-02-01")]
    next_door.lay_out(community(**more, Client=[person("H-V", EVE)], Enrollment=hidden))
    source = next_door.source(database)

    assert (await source.sync()).state == "TAKEN"

    assert await _keys(database) == {"people": ["H-1", "H-2"], "projects": ["P1"], "stays": ["E-1", "E-2"]}
    assert await _ask(source, "H-V") == NotFound()
    found = await _ask(source, "H-1")
    assert isinstance(found, Found)
    assert len(found.rows) == 1


async def test_a_project_that_becomes_a_shelter_for_survivors_takes_its_stays_with_it(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    old = stay("E-0", "H-2", "P2", entry="2020-01-01")
    gone = left("E-0", "H-2", "2020-02-01")
    next_door.lay_out(community(Project=[project("P2")], Enrollment=[old], Exit=[gone]), DAY - timedelta(1))
    await source.sync()
    assert "E-0" in (await _keys(database))["stays"]

    next_door.lay_out(community(Project=[project("P2", population=1)]), ExportStartDate=date(2026, 1, 1))
    await source.sync()

    landed = await _keys(database)
    assert landed["projects"] == ["P1"]
    assert "E-0" not in landed["stays"]


@pytest.mark.parametrize(("code", "label"), [(13, "HIV"), (21, "MENTAL_HEALTH"), (22, "RHY")])
async def test_a_stay_carries_what_the_money_for_its_project_tells(
    next_door: Neighbour, database: AsyncEngine, code: int, label: str
) -> None:
    next_door.lay_out(community(Funder=[funder("F2", "P1", code)]))
    source = next_door.source(database)
    await source.sync()

    found = await _ask(source, "H-1")

    assert isinstance(found, Found)
    assert found.row.labels == {label}


@pytest.mark.parametrize(("code", "label"), [(207, "JUSTICE"), (204, "MENTAL_HEALTH"), (205, "SUD")])
async def test_a_destination_that_tells_carries_its_label_by_itself(
    next_door: Neighbour, database: AsyncEngine, code: int, label: str
) -> None:
    rows = community()
    rows["Exit"] = [left("E-1", "H-1", "2025-12-24", code)]
    next_door.lay_out(rows)
    source = next_door.source(database)
    await source.sync()

    found = await _ask(source, "H-1")

    assert isinstance(found, Found)
    assert found.row.labels == frozenset()
    assert found.row.values["destination"] == Labelled(code, frozenset({label}))


async def test_what_the_peer_deleted_is_forgotten(next_door: Neighbour, database: AsyncEngine) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(1))
    await source.sync()
    rows = community()
    rows["Client"][0]["DateDeleted"] = rows["Enrollment"][1]["DateDeleted"] = "2026-02-28T10:00:00"

    next_door.lay_out(rows, ExportDirective=1)
    assert (await source.sync()).state == "TAKEN"

    assert await _keys(database) == {"people": [], "projects": ["P1"], "stays": []}


async def test_absence_counts_only_for_the_days_an_export_speaks_of(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(2))
    await source.sync()
    rows = community()
    rows["Enrollment"], rows["Exit"] = [], []

    next_door.lay_out(rows, DAY - timedelta(1), ExportDirective=1)
    await source.sync()
    assert (await _keys(database))["stays"] == ["E-1", "E-2"]

    next_door.lay_out(rows, ExportStartDate=date(2026, 1, 1))
    await source.sync()

    # E-1 ended before the first day of the period, E-2 is open in it.
    assert await _keys(database) == {"people": ["H-1"], "projects": ["P1"], "stays": ["E-1"]}
    kept = await _ask(source, "H-1")
    assert isinstance(kept, Found)
    assert kept.row.as_of == DAY - timedelta(2)


async def test_the_same_exchange_again_changes_nothing_and_an_older_one_is_superseded(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    path = next_door.lay_out()
    assert (await source.sync()).state == "TAKEN"
    ids = select(landing_peer_stay.c.id).order_by(landing_peer_stay.c.id)
    async with database.connect() as connection:
        before = (await connection.scalars(ids)).all()

    next_door.place(path)
    assert (await source.sync()).state == "UNCHANGED"
    next_door.lay_out(community(Client=[person("H-3", EVE)]), DAY - timedelta(30))
    assert (await source.sync()).state == "SUPERSEDED"

    async with database.connect() as connection:
        assert (await connection.scalars(ids)).all() == before
    assert await _count(database, landing_batch) == 1


async def test_an_export_from_a_day_to_come_does_not_keep_later_ones_out(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=date(2062, 3, 1))
    assert (await source.sync()).as_of == DAY

    next_door.today = DAY + timedelta(1)
    next_door.lay_out(day=DAY + timedelta(1))

    assert (await source.sync()).state == "TAKEN"


async def test_an_exchange_older_than_35_days_is_marked(next_door: Neighbour, database: AsyncEngine) -> None:
    next_door.lay_out()
    source = next_door.source(database)
    await source.sync()

    for days, stale in ((0, False), (35, False), (36, True)):
        next_door.today = DAY + timedelta(days)
        found = await _ask(source, "H-1")
        assert isinstance(found, Found)
        assert found.stale is stale


async def test_a_hashed_export_is_refused_and_says_so(next_door: Neighbour, database: AsyncEngine) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(1))
    await source.sync()
    next_door.lay_out(HashStatus=4)

    synced = await source.sync()

    assert (synced.state, synced.rules) == ("REFUSED", {"export-hashed": 1})
    assert next_door.errors()[0].startswith("Export.csv,,HashStatus,export-hashed,ERROR,1,")
    assert (await _keys(database))["stays"] == ["E-1", "E-2"]


def _rewrite(path: Path, **files: bytes | None) -> None:
    """Put other bytes in place of files of the zip; None takes one out."""
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    for file, content in files.items():
        contents.pop(f"{file}.csv")
        if content is not None:
            contents[f"{file}.csv"] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in contents.items():
            new.writestr(name, content)


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        ("file-missing", {"Funder": None}),
        ("file-missing", {"Organization": None}),
        ("column-missing", {"Project": b"ProjectID,OrganizationID,ProjectName\nP1,O1,One\n"}),
        ("row-unreadable", {"Funder": b"FunderID,ProjectID,Funder\nF1,P1,2,13\n"}),
        ("row-unreadable", {"Funder": b"FunderID,ProjectID,Funder\nF1,,13\n"}),
        ("export-missing", {"Export": None}),
        ("key-differs", {"Organization": b"OrganizationID,VictimServiceProvider\nO1,0\nO1,1\n"}),
    ],
)
async def test_an_exchange_that_does_not_say_what_may_be_named_is_refused_whole(
    next_door: Neighbour, database: AsyncEngine, rule: str, files: dict[str, bytes | None]
) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(1))
    await source.sync()
    path = next_door.lay_out(community(Client=[person("H-3", EVE)], Enrollment=[stay("E-3", "H-3")]))
    _rewrite(path, **files)
    next_door.place(path)

    synced = await source.sync()

    assert synced.state == "REFUSED"
    assert rule in synced.rules
    assert (await _keys(database))["stays"] == ["E-1", "E-2"]


@pytest.mark.parametrize("hostile", ["cut", "no zip", "bomb"])
async def test_a_hostile_archive_is_refused_within_bounds(
    next_door: Neighbour, database: AsyncEngine, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    path = next_door.lay_out()
    if hostile == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif hostile == "no zip":
        path.write_bytes(b"not a zip")
    else:
        small = Limits(total_bytes=1 << 20, ratio=10, ratio_floor=1 << 16)
        monkeypatch.setattr(exchange.read_exchange, "__defaults__", (small,))
        _rewrite(path, Client=b"PersonalID,FirstName\n" + b"A,B\n" * (1 << 19))
    next_door.place(path)

    synced = await next_door.source(database).sync()

    assert synced.state == "REFUSED"
    assert synced.rules.keys() == {"archive-too-large" if hostile == "bomb" else "archive-unreadable"}
    assert await _count(database, landing_batch) == 0


async def test_a_refused_archive_is_fetched_again_only_when_another_lies_there(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    next_door.lay_out(HashStatus=4)
    await source.sync()
    (next_door.folder / "ERRORS-export.zip.csv").unlink()

    assert (await source.sync()).state == "REFUSED"
    assert not (next_door.folder / "ERRORS-export.zip.csv").exists()

    next_door.lay_out()
    assert (await source.sync()).state == "TAKEN"


async def test_a_stay_of_nobody_or_nowhere_is_reported_and_the_others_are_taken(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    strays = [stay("E-3", "H-9"), stay("E-4", "H-1", "P9")]
    next_door.lay_out(community(Enrollment=strays))
    source = next_door.source(database)

    synced = await source.sync()

    assert (synced.state, synced.rules["parent-missing"]) == ("TAKEN", 2)
    assert any(line.startswith("Enrollment.csv,,,parent-missing,ERROR,2,") for line in next_door.errors())
    assert (await _keys(database))["stays"] == ["E-1", "E-2"]


async def test_nothing_but_what_a_stay_needs_is_kept_of_a_person(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    rows = community()
    rows["Client"][0] |= {"FirstName": "Cléo", "LastName": "Stone", "SSN": "123456789", "SSNDataQuality": 1}
    rows["Client"][1] |= {"DOBDataQuality": 2, "NameDataQuality": 2}
    next_door.lay_out(rows)
    await next_door.source(database).sync()

    async with database.connect() as connection:
        landed = (
            await connection.execute(
                select(landing_household_member).order_by(landing_household_member.c.household_id)
            )
        ).all()
    told = [(one.first_name, one.last_name, one.first_normal, one.last_normal, one.dob) for one in landed]
    assert told == [(None, None, "cleo", "stone", ADA.dob), (None, None, "", "", None)]


async def test_two_hubs_at_once_take_an_exchange_once(next_door: Neighbour, database: AsyncEngine) -> None:
    next_door.lay_out()

    both = await asyncio.gather(*(next_door.source(database).sync() for _ in range(2)))

    assert sorted(synced.state for synced in both) == ["TAKEN", "UNCHANGED"]
    assert await _count(database, landing_batch) == await _count(database, landing_peer_export) == 1


async def test_a_sync_that_is_called_off_leaves_what_was_there(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(1))
    await source.sync()
    next_door.lay_out(community(Client=[person("H-3", EVE)], Enrollment=[stay("E-3", "H-3")]))
    before = await _keys(database)
    blocked = text(
        "select 1 from pg_locks where not granted and relation = 'landing_household_member'::regclass"
    )

    async with database.begin() as holder:
        await holder.execute(text("lock table landing_household_member in share mode"))
        syncing = asyncio.create_task(source.sync())
        async with asyncio.timeout(20):
            # Stays are replaced by now, people wait for us.
            while not await holder.scalar(blocked):
                assert not syncing.done()
        syncing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await syncing

    assert await _keys(database) == before
    assert (await source.sync()).state == "TAKEN"


async def test_an_impostor_gets_nothing(next_door: Neighbour, database: AsyncEngine) -> None:
    next_door.lay_out()
    (next_door.home / "known_hosts").write_text(pin(next_door.home / "impostor", next_door.port))

    with pytest.raises(SourceFailed) as failed:
        await next_door.source(database).sync()

    assert failed.value.code is FailureCode.AUTH
    assert await _count(database, landing_batch) == 0


async def test_nobody_is_in_the_log_or_the_errors_file(
    next_door: Neighbour, database: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = Person("Zyxwvutsrq", "Qrstuvwxyz", date(1971, 3, 17))
    strays = [stay("E-3", "H-3"), stay("E-4", "H-3", "P9")]
    next_door.lay_out(community(Client=[person("H-3", canary)], Enrollment=strays))

    synced = await next_door.source(database).sync()

    told = f"{caplog.text} {synced} {next_door.errors()}"
    for personal in ("Zyxwvutsrq", "Qrstuvwxyz", "1971-03-17", "H-3"):
        assert personal not in told


async def test_a_real_export_is_refused_because_its_names_are_hashed(
    next_door: Neighbour, database: AsyncEngine, reference: Any
) -> None:
    path = next_door.folder / "hmis-fy2026-demo.zip"
    path.write_bytes(reference("hmis-fy2026-demo.zip").read_bytes())

    synced = await next_door.source(database).sync()

    assert (synced.state, synced.rules) == ("REFUSED", {"export-hashed": 1})
