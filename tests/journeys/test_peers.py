"""What another community recorded of a client reaches a viewer by a grant for partners' records alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from auth.categories import Category
from connectors.base import Person
from connectors.energy_drop.kit import DAY
from connectors.hmis_peer import kit as peers
from connectors.hmis_peer.kit import Neighbour, community, funder, left, neighbour, person, project, stay
from connectors.hmis_peer.standin import application
from connectors.kit.recording import running
from gateway.linking import Linking
from hmis.labels import Label
from hmis.tables import client_fact
from tests.worlds import World

PEERS = """query($id: ID!) { client(id: $id) { peerEnrollments {
  projectName projectType organizationName coc entryDate exitDate destination
  provenance { source { id } reference via asOf stale } } } }"""
SHARED = Category.EXISTENCE | Category.ENROLLMENT
CLEO = Person("Cleo", "Stone", peers.BEN.dob)
STAY = {
    "projectName": "Project P1",
    "projectType": "EMERGENCY_SHELTER_NIGHT_BY_NIGHT",
    "organizationName": "Organization O1",
    "coc": "MA-500",
    "entryDate": "2025-10-01",
    "exitDate": "2025-12-24",
    "destination": "RENTAL_WITHOUT_SUBSIDY",
    "provenance": {
        "source": {"id": "hmis-peer"},
        "reference": "C-1",
        "via": "LANDING",
        "asOf": f"{DAY.isoformat()}T00:00:00",
        "stale": False,
    },
}


@pytest.fixture
async def next_door(tmp_path: Path) -> AsyncIterator[Neighbour]:
    async with neighbour(tmp_path) as running_next_door:
        yield running_next_door


def rows_of_cleo(**more: list[dict[str, Any]]) -> peers.Rows:
    rows = community(**more)
    rows["Client"] = [person("C-1", CLEO)]
    rows["Enrollment"] = [stay("E-1", "C-1"), *more.get("Enrollment", [])]
    rows["Exit"] = [left("E-1", "C-1", "2025-12-24"), *more.get("Exit", [])]
    return rows


async def cleo_at_a(world: World) -> str:
    await world.organization("A")
    await world.organization("B")
    facts = {"name_data_quality": 1, "dob_data_quality": 1}
    cleo = await world.client("cleo", first_name="Cleo", last_name="Stone", dob=CLEO.dob, **facts)
    await world.stay("s", "cleo", "A-p")
    identifying = {"source_id": world.sources["demo"], "personal_id": "cleo", "method": "NAME_DOB"}
    await world._insert(client_fact, value=uuid4(), **identifying)
    return str(cleo)


async def joined(world: World, next_door: Neighbour, rows: peers.Rows, **changes: str | int) -> None:
    """The peer lays out its exchange, the hub takes it and links what it can."""
    next_door.lay_out(rows)
    source = next_door.source(world.engine, **changes)
    world.partners["hmis-peer"] = source
    assert (await source.sync()).state == "TAKEN"
    await Linking(world.engine).renew("hmis-peer")


async def seen(world: World, agency: str, cleo: str) -> Any:
    answer = await world.ask(world.viewer(agency), PEERS, id=cleo)
    assert answer.errors == ()
    return answer


async def test_an_own_record_alone_opens_nothing_that_a_peer_holds(
    world: World, next_door: Neighbour
) -> None:
    cleo = await cleo_at_a(world)
    await joined(world, next_door, rows_of_cleo())

    closed = await seen(world, "A", cleo)
    assert closed.data["client"] == {"peerEnrollments": None}
    assert closed.withheld == {("Client.peerEnrollments", "ENROLLMENT"): 1}

    await world.grant("cleo", "A", categories=SHARED, sources=(world.sources["demo"],))
    assert (await seen(world, "A", cleo)).data["client"] == {"peerEnrollments": None}

    await world.grant("cleo", "A", categories=SHARED)
    opened = await seen(world, "A", cleo)
    assert opened.data["client"] == {"peerEnrollments": [STAY]}
    assert opened.withheld == {}


async def test_a_stay_that_tells_of_hiv_is_there_for_those_who_may_know_and_not_at_all_for_others(
    world: World, next_door: Neighbour
) -> None:
    cleo = await cleo_at_a(world)
    rows = rows_of_cleo(
        Project=[project("P2")], Funder=[funder("F2", "P2", 13)], Enrollment=[stay("E-2", "C-1", "P2")]
    )
    await joined(world, next_door, rows)
    await world.grant("cleo", "A", categories=SHARED)
    without = await seen(world, "A", cleo)
    assert [one["projectName"] for one in without.data["client"]["peerEnrollments"]] == ["Project P1"]
    assert without.withheld == {}

    await world.grant("cleo", "A", categories=SHARED, labels=Label.HIV)
    names = {one["projectName"] for one in (await seen(world, "A", cleo)).data["client"]["peerEnrollments"]}
    assert names == {"Project P1", "Project P2"}


async def test_a_destination_that_tells_of_a_prison_is_hidden_by_itself(
    world: World, next_door: Neighbour
) -> None:
    cleo = await cleo_at_a(world)
    rows = rows_of_cleo()
    rows["Exit"] = [left("E-1", "C-1", "2025-12-24", 207)]
    await joined(world, next_door, rows)
    await world.grant("cleo", "A", categories=SHARED)
    without = await seen(world, "A", cleo)
    assert without.data["client"]["peerEnrollments"] == [{**STAY, "destination": None}]
    assert without.withheld == {}

    await world.grant("cleo", "A", categories=SHARED, labels=Label.JUSTICE)
    [told] = (await seen(world, "A", cleo)).data["client"]["peerEnrollments"]
    assert told["destination"] == "JAIL_PRISON_OR_JUVENILE_DETENTION"


async def test_a_shared_identifier_links_where_names_differ_and_only_where_it_was_agreed(
    world: World, next_door: Neighbour
) -> None:
    cleo = await cleo_at_a(world)
    await world.row("Export", "x", implementation_id="peer")
    await world.grant("cleo", "A", categories=SHARED)
    rows = rows_of_cleo()
    rows["Client"] = [person("cleo", Person("Chloe", "Stein", CLEO.dob))]
    rows["Enrollment"] = [stay("E-1", "cleo")]
    rows["Exit"] = []
    await joined(world, next_door, rows)
    assert (await seen(world, "A", cleo)).data["client"] == {"peerEnrollments": []}

    await joined(
        world, next_door, {**rows, "Exit": [left("E-1", "cleo", "2026-02-01")]}, implementation="peer"
    )
    [told] = (await seen(world, "A", cleo)).data["client"]["peerEnrollments"]
    assert told["exitDate"] == "2026-02-01"

    rows["Client"] = [person("cleo", Person("Chloe", "Stein", CLEO.dob.replace(year=1970)))]
    await joined(world, next_door, rows, implementation="peer")
    assert (await seen(world, "A", cleo)).data["client"] == {"peerEnrollments": []}


async def test_a_peer_with_huds_api_is_asked_only_when_the_client_agreed(world: World) -> None:
    cleo = await cleo_at_a(world)
    async with running(application(rows_of_cleo(), peers.CREDENTIALS)) as address:
        source = world.partners["hmis-peer"] = peers.api(address, world.engine)
        assert (await source.sync()).state == "TAKEN"
        assert (await seen(world, "A", cleo)).data["client"] == {"peerEnrollments": None}
        await world.grant("cleo", "A", categories=SHARED)

        [told] = (await seen(world, "A", cleo)).data["client"]["peerEnrollments"]

        await source.aclose()
    asked_live = {"via": "LIVE", "reference": "C-1", "source": {"id": "hmis-peer"}, "stale": False}
    assert {**told["provenance"], "asOf": None} == {**asked_live, "asOf": None}
    assert told == {**STAY, "destination": None, "provenance": told["provenance"]}
