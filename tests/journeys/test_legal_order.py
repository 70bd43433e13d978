"""An order of a court: recorded, approved by two others, looked under by one, and accounted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import Purpose, Role, Viewer
from hmis.labels import ALL
from hmis.tables import agency, audit_subject, legal_order, legal_order_approval, legal_order_end
from tests.telling import tell
from tests.worlds import NOW, TODAY, Answer, World

RECORD = """mutation($input: LegalOrderInput!) { legalOrderRecord(input: $input) {
  order { id inForce approvers } problems { code path } } }"""
APPROVE = """mutation($id: ID!) { legalOrderApprove(id: $id) {
  order { inForce approvers } problems { code path } } }"""
WITHDRAW = """mutation($id: ID!, $reason: String!) { legalOrderWithdraw(id: $id, reason: $reason) {
  order { inForce endedAt } problems { code path } } }"""
ORDERS = "{ legalOrders { id client reader categories labels authority reference approvers inForce } }"
CLIENT = """query($id: ID!) { client(id: $id) { name { last } birth { date } access { category basis }
  enrollments { nodes { entryDate household { members { client { name { last } } } } } } } }"""
EVERYBODY = "{ clients(where: {}) { nodes { id name { last } } } }"


async def a_court(world: World) -> str:
    """Ada is known to A and B, Ben to A alone and lives with her there, Eve to a victim service provider."""
    for name in "AB":
        await world.organization(name)
    await world.organization("V", victim_services=True)
    ada = await world.client("ada", last_name="Quill", dob=date(1990, 1, 1))
    await world.stay("s1", "ada", "A-p", household_id="h")
    await world.stay("s2", "ada", "B-p", entry=date(2026, 2, 1))
    await world.client("ben", last_name="Stone", dob=date(1991, 1, 1))
    await world.stay("s3", "ben", "A-p", household_id="h")
    await world.client("eve", last_name="Hide", dob=date(1992, 1, 1))
    await world.stay("s4", "eve", "V-p")
    await world.stay("s5", "ada", "V-p", entry=date(2026, 3, 1))
    for name in ("reader", "first", "second", "clerk"):
        await world.member(name, "A", Role.PRIVACY_OFFICER)
    return str(ada)


def officer(world: World, subject: str, agency: str = "A", purpose: Purpose = Purpose.OPERATIONS) -> Viewer:
    return replace(world.viewer(agency, Role.PRIVACY_OFFICER, purpose), subject=subject)


def reader(world: World) -> Viewer:
    return officer(world, "reader", purpose=Purpose.LAW_ENFORCEMENT)


def order(client: str, **more: Any) -> dict[str, Any]:
    return {
        "client": client,
        "reader": "reader",
        "categories": ["NAME", "ENROLLMENT"],
        "authority": "COURT_ORDER",
        "reference": "Circuit court, 26-1207",
        "start": TODAY.isoformat(),
        "end": (TODAY + timedelta(days=2)).isoformat(),
        **more,
    }


async def recorded(world: World, client: str, **more: Any) -> str:
    answer = await world.ask(officer(world, "clerk"), RECORD, audited=True, input=order(client, **more))
    payload = answer.data["legalOrderRecord"]
    assert payload["problems"] == []
    assert (payload["order"]["inForce"], payload["order"]["approvers"]) == (False, [])
    return str(payload["order"]["id"])


async def approved(world: World, identifier: str, subject: str) -> Any:
    answer = await world.ask(officer(world, subject), APPROVE, audited=True, id=identifier)
    return answer.data["legalOrderApprove"]


async def in_force(world: World, client: str, **more: Any) -> str:
    identifier = await recorded(world, client, **more)
    for subject in ("first", "second"):
        await approved(world, identifier, subject)
    return identifier


async def looked(world: World, client: str, **more: Any) -> Any:
    return (await world.ask(reader(world), CLIENT, id=client, **more)).data["client"]


async def count(world: World, table: Any) -> int:
    async with world.engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def test_an_order_opens_what_it_lists_and_the_audit_says_by_which(world: World) -> None:
    ada = await a_court(world)
    identifier = await in_force(world, ada)
    seen = await tell(world, reader(world), CLIENT, id=ada)
    client = seen.data["client"]
    assert (client["name"], client["birth"]) == ({"last": "Quill"}, None)
    # Both agencies' stays, without the household: it is not listed. Never a victim service provider's.
    assert client["enrollments"]["nodes"] == [
        {"entryDate": "2026-02-01", "household": None},
        {"entryDate": "2026-01-01", "household": None},
    ]
    basis = {row["category"] for row in client["access"] if row["basis"] == "LEGAL_ORDER"}
    assert basis == {"EXISTENCE", "NAME", "ENROLLMENT"}
    line = seen.audit[UUID(ada)]
    assert line.exception == f"LEGAL_ORDER {identifier}"
    assert (line.grants, line.disclosed & Category.DOB) == ((), Category(0))


async def test_nobody_else_is_there_not_even_the_agencys_own_clients(world: World) -> None:
    ada = await a_court(world)
    await in_force(world, ada)
    found = await world.ask(reader(world), EVERYBODY)
    assert found.data["clients"]["nodes"] == [{"id": ada, "name": {"last": "Quill"}}]
    assert await looked(world, str(world.people["ben"])) is None
    colleague = replace(reader(world), subject="first")
    assert (await world.ask(colleague, CLIENT, id=ada)).data == {"client": None}
    elsewhere = officer(world, "reader", "B", Purpose.LAW_ENFORCEMENT)
    assert (await world.ask(elsewhere, CLIENT, id=ada)).data == {"client": None}


async def test_for_law_enforcement_neither_a_grant_nor_a_notice_nor_an_emergency_opens(world: World) -> None:
    ada = await a_court(world)
    await world.grant("ada", purposes=tuple(Purpose))
    await world.grant("ada", "A", purposes=tuple(Purpose))
    await world.broken_glass("ada", reader(world))
    assert await looked(world, ada) is None
    assert (await world.ask(reader(world), EVERYBODY)).data["clients"]["nodes"] == []
    await in_force(world, ada, categories=["DOB"])
    client = await looked(world, ada)
    assert (client["name"], client["birth"]) == (None, {"date": "1990-01-01"})


async def test_a_refusal_of_the_client_does_not_close_what_a_court_opened(world: World) -> None:
    ada = await a_court(world)
    await world.grant("ada", effect=Effect.DENY, purposes=tuple(Purpose))
    await in_force(world, ada)
    assert (await looked(world, ada))["name"] == {"last": "Quill"}


async def test_two_others_have_to_approve_and_the_same_one_twice_is_one(world: World) -> None:
    ada = await a_court(world)
    identifier = await recorded(world, ada)
    assert await looked(world, ada) is None
    for _ in range(2):
        payload = await approved(world, identifier, "first")
        assert payload == {"order": {"inForce": False, "approvers": ["first"]}, "problems": []}
        assert await looked(world, ada) is None
    for subject in ("clerk", "reader"):
        payload = await approved(world, identifier, subject)
        assert payload == {"order": None, "problems": [{"code": "FORBIDDEN", "path": ["id"]}]}
    assert await looked(world, ada) is None
    assert await count(world, legal_order_approval) == 1
    payload = await approved(world, identifier, "second")
    assert payload == {"order": {"inForce": True, "approvers": ["first", "second"]}, "problems": []}
    assert await looked(world, ada) is not None


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("a case manager of A", "FORBIDDEN"),
        ("an officer who may only read", "FORBIDDEN"),
        ("an officer of B", "NOT_FOUND"),
    ],
)
async def test_nobody_but_an_officer_of_the_agency_approves_or_withdraws(
    world: World, who: str, code: str
) -> None:
    ada = await a_court(world)
    identifier = await recorded(world, ada)
    viewer = {
        "a case manager of A": world.viewer("A"),
        "an officer who may only read": replace(
            officer(world, "first"), scopes=frozenset({"clients.read", "consent.read"})
        ),
        "an officer of B": officer(world, "first", "B"),
    }[who]
    answer = await world.ask(viewer, APPROVE, id=identifier)
    assert [each["code"] for each in answer.data["legalOrderApprove"]["problems"]] == [code]
    answer = await world.ask(viewer, WITHDRAW, id=identifier, reason="quashed")
    assert [each["code"] for each in answer.data["legalOrderWithdraw"]["problems"]] == [code]
    assert (await count(world, legal_order_approval), await count(world, legal_order_end)) == (0, 0)


async def test_an_unknown_order_and_another_agencys_look_the_same(world: World) -> None:
    ada = await a_court(world)
    identifier = await recorded(world, ada)
    answers = [
        await world.ask(officer(world, "first", "B"), APPROVE, id=asked)
        for asked in (identifier, str(uuid4()), "nonsense")
    ]
    assert all(answer.data == answers[0].data for answer in answers)
    assert all(answer.request.trail.subjects == {} for answer in answers)


async def test_it_begins_on_its_first_day_and_ends_before_its_last(world: World) -> None:
    ada = await a_court(world)
    await in_force(world, ada)
    days = [TODAY + timedelta(days=number) for number in (-1, 0, 1, 2)]
    assert [await looked(world, ada, today=day) is not None for day in days] == [False, True, True, False]
    listed = [
        (await world.ask(officer(world, "first"), ORDERS, today=day)).data["legalOrders"][0]["inForce"]
        for day in days
    ]
    assert listed == [False, True, True, False]


async def test_what_is_withdrawn_opens_nothing_and_cannot_be_approved_any_more(world: World) -> None:
    ada = await a_court(world)
    identifier = await in_force(world, ada)
    empty = await world.ask(officer(world, "first"), WITHDRAW, id=identifier, reason=" ")
    assert empty.data["legalOrderWithdraw"]["problems"] == [{"code": "REQUIRED", "path": ["reason"]}]
    assert await looked(world, ada) is not None
    for now in (NOW, NOW + timedelta(hours=1)):  # the first end stands
        answer = await world.ask(officer(world, "first"), WITHDRAW, id=identifier, reason="quashed", now=now)
        ended = {"inForce": False, "endedAt": "2026-06-30T16:00:00+00:00"}
        assert answer.data["legalOrderWithdraw"] == {"order": ended, "problems": []}
    assert await looked(world, ada) is None
    payload = await approved(world, identifier, "clerk2")
    assert payload["problems"] == [{"code": "INVALID", "path": ["id"]}]


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"reference": " "}, "REQUIRED", "reference"),
        ({"categories": []}, "REQUIRED", "categories"),
        ({"categories": ["SSN_FULL"]}, "NOT_ALLOWED", "categories"),
        ({"labels": ["VSP"]}, "NOT_ALLOWED", "labels"),
        ({"labels": ["JUSTICE", "PART2"]}, "NOT_ALLOWED", "labels"),
        ({"labels": ["PART2_NOTES"]}, "NOT_ALLOWED", "labels"),
        ({"end": "2026-06-30"}, "INVALID", "end"),
        ({"end": "2026-07-31"}, "INVALID", "end"),
        ({"start": "2026-06-01", "end": "2026-06-30"}, "INVALID", "end"),
        ({"reader": "mia"}, "INVALID", "reader"),
    ],
)
async def test_what_is_wrong_with_an_order_is_said_and_nothing_is_written(
    world: World, more: dict[str, Any], code: str, field: str
) -> None:
    ada = await a_court(world)
    await world.member("mia", "A", Role.CASE_MANAGER)
    answer = await world.ask(officer(world, "clerk"), RECORD, input=order(ada, **more))
    problems = answer.data["legalOrderRecord"]["problems"]
    assert problems == [{"code": code, "path": ["input", field]}]
    assert await count(world, legal_order) == 0


async def test_thirty_days_are_the_most(world: World) -> None:
    ada = await a_court(world)
    await recorded(world, ada, end="2026-07-30")


async def test_only_an_agency_that_entered_the_client_records_an_order(world: World) -> None:
    ada = await a_court(world)
    ben, eve = (str(world.people[name]) for name in ("ben", "eve"))
    await world.member("reader", "B", Role.PRIVACY_OFFICER)
    await world.grant("ben", "B")
    asked = [
        (officer(world, "clerk"), eve),
        (officer(world, "clerk"), str(uuid4())),
        (officer(world, "clerk"), "nonsense"),
        (officer(world, "clerk", "B"), ben),
        (reader(world), ada),  # under an order nobody has a record of their own
    ]
    answers = [await world.ask(who, RECORD, input=order(client)) for who, client in asked]
    not_there = {"order": None, "problems": [{"code": "NOT_FOUND", "path": ["input", "client"]}]}
    assert [answer.data["legalOrderRecord"] for answer in answers] == [not_there] * len(asked)
    unable = replace(officer(world, "clerk"), scopes=frozenset({"clients.read", "consent.read"}))
    answer = await world.ask(unable, RECORD, input=order(ada))
    assert [each["code"] for each in answer.data["legalOrderRecord"]["problems"]] == ["FORBIDDEN"]
    assert await count(world, legal_order) == 0


async def test_labels_open_only_where_the_order_names_them(world: World) -> None:
    ada = await a_court(world)
    await world.project("H-p", "B")
    await world.row("Funder", "f", project_id="H-p", funder=13)
    await world.stay("s6", "ada", "H-p", entry=date(2026, 4, 1))
    await in_force(world, ada)

    def days(client: Any) -> list[str]:
        return [stay["entryDate"] for stay in client["enrollments"]["nodes"]]

    assert days(await looked(world, ada)) == ["2026-02-01", "2026-01-01"]
    await in_force(world, ada, categories=["ENROLLMENT"], labels=["HIV"])
    assert days(await looked(world, ada)) == ["2026-04-01", "2026-02-01", "2026-01-01"]


async def test_what_was_done_about_an_order_is_audited_and_officers_of_the_agency_read_it(
    world: World,
) -> None:
    ada = await a_court(world)
    identifier = await in_force(world, ada, labels=["JUSTICE"])
    await world.ask(officer(world, "first"), WITHDRAW, audited=True, id=identifier, reason="quashed")
    async with world.engine.connect() as connection:
        rows = await connection.execute(select(audit_subject).order_by(audit_subject.c.event_id))
        told = [(str(row.person_id), row.exception, row.disclosed) for row in rows]
    done = ["RECORDED", "APPROVED", "APPROVED", "WITHDRAWN"]
    assert told == [(ada, f"LEGAL_ORDER_{what} {identifier}", 0) for what in done]
    listed = await world.ask(officer(world, "second"), ORDERS)
    assert listed.data["legalOrders"] == [
        {
            "id": identifier,
            "client": ada,
            "reader": "reader",
            "categories": ["EXISTENCE", "NAME", "ENROLLMENT"],
            "labels": ["JUSTICE"],
            "authority": "COURT_ORDER",
            "reference": "Circuit court, 26-1207",
            "approvers": ["first", "second"],
            "inForce": False,
        }
    ]
    assert [str(person) for person in listed.request.trail.subjects] == [ada]
    for nobody in (world.viewer("A"), officer(world, "second", "B"), None):
        answer: Answer = await world.ask(nobody, ORDERS)
        assert answer.data == {"legalOrders": []}


async def test_a_victim_service_providers_own_order_opens_nothing_of_it_either(world: World) -> None:
    await a_court(world)
    eve = str(world.people["eve"])
    for name in ("guard", "one", "two", "three"):
        await world.member(name, "V", Role.PRIVACY_OFFICER)
    written = await world.ask(officer(world, "three", "V"), RECORD, input=order(eve, reader="guard"))
    identifier = written.data["legalOrderRecord"]["order"]["id"]
    for name in ("one", "two"):
        answer = await world.ask(officer(world, name, "V"), APPROVE, id=identifier)
    assert answer.data["legalOrderApprove"]["order"]["inForce"] is True
    guard = officer(world, "guard", "V", Purpose.LAW_ENFORCEMENT)
    assert (await world.ask(guard, CLIENT, id=eve)).data == {"client": None}
    assert (await world.ask(guard, EVERYBODY)).data["clients"]["nodes"] == []


async def test_no_order_opens_what_a_part_2_programme_entered(world: World) -> None:
    ada = await a_court(world)
    async with world.engine.begin() as connection:
        programme = agency.c.id == world.agencies["B"].id
        await connection.execute(update(agency).where(programme).values(kind="PART2"))
    await world.renew_labels()
    await world.legal_order("ada", reader(world), "first", "second", labels=ALL)
    client = await looked(world, ada)
    assert [stay["entryDate"] for stay in client["enrollments"]["nodes"]] == ["2026-01-01"]


async def test_a_privacy_officer_is_told_that_an_order_is_the_ground(world: World) -> None:
    ada = await a_court(world)
    question = """query($id: ID!) { explainAccess(client: $id, viewer: {
      subject: "reader", purpose: LAW_ENFORCEMENT }) {
      explanations { access { category granted basis grants } } problems { code } } }"""

    async def grounds() -> dict[str, set[str]]:
        answer = await world.ask(officer(world, "first"), question, id=ada)
        (explanation,) = answer.data["explainAccess"]["explanations"]
        assert all(row["grants"] == [] for row in explanation["access"])
        found: dict[str, set[str]] = {}
        for row in explanation["access"]:
            found.setdefault(row["basis"], set()).add(row["category"])
        return found

    assert set(await grounds()) == {"NO_GRANT"}
    await in_force(world, ada)
    assert (await grounds())["LEGAL_ORDER"] == {"EXISTENCE", "NAME", "ENROLLMENT"}


async def test_other_agencies_are_not_told_of_a_look_for_law_enforcement(world: World) -> None:
    ada = await a_court(world)
    await in_force(world, ada)
    await world.ask(reader(world), CLIENT, audited=True, id=ada)
    disclosures = "query($id: ID!) { client(id: $id) { disclosures { agency purpose } } }"
    for name in "AB":
        answer = await world.ask(world.viewer(name), disclosures, id=ada)
        assert answer.data["client"] == {"disclosures": []}
