"""What is written down is sent in the end, once, and what only a person can decide is left to one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from auth.categories import Category
from connectors.base import Receipt
from hmis.errors import FailureCode, SourceFailed
from hmis.referral_states import Delivery
from hmis.tables import audit_event, audit_subject, outbox_attempt
from resolvers import sending, tracking
from tests.journeys.referring import (
    CANCEL,
    READ,
    SHARED,
    ada_at_agency_a,
    ask,
    counted,
    desk,
    only,
    referred,
    sent,
)
from tests.worlds import World


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


async def test_two_that_the_partner_takes_for_one_go_the_same_way(world: World) -> None:
    ada = await ada_at_agency_a(world)
    await world.grant("ada", "A", categories=SHARED)
    source = world.partners["pantry"]
    for _ in range(2):
        await referred(world, ada)
        source.receipts.clear()  # the next one is R-1 again
        assert await sent(world) == [Delivery.DONE]
    source.receipts["R-1"] = Receipt("R-1", "ACCEPTED", "2")
    await tracking.track(desk(world), source)
    seen = (await ask(world, READ, id=ada))["referrals"]
    assert [(row["reference"], row["status"]) for row in seen] == [("R-1", "ACCEPTED")] * 2


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
