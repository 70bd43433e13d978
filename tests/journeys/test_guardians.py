"""For a minor somebody signs who may; when they may no longer, what they signed is dead."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from auth.viewer import Role
from hmis.tables import consent_grant, guardian, guardian_bar
from tests.worlds import World

CLIENT = "query($id: ID!) { client(id: $id) { name { last } } }"
RECORD = """mutation($input: GuardianInput!) { guardianRecord(input: $input) {
  guardian { id authority start end barredAt } problems { code path } } }"""
BAR = """mutation($id: ID!, $reason: String!) { guardianBar(id: $id, reason: $reason) {
  guardian { barredAt } problems { code path } } }"""
GRANT = """mutation($input: ConsentGrantInput!) { consentGrant(input: $input) {
  grant { id guardian state } problems { code path } } }"""
NOBODY = "00000000-0000-0000-0000-000000000000"


async def a_child(world: World) -> str:
    """Kit, sixteen, who stayed at A; agency B."""
    await world.organization("A")
    await world.organization("B")
    kit = await world.client("kit", last_name="Rowe", dob=date(2010, 3, 1))
    await world.stay("s1", "kit", "A-p")
    return str(kit)


def parent(client: str, **changes: Any) -> dict[str, Any]:
    said = {"client": client, "adult": "file 7", "authority": "PARENT", "start": "2020-01-01"}
    return {**said, **changes}


def release(client: str, **changes: Any) -> dict[str, Any]:
    return {
        "client": client,
        "categories": ["NAME"],
        "recipients": {"organizations": ["B"], "source": "demo"},
        "purposes": ["CARE_COORDINATION"],
        "start": "2026-01-01",
        "method": "VERBAL",
        **changes,
    }


async def ask(world: World, document: str, agency: str = "A", **variables: Any) -> Any:
    answer = await world.ask(world.viewer(agency), document, **variables)
    assert answer.errors == ()
    (payload,) = answer.data.values()
    return payload


async def written(world: World) -> tuple[int, int, int]:
    async with world.engine.connect() as connection:
        counts = [
            await connection.scalar(select(func.count()).select_from(table))
            for table in (guardian, guardian_bar, consent_grant)
        ]
    return counts[0] or 0, counts[1] or 0, counts[2] or 0


async def test_a_guardians_release_opens_and_is_dead_once_they_are_barred(world: World) -> None:
    kit = await a_child(world)
    recorded = await ask(world, RECORD, input=parent(kit))
    assert recorded["problems"] == []
    adult = recorded["guardian"]["id"]
    granted = await ask(world, GRANT, input=release(kit, guardian=adult))
    assert granted["problems"] == []
    assert granted["grant"]["guardian"] == adult
    assert await ask(world, CLIENT, "B", id=kit) == {"name": {"last": "Rowe"}}

    barred = await ask(world, BAR, id=adult, reason="a court said so")
    assert barred["guardian"]["barredAt"].startswith("2026-06-30T16:00:00")
    assert await ask(world, CLIENT, "B", id=kit) is None
    again = await ask(world, GRANT, input=release(kit, guardian=adult))
    assert again["problems"] == [{"code": "NOT_ALLOWED", "path": ["input", "guardian"]}]
    assert await written(world) == (1, 1, 1)


async def test_a_child_alone_opens_nothing_until_a_guardian_signs_too(world: World) -> None:
    kit = await a_child(world)
    alone = await ask(world, GRANT, input=release(kit))
    assert alone["grant"]["state"] == "LAPSED"
    assert await ask(world, CLIENT, "B", id=kit) is None
    adult = (await ask(world, RECORD, input=parent(kit)))["guardian"]["id"]
    both = await ask(world, GRANT, input=release(kit, guardian=adult, signedByClient=True))
    assert both["grant"]["state"] == "ACTIVE"
    assert await ask(world, CLIENT, "B", id=kit) == {"name": {"last": "Rowe"}}


async def test_guardians_are_read_back_where_they_were_recorded_and_nowhere_else(world: World) -> None:
    kit = await a_child(world)
    asked = "query($id: ID!) { client(id: $id) { guardians { adult authority start end barredAt } } }"
    await ask(world, RECORD, input=parent(kit))
    adult = (await ask(world, RECORD, input=parent(kit, adult="file 8", end="2027-01-01")))["guardian"]["id"]
    await ask(world, BAR, id=adult, reason="a court said so")
    found = await ask(world, asked, id=kit)
    barred = {one["adult"]: one["barredAt"] is not None for one in found["guardians"]}
    assert barred == {"file 7": False, "file 8": True}
    await world.grant("kit", "B")
    await world.client("kit at B", person_of="kit")
    await world.stay("s2", "kit at B", "B-p")
    assert await ask(world, asked, "B", id=kit) == {"guardians": []}
    await world.organization("C")
    await world.grant("kit", "C", guardian=adult, signed_by_client=True)
    third = await world.ask(world.viewer("C"), asked, id=kit)
    assert third.data in ({"client": None}, {"client": {"guardians": None}})


async def test_another_childs_guardian_is_nobody(world: World) -> None:
    kit = await a_child(world)
    other = str(await world.client("other"))
    await world.stay("s2", "other", "A-p")
    adult = (await ask(world, RECORD, input=parent(other)))["guardian"]["id"]
    for identifier in (adult, NOBODY, "nonsense"):
        refused = await ask(world, GRANT, input=release(kit, guardian=identifier))
        assert refused["problems"] == [{"code": "NOT_FOUND", "path": ["input", "guardian"]}]
    assert await written(world) == (1, 0, 0)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"adult": "  "}, "REQUIRED", ["input", "adult"]),
        ({"end": "2020-01-01"}, "INVALID", ["input", "end"]),
    ],
)
async def test_a_guardian_who_cannot_be_recorded_comes_back_as_a_problem(
    world: World, changes: dict[str, Any], code: str, path: list[str]
) -> None:
    kit = await a_child(world)
    payload = await ask(world, RECORD, input=parent(kit, **changes))
    assert payload == {"guardian": None, "problems": [{"code": code, "path": path}]}
    assert await written(world) == (0, 0, 0)


async def test_a_hidden_and_an_unknown_child_look_the_same(world: World) -> None:
    kit = await a_child(world)
    answers = [await ask(world, RECORD, "B", input=parent(client)) for client in (kit, NOBODY, "nonsense")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["problems"][0]["code"] == "NOT_FOUND"
    adult = (await ask(world, RECORD, input=parent(kit)))["guardian"]["id"]
    bars = [await ask(world, BAR, "B", id=one, reason="why not") for one in (adult, NOBODY, "nonsense")]
    assert bars[0] == bars[1] == bars[2]
    assert await written(world) == (1, 0, 0)


async def test_barring_takes_a_reason_and_happens_once(world: World) -> None:
    kit = await a_child(world)
    adult = (await ask(world, RECORD, input=parent(kit)))["guardian"]["id"]
    assert (await ask(world, BAR, id=adult, reason=" "))["problems"][0]["code"] == "REQUIRED"
    assert await written(world) == (1, 0, 0)
    first = await ask(world, BAR, id=adult, reason="a court said so")
    assert await ask(world, BAR, id=adult, reason="again") == first
    assert await written(world) == (1, 1, 0)


async def test_a_dashboard_records_no_guardian(world: World) -> None:
    kit = await a_child(world)
    answer = await world.ask(world.viewer("A", Role.DASHBOARD), RECORD, input=parent(kit))
    assert answer.data["guardianRecord"]["problems"][0]["code"] == "FORBIDDEN"
    assert await written(world) == (0, 0, 0)
