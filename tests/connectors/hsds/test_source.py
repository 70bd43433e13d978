"""A directory over real HTTP into real tables: what is kept, what is refused, what a fault costs."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, FetchRequest, Subject, Synced
from connectors.config import read_config
from connectors.hsds import landing
from connectors.hsds.kit import CHANGED, SHELTER, SYNCED, at, directory, service, weekly
from connectors.hsds.source import FULL_EVERY, OVERLAP, build
from connectors.hsds.standin import Services, application
from connectors.http import Http
from connectors.kit.recording import running
from connectors.runtime import Runtime
from connectors.signing import Fixed
from connectors.standin import KINDS, parse_faults
from connectors.wire import Wire, answer
from hmis.errors import FailureCode, InputRefused, SourceFailed
from hmis.tables.directory import directory_pull, directory_schedule
from tests.connectors.directories import kept, places
from tests.connectors.partners import ask, manifest_of, soon, started

SAMPLES = json.loads(
    (Path(landing.__file__).parent / "samples" / "services.json").read_text(encoding="utf-8")
)


async def _pull(engine: AsyncEngine) -> Any:
    async with engine.connect() as connection:
        return (await connection.execute(select(directory_pull))).one()


async def test_a_directory_is_read_page_by_page(database: AsyncEngine) -> None:
    async with directory(database, *(service(str(number)) for number in range(5))) as partner:
        synced = await partner.source.sync()

    assert synced == Synced("TAKEN", None, (CHANGED - OVERLAP).date(), 5)
    assert await kept(database) == {str(number): f"Service {number}" for number in range(5)}
    pull = await _pull(database)
    assert (pull.pulled_at, pull.full_at, pull.cursor) == (SYNCED, SYNCED, CHANGED - OVERLAP)
    assert (pull.services, pull.unreadable) == (5, 0)


async def test_read_again_nothing_is_written_but_when(database: AsyncEngine) -> None:
    async with directory(database, service("1"), service("2")) as partner:
        await partner.source.sync()
        partner.now += timedelta(hours=1)
        synced = await partner.source.sync()

    assert synced.state == "UNCHANGED"
    assert (await _pull(database)).pulled_at == SYNCED + timedelta(hours=1)


async def test_only_what_changed_is_read_again(database: AsyncEngine) -> None:
    async with directory(database, *(service(str(number)) for number in range(4))) as partner:
        await partner.source.sync()
        partner.change("2", name="New name")
        partner.services.all.append(service("9"))
        partner.remove("0")
        partner.now += timedelta(hours=1)
        synced = await partner.source.sync()

    assert synced == Synced("TAKEN", None, CHANGED.date(), 2, {"GONE": 1})
    assert await kept(database) == {"1": "Service 1", "2": "New name", "3": "Service 3", "9": "Service 9"}


async def test_all_of_it_is_read_once_a_day(database: AsyncEngine) -> None:
    async with directory(database, service("1")) as partner:
        await partner.source.sync()
        # It changed and its directory forgot to say so.
        partner.services.all[0] = {**partner.services.all[0], "name": "Quietly renamed"}
        partner.services.all.append(service("2", last_modified=(CHANGED + timedelta(days=9)).isoformat()))
        partner.now += timedelta(hours=1)
        await partner.source.sync()
        soon_after = await kept(database)
        partner.now += FULL_EVERY
        await partner.source.sync()

    assert soon_after["2"] == "Service 2"
    assert (await kept(database))["1"] == "Quietly renamed"


async def test_a_directory_that_shrank_by_half_is_refused_until_it_grows(
    database: AsyncEngine,
) -> None:
    async with directory(database, *(service(str(number)) for number in range(9))) as partner:
        await partner.source.sync()
        before = await kept(database), await _pull(database)
        partner.services.all = partner.services.all[:4]
        for _ in range(2):
            assert await partner.source.sync() == Synced("REFUSED", rules={"SUSPICIOUSLY_SMALL": 1})
            partner.now += FULL_EVERY
        assert (await kept(database), await _pull(database)) == before

        partner.services.all.append(service("new"))
        assert (await partner.source.sync()).rules == {"GONE": 5}


async def test_a_smaller_directory_is_taken_where_the_operator_says_so(database: AsyncEngine) -> None:
    async with directory(database, *(service(str(number)) for number in range(9))) as partner:
        await partner.source.sync()
    async with directory(database, service("1"), smallest_share=0) as partner:
        assert (await partner.source.sync()).rules == {"GONE": 8}


async def test_a_record_that_cannot_be_read_is_left_out_and_counted(database: AsyncEngine) -> None:
    broken = [{**service("2"), "name": None}, {**service("x"), "id": None}]
    async with directory(database, service("1"), *broken, service("3")) as partner:
        first = await partner.source.sync()
        again = await partner.source.sync()
        shown = await kept(database)
        partner.change("3", organization="not one")
        partner.change("2", name="Mended")
        await partner.source.sync()

    assert (first.state, first.rows, first.rules) == ("TAKEN", 3, {"UNREADABLE": 2})
    assert (again.state, again.rules) == ("UNCHANGED", {"UNREADABLE": 2})
    assert shown == {"1": "Service 1", "2": "UNREADABLE", "3": "Service 3"}
    assert await kept(database) == {"1": "Service 1", "2": "Mended", "3": "UNREADABLE"}
    assert {row["service_id"] for row in await places(database)} == {"1", "2"}


async def test_a_place_that_one_service_withholds_is_told_by_no_other(database: AsyncEngine) -> None:
    house = at("refuge", 40.5, -75.5)
    async with directory(database, service("pantry", house), service("open")) as partner:
        await partner.source.sync()
        partner.services.all.append(service("shelter", house, terms=(SHELTER,)))
        partner.now += timedelta(hours=1)
        await partner.source.sync()
        rows = {row["service_id"]: row for row in await places(database)}
        assert [rows[one]["withheld"] for one in ("open", "pantry", "shelter")] == [False, True, True]
        for one in ("pantry", "shelter"):
            told = {name for name, value in rows[one].items() if value not in (None, [], True)}
            assert told == {"id", "service", "service_id", "connector", "location_id"}

        partner.change("pantry", name="Renamed")
        partner.now += timedelta(hours=1)
        await partner.source.sync()
        assert {row["withheld"] for row in await places(database) if row["location_id"] == "refuge"} == {True}

        partner.change("shelter", attributes=[])
        partner.now += FULL_EVERY
        await partner.source.sync()
        assert {row["latitude"] for row in await places(database)} == {40.0, 40.5}


async def test_zones_that_postgresql_does_not_know_are_never_asked_of_it(database: AsyncEngine) -> None:
    zones = ("America/Chicago", "Not/AZone", None)
    services = (
        service(str(number), schedules=[weekly("MO", "09:00", "10:00", timezone=zone)])
        for number, zone in enumerate(zones)
    )
    async with directory(database, *services) as partner:
        await partner.source.sync()

    async with database.connect() as connection:
        kept_zones = (await connection.scalars(select(directory_schedule.c.zone))).all()
    assert sorted(filter(None, kept_zones)) == ["America/Chicago"]
    assert len(kept_zones) == 3


async def test_a_directory_that_nests_nothing_in_lists_is_asked_for_each(database: AsyncEngine) -> None:
    flat = Services([service("1"), service("a/b?c")])
    whole = application(flat)

    async def without_full(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "query_string": scope["query_string"].replace(b"full=true", b"full=no")}
        await whole(scope, receive, send)

    flat.all[1] = service("with space")
    async with running(without_full) as address:
        manifest = manifest_of("hsds")
        source = build(manifest, read_config("hsds", manifest.config, {"base_url": address}, {}), database)
        await source.sync()
        await source.aclose()

    assert {row["address_1"] for row in await places(database)} == {"L1 Street", "Lwith space Street"}


async def test_a_directory_of_hsds_2_that_only_knows_pages_by_number_is_read(database: AsyncEngine) -> None:
    old = {"totalElements": 1, "totalPages": 1, "number": 1, "last": True, "content": [service("1")]}
    async with Wire(answer(json.dumps(old))).serving() as address:
        manifest = manifest_of("hsds")
        source = build(manifest, read_config("hsds", manifest.config, {"base_url": address}, {}), database)
        assert (await source.sync()).state == "TAKEN"
        await source.aclose()


async def test_paging_ends_where_a_page_repeats_for_ever(database: AsyncEngine) -> None:
    same = {"contents": [service("1"), service("2")]}
    async with Wire(answer(json.dumps(same))).serving() as address:
        manifest = manifest_of("hsds")
        source = build(manifest, read_config("hsds", manifest.config, {"base_url": address}, {}), database)
        synced = await source.sync()
        await source.aclose()

    assert (synced.state, synced.rows) == ("TAKEN", 2)


CODES = {
    "error": FailureCode.UNAVAILABLE,
    "html": FailureCode.BAD_DATA,
    "errorbody": FailureCode.BAD_DATA,
    "garbled": FailureCode.BAD_DATA,
    "cut": FailureCode.UNAVAILABLE,
    "reset": FailureCode.UNAVAILABLE,
    "retryafter": FailureCode.RATE_LIMITED,
    "redirect": FailureCode.CONFIG,
}
PASSING = (FailureCode.UNAVAILABLE, FailureCode.RATE_LIMITED)


# What only ends with the deadline is the same client as everywhere: tests/connectors/test_faults.py.
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("slow", "drip", "timeout")])
async def test_a_fault_while_reading_leaves_what_was_there(kind: str, database: AsyncEngine) -> None:
    async with directory(database, *(service(str(number)) for number in range(5))) as partner:
        await partner.source.sync()
        before = await kept(database), await _pull(database)
        for one in partner.services.all:
            partner.change(str(one["id"]), name="Changed")
        asked = 0

        def after_two_pages() -> None:
            nonlocal asked
            asked += 1
            if asked == 2:
                partner.faulty.faults = parse_faults(kind)

        partner.services.after_page = after_two_pages
        synced = await Runtime().sync(partner.source)

    code = CODES[kind]
    assert synced == Failed(code, retryable=code in PASSING)
    assert (await kept(database), await _pull(database)) == before


async def test_a_fault_while_writing_leaves_what_was_there(
    database: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with directory(database, service("1"), service("2")) as partner:
        await partner.source.sync()
        before = await kept(database), await places(database), await _pull(database)
        partner.change("1", name="Changed")
        partner.remove("2")

        async def broken(*_: Any) -> None:
            raise SourceFailed("hsds", FailureCode.UNAVAILABLE)

        monkeypatch.setattr(landing, "remember", broken)
        with pytest.raises(SourceFailed):
            await partner.source.sync()

    assert (await kept(database), await places(database), await _pull(database)) == before


async def test_two_hubs_at_once_take_a_directory_once(database: AsyncEngine) -> None:
    async with directory(database, service("1"), service("2")) as partner:
        synced = await asyncio.gather(*(partner.source.sync() for _ in range(2)))

    assert sorted(one.state for one in synced) == ["SUPERSEDED", "TAKEN"]


async def test_a_directory_has_nothing_to_say_of_anybody(database: AsyncEngine) -> None:
    async with directory(database, service("1")) as partner:
        source = partner.source
        request: FetchRequest = ask(
            Subject("p", ("1",)), noun="ServiceListing", fields=source.offers["ServiceListing"].fields
        )
        outcomes = await Runtime().fetch(source, request)
        with pytest.raises(SourceFailed) as failed:
            await source.find(Subject("p"), soon())

    assert outcomes == {"p": Failed(FailureCode.NOT_SUPPORTED)}
    assert failed.value.code is FailureCode.NOT_SUPPORTED


async def test_a_key_is_shown_where_there_is_one(database: AsyncEngine) -> None:
    async with running(application(Services([service("1")]), "k")) as address:
        manifest = manifest_of("hsds")
        outcomes = []
        for given in ({}, {"api_key": "env:K"}):
            config = read_config("hsds", manifest.config, {"base_url": address, **given}, {"K": "k"})
            source = build(manifest, config, database)
            outcomes.append(await Runtime().check(source, soon()))
            await source.aclose()

    assert outcomes == [Failed(FailureCode.AUTH), None]


async def test_errors_in_the_samples_have_their_code(database: AsyncEngine) -> None:
    sample = SAMPLES["error"]
    async with Wire(answer(json.dumps(sample["body"]), f"{sample['status']} Sample")).serving() as address:
        manifest = manifest_of("hsds")
        source = build(manifest, read_config("hsds", manifest.config, {"base_url": address}, {}), database)
        assert await Runtime().sync(source) == Failed(FailureCode(sample["expect"]))
        await source.aclose()


@pytest.mark.parametrize("given", [{"per_page": 0}, {"per_page": 2000}, {"smallest_share": 101}])
def test_settings_beyond_reason_are_refused(given: dict[str, int], database: AsyncEngine) -> None:
    manifest = manifest_of("hsds")
    config = read_config("hsds", manifest.config, {"base_url": "https://d.example", **given}, {})
    with pytest.raises(InputRefused, match="per_page"):
        build(manifest, config, database)


async def test_the_stand_in_answers_as_the_guide_says(reference: Any) -> None:
    guide = json.loads((reference("hsds-3.0") / "openapi.json").read_text())
    page = guide["components"]["schemas"]["Page"]["properties"]
    kinds = {"integer": int, "boolean": bool}
    parameters = {one["$ref"].rsplit("/", 1)[1] for one in guide["paths"]["/services"]["get"]["parameters"]}
    assert {"page", "per_page", "full", "minimal", "modified_after"} <= parameters

    async with running(application(Services([service("1"), service("2")]))) as address:
        http = Http("hsds", address, manifest_of("hsds").limits, Fixed({}))
        answers: list[Any] = [
            await http.send("GET", f"/services?{asked}", deadline=soon(), idempotent=True)
            for asked in ("per_page=1", "page=2&per_page=1", "page=9", "minimal=true", "full=true")
        ]
        about: Any = await http.send("GET", "/", deadline=soon(), idempotent=True)
        await http.aclose()

    assert about.keys() == {"version", "profile", "openapi_url"}
    for told in answers:
        assert told.keys() == page.keys() | {"contents"}
        assert all(isinstance(told[name], kinds[kind["type"]]) for name, kind in page.items())
    assert [told["last_page"] for told in answers] == [False, True, True, True, True]
    assert answers[3]["contents"][0] == {"id": "1", "modified_date": CHANGED.isoformat()}
    assert "service_at_locations" in answers[4]["contents"][0]


async def test_the_command_serves_its_file(tmp_path: Path, database: AsyncEngine) -> None:
    data = tmp_path / "services.json"
    data.write_text(json.dumps({"services": [service("1")]}))
    async with started("connectors.hsds.standin", "--data", data) as (_, ready):
        manifest = manifest_of("hsds")
        address = f"http://127.0.0.1:{ready.split()[-1]}"
        source = build(manifest, read_config("hsds", manifest.config, {"base_url": address}, {}), database)
        synced = await source.sync()
        await source.aclose()

    assert (synced.state, synced.rows) == ("TAKEN", 1)


async def test_reading_again_costs_as_much_for_many_as_for_few(database: AsyncEngine) -> None:
    asked = []
    for many in (3, 40):
        async with directory(
            database, *(service(str(n)) for n in range(many)), smallest_share=0, per_page=50
        ) as partner:
            await partner.source.sync()
            count = 0

            def counted() -> None:
                nonlocal count
                count += 1

            partner.services.after_page = counted
            await partner.source.sync()
            asked.append(count)
    assert asked == [2, 2]
    async with database.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(directory_pull)) == 1
