"""Where the list is cut, in which order, and what it costs; distances and hours by Python's own reckoning."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.hsds import landing
from connectors.hsds.kit import SYNCED, at, service, weekly
from connectors.hsds.landing import Pull
from connectors.hsds.mapping import Reader
from connectors.memory import MemorySource
from hmis.opening import is_open
from hmis.tables.directory import directory_location
from resolvers.service_directory import ListingRow, Sought, services
from tests.conftest import Statements
from tests.connectors.partners import manifest_of
from tests.worlds import World

READER = Reader(manifest_of("hsds"))


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    world = World(database)
    await world.organization("A")
    source = MemorySource({}, name="hsds", noun="ServiceListing", category="public")
    world.partners["hsds"] = source
    return world


async def landed(world: World, *records: dict[str, Any]) -> None:
    async with world.engine.begin() as connection:
        await landing.write(connection, "hsds", [READER.service(record) for record in records], ())
        await landing.remember(connection, "hsds", Pull(SYNCED, SYNCED, None, len(records), 0))


async def listed(world: World, sought: Sought, first: int = 100) -> list[ListingRow]:
    """Every page of the list, one after the other."""
    found: list[ListingRow] = []
    after = None
    for _ in range(1_000):
        page = await services(world.request(world.viewer("A")), sought, first, after)
        found += page.rows
        if not page.has_next:
            return found
        after = page.end_cursor
    raise AssertionError("the list does not end")


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    north, east = math.radians(other[0] - one[0]), math.radians(other[1] - one[1])
    across = math.cos(math.radians(one[0])) * math.cos(math.radians(other[0])) * math.sin(east / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, math.sin(north / 2) ** 2 + across)))


@pytest.mark.parametrize(
    "near",
    [(40.0, -75.0), (0.0, 0.1), (-17.0, 179.95), (52.0, -179.9), (89.5, 10.0), (-89.9, 0.0), (90.0, 0.0)],
)
async def test_exactly_what_lies_within_the_circle_is_found_nearest_first(
    world: World, near: tuple[float, float]
) -> None:
    rolls = Random(repr(near))
    points = []
    for _ in range(150):
        latitude = max(-90.0, min(90.0, near[0] + rolls.gauss(0, 0.6)))
        longitude = (near[1] + rolls.gauss(0, 0.8 if abs(near[0]) < 80 else 90) + 540) % 360 - 180
        points.append((latitude, longitude))
    await landed(world, *(service(str(n), at(f"L{n}", *point)) for n, point in enumerate(points)))

    found = await listed(world, Sought(near=near, within_km=60), first=7)

    distances = {str(number): haversine(near, point) for number, point in enumerate(points)}
    expected = {number for number, distance in distances.items() if distance <= 60}
    assert {row.row.reference for row in found} == expected
    assert len(found) == len(expected)
    assert expected, "the test has something to find"
    told = [row.distance_km for row in found]
    assert told == sorted(told, key=lambda distance: distance or 0)
    assert all(abs((row.distance_km or 0) - distances[row.row.reference]) < 0.02 for row in found)


async def test_pages_of_any_size_hold_everything_once_in_one_order(world: World) -> None:
    """Many at one point, some nowhere: the order is decided by ids where distances are the same."""
    records = [service(str(number), at(f"L{number % 3}", 40.0 + number % 4 / 100)) for number in range(25)]
    records += [service(f"n{number}", service_at_locations=[]) for number in range(7)]
    await landed(world, *records)
    for sought in (Sought(near=(40.0, -75.0)), Sought(), Sought(place="Springfield")):
        whole = [row.values["id"] for row in await listed(world, sought)]
        assert len(set(whole)) == len(whole) == 32
        for first in (1, 4, 25):
            assert [row.values["id"] for row in await listed(world, sought, first)] == whole


async def test_a_page_goes_on_where_it_ended_while_services_come_and_go(world: World) -> None:
    await landed(world, *(service(str(number), at(f"L{number}", 40.0 + number / 100)) for number in range(6)))
    request = world.request(world.viewer("A"))
    sought = Sought(near=(40.0, -75.0))
    first = await services(request, sought, 3, None)

    async with world.engine.begin() as connection:
        await landing.write(connection, "hsds", [READER.service(service("new", at("Ln", 40.001)))], ("1",))
    second = await services(request, sought, 3, first.end_cursor)

    assert [row.row.reference for row in (*first.rows, *second.rows)] == ["0", "1", "2", "3", "4", "5"]


RULES: list[dict[str, Any]] = [
    weekly("MO,TU,WE,TH,FR", "09:00", "17:00"),
    weekly("SA", "22:00", "06:00", timezone="America/Chicago"),
    weekly("SU,MO", "00:00", "24:00", timezone="Asia/Tokyo"),
    weekly("TU", "09:00", "10:00", timezone=-8),
    weekly("TU", "23:30-04:00", "00:30-04:00"),
    weekly("1MO,3MO", "10:00", "12:00", freq="MONTHLY"),
    weekly("WE", "10:00", "12:00", interval=2, dtstart="2026-06-03"),
    weekly("", "08:00", "09:00", freq="DAILY", valid_from="2026-06-10", valid_to="2026-06-20"),
    weekly("MO", "18:00", "02:00", valid_to="2026-06-15"),
    weekly("", "08:00", "20:00", freq=None, dtstart="2026-06-21"),
    weekly("FR", "08:00", "20:00", timezone="Not/AZone"),
    weekly("", "08:00", "09:00", freq="DAILY", count=3, dtstart="2026-06-14"),
]


async def test_who_is_open_is_found_at_every_hour_and_nobody_else(world: World) -> None:
    records = [service(str(n), at(f"L{n}", schedules=[rule])) for n, rule in enumerate(RULES)]
    await landed(world, *records, service("unsaid"))
    everybody = await listed(world, Sought())
    moment = datetime(2026, 6, 13, 0, 15, tzinfo=UTC)
    seen: set[str] = set()
    while moment < datetime(2026, 6, 23, tzinfo=UTC):
        found = {row.row.reference for row in await listed(world, Sought(open_at=moment))}
        assert found == {row.row.reference for row in everybody if is_open(row.openings, moment, UTC)}
        seen |= found
        moment += timedelta(hours=1)
    assert seen == {str(number) for number in range(len(RULES))}, "each rule was met"


async def test_a_rule_that_only_some_weeks_fit_costs_no_place_on_the_page(world: World) -> None:
    monthly = weekly("2TU", "09:00", "17:00", freq="MONTHLY")
    records = [service(f"m{n}", at(f"M{n}", schedules=[monthly])) for n in range(210)]
    records += [service(f"w{n}", at(f"W{n}", schedules=[weekly("TU", "09:00", "17:00")])) for n in range(5)]
    await landed(world, *records)

    found = await listed(world, Sought(open_at=datetime(2026, 6, 16, 12, tzinfo=UTC)), first=2)

    assert sorted(row.row.reference for row in found) == [f"w{number}" for number in range(5)]


async def test_one_page_is_one_statement(world: World, statements: Statements) -> None:
    await landed(world, *(service(str(number)) for number in range(30)))
    statements.forget()
    await services(world.request(world.viewer("A")), Sought(near=(40.0, -75.0)), 10, None)
    assert statements.count == 1


@pytest.mark.parametrize(
    ("sought", "index"),
    [
        (Sought(near=(40.0, -75.0), within_km=5), "ix_directory_location_point"),
        (Sought(place="62701"), "ix_directory_location_zip"),
        (Sought(place="Springfield"), "ix_directory_location_city"),
        (Sought(text="unusual"), "ix_directory_service_search"),
        (Sought(), "pk_directory_location"),
    ],
)
async def test_what_is_read_does_not_grow_with_the_directory(
    world: World, statements: Statements, sought: Sought, index: str
) -> None:
    await landed(world, *(service(str(number), at(f"L{number}")) for number in range(4_000)))
    async with world.engine.begin() as connection:
        spread = {
            "latitude": text("25 + 23 * random()"),
            "longitude": text("-125 + 55 * random()"),
            "city": text("'Town ' || (random() * 2000)::int"),
            "postal_code": text("lpad((random() * 99999)::int::text, 5, '0')"),
        }
        await connection.execute(update(directory_location).values(**spread))
        await connection.execute(text("analyze directory_location, directory_service"))
    plans = await _plans(world, statements, sought)
    assert index in plans
    assert "Seq Scan on directory_location" not in plans
    assert "Seq Scan on directory_service" not in plans


async def _plans(world: World, statements: Statements, sought: Sought) -> str:
    """How PostgreSQL runs the list's statement, for whatever values: as the reader has it run."""
    statements.forget()
    await services(world.request(world.viewer("A")), sought, 25, None)
    (asked,) = statements.texts
    async with world.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        prepared = f"prepare listing as {asked}"
        await raw.execute(prepared)
        try:
            nulls = ", ".join(["null"] * len(set(re.findall(r"\$\d+", asked))))
            await raw.execute("set plan_cache_mode = force_generic_plan")
            return "\n".join(row[0] for row in await raw.fetch(f"explain execute listing({nulls})"))
        finally:
            await raw.execute("reset plan_cache_mode; deallocate listing")
