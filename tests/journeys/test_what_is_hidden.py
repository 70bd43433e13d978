"""Small ways in which something hidden could be told: by order, by cost, by a search, by a partner."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from auth.categories import Category
from connectors.base import Person
from connectors.memory import MemorySource, Record
from hmis.labels import Label
from hmis.tables import HMIS, consent_grant
from tests.conftest import Statements
from tests.worlds import World

FIND = "query($where: ClientWhere!) { clients(where: $where) { nodes { id } } }"
HOUSEHOLD = """query($id: ID!) { client(id: $id) { enrollments { nodes {
  household { members { entryDate relationshipToHeadOfHousehold client { id } } } } } } }"""
GRANTS = "query($id: ID!) { client(id: $id) { grants { recipients group sources state } } }"
STAYS = """query($id: ID!, $after: String) { client(id: $id) { enrollments(first: 1, after: $after) {
  nodes { entryDate } pageInfo { hasNextPage endCursor } } } }"""
FOOD = "query($id: ID!) { client(id: $id) { foodAssistance { visitCount } } }"
REVOKE = """mutation($id: ID!) { consentRevoke(id: $id, reason: "no longer") { problems { code } } }"""
FAMILY = Category.EXISTENCE | Category.HOUSEHOLD
SEEN = FAMILY | Category.ENROLLMENT
ADA = Person("Ada", "Quill", date(1980, 5, 1))


async def agencies(world: World) -> None:
    """A, where things are entered, B, which looks, and V, which serves survivors of violence."""
    for key in "AB":
        await world.organization(key)
    await world.organization("V", victim_services=True)


async def family(world: World, **joined: date) -> dict[str, str]:
    """People who entered A's project in one household, by name and entry date."""
    people = {}
    for name, day in joined.items():
        people[name] = str(await world.client(name))
        await world.stay(f"s-{name}", name, "A-p", day, household_id="h", relationship_to_hoh=None)
    return people


def members(data: Any) -> list[dict[str, Any]]:
    return [one for stay in data["client"]["enrollments"]["nodes"] for one in stay["household"]["members"]]


async def test_the_end_of_a_hashed_number_finds_nobody(world: World) -> None:
    await agencies(world)
    plain = str(await world.client("plain", ssn="734001234"))
    await world.client("hashed", ssn="ab" * 30 + "1234")
    for name in ("plain", "hashed"):
        await world.stay(f"s-{name}", name, "A-p")
    answer = await world.ask(world.viewer("A"), FIND, where={"ssnLastFour": "1234"})
    assert answer.data["clients"]["nodes"] == [{"id": plain}]


async def test_a_household_costs_the_same_whoever_is_hidden_in_it(
    world: World, statements: Statements
) -> None:
    await agencies(world)
    people = await family(world, ada=date(2026, 1, 1))
    await world.grant("ada", "B", categories=SEEN)
    costs = []
    for _ in range(2):
        statements.forget()
        answer = await world.ask(world.viewer("B"), HOUSEHOLD, id=people["ada"])
        costs.append(statements.count)
        assert [one["client"]["id"] for one in members(answer.data)] == [people["ada"]]
        assert {str(person) for person in answer.request.trail.subjects} == {people["ada"]}
        if len(costs) == 1:
            await family(world, bo=date(2026, 1, 1), cy=date(2026, 1, 2))
    assert costs[0] == costs[1]


async def test_a_member_none_of_whose_records_is_there_costs_nothing(
    world: World, statements: Statements
) -> None:
    await agencies(world)
    for name, population in (("told", 3), ("kept", 1)):
        await world.project(name, "A", target_population=population)
    people = {name: str(await world.client(name)) for name in ("ada", "bo")}
    await world.stay("s-ada", "ada", "told", household_id="h")
    for name in ("ada", "bo"):
        await world.grant(name, "B", categories=SEEN, labels=Label.HIV)
    costs = []
    for _ in range(2):
        statements.forget()
        answer = await world.ask(world.viewer("B"), HOUSEHOLD, id=people["ada"])
        costs.append(statements.count)
        assert [one["client"]["id"] for one in members(answer.data)] == [people["ada"]]
        if len(costs) == 1:
            # Bo's stay is open to B, but Bo's record tells of violence too, which Bo did not name.
            await world.stay("s-bo", "bo", "told", household_id="h")
            await world.stay("s-bo-2", "bo", "kept")
    assert costs[0] == costs[1]


async def test_what_another_agency_recorded_for_others_costs_nothing_to_whoever_reads_grants(
    world: World, statements: Statements
) -> None:
    await agencies(world)
    people = await family(world, ada=date(2026, 1, 1))
    await world.grant("ada", "A", categories=SEEN)
    group = await world.group("Kitchens", "B")
    costs = []
    for _ in range(2):
        statements.forget()
        answer = await world.ask(world.viewer("A"), GRANTS, id=people["ada"])
        costs.append((statements.count, answer.data))
        recorded = await world.grant("ada", categories=SEEN, group=group, sources=(world.sources["demo"],))
        elsewhere = update(consent_grant).values(recorded_at_agency=world.agencies["B"].id)
        async with world.engine.begin() as connection:
            await connection.execute(elsewhere.where(consent_grant.c.id == recorded))
    assert costs[0] == costs[1]


async def test_a_large_household_costs_no_more_than_a_small_one(world: World, statements: Statements) -> None:
    await agencies(world)
    people = await family(world, ada=date(2026, 1, 1), bo=date(2026, 1, 1))
    statements.forget()
    await world.ask(world.viewer("A"), HOUSEHOLD, id=people["ada"])
    cost = statements.count
    await family(world, cy=date(2026, 1, 1), di=date(2026, 1, 1), ed=date(2026, 1, 1))
    statements.forget()
    answer = await world.ask(world.viewer("A"), HOUSEHOLD, id=people["ada"])
    assert (statements.count, len(members(answer.data))) == (cost, 5)


async def test_the_order_of_a_household_tells_nothing_of_a_stay_that_is_kept(world: World) -> None:
    await agencies(world)
    people = await family(world, ada=date(2026, 1, 1), bo=date(2026, 1, 2), cy=date(2026, 1, 3))
    await world.grant("ada", "B", categories=SEEN)
    for name in ("bo", "cy"):
        await world.grant(name, "B", categories=FAMILY)
    orders = []
    for day in (date(2026, 1, 2), date(2025, 1, 1), date(2026, 5, 5)):
        async with world.engine.begin() as connection:
            stay = HMIS["Enrollment"]
            await connection.execute(update(stay).where(stay.c.personal_id == "bo").values(entry_date=day))
        answer = await world.ask(world.viewer("B"), HOUSEHOLD, id=people["ada"])
        orders.append([one["client"]["id"] for one in members(answer.data)])
    assert orders[0] == orders[1] == orders[2]
    assert set(orders[0]) == set(people.values())


async def test_a_member_whose_record_was_removed_is_in_no_household(world: World) -> None:
    await agencies(world)
    people = await family(world, ada=date(2026, 1, 1), bo=date(2026, 1, 1))
    await world.client("bo-again", person_of="bo")
    await world.stay("s-again", "bo-again", "A-p")
    async with world.engine.begin() as connection:
        client = HMIS["Client"]
        removed = {"removed_at": datetime(2026, 6, 1, tzinfo=UTC)}
        await connection.execute(update(client).where(client.c.personal_id == "bo").values(**removed))
    answer = await world.ask(world.viewer("A"), HOUSEHOLD, id=people["ada"])
    assert [one["client"]["id"] for one in members(answer.data)] == [people["ada"]]


@pytest.mark.parametrize("keys", [("1", "2"), ("2", "1")])
async def test_the_order_of_one_day_tells_nothing_of_what_the_source_calls_its_rows(
    world: World, keys: tuple[str, str]
) -> None:
    await agencies(world)
    await world.client("ada")
    await world.stay("s", "ada", "A-p")
    identifiers = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]
    for key, identifier in zip(keys, identifiers, strict=True):
        held = {"enrollment_id": "s", "date_provided": date(2026, 1, 1), "record_type": 200}
        await world.row("Services", key, id=identifier, **held)
    await world.grant("ada", "B", categories=SEEN | Category.SERVICES)
    document = "query($id: ID!) { client(id: $id) { enrollments { nodes { services { id identifier } } } } }"
    answer = await world.ask(world.viewer("B"), document, id=str(world.people["ada"]))
    services = answer.data["client"]["enrollments"]["nodes"][0]["services"]
    assert services == [{"id": identifier, "identifier": None} for identifier in identifiers]


async def test_an_affiliation_to_a_hidden_project_is_neither_shown_nor_paid_for(
    world: World, statements: Statements
) -> None:
    await agencies(world)
    project = await world.project("A-services", "A")
    document = "query($id: ID!) { project(id: $id) { affiliations { id residentialProject { name } } } }"
    costs = []
    for _ in range(2):
        statements.forget()
        answer = await world.ask(world.viewer("B"), document, id=str(project))
        costs.append(statements.count)
        assert answer.data["project"]["affiliations"] == []
        await world.row("Affiliation", f"f{len(costs)}", project_id="A-services", res_project_id="V-p")
    assert costs[0] == costs[1]


async def test_the_last_exit_stays_the_last_when_its_destination_is_hidden(world: World) -> None:
    await agencies(world)
    await world.client("ada")
    await world.stay("s", "ada", "A-p")
    await world.row("Exit", "x1", enrollment_id="s", exit_date=date(2026, 2, 1), destination=410)
    await world.row("Exit", "x2", enrollment_id="s", exit_date=date(2026, 3, 1), destination=207)
    await world.grant("ada", "B", categories=SEEN)
    document = "query($id: ID!) { client(id: $id) { enrollments { nodes { exit { date destination } } } } }"
    answer = await world.ask(world.viewer("B"), document, id=str(world.people["ada"]))
    assert answer.data["client"]["enrollments"]["nodes"] == [
        {"exit": {"date": "2026-03-01", "destination": None}}
    ]


async def test_a_cursor_leads_on_when_its_row_has_been_hidden_since(world: World) -> None:
    await agencies(world)
    ada = str(await world.client("ada"))
    for month in (1, 2, 3):
        await world.stay(f"s{month}", "ada", "A-p", date(2026, month, 1))
    page = (await world.ask(world.viewer("A"), STAYS, id=ada)).data["client"]["enrollments"]
    async with world.engine.begin() as connection:
        stay = HMIS["Enrollment"]
        removed = {"removed_at": datetime(2026, 6, 1, tzinfo=UTC)}
        await connection.execute(update(stay).where(stay.c.enrollment_id == "s3").values(**removed))
    after = page["pageInfo"]["endCursor"]
    page = (await world.ask(world.viewer("A"), STAYS, id=ada, after=after)).data["client"]["enrollments"]
    assert page["nodes"] == [{"entryDate": "2026-02-01"}]


async def test_stays_without_an_entry_date_can_be_paged_through(world: World) -> None:
    await agencies(world)
    ada = str(await world.client("ada"))
    for number in range(3):
        await world.row(
            "Enrollment", f"s{number}", personal_id="ada", project_id="A-p", household_id=f"h{number}"
        )
    await world.stay("dated", "ada", "A-p", date(2026, 1, 1))
    seen, after = [], None
    for _ in range(4):
        page = (await world.ask(world.viewer("A"), STAYS, id=ada, after=after)).data["client"]["enrollments"]
        seen += [node["entryDate"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["2026-01-01", None, None, None]
    assert page["pageInfo"]["hasNextPage"] is False


def pantry() -> MemorySource:
    return MemorySource({"h1": Record(ADA, {"visitCount": 3})}, name="pantry")


async def test_a_victim_service_provider_tells_no_partner_whom_it_serves(world: World) -> None:
    await agencies(world)
    source = world.partners["pantry"] = pantry()
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1)))
    await world.stay("s", "ada", "V-p")
    await world.grant("ada", "V", categories=Category.EXISTENCE | Category.FOOD)
    answer = await world.ask(world.viewer("V"), FOOD, id=ada)
    assert answer.data["client"] == {"foodAssistance": []}
    assert source.looked_up == []


async def test_a_hidden_stay_elsewhere_decides_nothing_about_food(world: World) -> None:
    await agencies(world)
    world.partners["pantry"] = pantry()
    await world.project("A-hopwa", "A")
    await world.row("Funder", "f", project_id="A-hopwa", funder=13)
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1)))
    await world.stay("s", "ada", "A-hopwa")
    await world.grant("ada", "A", categories=Category.EXISTENCE | Category.FOOD)
    before = await world.ask(world.viewer("A"), FOOD, id=ada)
    await world.stay("s2", "ada", "B-p")
    after = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert before.data == after.data == {"client": {"foodAssistance": [{"visitCount": 3}]}}
    assert before.withheld == after.withheld == {}


async def test_a_grant_of_somebody_hidden_and_no_grant_at_all_cost_the_same(
    world: World, statements: Statements
) -> None:
    await agencies(world)
    await world.client("ada")
    await world.stay("s", "ada", "A-p")
    costs = []
    for identifier in (await world.grant("ada", "B", categories=Category.NAME), uuid4()):
        statements.forget()
        answer = await world.ask(world.viewer("B"), REVOKE, id=str(identifier))
        costs.append(statements.count)
        assert answer.data["consentRevoke"] == {"problems": [{"code": "NOT_FOUND"}]}
    assert costs[0] == costs[1]
