"""The list, 17, 18, 26, 27, 37 to 39 over HTTP: who asks, at which moment, on which worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert, select, text, update

from auth.accounting import PROFILES, account
from auth.categories import EVERYTHING, Category
from auth.viewer import Purpose, Role
from gateway.settings import Settings
from hmis.tables import (
    HMIS,
    agency,
    client_link,
    consent_grant,
    consent_recipient,
    consent_revocation,
    member,
    person,
)
from tests.journeys.conftest import Hub, running
from tests.telling import Line, events, lines
from tests.worlds import NOW, World

CLIENT = "query($id: ID!) { client(id: $id) { id name { last } birth { date } } }"
GONE = b'{"data":{"client":null}}'


async def cleo_at_b(world: World) -> str:
    for name in "AB":
        await world.organization(name)
    cleo = await world.client("cleo", last_name="Stone", dob=date(1980, 5, 1))
    await world.stay("s1", "cleo", "B-p")
    return str(cleo)


async def last_audit(world: World) -> tuple[Mapping[Any, Any], dict[UUID, Line]]:
    event = (await events(world.engine))[-1]
    return event, await lines(world.engine, event["id"])


MIDNIGHTS = {
    "an ordinary day": ("2026-06-30T04:00:00Z", date(2026, 6, 30)),
    "the day of 23 hours": ("2026-03-08T05:00:00Z", date(2026, 3, 8)),
    "the day after it": ("2026-03-09T04:00:00Z", date(2026, 3, 9)),
    "the day of 25 hours": ("2026-11-01T04:00:00Z", date(2026, 11, 1)),
    "the day after that": ("2026-11-02T05:00:00Z", date(2026, 11, 2)),
}


@pytest.mark.parametrize("day", MIDNIGHTS)
async def test_17_a_grant_ends_with_the_stroke_of_local_midnight(hub: Hub, day: str) -> None:
    """In New York. SQL (the search) and Python (the person by id) say the same of both seconds."""
    cleo = await cleo_at_b(hub.world)
    moment, end = MIDNIGHTS[day]
    grant = await hub.world.grant("cleo", "A", end=end, start=date(2025, 1, 1))
    await hub.joins("mia", "A")
    midnight = datetime.fromisoformat(moment)
    seen = []
    for hub.now in (midnight - timedelta(seconds=1), midnight):
        by_id = await hub.ask(hub.token("mia"), CLIENT, id=cleo)
        found = await hub.ask(
            hub.token("mia"), '{ clients(where: {lastName: {eq: "Stone"}}) { nodes { id } } }'
        )
        event, told = await hub.audited(by_id)
        assert (await hub.audited(found))[1].keys() == told.keys()
        relied_on = {person: line.grants for person, line in told.items()}
        shown = found.json()["data"]["clients"]["nodes"]
        seen.append((by_id.content != GONE, shown, event["as_of"], relied_on))
    yesterday = end - timedelta(days=1)
    assert seen == [(True, [{"id": cleo}], yesterday, {UUID(cleo): (grant,)}), (False, [], end, {})]


async def a_crowd(world: World, many: int) -> None:
    """So many people whom B enrolled and who share everything with A."""
    await cleo_at_b(world)
    source, keys = world.sources["demo"], [f"p{number}" for number in range(many)]
    people = [uuid4() for _ in keys]
    given = [uuid4() for _ in keys]
    base = {"source_id": source, "import_id": 0}
    rows: dict[Any, list[dict[str, Any]]] = {
        person: [{"id": one} for one in people],
        HMIS["Client"]: [{**base, "personal_id": key, "last_name": "Many"} for key in keys],
        client_link: [
            {"person_id": one, "source_id": source, "personal_id": key, "method": "FIRST"}
            for one, key in zip(people, keys, strict=True)
        ],
        HMIS["Enrollment"]: [
            {
                **base,
                "enrollment_id": f"s-{key}",
                "personal_id": key,
                "project_id": "B-p",
                "household_id": key,
                "relationship_to_hoh": 1,
                "entry_date": date(2026, 1, 1),
            }
            for key in keys
        ],
        consent_grant: [
            {
                "id": grant,
                "person_id": one,
                "effect": "PERMIT",
                "categories": int(EVERYTHING),
                "purposes": [Purpose.CARE_COORDINATION.value],
                "community_wide": False,
                "start_on": date(2026, 1, 1),
                "method": "VERBAL",
                "recorded_by": "test",
                "recorded_at_agency": world.agencies["B"].id,
            }
            for grant, one in zip(given, people, strict=True)
        ],
        consent_recipient: [{"grant_id": grant, "agency_id": world.agencies["A"].id} for grant in given],
    }
    async with world.engine.begin() as connection:
        for table, values in rows.items():
            await connection.execute(insert(table), values)
    await world.renew_labels()
    async with world.engine.begin() as connection:
        await connection.execute(text("analyze"))  # as an import ends


PAGE = """query($after: String) { clients(where: {lastName: {eq: "Many"}}, first: 100, after: $after) {
  nodes { id name { last } } pageInfo { hasNextPage endCursor } } }"""


async def test_18_what_is_revoked_while_it_is_read_is_gone_from_the_next_question_on_every_worker(
    hub: Hub, settings: Settings
) -> None:
    """2,000 people, two workers. No decision outlives its request, so there is no cache to be told."""
    await a_crowd(hub.world, 2_000)
    token = await hub.joins("mia", "A")
    async with running(settings, hub.world) as other:
        assert len((await other.ask(token, PAGE)).json()["data"]["clients"]["nodes"]) == 100
        seen, after = 0, None
        revoked = None
        for number in range(20):
            page = (await (hub, other)[number % 2].ask(token, PAGE, after=after)).json()["data"]["clients"]
            if revoked is not None and revoked.done():
                assert page["nodes"] == []
                assert page["pageInfo"]["hasNextPage"] is False
                break
            seen += len(page["nodes"])
            after = page["pageInfo"]["endCursor"] or after
            if number == 9:
                revoked = asyncio.create_task(_revoke_all(hub.world))
                await _meanwhile(hub, [worker.ask(token, PAGE) for worker in (hub, other) * 4])
                await revoked
        assert seen == 1_000
        for worker in (hub, other):
            assert (await worker.ask(token, PAGE)).json()["data"]["clients"]["nodes"] == []
            _, told = await last_audit(hub.world)
            assert told == {}


async def _meanwhile(hub: Hub, asked: list[Awaitable[httpx.Response]]) -> None:
    """What is asked while it is revoked is answered as before or as after, and audited as it was answered."""
    for response in await asyncio.gather(*asked):
        assert "errors" not in response.json()
        shown = response.json()["data"]["clients"]["nodes"]
        assert all(one["name"] == {"last": "Many"} for one in shown)
        _, told = await hub.audited(response)
        named = {str(person) for person, line in told.items() if line.disclosed & Category.NAME}
        assert named == {one["id"] for one in shown}


async def _revoke_all(world: World) -> None:
    async with world.engine.begin() as connection:
        every = select(consent_grant.c.id, consent_grant.c.recorded_at, consent_grant.c.recorded_by)
        rows = (await connection.execute(every)).all()
        await connection.execute(
            insert(consent_revocation),
            [{"grant_id": row.id, "reason": "all", "revoked_at": NOW, "revoked_by": "test"} for row in rows],
        )


async def test_26_two_viewers_at_the_same_moment_get_each_their_own_answer(hub: Hub) -> None:
    cleo = await cleo_at_b(hub.world)
    await hub.world.grant("cleo", "A", categories=Category.EXISTENCE | Category.NAME)
    await hub.world.organization("C")
    allowed, denied = await hub.joins("mia", "A"), await hub.joins("noa", "C")
    for _ in range(10):
        shown, hidden = await asyncio.gather(
            hub.ask(allowed, CLIENT, id=cleo), hub.ask(denied, CLIENT, id=cleo)
        )
        assert shown.json()["data"]["client"]["name"] == {"last": "Stone"}
        assert hidden.content == GONE
        for response in (shown, hidden):
            assert response.headers["cache-control"] == "no-store"
            assert "etag" not in response.headers
        [(event, told), (other, nobody)] = [await hub.audited(one) for one in (shown, hidden)]
        assert (event["subject"], other["subject"], nobody) == ("mia", "noa", {})
        assert told[UUID(cleo)].disclosed == Category.EXISTENCE | Category.NAME
        assert told[UUID(cleo)].withheld == Category.DOB


async def test_27_five_hundred_questions_at_once_get_the_answers_of_one_after_another(hub: Hub) -> None:
    world = hub.world
    await cleo_at_b(world)
    people = ["cleo"]
    for number in range(4):
        await world.client(f"c{number}", last_name=f"Name{number}", dob=date(1990, 1, 1 + number))
        await world.stay(f"t{number}", f"c{number}", "B-p" if number % 2 else "A-p")
        people.append(f"c{number}")
    tokens = []
    for number in range(20):
        agency_of = f"G{number}"
        await world.organization(agency_of)
        tokens.append(await hub.joins(f"user{number}", agency_of))
        for place, client in enumerate(people):
            if (number + place) % 3:
                shared = Category.EXISTENCE | (Category.NAME if number % 2 else Category.DOB)
                await world.grant(client, agency_of, categories=shared)
    asked = [(token, str(world.people[client])) for token in tokens for client in people]
    alone = {pair: await hub.ask(pair[0], CLIENT, id=pair[1]) for pair in asked}
    serial = {pair: response.content for pair, response in alone.items()}
    assert len(set(serial.values())) > len(people)
    crowd = asked * 5
    together = await asyncio.gather(*(hub.ask(token, CLIENT, id=client) for token, client in crowd))
    assert len(together) == 500
    assert [response.content for response in together] == [serial[pair] for pair in crowd]
    written = {event["request_id"]: event for event in await events(world.engine)}
    assert len(written) == 600
    for pair, response in zip(crowd, together, strict=True):
        one, other = written[_id_of(response)], written[_id_of(alone[pair])]
        assert (one["subject"], one["outcome"]) == (other["subject"], "ANSWERED")
    for pair, response in list(zip(crowd, together, strict=True))[::7]:
        assert (await hub.audited(response))[1] == (await hub.audited(alone[pair]))[1]


def _id_of(response: httpx.Response) -> str:
    identifier: str = response.headers["x-request-id"]
    return identifier


async def test_37_law_enforcement_is_no_purpose_of_a_case_manager(hub: Hub) -> None:
    """Not even of somebody to whom the client granted it."""
    cleo = await cleo_at_b(hub.world)
    await hub.world.grant("cleo", "A", purposes=tuple(Purpose))
    await hub.joins("mia", "A")
    refused = await hub.ask(hub.token("mia", purpose="LAW_ENFORCEMENT"), CLIENT, id=cleo)
    event, told = await last_audit(hub.world)
    assert refused.content == GONE
    assert (event["outcome"], event["agency_id"], told) == ("NO_ACCESS", None, {})
    agreed = await hub.ask(hub.token("mia", purpose="CARE_COORDINATION"), CLIENT, id=cleo)
    assert agreed.json()["data"]["client"]["name"] == {"last": "Stone"}


ORDER = """mutation($client: ID!) { legalOrderRecord(input: {
  client: $client, reader: "reader", categories: [DOB], authority: WARRANT, reference: "26-1207",
  start: "2026-06-30", end: "2026-07-02" }) { order { id } problems { code } } }"""
APPROVE = "mutation($id: ID!) { legalOrderApprove(id: $id) { problems { code } } }"
EVERYBODY = "{ clients(where: {}) { nodes { id name { last } birth { date } } } }"


async def test_37_an_order_that_two_others_approved_opens_what_it_lists_of_that_client(hub: Hub) -> None:
    """To its reader, for law enforcement alone, until its last day. More in test_legal_order.py."""
    cleo = await cleo_at_b(hub.world)
    await hub.world.client("dora", last_name="Other", dob=date(1981, 1, 1))
    for key, client in [("s2", "cleo"), ("s3", "dora")]:
        await hub.world.stay(key, client, "A-p")
    for officer in ("reader", "first", "second"):
        await hub.joins(officer, "A", Role.PRIVACY_OFFICER)
    await hub.joins("mia", "A")

    async def looks() -> Any:
        response = await hub.ask(hub.token("reader", purpose="LAW_ENFORCEMENT"), CLIENT, id=cleo)
        return response.json()["data"]["client"]

    written = (await hub.ask(hub.token("mia"), ORDER, client=cleo)).json()["data"]["legalOrderRecord"]
    identifier = written["order"]["id"]
    codes = []
    for approver in ("mia", "reader", "first", "first", "second"):
        assert await looks() is None
        answer = await hub.ask(hub.token(approver), APPROVE, id=identifier)
        codes.append([each["code"] for each in answer.json()["data"]["legalOrderApprove"]["problems"]])
    assert codes == [["FORBIDDEN"], ["FORBIDDEN"], [], [], []]

    assert await looks() == {"id": cleo, "name": None, "birth": {"date": "1980-05-01"}}
    event, told = await last_audit(hub.world)
    assert (event["purpose"], event["subject"], set(told)) == ("LAW_ENFORCEMENT", "reader", {UUID(cleo)})
    line = told[UUID(cleo)]
    assert (line.disclosed, line.exception) == (
        Category.EXISTENCE | Category.DOB,
        f"LEGAL_ORDER {identifier}",
    )
    everybody = await hub.ask(hub.token("reader", purpose="LAW_ENFORCEMENT"), EVERYBODY)
    assert everybody.json()["data"]["clients"]["nodes"] == [
        {"id": cleo, "name": None, "birth": {"date": "1980-05-01"}}
    ]
    accounted = await told_to_the_client(hub, cleo)
    assert [(each.recipient, each.purpose, each.basis) for each in accounted] == [
        (
            "Agency A",
            "Law enforcement, under an order",
            f"exception LEGAL_ORDER {identifier} (45 CFR 164.512(f); 69 FR 45888, 4.1.3)",
        )
    ]
    refused = await hub.ask(hub.token("mia", purpose="LAW_ENFORCEMENT"), CLIENT, id=cleo)
    assert refused.content == GONE
    hub.now = NOW + timedelta(days=2)
    assert await looks() is None


async def told_to_the_client(hub: Hub, client: str) -> list[Any]:
    """Their accounting under HIPAA."""
    async with hub.world.engine.connect() as connection:
        return await account(connection, UUID(client), PROFILES["hipaa"], UTC, NOW.date())


async def test_38_whoever_acts_for_an_agency_without_an_agreement_sees_nothing(hub: Hub) -> None:
    cleo = await cleo_at_b(hub.world)
    await hub.world.organization("E", agreement=False)
    await hub.world.grant("cleo", "E", purposes=tuple(Purpose))
    token = await hub.joins("service-e", "E", Role.DASHBOARD)
    response = await hub.ask(token, CLIENT, id=cleo)
    event, told = await last_audit(hub.world)
    assert response.content == GONE
    assert (event["outcome"], told) == ("NO_ACCESS", {})


def _masks(response: httpx.Response) -> object:
    client = response.json()["data"]["client"]
    return client and client["name"]


async def test_39_the_member_table_says_for_whom_somebody_acts_and_no_header_does(hub: Hub) -> None:
    cleo = await cleo_at_b(hub.world)
    ids = {name: str(found.id) for name, found in hub.world.agencies.items()}
    token = await hub.joins("mia", "A")
    forged = {"x_agency": ids["B"], "x_agency_id": ids["B"], "x_forwarded_user": "noa", "x_role": "SYSTEM"}
    response = await hub.post(token, {"query": CLIENT, "variables": {"id": cleo}}, **forged)
    assert response.content == GONE
    claimed = await hub.ask(hub.token("mia", agency=ids["B"]), CLIENT, id=cleo)
    assert claimed.content == GONE
    event, _ = await last_audit(hub.world)
    assert str(event["agency_id"]) == ids["A"]
    async with hub.world.engine.begin() as connection:
        moved = select(agency.c.id).where(agency.c.organization_id == "B").scalar_subquery()
        await connection.execute(update(member).where(member.c.subject == "mia").values(agency_id=moved))
    after = await hub.ask(token, CLIENT, id=cleo)
    assert _masks(after) == {"last": "Stone"}
    event, told = await last_audit(hub.world)
    assert str(event["agency_id"]) == ids["B"]
    assert set(told) == {UUID(cleo)}
    async with hub.world.engine.begin() as connection:
        gone = update(member).where(member.c.subject == "mia").values(valid_to=datetime.now(UTC).date())
        await connection.execute(gone.values(valid_to=date(2026, 6, 30)))
    assert (await hub.ask(token, CLIENT, id=cleo)).content == GONE
