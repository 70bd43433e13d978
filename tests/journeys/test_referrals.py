"""A client is sent on to a partner when they agree; the partner is told that and no more; and everybody who
may read it sees what became of it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import AgencyKind, Purpose, Role
from connectors.base import Person
from connectors.memory import MemorySource
from hmis.referral_states import Delivery
from hmis.tables import agency, outbox, outbox_attempt, referral
from resolvers import sending
from tests.journeys.referring import (
    ADA,
    CANCEL,
    CREATE,
    NOBODY,
    READ,
    SHARED,
    ada_at_agency_a,
    ask,
    counted,
    desk,
    only,
    referred,
    sent,
    wish,
)
from tests.worlds import TODAY, World


async def test_a_client_is_sent_on_and_the_partner_is_told_what_was_agreed(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    written = await ask(world, CREATE, input=wish(ada, service=" food box "))
    identifier = written["referral"].pop("id")
    assert written == {
        "referral": {
            "agency": "Agency A", "partner": {"id": "pantry"}, "service": "food box", "told": ["NAME", "DOB"],
            "status": "DRAFT", "delivery": "PENDING", "reference": None,
            "history": [{"status": "DRAFT", "by": "CASE_MANAGER@A", "reason": None}],
        },
        "problems": [],
    }  # fmt: skip
    source = world.partners["pantry"]
    assert source.submitted == []

    assert await sent(world) == [Delivery.DONE]
    [submission] = source.submitted
    assert (submission.person, submission.values) == (ADA, {"service": "food box"})
    assert (submission.status, submission.reference, submission.partner_id) == ("SENT", None, None)
    assert identifier not in repr(submission)
    row = await only(world, ada)
    assert (row["status"], row["delivery"], row["reference"]) == ("RECEIVED", "DONE", "R-1")
    steps = [(step["status"], step["by"]) for step in row["history"]]
    assert steps == [("DRAFT", "CASE_MANAGER@A"), ("SENT", "HUB"), ("RECEIVED", "PARTNER")]
    assert await sent(world) == []
    assert len(source.submitted) == 1


@pytest.mark.parametrize(
    ("tell", "told"),
    [
        ([], Person()),
        (["NAME"], Person("Ada", "Quill")),
        (["DOB"], Person(dob=date(1980, 5, 1))),
    ],
)
async def test_no_more_is_told_than_the_referral_lists(world: World, tell: list[str], told: Person) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada, tell=tell)
    await sent(world)
    assert [one.person for one in world.partners["pantry"].submitted] == [told]


async def test_a_consent_taken_back_before_sending_sends_nothing(world: World) -> None:
    ada = await ada_at_agency_a(world)
    grant = await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    await world.revoke(grant)
    assert await sent(world) == [Delivery.CANCELLED_BY_CONSENT]
    assert world.partners["pantry"].submitted == []
    row = await only(world, ada)
    assert (row["status"], row["delivery"]) == ("CANCELLED", "CANCELLED_BY_CONSENT")
    assert row["history"][-1] == {"status": "CANCELLED", "by": "HUB", "reason": "CONSENT"}
    assert await counted(world.engine, outbox_attempt) == [0]


async def test_an_agency_whose_agreement_ended_sends_nobody_on(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    async with world.engine.begin() as connection:
        ending = agency.update().where(agency.c.id == world.agencies["A"].id)
        await connection.execute(ending.values(agreement_to=TODAY))
    assert await sent(world) == [Delivery.CANCELLED_BY_CONSENT]
    assert world.partners["pantry"].submitted == []


@pytest.mark.parametrize("categories", [Category.EXISTENCE, Category.EXISTENCE | Category.UTILITY])
async def test_without_a_grant_for_what_the_partner_is_about_nothing_is_written(
    world: World, categories: Category
) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=categories)
    await world.grant("ada", "B", categories=SHARED)
    refused = await ask(world, CREATE, input=wish(ada))
    assert refused == {"referral": None, "problems": [{"code": "NO_CONSENT", "path": ["input", "tell"]}]}
    assert await counted(world.engine, referral, outbox) == [0, 0]


async def partner_agency(world: World) -> UUID:
    """The food bank as consents name it."""
    row = insert(agency).values(
        name="A food bank",
        kind=AgencyKind.PARTNER.value,
        agreement_from=date(2020, 1, 1),
        purposes=[purpose.value for purpose in Purpose],
    )
    async with world.engine.begin() as connection:
        identifier: UUID = (await connection.execute(row.returning(agency.c.id))).scalar_one()
    world.agencies["pantry"] = type(world.agencies["A"])(
        identifier, None, None, "A food bank", AgencyKind.PARTNER
    )
    return identifier


async def test_a_partner_that_consents_can_name_is_told_what_the_client_lets_it_see(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await partner_agency(world)
    await world.grant("ada", "A", categories=SHARED)
    assert (await ask(world, CREATE, input=wish(ada)))["problems"][0]["code"] == "NO_CONSENT"
    named = await world.grant("ada", "pantry", categories=Category.EXISTENCE | Category.NAME)
    assert (await ask(world, CREATE, input=wish(ada)))["problems"][0]["code"] == "NO_CONSENT"
    await referred(world, ada, tell=["NAME"])
    await referred(world, ada, tell=["NAME"])
    assert len(await sending.due(desk(world))) == 2
    first, *_ = await sending.due(desk(world))
    assert await sending.send(desk(world), first) is Delivery.DONE
    await world.revoke(named)
    assert await sent(world) == [Delivery.CANCELLED_BY_CONSENT]
    assert [one.person for one in world.partners["pantry"].submitted] == [Person("Ada", "Quill")]


async def test_a_refusal_towards_the_partner_outweighs_every_permit(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await partner_agency(world)
    await world.grant("ada")
    await referred(world, ada)
    await world.grant("ada", "pantry", categories=Category.NAME, effect=Effect.DENY)
    assert await sent(world) == [Delivery.CANCELLED_BY_CONSENT]


async def test_what_a_victim_service_provider_alone_knows_is_told_to_nobody(world: World) -> None:
    await world.organization("V", victim_services=True)
    eve = str(await world.client("eve", first_name="Eve", last_name="Hidden", dob=date(1990, 1, 1)))
    await world.stay("s", "eve", "V-p")
    await world.grant("eve", "V", categories=SHARED)
    world.partners["pantry"] = MemorySource({}, name="pantry")
    refused = await ask(world, CREATE, "V", input=wish(eve))
    assert [problem["code"] for problem in refused["problems"]] == ["NO_CONSENT"]
    assert await counted(world.engine, referral, outbox) == [0, 0]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"partner": "nobody"}, "UNKNOWN_PARTNER", ["input", "partner"]),
        ({"service": "  "}, "REQUIRED", ["input", "service"]),
        ({"service": "x" * 201}, "REQUIRED", ["input", "service"]),
        ({"tell": ["NAME", "SSN_FULL"]}, "INVALID", ["input", "tell"]),
    ],
)
async def test_what_cannot_be_taken_comes_back_as_a_problem(
    world: World, changes: dict[str, Any], code: str, path: list[str]
) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    payload = await ask(world, CREATE, input=wish(ada, **changes))
    assert payload == {"referral": None, "problems": [{"code": code, "path": path}]}
    assert await counted(world.engine, referral, outbox) == [0, 0]


async def test_a_partner_that_takes_no_referrals_gets_none(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    world.partners["pantry"].capabilities -= {"submit"}
    assert (await ask(world, CREATE, input=wish(ada)))["problems"][0]["code"] == "UNKNOWN_PARTNER"


async def test_another_agencys_client_and_an_unknown_one_look_the_same(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", "B")
    answers = [await ask(world, CREATE, "B", input=wish(client)) for client in (ada, NOBODY, "nonsense")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["problems"] == [{"code": "NOT_FOUND", "path": ["input", "client"]}]
    identifier = await referred(world, ada)
    cancels = [
        await ask(world, CANCEL, "B", id=one, reason="why not") for one in (identifier, NOBODY, "nonsense")
    ]
    assert cancels[0] == cancels[1] == cancels[2]
    assert cancels[0]["problems"] == [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (await only(world, ada))["status"] == "DRAFT"


async def test_only_case_managers_who_coordinate_care_refer(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED, purposes=tuple(Purpose))
    for viewer in (
        world.viewer("A", Role.DASHBOARD),
        world.viewer("A", Role.PRIVACY_OFFICER, Purpose.OPERATIONS),
        world.viewer("A", Role.CASE_MANAGER, Purpose.ELIGIBILITY),
        world.viewer("A", scopes=frozenset({"clients.read"})),
        None,
    ):
        for document, variables in ((CREATE, {"input": wish(ada)}), (CANCEL, {"id": NOBODY, "reason": "x"})):
            answer = await world.ask(viewer, document, **variables)
            [payload] = answer.data.values()
            assert [problem["code"] for problem in payload["problems"]] == ["FORBIDDEN"]
    assert await counted(world.engine, referral, outbox) == [0, 0]


async def test_another_agency_sees_a_referral_only_when_the_client_shares_services(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    assert await ask(world, READ, "B", id=ada) is None
    await world.grant("ada", "B", categories=SHARED)
    assert await ask(world, READ, "B", id=ada) == {"referrals": None}
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.SERVICES)
    row = await only(world, ada, "B")
    assert (row["agency"], row["service"]) == ("Agency A", "food box")
    assert row["history"] == [{"status": "DRAFT", "by": None, "reason": None}]


async def test_services_alone_do_not_tell_what_a_partner_is_about(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.SERVICES)
    assert await ask(world, READ, "B", id=ada) == {"referrals": []}


@pytest.mark.parametrize("kind", [AgencyKind.VSP, AgencyKind.PART2, AgencyKind.RHY])
async def test_a_referral_by_an_agency_whose_name_alone_tells_is_not_shared(
    world: World, kind: AgencyKind
) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", "B")
    await referred(world, ada)
    assert (await only(world, ada, "B"))["agency"] == "Agency A"
    async with world.engine.begin() as connection:
        changing = agency.update().where(agency.c.id == world.agencies["A"].id)
        await connection.execute(changing.values(kind=kind.value))
    seen = await ask(world, READ, "B", id=ada)
    assert seen is None or seen["referrals"] == []


async def test_a_referral_called_off_before_it_is_sent_never_is(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    identifier = await referred(world, ada)
    assert (await ask(world, CANCEL, id=identifier, reason=" "))["problems"][0]["code"] == "REQUIRED"
    off = await ask(world, CANCEL, id=identifier, reason="moved away")
    assert off == {"referral": {"status": "CANCELLED", "delivery": "WITHDRAWN"}, "problems": []}
    assert await sent(world) == []
    assert world.partners["pantry"].submitted == []
    again = await ask(world, CANCEL, id=identifier, reason="moved away")
    assert again["problems"] == [{"code": "NOT_ALLOWED", "path": ["id"]}]


async def test_a_referral_called_off_later_is_called_off_at_the_partner_whatever_the_consent(
    world: World,
) -> None:
    ada = await ada_at_agency_a(world)
    grant = await world.grant("ada", "A", categories=SHARED)
    identifier = await referred(world, ada)
    await sent(world)
    await world.revoke(grant)
    off = await ask(world, CANCEL, id=identifier, reason="moved away")
    assert off["referral"] == {"status": "RECEIVED", "delivery": "PENDING"}
    await ask(world, CANCEL, id=identifier, reason="said twice")
    assert await sent(world) == [Delivery.DONE]
    last = world.partners["pantry"].submitted[-1]
    assert (last.status, last.reference, last.version) == ("CANCELLED", "R-1", "1")
    assert (last.person, last.values) == (None, {})
    row = await only(world, ada)
    assert (row["status"], row["delivery"]) == ("CANCELLED", "DONE")
    assert row["history"][-2] == {"status": "RECEIVED", "by": "CASE_MANAGER@A", "reason": "moved away"}


async def test_a_partner_whose_agreement_has_lapsed_takes_no_referral(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    world.lapsed = frozenset({"pantry"})
    payload = await ask(world, CREATE, input=wish(ada))
    assert [problem["code"] for problem in payload["problems"]] == ["UNKNOWN_PARTNER"]
    assert await counted(world.engine, referral, outbox) == [0, 0]


async def test_partners_that_take_referrals_are_listed_with_what_they_are_about(world: World) -> None:
    await ada_at_agency_a(world)
    world.partners["clinic"] = MemorySource({}, name="clinic", title="A clinic", category="health_partner")
    deaf = world.partners["library"] = MemorySource({}, name="library", title="A library")
    deaf.capabilities -= {"submit"}
    document = "{ referralPartners { id name about } }"
    assert await ask(world, document, "B") == [
        {"id": "clinic", "name": "A clinic", "about": ["HEALTH_PARTNER"]},
        {"id": "pantry", "name": "A food bank", "about": ["FOOD"]},
    ]
    world.lapsed = frozenset({"clinic"})
    assert [one["id"] for one in await ask(world, document, "B")] == ["pantry"]
    assert (await world.ask(None, document)).data == {"referralPartners": []}
