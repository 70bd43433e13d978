"""An emergency: one person opened for an hour at most, loudly, and nothing told to whoever only tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from auth.emergency import MOST_ASKED
from auth.viewer import Role, Viewer
from hmis.tables import audit_event, audit_subject, break_glass, break_glass_review
from tests.worlds import NOW, Answer, World

CLIENT = "query($id: ID!) { client(id: $id) { name { last } access { category basis } } }"
OPEN = """mutation($client: ID!, $reason: String!, $minutes: Int!) {
  breakGlassOpen(client: $client, reason: $reason, minutes: $minutes) { closesAt problems { code path } } }"""
OPENINGS = "{ breakGlassOpenings { id client subject reason outcome } }"
REVIEW = """mutation($id: ID!, $outcome: BreakGlassOutcome!) {
  breakGlassReview(id: $id, outcome: $outcome) { opening { outcome } problems { code path } } }"""
STAY: dict[str, Any] = {
    "personal_id": "ada",
    "household_id": "h",
    "relationship_to_hoh": 1,
    "entry_date": date(2026, 1, 1),
}
"""Of whoever another source calls ada."""
REASON = "brought in unconscious"


async def an_emergency(world: World) -> str:
    """Ada is known to A; Eve to a victim service provider alone; B knows nobody."""
    for name in "ABC":
        await world.organization(name)
    await world.organization("V", victim_services=True)
    ada = await world.client("ada", last_name="Quill")
    await world.stay("s1", "ada", "A-p")
    await world.client("eve", last_name="Stone")
    await world.stay("s2", "eve", "V-p")
    return str(ada)


def mia(world: World, role: Role = Role.CASE_MANAGER, signed_in: datetime | None = NOW) -> Viewer:
    return replace(world.viewer("B", role), auth_time=signed_in)


async def try_to_open(
    world: World, client: str, viewer: Viewer | None = None, reason: str = REASON, minutes: int = 30
) -> Answer:
    variables = {"client": client, "reason": reason, "minutes": minutes}
    return await world.ask(viewer or mia(world), OPEN, audited=True, **variables)


IDENTIFIED = """mutation($identifier: IdentifierInput!, $reason: String!) {
  breakGlassOpen(identifier: $identifier, reason: $reason, minutes: 30) {
    closesAt problems { code path } } }"""


async def try_by_paper(world: World, value: str, source: str | None = "demo") -> Answer:
    identifier = {"source": source, "value": value}
    return await world.ask(mia(world), IDENTIFIED, audited=True, identifier=identifier, reason=REASON)


async def opened(world: World) -> list[Any]:
    async with world.engine.connect() as connection:
        return list(await connection.execute(select(break_glass)))


async def audited(world: World) -> list[tuple[str, str | None]]:
    async with world.engine.connect() as connection:
        rows = await connection.execute(select(audit_subject).order_by(audit_subject.c.event_id))
        return [(str(row.person_id), row.exception) for row in rows]


async def test_an_opening_shows_one_client_until_it_closes_and_the_audit_says_so(world: World) -> None:
    ada = await an_emergency(world)
    assert (await world.ask(mia(world), CLIENT, id=ada)).data == {"client": None}
    answer = await try_to_open(world, ada)
    assert answer.data == {"breakGlassOpen": {"closesAt": "2026-06-30T16:30:00+00:00", "problems": []}}
    seen = await world.ask(mia(world), CLIENT, audited=True, id=ada)
    assert seen.data["client"]["name"] == {"last": "Quill"}
    assert {row["category"]: row["basis"] for row in seen.data["client"]["access"]}["NAME"] == "BREAK_GLASS"
    assert await audited(world) == [(ada, "BREAK_GLASS_ASKED"), (ada, "BREAK_GLASS")]
    colleague = replace(mia(world), subject="somebody else")
    assert (await world.ask(colleague, CLIENT, id=ada)).data == {"client": None}


async def test_an_unknown_a_hidden_and_a_protected_person_look_the_same(world: World) -> None:
    ada = await an_emergency(world)
    eve, unknown = str(world.people["eve"]), str(uuid4())
    answers = [await try_to_open(world, client) for client in (ada, eve, unknown, "nonsense")]
    assert all(answer.data == answers[0].data and answer.errors == () for answer in answers)
    assert all(answer.withheld == {} for answer in answers)
    lines = [(ada, "BREAK_GLASS_ASKED"), (eve, "BREAK_GLASS_ASKED"), (unknown, "BREAK_GLASS_ASKED")]
    assert await audited(world) == lines
    assert [str(row.person_id) for row in await opened(world)] == [ada]


async def test_no_emergency_opens_whom_a_victim_service_provider_alone_knows(world: World) -> None:
    await an_emergency(world)
    eve = str(world.people["eve"])
    await try_to_open(world, eve)
    assert (await world.ask(mia(world), CLIENT, id=eve)).data == {"client": None}
    assert await opened(world) == []


async def test_whoever_is_named_by_a_paper_is_opened_and_the_answer_does_not_say_whether(
    world: World,
) -> None:
    ada = await an_emergency(world)
    answers = [await try_by_paper(world, value) for value in (" ada ", "eve", "nobody", "")]
    answers.append(await try_by_paper(world, "ada", source="elsewhere"))
    assert answers[0].data == {"breakGlassOpen": {"closesAt": "2026-06-30T16:30:00+00:00", "problems": []}}
    assert all(answer.data == answers[0].data and answer.errors == () for answer in answers)
    assert [str(row.person_id) for row in await opened(world)] == [ada]
    # Of whom nothing was opened the audit holds what was searched by, and nobody.
    assert await audited(world) == [(ada, "BREAK_GLASS_ASKED")]
    async with world.engine.connect() as connection:
        searched = (await connection.scalars(select(audit_event.c.searched))).all()
    assert all(len(terms) == 1 and terms[0].startswith("identifier:") for terms in searched)
    found = 'query { clients(where: {identifier: {source: "demo", value: "ada"}}) { nodes { id } } }'
    assert (await world.ask(mia(world), found)).data == {"clients": {"nodes": [{"id": ada}]}}


async def test_of_several_who_are_called_so_none_is_opened_until_it_is_said_where(world: World) -> None:
    ada = await an_emergency(world)
    await world.organization("E", source="elsewhere")
    other = str(await world.client("ada", source="elsewhere"))
    await world.row("Enrollment", "s9", "elsewhere", project_id="E-p", **STAY)
    assert (await try_by_paper(world, "ada", source=None)).data["breakGlassOpen"]["problems"] == []
    assert await opened(world) == []
    await try_by_paper(world, "ada", source="elsewhere")
    assert [str(row.person_id) for row in await opened(world)] == [other]
    assert other != ada


async def test_one_whom_only_a_victim_service_provider_calls_so_too_stands_in_nobodys_way(
    world: World,
) -> None:
    ada = await an_emergency(world)
    await world.organization("W", source="shelter", victim_services=True)
    await world.client("ada", source="shelter")
    await world.row("Enrollment", "s9", "shelter", project_id="W-p", **STAY)
    await try_by_paper(world, "ada", source=None)
    assert [str(row.person_id) for row in await opened(world)] == [ada]


async def test_whom_the_opening_is_for_is_said_in_one_way(world: World) -> None:
    ada = await an_emergency(world)
    both = """mutation($id: ID) { breakGlassOpen(client: $id, identifier: {source: "demo", value: "ada"},
      reason: "brought in unconscious") { closesAt problems { code path } } }"""
    neither = (
        'mutation { breakGlassOpen(reason: "brought in unconscious") { closesAt problems { code path } } }'
    )
    for document, variables in ((both, {"id": ada}), (neither, {})):
        answer = await world.ask(mia(world), document, **variables)
        assert answer.data["breakGlassOpen"]["problems"] == [{"code": "INVALID", "path": ["client"]}]
    assert await opened(world) == []


async def test_nobody_tries_out_identifiers_and_a_hit_costs_what_a_miss_costs(world: World) -> None:
    await an_emergency(world)
    for place in range(MOST_ASKED):
        answer = await try_by_paper(world, "ada" if place % 2 else f"try {place}")
        assert answer.data["breakGlassOpen"]["problems"] == []
    before = len(await opened(world))
    for value in ("ada", "nobody"):
        answer = await try_by_paper(world, value)
        assert answer.data["breakGlassOpen"] == {
            "closesAt": None,
            "problems": [{"code": "TOO_OFTEN", "path": []}],
        }
    assert len(await opened(world)) == before
    later = replace(mia(world), subject="somebody else")
    assert (await try_to_open(world, "nobody", later)).data["breakGlassOpen"]["problems"] == []


async def test_until_when_a_client_stands_open_is_told_to_who_opened_them(world: World) -> None:
    ada = await an_emergency(world)
    until = "query($id: ID!) { client(id: $id) { emergencyUntil } }"
    await try_to_open(world, ada)
    seen = await world.ask(mia(world), until, id=ada)
    assert seen.data == {"client": {"emergencyUntil": "2026-06-30T16:30:00+00:00"}}
    assert (await world.ask(world.viewer("A"), until, id=ada)).data == {"client": {"emergencyUntil": None}}


async def test_the_client_is_told_that_they_were_opened_in_an_emergency(world: World) -> None:
    ada = await an_emergency(world)
    await try_to_open(world, ada)
    await world.ask(mia(world), CLIENT, audited=True, id=ada)
    told = "query($id: ID!) { client(id: $id) { disclosures { agency emergency } } }"
    answer = await world.ask(world.viewer("A"), told, id=ada)
    assert answer.data["client"]["disclosures"] == [{"agency": "Agency B", "emergency": True}]


@pytest.mark.parametrize(
    "signed_in", [None, NOW - timedelta(minutes=5, seconds=1), NOW + timedelta(minutes=5)]
)
async def test_who_signed_in_long_ago_is_asked_to_sign_in_again(
    world: World, signed_in: datetime | None
) -> None:
    ada = await an_emergency(world)
    answer = await try_to_open(world, ada, mia(world, signed_in=signed_in))
    assert answer.data["breakGlassOpen"] == {
        "closesAt": None,
        "problems": [{"code": "STEP_UP", "path": []}],
    }
    assert await opened(world) == []
    assert await audited(world) == [(ada, "BREAK_GLASS_ASKED")]


@pytest.mark.parametrize(
    ("more", "code", "path"),
    [
        ({"reason": "  urgent  "}, "REQUIRED", ["reason"]),
        ({"minutes": 61}, "INVALID", ["minutes"]),
        ({"minutes": 0}, "INVALID", ["minutes"]),
    ],
)
async def test_an_opening_takes_a_reason_and_an_hour_at_most(
    world: World, more: dict[str, Any], code: str, path: list[str]
) -> None:
    ada = await an_emergency(world)
    answer = await try_to_open(world, ada, **more)
    assert answer.data["breakGlassOpen"]["problems"] == [{"code": code, "path": path}]
    assert await opened(world) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CASE_MANAGER])
async def test_only_a_case_manager_opens(world: World, role: Role) -> None:
    ada = await an_emergency(world)
    answer = await try_to_open(world, ada, mia(world, role))
    assert answer.data["breakGlassOpen"]["problems"] == [{"code": "FORBIDDEN", "path": []}]
    assert await opened(world) == []


async def test_privacy_officers_of_both_agencies_see_an_opening_and_one_reviews_it(world: World) -> None:
    ada = await an_emergency(world)
    await try_to_open(world, ada)
    seen = {}
    for agency in "ABCV":
        answer = await world.ask(world.viewer(agency, Role.PRIVACY_OFFICER), OPENINGS)
        seen[agency] = answer.data["breakGlassOpenings"]
    assert (seen["C"], seen["V"]) == ([], [])
    assert seen["A"] == seen["B"]
    (opening,) = seen["A"]
    assert (opening["client"], opening["reason"], opening["outcome"]) == (ada, REASON, None)
    officer = world.viewer("A", Role.PRIVACY_OFFICER)
    for outcome in ("JUSTIFIED", "NOT_JUSTIFIED"):  # the first finding stands
        answer = await world.ask(officer, REVIEW, id=opening["id"], outcome=outcome)
        assert answer.data["breakGlassReview"] == {"opening": {"outcome": "JUSTIFIED"}, "problems": []}
        assert [str(person) for person in answer.request.trail.subjects] == [ada]


async def test_nobody_else_reads_openings_or_reviews_one(world: World) -> None:
    ada = await an_emergency(world)
    await try_to_open(world, ada)
    identifier = str((await opened(world))[0].id)
    assert (await world.ask(mia(world), OPENINGS)).data == {"breakGlassOpenings": []}
    codes = []
    for viewer, asked in (
        (mia(world), identifier),
        (world.viewer("C", Role.PRIVACY_OFFICER), identifier),
        (world.viewer("C", Role.PRIVACY_OFFICER), str(uuid4())),
        (world.viewer("C", Role.PRIVACY_OFFICER), "nonsense"),
        (replace(world.viewer("B", Role.PRIVACY_OFFICER), subject=mia(world).subject), identifier),
    ):
        answer = await world.ask(viewer, REVIEW, id=asked, outcome="JUSTIFIED")
        codes.append(answer.data["breakGlassReview"]["problems"][0]["code"])
    assert codes == ["FORBIDDEN", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND", "FORBIDDEN"]
    async with world.engine.connect() as connection:
        assert list(await connection.execute(select(break_glass_review))) == []
