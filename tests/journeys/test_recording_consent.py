"""A release is recorded, holds at once, and is revoked at once. The documents are the contract's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from auth.policy import Combination, Policy
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


def _document(operation: str) -> str:
    start = DOCUMENTS.index(f"mutation {operation}(")
    return DOCUMENTS[start : DOCUMENTS.index("\n}\n", start) + 3]


DOCUMENTS_OF = {operation: _document(operation) for operation in ("Grant", "Revoke")}


async def run(
    world: World, agency: str, operation: str, role: Role = Role.CASE_MANAGER, **variables: Any
) -> Answer:
    """One of the two operations of the contract's document."""
    return await world.ask(world.viewer(agency, role), DOCUMENTS_OF[operation], **variables)


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
        ({"labels": ["VSP"]}, "NOT_ALLOWED", ["input", "labels"]),
        (
            {"labels": ["SUD"], "recipients": {"communityWide": True}},
            "NOT_ALLOWED",
            ["input", "labels"],
        ),
        ({"labels": ["SUD"], "method": "NOTICE"}, "NOT_ALLOWED", ["input", "labels"]),
        ({"labels": ["PART2"]}, "INVALID", ["input", "regime"]),
        (
            {"labels": ["PART2_NOTES", "SUD"], "regime": "PART2", "end": "2027-01-01"},
            "INVALID",
            ["input", "labels"],
        ),
        ({"dataFrom": "2026-01-01", "dataTo": "2026-01-01"}, "INVALID", ["input", "dataTo"]),
        ({"includePast": False, "dataTo": "2025-12-01"}, "INVALID", ["input", "dataTo"]),
        ({"provisionalUntil": "2026-02-01"}, "INVALID", ["input", "provisionalUntil"]),
        (
            {"method": "VERBAL", "provisionalUntil": "2026-01-01"},
            "INVALID",
            ["input", "provisionalUntil"],
        ),
        ({"signedByClient": False}, "REQUIRED", ["input", "guardian"]),
        ({"guardian": "nonsense"}, "NOT_FOUND", ["input", "guardian"]),
        ({"guardian": "00000000-0000-0000-0000-000000000000"}, "NOT_FOUND", ["input", "guardian"]),
        ({"sources": ["nowhere"]}, "UNKNOWN_SOURCE", ["input", "sources", "0"]),
        ({"sources": []}, "INVALID", ["input", "sources"]),
        ({"recipients": {"group": "nobody"}}, "UNKNOWN_GROUP", ["input", "recipients", "group"]),
        ({"recipients": {"partner": "nobody"}}, "UNKNOWN_PARTNER", ["input", "recipients", "partner"]),
        (
            {"recipients": {"person": {"organization": "none", "source": "demo", "subject": "mia"}}},
            "UNKNOWN_ORGANIZATION",
            ["input", "recipients", "person", "organization"],
        ),
        (
            {"recipients": {"person": {"organization": "6", "source": "demo", "subject": " "}}},
            "REQUIRED",
            ["input", "recipients", "person", "subject"],
        ),
        (
            {"recipients": {"organizations": ["6"], "source": "demo", "frozen": True}},
            "INVALID",
            ["input", "recipients", "frozen"],
        ),
        ({"template": "mn-hmis", "section": "other"}, "UNKNOWN_FORM", ["input", "template"]),
        ({"section": "share"}, "UNKNOWN_FORM", ["input", "template"]),
        ({"template": "mn-hmis", "section": "share"}, "INVALID", ["input", "categories"]),
        ({"template": "mn-hmis", "section": "keep"}, "INVALID", ["input", "categories"]),
        (
            {
                "template": "il-chicago",
                "section": "B",
                "form": "00000000-0000-0000-0000-000000000000",
            },
            "NOT_FOUND",
            ["input", "form"],
        ),
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


async def test_a_part_2_consent_names_every_required_field_that_is_missing(world: World) -> None:
    ada = await two_agencies(world)
    spoken = release(
        ada,
        regime="PART2",
        method="VERBAL",
        evidence=None,
        recipients={"communityWide": True},
    )
    payload = (await run(world, "A", "Grant", input=spoken)).data["consentGrant"]
    assert [problem["path"] for problem in payload["problems"]] == [
        ["input", "method"],
        ["input", "evidence"],
        ["input", "recipients"],
        ["input", "end"],
    ]
    assert all("42 CFR 2.31(a)" in problem["message"] for problem in payload["problems"])
    assert await _written(world) == (0, 0)


async def test_a_complete_part_2_consent_opens_what_it_names(world: World) -> None:
    ada = await two_agencies(world)
    whole = release(ada, regime="PART2", labels=["PART2"], end="2027-01-01")
    assert (await run(world, "A", "Grant", input=whole)).data["consentGrant"]["problems"] == []
    seen = await world.ask(world.viewer("6"), CLIENT, id=ada)
    assert seen.data["client"]["name"] == {"last": "Quill"}


async def test_a_destination_is_told_where_the_grant_names_its_label(world: World) -> None:
    ada = await two_agencies(world)
    await world.row("Exit", "x1", enrollment_id="s1", exit_date=date(2026, 2, 1), destination=205)
    document = "query($id: ID!) { client(id: $id) { enrollments { nodes { exit { destination } } } } }"
    stays = []
    for labels in ([], ["SUD"]):
        await run(world, "A", "Grant", input=release(ada, labels=labels))
        answer = await world.ask(world.viewer("6"), document, id=ada)
        stays.append(answer.data["client"]["enrollments"]["nodes"][0]["exit"]["destination"])
    assert stays == [None, "SUBSTANCE_USE_TREATMENT_OR_DETOX"]


async def test_the_communitys_term_ends_a_release_that_names_no_end(world: World) -> None:
    ada = await two_agencies(world)
    viewer = replace(world.viewer("A"), policy=Policy(default_term_days=365, max_term_days=400))
    ends = []
    for end in (None, "2026-02-01", "2029-01-01"):
        payload = (await world.ask(viewer, DOCUMENTS_OF["Grant"], input=release(ada, end=end))).data[
            "consentGrant"
        ]
        ends.append(payload["grant"]["end"] if payload["grant"] else payload["problems"][0]["path"])
    assert ends == ["2027-01-01", "2026-02-01", ["input", "end"]]
    assert await _written(world) == (2, 0)


async def test_a_living_group_takes_in_who_joins_and_a_frozen_one_does_not(world: World) -> None:
    ada = await two_agencies(world)
    await world.organization("9")
    await world.group("region", "6")
    for frozen, name in ((True, "NAME"), (False, "DOB")):
        recipients = {"group": "region", "frozen": frozen}
        written = release(ada, recipients=recipients, categories=[name])
        assert (await run(world, "A", "Grant", input=written)).data["consentGrant"]["problems"] == []
    await world.group("region", "9")
    document = "query($id: ID!) { client(id: $id) { access { category granted } } }"
    opened = {}
    for agency in ("6", "9"):
        answer = await world.ask(world.viewer(agency), document, id=ada)
        opened[agency] = {row["category"] for row in answer.data["client"]["access"] if row["granted"]}
    assert opened == {"6": {"EXISTENCE", "NAME", "DOB"}, "9": {"EXISTENCE", "DOB"}}


async def test_a_grant_to_one_person_opens_for_no_colleague(world: World) -> None:
    ada = await two_agencies(world)
    who = {"organization": "6", "source": "demo", "subject": "mia"}
    await run(world, "A", "Grant", input=release(ada, recipients={"person": who}))
    assert (await world.ask(world.viewer("6"), CLIENT, id=ada)).data == {"client": None}
    mia = replace(world.viewer("6"), subject="mia")
    assert (await world.ask(mia, CLIENT, id=ada)).data["client"]["name"] == {"last": "Quill"}


async def test_a_client_who_leaves_the_past_out_shares_what_comes(world: World) -> None:
    ada = await two_agencies(world)
    await world.stay("s2", "ada", "A-p", date(2026, 5, 1))
    await run(world, "A", "Grant", input=release(ada, start="2026-04-01", includePast=False))
    document = "query($id: ID!) { client(id: $id) { enrollments { nodes { entryDate } } } }"
    stays = (await world.ask(world.viewer("6"), document, id=ada)).data["client"]["enrollments"]["nodes"]
    assert [stay["entryDate"] for stay in stays] == ["2026-05-01"]


DENY = """mutation($input: ConsentDenyInput!) { consentDeny(input: $input) {
  grant { effect state start communityWide } problems { code path } } }"""


async def test_a_refusal_wins_over_every_permit_until_it_is_revoked(world: World) -> None:
    ada = await two_agencies(world)
    await run(world, "A", "Grant", input=release(ada))
    refusal = {"client": ada, "categories": ["NAME"]}
    payload = (await world.ask(world.viewer("A"), DENY, input=refusal)).data["consentDeny"]
    assert payload == {
        "grant": {"effect": "DENY", "state": "ACTIVE", "start": "2026-06-30", "communityWide": True},
        "problems": [],
    }
    seen = (await world.ask(world.viewer("6"), CLIENT, id=ada)).data["client"]
    assert seen["name"] is None
    basis = {row["category"]: row["basis"] for row in seen["access"]}
    assert (basis["NAME"], basis["ENROLLMENT"]) == ("DENIED_BY_CLIENT", "GRANT")


async def test_a_refusal_for_a_hidden_client_is_answered_as_for_an_unknown_one(world: World) -> None:
    ada = await two_agencies(world)
    answers = [
        await world.ask(world.viewer("6"), DENY, input={"client": client, "categories": ["NAME"]})
        for client in (ada, "00000000-0000-0000-0000-000000000000", "nonsense")
    ]
    assert answers[0].data == answers[1].data == answers[2].data
    assert answers[0].data["consentDeny"]["problems"] == [{"code": "NOT_FOUND", "path": ["client"]}]
    assert await _written(world) == (0, 0)


async def test_sections_of_one_form_are_recorded_one_by_one_and_a_newer_form_replaces_both(
    world: World,
) -> None:
    ada = await two_agencies(world)
    viewer = replace(world.viewer("A"), policy=Policy(combination=Combination.LATEST))
    document = """mutation($input: ConsentGrantInput!) { consentGrant(input: $input) {
      grant { form template section state } problems { code path } } }"""
    wide = {"recipients": {"communityWide": True}, "template": "il-chicago"}

    async def write(**more: Any) -> dict[str, Any]:
        answer = await world.ask(viewer, document, input=release(ada, **wide, **more))
        payload: dict[str, Any] = answer.data["consentGrant"]
        assert payload["problems"] == []
        return payload["grant"]

    first = await write(section="A", categories=["NAME"])
    second = await write(section="A", categories=["DOB"], form=first["form"])
    assert (second["form"], second["template"]) == (first["form"], "il-chicago@1")
    third = await write(section="C", categories=[])
    assert third["form"] != first["form"]
    states = await world.ask(viewer, "query($id: ID!) { client(id: $id) { grants { state } } }", id=ada)
    assert [row["state"] for row in states.data["client"]["grants"]] == [
        "ACTIVE",
        "SUPERSEDED",
        "SUPERSEDED",
    ]
    reader = replace(world.viewer("6"), policy=viewer.policy)
    assert (await world.ask(reader, CLIENT, id=ada)).data == {"client": None}


async def test_what_is_recorded_about_a_client_leaves_a_line_in_the_audit(world: World) -> None:
    ada = await two_agencies(world)
    request = (await run(world, "A", "Grant", input=release(ada))).request
    assert request.trail.about_people
    assert [str(person) for person in request.trail.subjects] == [ada]
