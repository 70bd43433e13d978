"""From a need to services near: what a case manager finds, and what nobody finds out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from connectors.hsds.kit import SHELTER, SYNCED, at, directory, service, weekly
from tests.journeys.conftest import Hub
from tests.worlds import NOW, World

NEAR = """query($near: PointInput!, $open: DateTime, $category: ServiceCategory) {
  services(near: $near, withinKm: 20, category: $category, openAt: $open) {
    nodes {
      name organization categories distanceKm eligibility minimumAge languages url assuredOn addressWithheld
      address { place line1 city state postalCode latitude longitude }
      phones { number kind } schedules { words frequency days opens closes }
      isOpen(at: $open) provenance { source { id name } reference via asOf stale }
    }
    pageInfo { hasNextPage }
  } }"""
DOWNTOWN = {"latitude": 40.0, "longitude": -75.0}
TUESDAY_TEN = "2026-06-30T10:00:00-04:00"
HOURS = weekly("TU,TH", "09:00", "12:30", timezone="America/New_York")
PANTRY = service(
    "pantry",
    at("hall", 40.01, -75.0, schedules=[HOURS]),
    eligibility_description="Anybody in town",
    minimum_age=18,
    languages=[{"id": "g", "name": "Spanish", "code": "es"}],
    phones=[{"id": "p", "number": "555-0100", "type": "voice"}],
    url="https://pantry.example.org",
    assured_date="2026-05-04",
)
FAR = service("far", at("edge", 41.0, -75.0))
CLOSED = service("closed", at("mill", 40.02, -75.0), status="inactive")
REFUGE = service("refuge", at("house", 40.0, -75.0), terms=(SHELTER,), phones=[{"number": "555-0101"}])
HOTLINE = service("line", terms=(("BD-5000", "Food helpline"),), service_at_locations=[])


@asynccontextmanager
async def a_directory(world: World, *services: dict[str, Any]) -> AsyncIterator[None]:
    """The community has an agency, and this directory is switched on and read."""
    await world.organization("A")
    async with directory(world.engine, *services) as partner:
        await partner.source.sync()
        world.partners["hsds"] = partner.source
        yield


async def names(world: World, arguments: str, **variables: Any) -> list[str]:
    document = f"query($after: String) {{ services({arguments}, after: $after) {{ nodes {{ name }} }} }}"
    answer = await world.ask(world.viewer("A"), document, **variables)
    assert answer.errors == ()
    return [str(node["name"]).removeprefix("Service ") for node in answer.data["services"]["nodes"]]


async def test_a_case_manager_finds_food_near_that_is_open(world: World) -> None:
    async with a_directory(world, PANTRY, FAR, CLOSED, REFUGE, HOTLINE):
        answer = await world.ask(world.viewer("A"), NEAR, near=DOWNTOWN, open=TUESDAY_TEN, category="FOOD")

    assert answer.errors == ()
    assert answer.data == {
        "services": {
            "nodes": [
                {
                    "name": "Service pantry",
                    "organization": "Example Organization",
                    "categories": ["FOOD"],
                    "distanceKm": 1.11,
                    "eligibility": "Anybody in town",
                    "minimumAge": 18,
                    "languages": ["Spanish"],
                    "url": "https://pantry.example.org",
                    "assuredOn": "2026-05-04",
                    "addressWithheld": False,
                    "address": {
                        "place": "House hall",
                        "line1": "hall Street",
                        "city": "Springfield",
                        "state": "IL",
                        "postalCode": "62701",
                        "latitude": 40.01,
                        "longitude": -75.0,
                    },
                    "phones": [{"number": "555-0100", "kind": "voice"}],
                    "schedules": [
                        {
                            "words": "Tue, Thu 09:00–12:30",
                            "frequency": "WEEKLY",
                            "days": ["TU", "TH"],
                            "opens": "09:00:00",
                            "closes": "12:30:00",
                        }
                    ],
                    "isOpen": True,
                    "provenance": {
                        "source": {"id": "hsds", "name": "Example 211 Directory"},
                        "reference": "pantry",
                        "via": "LANDING",
                        "asOf": "2026-06-01T12:00:00+00:00",
                        "stale": False,
                    },
                }
            ],
            "pageInfo": {"hasNextPage": False},
        }
    }


@pytest.mark.parametrize(
    "near", [DOWNTOWN, {"latitude": 40.01, "longitude": -75.0}, {"latitude": -33.0, "longitude": 151.0}]
)
async def test_a_refuge_is_listed_alike_wherever_one_asks_from(world: World, near: dict[str, float]) -> None:
    async with a_directory(world, PANTRY, REFUGE, HOTLINE):
        answer = await world.ask(world.viewer("A"), NEAR, near=near)

    nodes = answer.data["services"]["nodes"]
    nowhere = [node for node in nodes if node["distanceKm"] is None]
    assert {node["name"] for node in nowhere} == {"Service refuge", "Service line"}
    assert nodes[len(nodes) - 2 :] == nowhere, "behind everything whose distance is told"
    (refuge,) = (node for node in nowhere if node["name"] == "Service refuge")
    assert (refuge["addressWithheld"], refuge["address"]) == (True, None)
    assert refuge["phones"] == [{"number": "555-0101", "kind": None}]
    assert "house" not in repr(refuge)


async def test_no_town_and_no_word_leads_to_a_refuge(world: World) -> None:
    async with a_directory(world, PANTRY, REFUGE):
        in_town = await names(world, 'place: "Springfield"')
        in_another = await names(world, 'place: "Nowhere"')
        by_zip = await names(world, 'place: "62701", category: DV')
        by_other_zip = await names(world, 'place: "99999", category: DV')
        by_street = await names(world, 'text: "house Street"')

    assert in_town == ["pantry", "refuge"]
    assert in_another == by_zip == by_other_zip == ["refuge"]
    assert by_street == []


async def test_town_zip_words_and_category_each_narrow_the_list(world: World) -> None:
    elsewhere = at("x", 42.0, -70.0, location={"addresses": [{"address_1": "1", "city": "Boston"}]})
    legal = service("legal", elsewhere, terms=(("FT-1000", "Legal Aid"),), description="Evictions stopped")
    async with a_directory(world, PANTRY, legal):
        assert await names(world, 'place: "springfield, il"') == ["pantry"]
        assert await names(world, 'place: "Springfield, MA"') == []
        assert await names(world, 'place: "62701-0001"') == ["pantry"]
        assert await names(world, 'place: "BOSTON"') == ["legal"]
        assert await names(world, 'text: "eviction"') == ["legal"]
        assert await names(world, 'text: "legal or food"') == sorted(
            ["legal", "pantry"], key=(await names(world, "first: 9")).index
        )
        assert await names(world, "category: LEGAL") == ["legal"]
        assert await names(world, "category: HEALTH") == []


async def test_only_whoever_may_ask_at_all_is_answered(world: World) -> None:
    async with a_directory(world, PANTRY):
        nobody = await world.ask(None, NEAR, near=DOWNTOWN)
        somebody = await world.ask(world.viewer("A"), NEAR, near=DOWNTOWN)

    assert nobody.data == {"services": {"nodes": [], "pageInfo": {"hasNextPage": False}}}
    assert len(somebody.data["services"]["nodes"]) == 1
    assert not somebody.request.trail.about_people


async def test_a_directory_that_is_switched_off_is_not_shown(world: World) -> None:
    async with a_directory(world, PANTRY):
        del world.partners["hsds"]
        assert await names(world, "first: 9") == []


async def test_a_directory_that_was_not_read_for_two_days_says_so(world: World) -> None:
    document = "{ services { nodes { provenance { stale retrievedAt } } } }"
    async with a_directory(world, PANTRY):
        fresh = await world.ask(world.viewer("A"), document, now=SYNCED + timedelta(hours=47))
        old = await world.ask(world.viewer("A"), document, now=SYNCED + timedelta(hours=49))

    told = [one.data["services"]["nodes"][0]["provenance"] for one in (fresh, old)]
    assert [one["stale"] for one in told] == [False, True]
    assert told[0]["retrievedAt"] == SYNCED.isoformat()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('near: {latitude: 1, longitude: 1}, place: "x"', "near or place"),
        ("near: {latitude: 91, longitude: 1}", "latitude"),
        ("near: {latitude: 1, longitude: 1}, withinKm: 0", "withinKm"),
        ("near: {latitude: 1, longitude: 1}, withinKm: 501", "withinKm"),
        ('place: " "', "place"),
        ('text: " "', "text"),
        ("first: 101", "first"),
        ('after: "x"', "cursor"),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, arguments: str, message: str) -> None:
    async with a_directory(world, PANTRY):
        answer = await world.ask(world.viewer("A"), f"{{ services({arguments}) {{ nodes {{ name }} }} }}")

    assert message in answer.errors[0].message


async def test_over_http_a_place_without_a_zone_keeps_the_communitys_time(hub: Hub, world: World) -> None:
    """The community's zone is New York, where it is noon at 16:00 UTC."""
    noon = service("noon", at("L", schedules=[weekly("TU", "12:00", "13:00")]))
    night = service("night", at("L", schedules=[weekly("TU", "16:00", "17:00")]))
    document = "query($at: DateTime) { services(openAt: $at) { nodes { name isOpen } } }"
    async with a_directory(world, noon, night):
        hub.partner(world.partners["hsds"])
        token = await hub.joins("somebody", "A")
        now = await hub.ask(token, document, at=NOW.isoformat())
        on_the_wall = await hub.ask(token, document, at="2026-06-30T16:30:00")

    assert now.json() == {"data": {"services": {"nodes": [{"name": "Service noon", "isOpen": True}]}}}
    assert on_the_wall.json()["data"]["services"]["nodes"] == [{"name": "Service night", "isOpen": False}]
