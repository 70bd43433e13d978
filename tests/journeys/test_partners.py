"""What partners hold reaches a viewer only by consent, and a failing partner costs only its own rows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from auth.categories import Category
from connectors.base import Person
from connectors.memory import MemorySource, Record
from gateway.documents import Documents
from hmis.errors import FailureCode, SourceFailed
from hmis.labels import Label
from resolvers.request import SourceNote
from schema.build import schema
from tests.conftest import Statements
from tests.worlds import NOW, World

FOOD = """query($id: ID!) { client(id: $id) { name { last }
  foodAssistance { lastVisit visitCount programs source { name } asOf stale } } }"""
ADA = Person("Ada", "Quill", date(1980, 5, 1))
VISITS = {"lastVisit": date(2026, 6, 1), "visitCount": 3, "programs": ["TEFAP", "OTHER"]}
DOCUMENTS = Documents(schema)
SHARED = Category.EXISTENCE | Category.FOOD


def pantry() -> MemorySource:
    return MemorySource(
        {"h1": Record(ADA, VISITS, datetime(2026, 6, 2, 9, tzinfo=UTC))}, name="pantry", title="A food bank"
    )


async def ada_at_agency_a(world: World) -> str:
    await world.organization("A")
    await world.organization("B")
    ada = await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1))
    await world.stay("s1", "ada", "A-p")
    return str(ada)


async def test_a_food_bank_is_asked_only_when_the_client_agreed(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    closed = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert closed.data["client"]["foodAssistance"] is None
    assert closed.withheld == {("Client.foodAssistance", "FOOD"): 1}
    assert (source.looked_up, source.asked) == ([], [])

    await world.grant("ada", "A", categories=SHARED)
    opened = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert opened.data["client"]["foodAssistance"] == [
        {
            "lastVisit": "2026-06-01",
            "visitCount": 3,
            "programs": ["TEFAP", "OTHER"],
            "source": {"name": "A food bank"},
            "asOf": "2026-06-02T09:00:00+00:00",
            "stale": False,
        }
    ]
    assert source.looked_up == [ADA]


async def test_a_consent_for_the_records_of_one_source_opens_nothing_that_a_partner_holds(
    world: World,
) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    await world.grant("ada", "B", categories=SHARED | Category.NAME, sources=(world.sources["demo"],))
    answer = await world.ask(world.viewer("B"), FOOD, id=ada)
    assert answer.data["client"] == {"name": {"last": "Quill"}, "foodAssistance": None}
    assert answer.withheld == {("Client.foodAssistance", "FOOD"): 1}
    assert (source.looked_up, source.asked) == ([], [])


async def test_a_person_once_found_is_not_looked_up_again(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    await world.grant("ada", "A", categories=SHARED)
    first = await world.ask(world.viewer("A"), FOOD, id=ada)
    again = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert again.data == first.data
    assert len(source.looked_up) == 1
    assert len(source.asked) == 2


async def test_no_more_is_told_to_a_partner_than_the_viewer_may_see(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    await world.grant("ada", "B", categories=SHARED)
    answer = await world.ask(world.viewer("B"), FOOD, id=ada)
    assert answer.data["client"] == {"name": None, "foodAssistance": []}
    assert source.looked_up == []


async def test_a_failing_partner_costs_its_own_rows_and_one_entry(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    await world.grant("ada", "A", categories=SHARED)
    source.fault = SourceFailed("pantry", FailureCode.UNAVAILABLE, retryable=True)
    answer = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert answer.errors == ()
    assert answer.data["client"] == {"name": {"last": "Quill"}, "foodAssistance": None}
    notes = {(note.source, note.code, note.retryable) for note in answer.request.source_notes}
    assert notes == {("pantry", "UNAVAILABLE", True)}


def keeping_pantry() -> MemorySource:
    source = pantry()
    source.limits = replace(source.limits, cache=timedelta(hours=1), stale_if_error=timedelta(days=30))
    return source


async def test_a_kept_answer_is_shown_marked_while_the_partner_is_down(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = keeping_pantry()
    await world.grant("ada", "A", categories=SHARED)
    document = """query($id: ID!) { client(id: $id) { foodAssistance { visitCount stale
      provenance { via reference retrievedAt stale connectorVersion source { id } } } } }"""
    live = await world.ask(world.viewer("A"), document, id=ada)
    source.fault = SourceFailed("pantry", FailureCode.UNAVAILABLE, retryable=True)
    kept = await world.ask(world.viewer("A"), document, id=ada, now=NOW + timedelta(minutes=30))
    stale = await world.ask(world.viewer("A"), document, id=ada, now=NOW + timedelta(days=1))

    assert [answer.data["client"]["foodAssistance"][0]["provenance"] for answer in (live, kept, stale)] == [
        {
            "via": via,
            "reference": "h1",
            "retrievedAt": retrieved,
            "stale": old,
            "connectorVersion": "1-memory",
            "source": {"id": "pantry"},
        }
        for via, retrieved, old in (
            ("LIVE", None, False),
            ("CACHE", NOW.isoformat(), False),
            ("CACHE", NOW.isoformat(), True),
        )
    ]
    assert live.request.source_notes == kept.request.source_notes == set()
    assert stale.request.source_notes == {
        SourceNote("pantry", "UNAVAILABLE", True, stale=True, as_of="2026-06-02T09:00:00+00:00")
    }


async def test_a_kept_answer_is_closed_with_the_consent(world: World) -> None:
    ada = await ada_at_agency_a(world)
    world.partners["pantry"] = keeping_pantry()
    grant = await world.grant("ada", "A", categories=SHARED)
    opened = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert opened.data["client"]["foodAssistance"]
    await world.revoke(grant)

    closed = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert closed.data["client"]["foodAssistance"] is None


async def test_a_labelled_record_is_there_only_for_a_grant_that_names_the_label(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    source.records["h1"] = replace(source.records["h1"], labels=frozenset({"DV"}))
    await world.grant("ada", "B", categories=SHARED | Category.NAME | Category.DOB)
    silent = await world.ask(world.viewer("B"), FOOD, id=ada)
    assert silent.data["client"]["foodAssistance"] == []
    assert silent.withheld == {}

    await world.grant("ada", "B", categories=SHARED, labels=Label.DV)
    named = await world.ask(world.viewer("B"), FOOD, id=ada)
    assert [row["visitCount"] for row in named.data["client"]["foodAssistance"]] == [3]


async def test_only_the_fields_of_the_question_are_asked(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    await world.grant("ada", "A", categories=SHARED)
    document = """query($id: ID!) { client(id: $id) { foodAssistance { times: visitCount ...more } } }
      fragment more on FoodAssistance { ... on FoodAssistance { programs } source { id } }"""
    await world.ask(world.viewer("A"), document, id=ada)
    assert [request.fields for request in source.asked] == [{"visitCount", "programs"}]


async def test_somebody_asked_about_twice_in_one_operation_is_looked_up_once(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    await world.grant("ada", "A", categories=SHARED)
    document = """query($id: ID!) {
      one: client(id: $id) { foodAssistance { visitCount } again: foodAssistance { programs } }
      other: client(id: $id) { foodAssistance { lastVisit } } }"""
    await world.ask(world.viewer("A"), document, id=ada)
    assert source.looked_up == [ADA]
    assert len(source.asked) == 3


async def test_a_partner_whose_agreement_has_lapsed_hears_nothing_and_the_answer_says_so(
    world: World,
) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    await world.grant("ada", "A", categories=SHARED)
    world.lapsed = frozenset({"pantry"})
    answer = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert answer.errors == ()
    assert answer.data["client"] == {"name": {"last": "Quill"}, "foodAssistance": None}
    notes = {(note.source, note.code, note.retryable) for note in answer.request.source_notes}
    assert notes == {("pantry", "CONFIG", False)}
    assert (source.looked_up, source.asked) == ([], [])


async def test_what_all_partners_call_the_people_is_one_statement(
    world: World, statements: Statements
) -> None:
    ada = await ada_at_agency_a(world)
    world.partners["pantry"] = pantry()
    warm = MemorySource(
        {"e1": Record(ADA, {"heatingFuel": "PROPANE"})},
        name="warm",
        noun="UtilityAssistance",
        category="utility",
    )
    world.partners["warm"] = warm
    await world.grant("ada", "A")
    document = """query($id: ID!) { client(id: $id) {
        foodAssistance { visitCount } utilityAssistance { heatingFuel } } }"""
    first = await world.ask(world.viewer("A"), document, id=ada)
    statements.forget()
    again = await world.ask(world.viewer("A"), document, id=ada)

    assert again.data == first.data
    assert again.data["client"]["utilityAssistance"] == [{"heatingFuel": "PROPANE"}]
    assert len([text for text in statements.texts if "partner_link" in text]) == 1


async def test_many_clients_are_asked_about_in_one_call(world: World) -> None:
    await world.organization("A")
    records: dict[str, Any] = {}
    for number in range(5):
        client = f"c{number}"
        facts = Person(f"First{number}", "Many", date(1990, 1, number + 1))
        await world.client(client, first_name=facts.first_name, last_name="Many", dob=facts.dob)
        await world.stay(f"s{number}", client, "A-p")
        await world.grant(client, "A", categories=SHARED)
        records[f"h{number}"] = Record(facts, VISITS)
    source = world.partners["pantry"] = MemorySource(records, name="pantry")
    document = """query { clients(where: {lastName: {eq: "Many"}}) {
      nodes { foodAssistance { visitCount } } } }"""
    answer = await world.ask(world.viewer("A"), document)
    assert answer.data["clients"]["nodes"] == [{"foodAssistance": [{"visitCount": 3}]}] * 5
    assert len(source.asked) == 1


async def test_while_a_partner_is_waited_for_the_place_is_left_to_others(world: World) -> None:
    ada = await ada_at_agency_a(world)
    source = world.partners["pantry"] = pantry()
    source.gate = asyncio.Event()
    await world.grant("ada", "A", categories=SHARED)
    places: list[str] = []

    @contextmanager
    def away() -> Iterator[None]:
        places.append("left")
        yield
        places.append("taken again")

    request = replace(world.request(world.viewer("A")), away=away)
    document = DOCUMENTS.prepare(FOOD)
    asking = asyncio.create_task(DOCUMENTS.run(document, {"id": ada}, None, request))
    await source.reached.wait()
    assert places == ["left"]

    source.gate.set()
    result = await asking
    assert result.data is not None
    assert result.data["client"]["foodAssistance"]
    assert places == ["left", "taken again"]
