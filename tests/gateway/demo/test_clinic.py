"""The demo's clinic knows the community's people, and violence at home is labelled in all its charts."""

from __future__ import annotations

import pytest

from connectors.base import Found, Match, Person, Row, Subject
from connectors.gravity_fhir.kit import Clinic, asks, clinic
from connectors.judging import Link, judge
from gateway.demo.clinic import clinic_bundle
from hmis.community import Community, build
from tests.connectors.partners import soon


@pytest.fixture(scope="module")
def community() -> Community:
    return build()


def _held(community: Community) -> list[dict[str, object]]:
    return [entry["resource"] for entry in clinic_bundle(community.patients)["entry"]]


async def _rows(there: Clinic, noun: str, *patients: str) -> list[Row]:
    outcomes = await there.source.fetch(asks(noun, *patients))
    return [row for outcome in outcomes.values() if isinstance(outcome, Found) for row in outcome.rows]


def test_it_is_the_same_on_every_run(community: Community) -> None:
    assert clinic_bundle(community.patients) == clinic_bundle(build().patients)


async def test_every_chart_is_read_and_every_shelter_for_violence_is_labelled(community: Community) -> None:
    keys = [patient.key for patient in community.patients]
    async with clinic(*_held(community)) as there:
        needs = await _rows(there, "SdohCondition", *keys)
        goals = await _rows(there, "SdohGoal", *keys)
        referrals = await _rows(there, "SdohReferral", *keys)

    told = {row.reference.removeprefix("Condition/c-") for row in needs if row.labels == {"DV"}}
    assert len(told) > 5
    assert len(needs) > 2 * len(told)
    for row in needs:
        assert (row.values["categories"] == ["INTIMATE_PARTNER_VIOLENCE"]) is (row.labels == {"DV"})
    for row in goals + referrals:
        of_violence = row.reference.partition("/")[2][2:] in told
        assert row.labels == ({"DV"} if of_violence else frozenset())


async def test_nobody_is_taken_for_somebody_else(community: Community) -> None:
    """Look-alikes are among the patients; a link that is made by rule is right."""
    truth = community.truth["gravity-fhir"]
    linked: list[bool] = []
    async with clinic(*_held(community)) as there:
        # Heads of households are whom the look-alikes are like.
        for person in (household.head for household in community.households[::2]):
            intake = Person(person.first, person.last, person.born)
            found: list[Match] = await there.source.find(Subject("p", person=intake), soon())
            best = judge(found, (), there.source.acceptance, {person.born})
            if isinstance(best, Link):
                linked.append(person.personal_id in truth[best.value])

    assert len(linked) > 20
    assert all(linked)
