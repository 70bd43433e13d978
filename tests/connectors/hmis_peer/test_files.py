"""A CSV exchange from a real SFTP server into real tables, and the answers out of them."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Found, Labelled, NotFound, Outcome, Person, Row, Subject
from connectors.energy_drop.kit import DAY
from connectors.hmis_peer.files import PeerFiles
from connectors.hmis_peer.kit import (
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
from connectors.kit.offered import ADA
from connectors.standin_sftp import pin
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import (
    landing_batch,
    landing_household_member,
    landing_peer_export,
    landing_peer_stay,
)
from tests.conftest import Statements
from tests.connectors.partners import ask
from tests.connectors.peers import count, landed

EVE = Person("Eve", "Hidden", date(1991, 1, 1))
FIELDS = frozenset(
    {"projectName", "projectType", "organizationName", "coc", "entryDate", "exitDate", "destination"}
)


async def _ask(source: PeerFiles, *ids: str, fields: frozenset[str] = FIELDS) -> Outcome:
    return (await source.fetch(ask(Subject("p", ids), noun=NOUN, fields=fields)))["p"]


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

    assert await landed(database) == {"people": ["H-1", "H-2"], "projects": ["P1"], "stays": ["E-1", "E-2"]}
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
    assert "E-0" in (await landed(database))["stays"]

    next_door.lay_out(community(Project=[project("P2", population=1)]), ExportStartDate=date(2026, 1, 1))
    await source.sync()

    now = await landed(database)
    assert now["projects"] == ["P1"]
    assert "E-0" not in now["stays"]


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

    assert await landed(database) == {"people": [], "projects": ["P1"], "stays": []}


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
    assert (await landed(database))["stays"] == ["E-1", "E-2"]

    next_door.lay_out(rows, ExportStartDate=date(2026, 1, 1))
    await source.sync()

    # E-1 ended before the first day of the period, E-2 is open in it.
    assert await landed(database) == {"people": ["H-1"], "projects": ["P1"], "stays": ["E-1"]}
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
    assert await count(database, landing_batch) == 1


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


async def test_nothing_but_what_a_stay_needs_is_kept_of_a_person(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    rows = community()
    rows["Client"][0] |= {"FirstName": "Cléo", "LastName": "Stone", "SSN": "123456789", "SSNDataQuality": 1}
    rows["Client"][1] |= {"DOBDataQuality": 2, "NameDataQuality": 2}
    next_door.lay_out(rows)
    await next_door.source(database).sync()

    async with database.connect() as connection:
        people = (
            await connection.execute(
                select(landing_household_member).order_by(landing_household_member.c.household_id)
            )
        ).all()
    told = [(one.first_name, one.last_name, one.first_normal, one.last_normal, one.dob) for one in people]
    assert told == [(None, None, "cleo", "stone", ADA.dob), (None, None, "", "", None)]


async def test_two_hubs_at_once_take_an_exchange_once(next_door: Neighbour, database: AsyncEngine) -> None:
    next_door.lay_out()

    both = await asyncio.gather(*(next_door.source(database).sync() for _ in range(2)))

    assert sorted(synced.state for synced in both) == ["TAKEN", "UNCHANGED"]
    assert await count(database, landing_batch) == await count(database, landing_peer_export) == 1


async def test_a_sync_that_is_called_off_leaves_what_was_there(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(1))
    await source.sync()
    next_door.lay_out(community(Client=[person("H-3", EVE)], Enrollment=[stay("E-3", "H-3")]))
    before = await landed(database)
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

    assert await landed(database) == before
    assert (await source.sync()).state == "TAKEN"


async def test_an_impostor_gets_nothing(next_door: Neighbour, database: AsyncEngine) -> None:
    next_door.lay_out()
    (next_door.home / "known_hosts").write_text(pin(next_door.home / "impostor", next_door.port))

    with pytest.raises(SourceFailed) as failed:
        await next_door.source(database).sync()

    assert failed.value.code is FailureCode.AUTH
    assert await count(database, landing_batch) == 0


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
