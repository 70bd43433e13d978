"""A drop from a real SFTP server into real tables, and the answers out of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.base import Failed, Found, NotFound, Outcome, Row, Subject, Synced
from connectors.energy_drop.kit import BENEFITS, DAY, MEMBERS, Agency
from connectors.energy_drop.layout import Benefit, Member
from connectors.energy_drop.source import EnergyDrop
from connectors.runtime import Runtime
from connectors.standin_sftp import ensure_key, pin
from hmis.errors import FailureCode, SourceFailed
from hmis.tables.landing import landing_batch, landing_benefit, landing_household_member
from tests.conftest import Statements
from tests.connectors.partners import ask, soon, started

NOUN = "UtilityAssistance"
FIELDS = frozenset({"lastBenefitDate", "totalBillAssistance", "heatingFuel"})
TABLES = (landing_batch, landing_household_member, landing_benefit)


async def _counts(engine: AsyncEngine) -> tuple[int, ...]:
    async with engine.connect() as connection:
        return tuple([await _count(connection, table) for table in TABLES])


async def _count(connection: AsyncConnection, table: Table) -> int:
    return await connection.scalar(select(func.count()).select_from(table)) or 0


async def _ask(source: EnergyDrop, **ids: tuple[str, ...]) -> Mapping[str, Outcome]:
    return await source.fetch(
        ask(*(Subject(key, values) for key, values in ids.items()), noun=NOUN, fields=FIELDS)
    )


async def test_a_drop_is_taken_and_answers(energy_agency: Agency, database: AsyncEngine) -> None:
    energy_agency.lay_out()
    source = energy_agency.source(database)

    assert await source.sync() == Synced("TAKEN", "2026-03", DAY, 7)

    assert await _counts(database) == (1, 3, 4)
    assert energy_agency.errors() == []
    outcomes = await _ask(source, ada=("E-1",), ben=("E-2",), cleo=("E-3",), nobody=("E-9",))
    assert outcomes == {
        "ada": Found(
            (
                Row(
                    {
                        "lastBenefitDate": date(2026, 1, 20),
                        "totalBillAssistance": Decimal("550.50"),  # weatherization pays no bill
                        "heatingFuel": "PROPANE",
                    },
                    "E-1",
                    DAY,
                ),
            ),
            "landing",
        ),
        "ben": Found(
            (
                Row(
                    {
                        "lastBenefitDate": date(2025, 12, 3),
                        "totalBillAssistance": Decimal("75.00"),
                        "heatingFuel": "OTHER",
                    },
                    "E-2",
                    DAY,
                ),
            ),
            "landing",
        ),
        "cleo": Found(
            (
                Row(
                    {"lastBenefitDate": None, "totalBillAssistance": Decimal("0.00"), "heatingFuel": None},
                    "E-3",
                    DAY,
                ),
            ),
            "landing",
        ),
        "nobody": NotFound(),
    }


async def test_somebody_who_moved_was_helped_in_both_homes(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    energy_agency.lay_out()
    source = energy_agency.source(database)
    await source.sync()

    found = (await _ask(source, ada=("E-2", "E-1", "E-2")))["ada"]

    assert isinstance(found, Found)
    assert found.row.reference == "E-1"
    assert found.row.values["totalBillAssistance"] == Decimal("625.50")
    assert found.row.values["heatingFuel"] == "PROPANE"


async def test_any_number_of_people_costs_one_statement(
    energy_agency: Agency, database: AsyncEngine, statements: Statements
) -> None:
    energy_agency.lay_out()
    source = energy_agency.source(database)
    await source.sync()
    for people in (1, 100):
        statements.forget()
        await _ask(source, **{f"p{number}": ("E-1", "E-2") for number in range(people)})
        assert statements.count == 1
    statements.forget()
    await _ask(source, nobody=())
    assert statements.count == 0


async def test_fields_that_were_not_asked_for_are_not_read(
    energy_agency: Agency, database: AsyncEngine, statements: Statements
) -> None:
    energy_agency.lay_out()
    source = energy_agency.source(database)
    await source.sync()
    statements.forget()

    await source.fetch(ask(Subject("p", ("E-1",)), noun=NOUN, fields=frozenset({"lastBenefitDate"})))

    assert "amount" not in statements.texts[0]
    assert "heating_fuel" not in statements.texts[0]


async def test_a_drop_older_than_35_days_is_marked(energy_agency: Agency, database: AsyncEngine) -> None:
    energy_agency.lay_out()
    source = energy_agency.source(database)
    await source.sync()

    for days, stale in ((0, False), (35, False), (36, True)):
        energy_agency.today = DAY + timedelta(days=days)
        found = (await _ask(source, ada=("E-1",)))["ada"]
        assert isinstance(found, Found)
        assert found.stale is stale


async def test_the_same_drop_twice_changes_nothing(energy_agency: Agency, database: AsyncEngine) -> None:
    energy_agency.lay_out()
    source = energy_agency.source(database)
    await source.sync()
    ids = select(landing_household_member.c.id).order_by(landing_household_member.c.id)
    async with database.connect() as connection:
        before = (await connection.scalars(ids)).all()

    energy_agency.lay_out("2026-03-again")

    assert await source.sync() == Synced("UNCHANGED", "2026-03-again", DAY)
    async with database.connect() as connection:
        assert (await connection.scalars(ids)).all() == before


async def test_a_newer_drop_takes_the_place_of_the_older_and_not_the_other_way(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    source = energy_agency.source(database)
    energy_agency.lay_out()
    await source.sync()

    energy_agency.lay_out("2026-04", date(2026, 4, 1), MEMBERS[:1], BENEFITS[:1])
    assert (await source.sync()).state == "TAKEN"
    assert await _counts(database) == (2, 1, 1)
    assert (await _ask(source, ben=("E-2",)))["ben"] == NotFound()

    energy_agency.lay_out("2026-02", date(2026, 2, 1))
    assert (await source.sync()).state == "SUPERSEDED"
    assert await _counts(database) == (2, 1, 1)


async def test_nothing_is_taken_before_the_trigger_is_there(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    source = energy_agency.source(database)
    assert (await source.sync()).state == "NOTHING"
    energy_agency.lay_out()
    (energy_agency.folder / "READY-2026-03").rename(energy_agency.folder / "READY-2026-02")

    assert (await source.sync()).state == "NOTHING"
    (energy_agency.folder / "READY-2026-02").unlink()
    assert (await source.sync()).state == "NOTHING"
    assert await _counts(database) == (0, 0, 0)


def _edit_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["files"][0] |= changes
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize("rule", ["row_count", "sha256", "missing", "truncated", "manifest"])
async def test_a_drop_that_is_not_what_its_manifest_says_leaves_what_was_there(
    energy_agency: Agency, database: AsyncEngine, rule: str
) -> None:
    source = energy_agency.source(database)
    energy_agency.lay_out()
    await source.sync()
    energy_agency.lay_out("2026-04", date(2026, 4, 1))
    households = energy_agency.folder / "households.csv"
    if rule == "row_count":
        _edit_manifest(energy_agency.folder, rows=4)
    elif rule == "sha256":
        _edit_manifest(energy_agency.folder, sha256="0" * 64)
    elif rule == "missing":
        households.unlink()
    elif rule == "truncated":
        households.write_bytes(households.read_bytes()[:-20])
        rule = "sha256"
    else:
        (energy_agency.folder / "manifest.json").write_text("{")

    synced = await source.sync()

    assert (synced.state, synced.batch, synced.rules) == ("REFUSED", "2026-04", {rule: 1})
    assert await _counts(database) == (1, 3, 4)
    file = "manifest.json" if rule == "manifest" else "households.csv"
    assert energy_agency.errors("2026-04") == [f"{file},,,{rule}"]


async def test_bad_rows_are_reported_back_and_the_good_ones_taken(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    stray = Benefit("E-9", date(2026, 1, 1), "HEATING", Decimal("1.00"))
    energy_agency.lay_out(members=(*MEMBERS, Member("")), benefits=(stray, *BENEFITS))
    source = energy_agency.source(database)

    synced = await source.sync()

    assert (synced.state, synced.rows, synced.rules) == ("TAKEN", 7, {"required": 1, "household": 1})
    assert energy_agency.errors() == [
        "households.csv,5,household_id,required",
        "benefits.csv,2,household_id,household",
    ]


async def test_a_folder_we_may_not_write_to_still_gives_its_drop(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    energy_agency.lay_out()
    (energy_agency.folder / "ERRORS-2026-03.csv").mkdir()

    assert (await energy_agency.source(database).sync()).state == "TAKEN"


async def test_two_hubs_at_once_take_a_drop_once(energy_agency: Agency, database: AsyncEngine) -> None:
    energy_agency.lay_out()

    both = await asyncio.gather(*(energy_agency.source(database).sync() for _ in range(2)))

    assert sorted(synced.state for synced in both) == ["TAKEN", "UNCHANGED"]
    assert await _counts(database) == (1, 3, 4)


async def test_a_sync_that_is_called_off_leaves_what_was_there(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    source = energy_agency.source(database)
    energy_agency.lay_out()
    await source.sync()
    energy_agency.lay_out("2026-04", date(2026, 4, 1), MEMBERS[:1], ())
    blocked = text("select 1 from pg_locks where not granted and relation = 'landing_benefit'::regclass")

    async with database.begin() as holder:
        await holder.execute(text("lock table landing_benefit in share mode"))
        syncing = asyncio.create_task(source.sync())
        async with asyncio.timeout(10):
            # Members are deleted by now, benefits wait for us.
            while not await holder.scalar(blocked):
                assert not syncing.done()
        syncing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await syncing

    assert await _counts(database) == (1, 3, 4)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("another host key", FailureCode.AUTH),
        ("no host key", FailureCode.AUTH),
        ("another client key", FailureCode.AUTH),
        ("wrong password", FailureCode.AUTH),
        ("no known_hosts file", FailureCode.CONFIG),
        ("known_hosts is nonsense", FailureCode.CONFIG),
        ("no key file", FailureCode.CONFIG),
        ("no such folder", FailureCode.CONFIG),
        ("nobody listens", FailureCode.UNAVAILABLE),
    ],
)
async def test_being_kept_out_has_its_code_and_takes_nothing(
    energy_agency: Agency, database: AsyncEngine, change: str, code: FailureCode
) -> None:
    energy_agency.lay_out()
    home = energy_agency.home
    known_hosts = home / "known_hosts"
    config: dict[str, str | int] = {}
    if change == "another host key":
        known_hosts.write_text(pin(home / "impostor", energy_agency.port))
    elif change == "no host key":
        known_hosts.write_text("")
    elif change == "another client key":
        ensure_key(home / "stranger")
        config = {"client_key": str(home / "stranger")}
    elif change == "wrong password":
        config = {"password": "env:SFTP_PASSWORD", "client_key": str(home / "stranger")}
        ensure_key(home / "stranger")
    elif change == "no known_hosts file":
        known_hosts.unlink()
    elif change == "known_hosts is nonsense":
        known_hosts.write_text("@revoked\n\x00\n")
    elif change == "no key file":
        config = {"client_key": str(home / "absent")}
    elif change == "no such folder":
        config = {"folder": "elsewhere"}
    else:
        known_hosts.write_text(pin(home / "host_key", 9))
        config = {"port": 9}
    source = energy_agency.source(database, **config)

    with pytest.raises(SourceFailed) as failed:
        await source.sync()

    assert failed.value.code is code
    assert await _counts(database) == (0, 0, 0)
    assert not list(energy_agency.folder.glob("ERRORS-*"))


async def test_no_person_and_no_path_outside_is_in_the_log(
    energy_agency: Agency, database: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = Member("E-1", "Zyxwvutsrq", "Qrstuvwxyz", date(1971, 3, 17))
    energy_agency.lay_out(members=(canary, Member("", "Zyxwvutsrq")), benefits=())

    await energy_agency.source(database).sync()

    for personal in ("Zyxwvutsrq", "Qrstuvwxyz", "1971-03-17"):
        assert personal not in caplog.text
        assert personal not in "".join(energy_agency.errors())


async def test_landing_tables_that_do_not_answer_cost_a_code(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    source = energy_agency.source(database)
    async with database.begin() as connection:
        await connection.execute(text("lock table landing_benefit in access exclusive mode"))
        outcomes = await Runtime().fetch(
            source, ask(Subject("p", ("E-1",)), noun=NOUN, fields=FIELDS, deadline=soon(0.2))
        )

    assert outcomes == {"p": Failed(FailureCode.TIMEOUT, retryable=True)}


async def test_the_command_serves_the_folder_and_nothing_above_it(
    tmp_path: Path, database: AsyncEngine
) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "authorized").write_text(ensure_key(tmp_path / "client_key"))
    options = ("--folder", tmp_path / "drop", "--host-key", tmp_path / "host_key")

    async with started(
        "connectors.energy_drop.standin", *options, "--authorized-key", tmp_path / "authorized"
    ) as (process, ready):
        assert ready.startswith("energy-drop stand-in is ready on 127.0.0.1 port ")
        partner = Agency(tmp_path, int(ready.split()[-1]))
        (tmp_path / "known_hosts").write_text(pin(tmp_path / "host_key", partner.port))
        partner.lay_out()
        assert (await partner.source(database).sync()).state == "TAKEN"
        assert (await partner.source(database, folder="../../..").sync()).state == "UNCHANGED"

    assert process.returncode == 0
    assert (tmp_path / "host_key").stat().st_mode & 0o077 == 0
