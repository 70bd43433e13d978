"""A client is sent on to a partner when they agree; the partner is told that and no more; and everybody who
may read it sees what became of it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import AgencyKind, Purpose, Role
from connectors.base import Person, Receipt
from connectors.memory import MemorySource
from hmis.errors import FailureCode, SourceFailed
from hmis.referral_states import Delivery
from hmis.tables import agency, audit_event, audit_subject, outbox, outbox_attempt, referral
from resolvers import sending, tracking
from resolvers.sending import Desk
from tests.readers import reader_beside
from tests.worlds import NOW, TODAY, World

CREATE = """mutation($input: ReferralInput!) { referralCreate(input: $input) {
  referral { id agency partner { id } service told status delivery reference history { status by reason } }
  problems { code path } } }"""
CANCEL = """mutation($id: ID!, $reason: String!) { referralCancel(id: $id, reason: $reason) {
  referral { status delivery } problems { code path } } }"""
READ = """query($id: ID!) { client(id: $id) { referrals {
  agency partner { id } service told status delivery reference history { status by reason } } } }"""
ADA = Person("Ada", "Quill", date(1980, 5, 1))
SHARED = Category.EXISTENCE | Category.FOOD
NOBODY = "00000000-0000-0000-0000-000000000000"


async def ada_at_agency_a(world: World) -> str:
    """Ada, who stayed at A and lets it know of food; agency B; a food bank that takes referrals."""
    await world.organization("A")
    await world.organization("B")
    ada = await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1))
    await world.stay("s1", "ada", "A-p")
    world.partners["pantry"] = MemorySource({}, name="pantry", title="A food bank")
    return str(ada)


def wish(client: str, **changes: Any) -> dict[str, Any]:
    return {"client": client, "partner": "pantry", "service": "food box", "tell": ["NAME", "DOB"], **changes}


async def ask(world: World, document: str, organization: str = "A", **variables: Any) -> Any:
    answer = await world.ask(world.viewer(organization), document, **variables)
    assert answer.errors == ()
    (payload,) = answer.data.values()
    return payload


def desk(world: World, later: timedelta = timedelta(0)) -> Desk:
    runtime = world.request(None).runtime
    reader = reader_beside(world.engine)
    return Desk(world.engine, reader, world.partners, runtime, lambda: NOW + later, lambda _: TODAY)


async def sent(world: World, later: timedelta = timedelta(0)) -> list[Delivery | None]:
    """What a worker does that finds everything due."""
    at = desk(world, later)
    return [await sending.send(at, identifier) for identifier in await sending.due(at)]


async def counted(engine: AsyncEngine, *tables: Any) -> list[int]:
    async with engine.connect() as connection:
        return [(await connection.scalar(select(func.count()).select_from(one))) or 0 for one in tables]


async def only(world: World, client: str, organization: str = "A") -> Any:
    [row] = (await ask(world, READ, organization, id=client))["referrals"]
    return row


async def referred(world: World, client: str, **changes: Any) -> str:
    payload = await ask(world, CREATE, input=wish(client, **changes))
    assert payload["problems"] == []
    identifier: str = payload["referral"]["id"]
    return identifier


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


async def test_the_disclosure_is_audited_before_it_happens(world: World) -> None:
    ada = await ada_at_agency_a(world)
    grant = await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    source = world.partners["pantry"]
    source.gate = asyncio.Event()
    sender = asyncio.create_task(sent(world))
    await source.reached.wait()
    joined = select(audit_event, audit_subject).join(audit_subject)
    async with world.engine.connect() as connection:
        event = (await connection.execute(joined)).mappings().one()
    source.gate.set()
    assert await sender == [Delivery.DONE]
    assert (event["operation_name"], event["subject"]) == ("referral pantry", "CASE_MANAGER@A")
    assert Category(event["disclosed"]) == SHARED | Category.NAME | Category.DOB | Category.SERVICES
    assert event["grants"] == [grant]


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


async def test_what_the_partner_does_is_heard_and_what_cannot_follow_is_not(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    source = world.partners["pantry"]
    assert await tracking.track(desk(world), source) == 0
    await sent(world)
    for status, shown in (("ACCEPTED", "ACCEPTED"), ("RECEIVED", "ACCEPTED"), ("COMPLETED", "COMPLETED")):
        source.receipts["R-1"] = Receipt("R-1", status, "2")
        assert await tracking.track(desk(world), source) == 1
        assert (await only(world, ada))["status"] == shown
    assert await tracking.track(desk(world), source) == 0


async def test_a_newer_version_at_the_partner_is_heard_once_and_left_to_a_person(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    identifier = await referred(world, ada)
    await sent(world)
    source = world.partners["pantry"]
    source.receipts["R-1"] = Receipt("R-1", "IN_PROGRESS", "7")
    await ask(world, CANCEL, id=identifier, reason="moved away")
    assert await sent(world) == [Delivery.CONFLICT]
    row = await only(world, ada)
    assert (row["status"], row["delivery"]) == ("IN_PROGRESS", "CONFLICT")
    assert await sent(world, timedelta(days=1)) == []
    await ask(world, CANCEL, id=identifier, reason="all the same")
    assert await sent(world) == [Delivery.DONE]
    assert (await only(world, ada))["status"] == "CANCELLED"


async def test_only_what_may_go_better_next_time_is_tried_again_and_later_each_time(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    source = world.partners["pantry"]
    source.fault = SourceFailed("pantry", FailureCode.UNAVAILABLE, retryable=True)
    assert await sent(world) == [Delivery.PENDING]
    assert await sent(world, timedelta(seconds=14)) == []
    assert await sent(world, timedelta(seconds=15)) == [Delivery.PENDING]
    assert await sent(world, timedelta(seconds=44)) == []
    source.fault = None
    assert await sent(world, timedelta(seconds=45)) == [Delivery.DONE]
    assert await counted(world.engine, outbox_attempt) == [3]
    assert len(source.submitted) == 1


@pytest.mark.parametrize("code", [FailureCode.AUTH, FailureCode.CONFIG, FailureCode.NOT_SUPPORTED])
async def test_what_the_partner_refuses_for_good_has_failed(world: World, code: FailureCode) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    world.partners["pantry"].fault = SourceFailed("pantry", code)
    assert await sent(world) == [Delivery.FAILED]
    row = await only(world, ada)
    assert (row["status"], row["history"][-1]["reason"]) == ("FAILED", code.value)
    assert await sent(world, timedelta(days=1)) == []


async def test_an_answer_that_cannot_be_read_leaves_open_whether_the_partner_has_it(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    world.partners["pantry"].fault = SourceFailed("pantry", FailureCode.BAD_DATA)
    assert await sent(world) == [Delivery.UNKNOWN]
    assert (await only(world, ada))["status"] == "DRAFT"


@pytest.mark.parametrize("code", [FailureCode.TIMEOUT, FailureCode.UNAVAILABLE])
async def test_without_keys_what_may_have_arrived_is_never_sent_again(
    world: World, code: FailureCode
) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    source = world.partners["pantry"]
    source.honours_keys = False
    source.fault = SourceFailed("pantry", FailureCode.RATE_LIMITED, retryable=True)
    assert await sent(world) == [Delivery.PENDING]
    source.fault = SourceFailed("pantry", code, retryable=True)
    assert await sent(world, timedelta(minutes=1)) == [Delivery.UNKNOWN]
    source.fault = None
    assert await sent(world, timedelta(days=1)) == []
    assert source.submitted == []


@pytest.mark.parametrize(("honours_keys", "state"), [(True, Delivery.DONE), (False, Delivery.UNKNOWN)])
async def test_an_attempt_without_an_end_is_repeated_only_where_keys_are_honoured(
    world: World, honours_keys: bool, state: Delivery
) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    [identifier] = await sending.due(desk(world))
    async with world.engine.begin() as connection:
        await connection.execute(insert(outbox_attempt).values(outbox_id=identifier, number=1))
    world.partners["pantry"].honours_keys = honours_keys
    assert await sent(world) == [state]
    assert len(world.partners["pantry"].submitted) == honours_keys


async def test_what_may_be_with_the_partner_when_consent_ends_is_left_to_a_person(world: World) -> None:
    ada = await ada_at_agency_a(world)
    grant = await world.grant("ada", "A", categories=SHARED)
    identifier = await referred(world, ada)
    source = world.partners["pantry"]
    source.fault = SourceFailed("pantry", FailureCode.TIMEOUT, retryable=True)
    assert await sent(world) == [Delivery.PENDING]
    assert (await ask(world, CANCEL, id=identifier, reason="x"))["problems"][0]["code"] == "NOT_ALLOWED"
    await world.revoke(grant)
    assert await sent(world, timedelta(days=1)) == [Delivery.UNKNOWN]
    assert source.submitted == []
    off = await ask(world, CANCEL, id=identifier, reason="asked by telephone")
    assert off["referral"] == {"status": "CANCELLED", "delivery": "UNKNOWN"}


async def test_two_workers_at_once_send_once(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    await referred(world, ada)
    source = world.partners["pantry"]
    source.gate = asyncio.Event()
    [identifier] = await sending.due(desk(world))
    first = asyncio.create_task(sending.send(desk(world), identifier))
    await source.reached.wait()
    assert await sending.send(desk(world), identifier) is None
    source.gate.set()
    assert await first is Delivery.DONE
    assert await sending.send(desk(world), identifier) is None
    assert len(source.submitted) == 1
    assert await counted(world.engine, outbox_attempt) == [1]
