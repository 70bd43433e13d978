"""What a client agreed to is read back by those who recorded it and those it names, and by nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from auth.categories import Category
from auth.consent import Effect
from auth.grants import revoke
from auth.viewer import Role
from hmis.labels import Label
from tests.worlds import NOW, World

GRANTS = """query($id: ID!) { client(id: $id) {
  grants { state effect recipients group communityWide labels sources person } } }"""


async def three_agencies(world: World) -> str:
    """Ada is known to A and to B; C knows nobody."""
    for name in "ABC":
        await world.organization(name)
    ada = await world.client("ada", dob=date(1980, 5, 1))
    await world.stay("s1", "ada", "A-p")
    await world.stay("s2", "ada", "B-p")
    return str(ada)


async def read(world: World, agency: str, client: str, role: Role = Role.CASE_MANAGER) -> Any:
    answer = await world.ask(world.viewer(agency, role), GRANTS, id=client)
    assert answer.errors == ()
    return answer.data["client"]["grants"]


async def test_an_agency_reads_its_grants_with_recipients_by_name(world: World) -> None:
    ada = await three_agencies(world)
    await world.grant("ada", "C", "B", labels=Label.SUD, sources=(world.sources["demo"],))
    assert await read(world, "A", ada) == [
        {
            "state": "ACTIVE",
            "effect": "PERMIT",
            "recipients": ["Agency B", "Agency C"],
            "group": None,
            "communityWide": False,
            "labels": ["SUD"],
            "sources": ["demo"],
            "person": None,
        }
    ]


async def test_another_agency_reads_what_names_it_and_of_the_recipients_itself_alone(world: World) -> None:
    ada = await three_agencies(world)  # `world.grant` records at A
    await world.grant("ada", "C", "B")
    await world.grant("ada", "C")
    await world.grant("ada", "B", subject="somebody else")
    assert [row["recipients"] for row in await read(world, "B", ada)] == [["Agency B"]]
    assert len(await read(world, "A", ada)) == 3


async def test_a_grant_between_others_leaves_no_trace(world: World) -> None:
    ada = await three_agencies(world)
    before = await world.ask(world.viewer("B"), GRANTS, id=ada)
    await world.grant("ada", "C")
    after = await world.ask(world.viewer("B"), GRANTS, id=ada)
    assert (before.data, before.withheld) == (after.data, after.withheld)
    assert after.data["client"]["grants"] == []


async def test_who_entered_no_record_of_a_client_reads_no_grant(world: World) -> None:
    ada = await three_agencies(world)
    await world.grant("ada", "C")
    assert await read(world, "C", ada) is None


async def test_without_the_scope_no_grant_is_read(world: World) -> None:
    ada = await three_agencies(world)
    await world.grant("ada", "C")
    assert await read(world, "A", ada, Role.DASHBOARD) is None


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "ACTIVE"),
        ({"start": date(2026, 7, 1)}, "UPCOMING"),
        ({"end": date(2026, 6, 30)}, "ENDED"),
        ({"end": date(2026, 7, 1)}, "ACTIVE"),
        ({"provisional_until": date(2026, 6, 30)}, "LAPSED"),
        ({"signed_by_client": False}, "LAPSED"),
        ({"signed_by_client": False, "effect": Effect.DENY}, "ACTIVE"),
    ],
)
async def test_what_became_of_a_grant_is_said_in_a_word(
    world: World, more: dict[str, Any], state: str
) -> None:
    ada = await three_agencies(world)
    await world.grant("ada", "C", **more)
    assert [row["state"] for row in await read(world, "A", ada)] == [state]


async def test_a_revoked_grant_is_still_read(world: World) -> None:
    ada = await three_agencies(world)
    grant = await world.grant("ada", "C", end=date(2026, 6, 1))
    async with world.engine.begin() as connection:
        await revoke(connection, world.viewer("A"), UUID(str(grant)), "asked to stop", NOW)
    assert [row["state"] for row in await read(world, "A", ada)] == ["REVOKED"]


async def test_a_living_group_is_read_with_its_members_of_today(world: World) -> None:
    ada = await three_agencies(world)
    group = await world.group("region", "B", "C")
    await world.grant("ada", group=group)
    (ours,), (theirs,) = await read(world, "A", ada), await read(world, "B", ada)
    assert (ours["group"], ours["recipients"]) == ("region", ["Agency B", "Agency C"])
    assert (theirs["group"], theirs["recipients"]) == ("region", ["Agency B"])


async def test_reading_grants_is_audited_as_a_use_of_own_records(world: World) -> None:
    ada = await three_agencies(world)
    await world.grant("ada", "C")
    answer = await world.ask(world.viewer("A"), GRANTS, id=ada)
    (shown,) = answer.request.trail.subjects.values()
    assert shown.disclosed == Category.EXISTENCE
    assert shown.shared == Category(0)
