"""What partners hold reaches a viewer only by consent, and a failing partner costs only its own rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from auth.categories import Category
from connectors.base import Person
from connectors.memory import MemorySource, Record
from hmis.errors import FailureCode, SourceFailed
from tests.worlds import World

FOOD = """query($id: ID!) { client(id: $id) { name { last }
  foodAssistance { lastVisit visitCount programs source { name } asOf stale } } }"""
ADA = Person("Ada", "Quill", date(1980, 5, 1))
VISITS = {"lastVisit": date(2026, 6, 1), "visitCount": 3, "programs": ["TEFAP", "OTHER"]}
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
