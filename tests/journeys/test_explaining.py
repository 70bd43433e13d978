"""A privacy officer asks why somebody sees what they see, and is told of their own agency's records alone."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import Role
from hmis.tables import member
from tests.worlds import Answer, World

EXPLAIN = """query($client: ID!, $subject: String!) {
  explainAccess(client: $client, viewer: {subject: $subject}) {
    explanations { agency role purpose access { category granted basis grants } }
    problems { code path } } }"""


async def become_member(world: World, subject: str, agency: str, role: Role = Role.CASE_MANAGER) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(
            insert(member).values(
                issuer="https://id.example.org",
                subject=subject,
                agency_id=world.agencies[agency].id,
                role=role.value,
                valid_from=date(2020, 1, 1),
            )
        )


async def a_client(world: World) -> str:
    """Ada stayed at A; Mia works for B."""
    for name in "ABC":
        await world.organization(name)
    ada = await world.client("ada")
    await world.stay("s1", "ada", "A-p")
    await become_member(world, "mia", "B")
    return str(ada)


async def explain(
    world: World, client: str, subject: str = "mia", role: Role = Role.PRIVACY_OFFICER, agency: str = "A"
) -> Answer:
    answer = await world.ask(world.viewer(agency, role), EXPLAIN, client=client, subject=subject)
    assert answer.errors == ()
    return answer


def entries(answer: Answer) -> dict[str, Any]:
    (explanation,) = answer.data["explainAccess"]["explanations"]
    return {row["category"]: (row["granted"], row["basis"], row["grants"]) for row in explanation["access"]}


async def test_every_category_is_explained_with_its_grants(world: World) -> None:
    ada = await a_client(world)
    permit = str(await world.grant("ada", "B", categories=Category.EXISTENCE | Category.NAME | Category.DOB))
    denial = str(await world.grant("ada", "B", categories=Category.DOB, effect=Effect.DENY))
    answer = await explain(world, ada)
    told = entries(answer)
    assert set(told) == {category.name for category in Category}
    assert told["NAME"] == (True, "GRANT", [permit])
    assert told["DOB"] == (False, "DENIED_BY_CLIENT", [denial])
    assert told["HEALTH_DISABILITY"] == (False, "NO_GRANT", [])
    (explanation,) = answer.data["explainAccess"]["explanations"]
    assert (explanation["agency"], explanation["role"], explanation["purpose"]) == (
        "Agency B",
        "CASE_MANAGER",
        "CARE_COORDINATION",
    )
    assert [str(person) for person in answer.request.trail.subjects] == [ada]


async def test_a_refusal_about_records_of_another_source_is_not_told(world: World) -> None:
    ada = await a_client(world)
    before = entries(await explain(world, ada))
    elsewhere = await world.source("elsewhere")
    await world.grant("ada", "B", categories=Category.NAME, effect=Effect.DENY, sources=(elsewhere,))
    assert entries(await explain(world, ada)) == before


async def test_that_the_other_agency_knows_the_client_too_is_not_told(world: World) -> None:
    ada = await a_client(world)
    before = await explain(world, ada)
    await world.stay("s2", "ada", "B-p")
    after = await explain(world, ada)
    assert before.data == after.data
    assert not any(granted for granted, _, _ in entries(after).values())


async def test_a_colleague_sees_own_records(world: World) -> None:
    ada = await a_client(world)
    await become_member(world, "kim", "A")
    assert entries(await explain(world, ada, "kim"))["NAME"] == (True, "OWN_RECORD", [])


async def test_each_membership_is_explained_by_itself(world: World) -> None:
    ada = await a_client(world)
    await become_member(world, "mia", "C", Role.DASHBOARD)
    answer = await explain(world, ada)
    told = answer.data["explainAccess"]["explanations"]
    assert [(row["agency"], row["role"]) for row in told] == [
        ("Agency B", "CASE_MANAGER"),
        ("Agency C", "DASHBOARD"),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRIVACY_OFFICER])
async def test_nobody_but_a_privacy_officer_is_told(world: World, role: Role) -> None:
    ada = await a_client(world)
    answer = await explain(world, ada, role=role)
    assert answer.data["explainAccess"]["explanations"] == []
    assert [problem["code"] for problem in answer.data["explainAccess"]["problems"]] == ["FORBIDDEN"]
    assert answer.request.trail.about_people


async def test_another_agencys_client_is_as_unknown_as_nobody(world: World) -> None:
    ada = await a_client(world)
    answers = [(await explain(world, client, agency="C")).data for client in (ada, str(uuid4()), "nonsense")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["explainAccess"]["problems"] == [{"code": "NOT_FOUND", "path": ["client"]}]


async def test_somebody_without_a_membership_is_not_found(world: World) -> None:
    ada = await a_client(world)
    answer = await explain(world, ada, "nobody")
    assert answer.data["explainAccess"]["problems"][0]["path"] == ["viewer", "subject"]
