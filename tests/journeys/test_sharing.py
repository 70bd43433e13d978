"""What another agency sees: nothing, until the client agrees; nothing again, once it is revoked."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from auth.categories import Category
from auth.viewer import Purpose, Role
from tests.worlds import World

CLIENT = "query($id: ID!) { client(id: $id) { id name { first last } birth { date } sex } }"
STAYS = """query($id: ID!) { client(id: $id) {
  enrollments { nodes { entryDate livingSituation project { name } exit { date destination } } } } }"""
FIND = """query($where: ClientWhere!) { clients(where: $where) {
  nodes { id } pageInfo { hasNextPage endCursor } } }"""
SEEN = Category.EXISTENCE | Category.NAME | Category.ENROLLMENT


async def two_agencies(world: World) -> str:
    """Agencies A and B, and Ada, who stayed at A."""
    await world.organization("A")
    await world.organization("B")
    ada = await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1), sex=0)
    await world.stay("s1", "ada", "A-p", living_situation=116)
    return str(ada)


async def test_an_agency_sees_its_own_record_as_it_entered_it(world: World) -> None:
    ada = await two_agencies(world)
    answer = await world.ask(world.viewer("A"), CLIENT, id=ada)
    assert answer.data == {
        "client": {
            "id": ada,
            "name": {"first": "Ada", "last": "Quill"},
            "birth": {"date": "1980-05-01"},
            "sex": "FEMALE",
        }
    }
    assert answer.withheld == {}


async def test_a_hidden_an_unknown_and_a_malformed_id_look_the_same(world: World) -> None:
    ada = await two_agencies(world)
    for identifier in (ada, str(uuid4()), "nonsense", "", "0" * 400):
        answer = await world.ask(world.viewer("B"), CLIENT, id=identifier)
        assert (answer.data, answer.errors, answer.withheld) == ({"client": None}, (), {})
        assert answer.request.trail.about_people
        assert answer.request.trail.subjects == {}


async def test_a_grant_opens_what_it_names_and_says_what_it_withholds(world: World) -> None:
    ada = await two_agencies(world)
    await world.grant("ada", "B", categories=SEEN)
    answer = await world.ask(world.viewer("B"), CLIENT, id=ada)
    assert answer.data == {
        "client": {"id": ada, "name": {"first": "Ada", "last": "Quill"}, "birth": None, "sex": None}
    }
    assert answer.withheld == {("Client.birth", "DOB"): 1, ("Client.sex", "DEMOGRAPHICS"): 1}


async def test_what_is_withheld_is_said_whether_or_not_there_is_a_value(world: World) -> None:
    await two_agencies(world)
    bare = await world.client("bare")
    await world.stay("s2", "bare", "A-p")
    await world.grant("bare", "B", categories=SEEN)
    answer = await world.ask(world.viewer("B"), CLIENT, id=str(bare))
    assert answer.withheld == {("Client.birth", "DOB"): 1, ("Client.sex", "DEMOGRAPHICS"): 1}


async def test_a_stay_belongs_to_the_agency_of_its_project(world: World) -> None:
    ada = await two_agencies(world)
    await world.stay("s2", "ada", "B-p", date(2026, 3, 1))
    entries = {}
    for agency in "AB":
        answer = await world.ask(world.viewer(agency), STAYS, id=ada)
        entries[agency] = [stay["entryDate"] for stay in answer.data["client"]["enrollments"]["nodes"]]
    assert entries == {"A": ["2026-01-01"], "B": ["2026-03-01"]}
    await world.grant("ada", "B", categories=SEEN)
    answer = await world.ask(world.viewer("B"), STAYS, id=ada)
    nodes = answer.data["client"]["enrollments"]["nodes"]
    assert [stay["entryDate"] for stay in nodes] == ["2026-03-01", "2026-01-01"]


async def test_a_destination_that_tells_of_treatment_stays_with_its_agency_silently(world: World) -> None:
    ada = await two_agencies(world)
    await world.row("Exit", "x1", enrollment_id="s1", exit_date=date(2026, 2, 1), destination=205)
    await world.grant("ada", "B", categories=SEEN)
    own = await world.ask(world.viewer("A"), STAYS, id=ada)
    other = await world.ask(world.viewer("B"), STAYS, id=ada)
    assert own.data["client"]["enrollments"]["nodes"][0]["exit"]["destination"] == (
        "SUBSTANCE_USE_TREATMENT_OR_DETOX"
    )
    assert other.data["client"]["enrollments"]["nodes"][0]["exit"] == {
        "date": "2026-02-01",
        "destination": None,
    }
    assert other.withheld == {}


async def test_a_stay_at_a_hopwa_project_is_not_there_for_others(world: World) -> None:
    await two_agencies(world)
    await world.project("hopwa", "A")
    await world.row("Funder", "f1", project_id="hopwa", funder=13)
    bo = await world.client("bo")
    await world.stay("s9", "bo", "hopwa")
    await world.stay("s8", "bo", "A-p", date(2025, 1, 1))
    await world.grant("bo", "B", categories=SEEN)
    answer = await world.ask(world.viewer("B"), STAYS, id=str(bo))
    assert [stay["entryDate"] for stay in answer.data["client"]["enrollments"]["nodes"]] == ["2025-01-01"]


async def test_whoever_is_known_only_to_a_victim_service_provider_is_there_for_nobody_else(
    world: World,
) -> None:
    await two_agencies(world)
    await world.organization("V", victim_services=True)
    eve = await world.client("eve", last_name="Stone")
    await world.stay("s3", "eve", "V-p")
    await world.grant("eve", categories=SEEN)
    hidden = await world.ask(world.viewer("B"), CLIENT, id=str(eve))
    assert hidden.data == {"client": None}
    found = await world.ask(world.viewer("B"), FIND, where={"lastName": {"eq": "Stone"}})
    assert found.data["clients"]["nodes"] == []
    own = await world.ask(world.viewer("V"), CLIENT, id=str(eve))
    assert own.data["client"]["name"]["last"] == "Stone"


async def test_a_search_by_name_finds_nobody_whose_name_is_not_shared(world: World) -> None:
    ada = await two_agencies(world)
    await world.grant("ada", "B", categories=Category.EXISTENCE)
    nothing = {"clients": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
    for where in (
        {"lastName": {"startsWith": "Qu"}},
        {"lastName": {"eq": "quill"}},
        {"lastName": {"eq": "nobody at all"}},
        {"dateOfBirth": {"eq": "1980-05-01"}},
        {"identifier": {"source": "demo", "value": "ada"}, "firstName": {"eq": "Ada"}},
    ):
        answer = await world.ask(world.viewer("B"), FIND, where=where)
        assert answer.data == nothing
    by_identifier = await world.ask(
        world.viewer("B"), FIND, where={"identifier": {"source": "demo", "value": "ada"}}
    )
    assert by_identifier.data["clients"]["nodes"] == [{"id": ada}]


async def test_an_agency_finds_its_own_people_by_name_birth_date_and_last_four(world: World) -> None:
    await two_agencies(world)
    cy = str(
        await world.client("cy", first_name="Cy", last_name="Quint", ssn="734001234", dob=date(1990, 1, 2))
    )
    await world.stay("s4", "cy", "A-p")
    viewer = world.viewer("A")
    for where, expected in [
        ({"lastName": {"startsWith": "qu"}}, 2),
        ({"lastName": {"startsWith": "qu%"}}, 0),
        ({"firstName": {"eq": "CY"}}, 1),
        ({"ssnLastFour": "1234"}, 1),
        ({"dateOfBirth": {"gte": "1989-01-01", "lte": "1991-01-01"}}, 1),
        ({}, 2),
    ]:
        answer = await world.ask(viewer, FIND, where=where)
        assert len(answer.data["clients"]["nodes"]) == expected, where
    answer = await world.ask(viewer, FIND, where={"ssnLastFour": "1234"})
    assert answer.data["clients"]["nodes"] == [{"id": cy}]


async def test_pages_of_clients_hold_no_gap_where_somebody_is_hidden(world: World) -> None:
    await two_agencies(world)
    for number in range(7):
        await world.client(f"n{number}", last_name="Many")
        await world.stay(f"n{number}", f"n{number}", "A-p" if number % 2 else "B-p")
    document = """query($after: String) { clients(where: {lastName: {eq: "Many"}}, first: 1, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } }"""
    seen, after = [], None
    for _ in range(10):
        page = (await world.ask(world.viewer("A"), document, after=after)).data["clients"]
        assert len(page["nodes"]) == 1
        seen += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == sorted(str(world.people[f"n{number}"]) for number in (1, 3, 5))


async def test_stays_are_paged_newest_first_without_repeats(world: World) -> None:
    ada = await two_agencies(world)
    for month in range(2, 9):
        await world.stay(f"m{month}", "ada", "A-p", date(2026, month, 1))
    document = """query($id: ID!, $after: String) { client(id: $id) { enrollments(first: 3, after: $after) {
      nodes { entryDate } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[str] = []
    after = None
    for _ in range(3):
        answer = await world.ask(world.viewer("A"), document, id=ada, after=after)
        page = answer.data["client"]["enrollments"]
        seen += [node["entryDate"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [f"2026-0{month}-01" for month in range(8, 0, -1)]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_a_dashboard_gets_what_the_client_agreed_to_without_the_name(world: World) -> None:
    ada = await two_agencies(world)
    await world.grant("ada", "B", categories=SEEN | Category.DEMOGRAPHICS, purposes=(Purpose.REPORTING,))
    viewer = world.viewer("B", Role.DASHBOARD, Purpose.REPORTING)
    answer = await world.ask(viewer, CLIENT, id=ada)
    assert answer.data == {"client": {"id": ada, "name": None, "birth": None, "sex": "FEMALE"}}


async def test_golden_facts_are_taken_from_visible_records_alone(world: World) -> None:
    await two_agencies(world)
    await world.organization("V", victim_services=True)
    await world.client("old", first_name="Visible", date_updated=date(2020, 1, 1))
    await world.stay("s5", "old", "A-p")
    await world.client("new", first_name="Hidden", date_updated=date(2026, 1, 1), person_of="old")
    await world.stay("s6", "new", "V-p")
    document = "query($id: ID!) { client(id: $id) { name { first } identifiers { value } } }"
    answer = await world.ask(world.viewer("A"), document, id=str(world.people["old"]))
    assert answer.data == {"client": {"name": {"first": "Visible"}, "identifiers": [{"value": "old"}]}}


async def test_a_viewer_whom_nobody_vouches_for_finds_nobody(world: World) -> None:
    ada = await two_agencies(world)
    assert (await world.ask(None, CLIENT, id=ada)).data == {"client": None}
    answer = await world.ask(None, FIND, where={})
    assert answer.data["clients"]["nodes"] == []


async def test_a_connection_is_a_relay_connection(world: World) -> None:
    ada = await two_agencies(world)
    await world.stay("s2", "ada", "A-p", date(2026, 3, 1))
    document = """query($id: ID!, $after: String) { client(id: $id) { enrollments(first: 1, after: $after) {
      edges { cursor node { entryDate } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
    first = (await world.ask(world.viewer("A"), document, id=ada)).data["client"]["enrollments"]
    cursor = first["edges"][0]["cursor"]
    assert first["edges"][0]["node"] == {"entryDate": "2026-03-01"}
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": cursor,
        "endCursor": cursor,
    }
    second = (await world.ask(world.viewer("A"), document, id=ada, after=cursor)).data["client"]
    assert [edge["node"] for edge in second["enrollments"]["edges"]] == [{"entryDate": "2026-01-01"}]
    assert second["enrollments"]["pageInfo"]["hasPreviousPage"] is True
    assert second["enrollments"]["pageInfo"]["hasNextPage"] is False
