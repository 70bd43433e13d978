"""A release is recorded, holds at once, and is revoked at once. The documents are the contract's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from auth.viewer import Role
from hmis.tables import consent_grant, consent_revocation
from tests.worlds import Answer, World

DOCUMENTS = (Path(__file__).parent / "consent.graphql").read_text()
CLIENT = "query($id: ID!) { client(id: $id) { name { last } access { category granted basis } } }"


async def two_agencies(world: World) -> str:
    await world.organization("A")
    await world.organization("6")
    ada = await world.client("ada", last_name="Quill")
    await world.stay("s1", "ada", "A-p")
    return str(ada)


def release(client: str, **changes: Any) -> dict[str, Any]:
    return {
        "client": client,
        "effect": "PERMIT",
        "categories": ["EXISTENCE", "NAME", "ENROLLMENT"],
        "labels": [],
        "recipients": {"organizations": ["6"], "source": "demo"},
        "purposes": ["CARE_COORDINATION"],
        "start": "2026-01-01",
        "end": None,
        "method": "WRITTEN",
        "evidence": "sha256:9f86d081884c7d65",
        **changes,
    }


async def run(
    world: World, agency: str, operation: str, role: Role = Role.CASE_MANAGER, **variables: Any
) -> Answer:
    """One of the two operations of the contract's document."""
    wanted = f"mutation {operation}("
    start = DOCUMENTS.index(wanted)
    document = DOCUMENTS[start : DOCUMENTS.index("\n}\n", start) + 3]
    return await world.ask(world.viewer(agency, role), document, **variables)


async def _written(world: World) -> tuple[int, int]:
    async with world.engine.connect() as connection:
        grants = await connection.scalar(select(func.count()).select_from(consent_grant))
        revocations = await connection.scalar(select(func.count()).select_from(consent_revocation))
    return int(grants or 0), int(revocations or 0)


async def test_a_release_opens_the_record_and_its_revocation_closes_it(world: World) -> None:
    ada = await two_agencies(world)
    stranger = world.viewer("6")
    assert (await world.ask(stranger, CLIENT, id=ada)).data == {"client": None}

    granted = (await run(world, "A", "Grant", input=release(ada))).data["consentGrant"]
    assert granted["problems"] == []
    assert granted["grant"]["revokedAt"] is None
    seen = (await world.ask(stranger, CLIENT, id=ada)).data["client"]
    assert seen["name"] == {"last": "Quill"}
    assert {row["category"]: (row["granted"], row["basis"]) for row in seen["access"]}["DOB"] == (
        False,
        "NO_GRANT",
    )

    identifier = granted["grant"]["id"]
    revoked = (await run(world, "A", "Revoke", id=identifier, reason="asked to stop")).data["consentRevoke"]
    assert revoked["problems"] == []
    assert revoked["grant"]["revokedAt"].startswith("2026-06-30T16:00:00")
    assert (await world.ask(stranger, CLIENT, id=ada)).data == {"client": None}


async def test_revoking_twice_keeps_the_first_revocation(world: World) -> None:
    ada = await two_agencies(world)
    granted = (await run(world, "A", "Grant", input=release(ada))).data["consentGrant"]
    first = await run(world, "A", "Revoke", id=granted["grant"]["id"], reason="asked to stop")
    again = await run(world, "A", "Revoke", id=granted["grant"]["id"], reason="asked again")
    assert again.data == first.data
    assert await _written(world) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"categories": []}, "REQUIRED", ["input", "categories"]),
        ({"purposes": []}, "REQUIRED", ["input", "purposes"]),
        ({"labels": ["SUD"]}, "NOT_SUPPORTED", ["input", "labels"]),
        ({"end": "2026-01-01"}, "INVALID", ["input", "end"]),
        ({"method": "HEARSAY"}, "INVALID", ["input", "method"]),
        ({"evidence": None}, "REQUIRED", ["input", "evidence"]),
        ({"recipients": {}}, "INVALID", ["input", "recipients"]),
        (
            {"recipients": {"organizations": ["6"], "source": "demo", "communityWide": True}},
            "INVALID",
            ["input", "recipients"],
        ),
        ({"recipients": {"organizations": ["6"]}}, "REQUIRED", ["input", "recipients", "source"]),
        (
            {"recipients": {"organizations": ["6", "none"], "source": "demo"}},
            "UNKNOWN_ORGANIZATION",
            ["input", "recipients", "organizations", "1"],
        ),
    ],
)
async def test_what_cannot_be_recorded_comes_back_as_a_problem_and_nothing_is_written(
    world: World, changes: dict[str, Any], code: str, path: list[str]
) -> None:
    ada = await two_agencies(world)
    payload = (await run(world, "A", "Grant", input=release(ada, **changes))).data["consentGrant"]
    assert payload["grant"] is None
    assert [(problem["code"], problem["path"]) for problem in payload["problems"]] == [(code, path)]
    assert await _written(world) == (0, 0)


async def test_only_an_agency_that_knows_the_client_may_record_for_them(world: World) -> None:
    ada = await two_agencies(world)
    await world.grant("ada", "6")
    known = await run(world, "6", "Grant", input=release(ada))
    unknown = await run(world, "6", "Grant", input=release("00000000-0000-0000-0000-000000000000"))
    assert known.data == unknown.data
    assert known.data["consentGrant"]["problems"][0]["code"] == "NOT_FOUND"
    assert await _written(world) == (1, 0)


async def test_another_agencies_grant_cannot_be_revoked_nor_told_from_none(world: World) -> None:
    await two_agencies(world)
    grant = str(await world.grant("ada", "6"))
    for identifier in (grant, "00000000-0000-0000-0000-000000000000", "nonsense"):
        payload = (await run(world, "6", "Revoke", id=identifier, reason="why not")).data["consentRevoke"]
        assert payload["problems"][0]["code"] == "NOT_FOUND"
    assert await _written(world) == (1, 0)


async def test_a_dashboard_may_record_nothing(world: World) -> None:
    ada = await two_agencies(world)
    payload = (await run(world, "A", "Grant", Role.DASHBOARD, input=release(ada))).data["consentGrant"]
    assert payload["problems"][0]["code"] == "FORBIDDEN"
    assert await _written(world) == (0, 0)
