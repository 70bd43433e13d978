"""What a clinic's FHIR server holds of a client's social needs: shown by consent, and violence by its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from auth.categories import Category
from connectors.base import Person
from connectors.gravity_fhir.kit import (
    Clinic,
    clinic,
    condition,
    goal,
    patient,
    refers,
    request,
    task,
)
from hmis.labels import Label
from tests.worlds import World

NEEDS = """query($id: ID!) { client(id: $id) {
  sdohConditions { categories display clinicalStatus provenance { reference via source { name } } }
  sdohGoals { categories }
  sdohReferrals { service status categories }
  sdohScreenings { question }
} }"""
SHARED = Category.EXISTENCE | Category.HEALTH_PARTNER
FOOD = {
    "categories": ["FOOD_INSECURITY"],
    "display": "733423003",
    "clinicalStatus": "ACTIVE",
    "provenance": {"reference": "Condition/hunger", "via": "LIVE", "source": {"name": "Example Clinic"}},
}
HIDDEN = "intimate-partner-violence"


@pytest.fixture
async def partner(world: World) -> AsyncIterator[Clinic]:

    person = Person("Ada", "Quill", date(1980, 5, 1))
    held: list[dict[str, Any]] = [
        patient("p1", person),
        condition("hunger"),
        condition("harm", "p1", HIDDEN),
        goal("enough"),
        goal("safety", "p1", "housing-instability", addresses=refers("Condition/harm")),
        request("parcel"),
        task("parcel-task", "parcel"),
        # Its own category tells nothing; what it is for does.
        request("shelter", "p1", "housing-instability", reasonReference=refers("Condition/harm")),
        task("shelter-task", "shelter"),
    ]
    async with clinic(*held) as running:
        world.partners["gravity-fhir"] = running.source
        await world.organization("A")
        await world.client("ada", first_name="Ada", last_name="Quill", dob=person.dob)
        await world.stay("s1", "ada", "A-p")
        yield running


async def _asked(world: World) -> Any:
    answer = await world.ask(world.viewer("A"), NEEDS, id=str(world.people["ada"]))
    assert answer.errors == ()
    assert answer.data is not None
    return answer, answer.data["client"]


async def test_without_consent_the_clinic_hears_nothing(world: World, partner: Clinic) -> None:
    answer, client = await _asked(world)

    assert client == dict.fromkeys(("sdohConditions", "sdohGoals", "sdohReferrals", "sdohScreenings"))
    assert answer.withheld[("Client.sdohConditions", "HEALTH_PARTNER")] == 1
    assert answer.request.runtime.state(partner.source).calls == 0


async def test_consent_for_what_clinics_hold_shows_hunger_and_is_silent_about_violence(
    world: World, partner: Clinic
) -> None:
    await world.grant("ada", "A", categories=SHARED)

    answer, client = await _asked(world)

    assert client == {
        "sdohConditions": [FOOD],
        "sdohGoals": [{"categories": ["FOOD_INSECURITY"]}],
        "sdohReferrals": [
            {"service": "Food parcel", "status": "ACCEPTED", "categories": ["FOOD_INSECURITY"]}
        ],
        "sdohScreenings": [],
    }
    assert answer.withheld == {}
    assert answer.request.source_notes == set()


async def test_a_grant_that_names_violence_shows_it_in_every_noun(world: World, partner: Clinic) -> None:
    await world.grant("ada", "A", categories=SHARED, labels=Label.DV)

    _, client = await _asked(world)

    assert [one["categories"] for one in client["sdohConditions"]] == [
        ["INTIMATE_PARTNER_VIOLENCE"],
        ["FOOD_INSECURITY"],
    ]
    assert len(client["sdohGoals"]) == 2
    assert [one["categories"] for one in client["sdohReferrals"]] == [
        ["FOOD_INSECURITY"],
        ["HOUSING_INSTABILITY"],
    ]


async def test_one_unreadable_record_costs_its_own_client_only(world: World, partner: Clinic) -> None:
    await world.grant("ada", "A", categories=SHARED)
    partner.store.put(condition("broken", clinicalStatus={"coding": "active"}))

    answer, client = await _asked(world)

    assert client["sdohConditions"] is None
    assert len(client["sdohReferrals"]) == 1
    assert {(note.source, note.code) for note in answer.request.source_notes} == {
        ("gravity-fhir", "BAD_DATA")
    }
