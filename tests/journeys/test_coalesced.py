"""What one viewer asks several times at once is asked of a partner once; each answer is audited by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from auth.categories import Category
from auth.viewer import Purpose
from connectors.base import Person
from connectors.memory import MemorySource, Record
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import audit_event, audit_subject
from resolvers.request import SourceNote
from schema.build import schema
from tests.connectors.waiting import begun, joining
from tests.journeys.conftest import Hub
from tests.worlds import World

FOOD = "query($id: ID!) { client(id: $id) { foodAssistance { lastVisit visitCount } } }"
LESS = "query($id: ID!) { client(id: $id) { foodAssistance { visitCount } } }"
ADA = Person("Ada", "Quill", date(1980, 5, 1))
SHARED = Category.EXISTENCE | Category.FOOD
BOTH = (Purpose.CARE_COORDINATION, Purpose.ELIGIBILITY)


def gated() -> MemorySource:
    source = MemorySource(
        {"h1": Record(ADA, {"lastVisit": date(2026, 6, 1), "visitCount": 3})}, name="pantry"
    )
    source.gate = asyncio.Event()
    return source


def let(source: MemorySource) -> None:
    assert source.gate is not None
    source.gate.set()


async def ada_who_agreed(world: World, *, known: bool = True) -> tuple[str, MemorySource]:
    """Ada at agency A, who agreed that A asks a food bank. known: and is linked with its record."""
    await world.organization("A")
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill", dob=ADA.dob))
    await world.stay("s", "ada", "A-p")
    await world.grant("ada", "A", categories=SHARED, purposes=BOTH)
    source = world.partners["pantry"] = gated()
    if known:
        let(source)
        assert (await world.ask(world.viewer("A"), FOOD, id=ada)).data["client"]["foodAssistance"]
        source.gate = asyncio.Event()
        source.asked.clear()
    return ada, source


async def test_one_viewer_who_asks_twice_at_once_asks_the_partner_once(world: World) -> None:
    ada, source = await ada_who_agreed(world)
    first = await begun(source, world.ask(world.viewer("A"), FOOD, id=ada))
    second = await joining(world.runtime, source, world.ask(world.viewer("A"), FOOD, id=ada))
    let(source)

    one, other = await asyncio.gather(first, second)
    assert one.data["client"]["foodAssistance"] == [{"lastVisit": "2026-06-01", "visitCount": 3}]
    assert other.data == one.data
    assert len(source.asked) == 1
    # Each has shown it, and each says so.
    assert one.request.trail is not other.request.trail
    assert one.request.trail.subjects == other.request.trail.subjects
    assert all(shown.disclosed & Category.FOOD for shown in other.request.trail.subjects.values())


async def test_who_is_looked_up_by_two_operations_at_once_is_looked_up_once(world: World) -> None:
    ada, source = await ada_who_agreed(world, known=False)
    first = await begun(source, world.ask(world.viewer("A"), FOOD, id=ada))
    second = await joining(world.runtime, source, world.ask(world.viewer("A"), FOOD, id=ada))
    let(source)

    one, other = await asyncio.gather(first, second)
    assert one.data == other.data
    assert one.data["client"]["foodAssistance"]
    assert source.looked_up == [ADA]


@pytest.mark.parametrize("other", ["another viewer", "another purpose", "other fields", "another issuer"])
async def test_what_differs_is_asked_by_itself(world: World, other: str) -> None:
    ada, source = await ada_who_agreed(world)
    ann = world.viewer("A")
    request, document = world.request(ann), FOOD
    if other == "another viewer":
        request = world.request(replace(ann, subject="bob"))
    elif other == "another purpose":
        request = world.request(replace(ann, purpose=Purpose.ELIGIBILITY))
    elif other == "another issuer":
        request = replace(request, issuer="https://elsewhere.example")
    else:
        document = LESS
    first = await begun(source, world.ask(ann, FOOD, id=ada))
    asking = schema.execute(document, variable_values={"id": ada}, context_value=request)
    second = await begun(source, asking)
    let(source)

    assert (await first).data["client"]["foodAssistance"]
    result = await second
    assert result.data is not None
    assert result.data["client"]["foodAssistance"]
    assert len(source.asked) == 2


async def test_what_was_let_go_before_a_revocation_is_not_what_comes_after_it(world: World) -> None:
    ada, source = await ada_who_agreed(world)
    second_form = await world.grant("ada", "A", categories=SHARED)
    before = await begun(source, world.ask(world.viewer("A"), FOOD, id=ada))
    # The other form still opens it: the question is asked, and by less than before.
    await world.revoke(second_form)
    after = await begun(source, world.ask(world.viewer("A"), FOOD, id=ada))
    assert len(source.asked) == 2
    let(source)

    for answer in await asyncio.gather(before, after):
        assert answer.data["client"]["foodAssistance"]
    assert world.runtime.state(source).shared == 0


async def test_after_the_last_revocation_nobody_waits_for_what_is_under_way(world: World) -> None:
    await world.organization("A")
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill", dob=ADA.dob))
    await world.stay("s", "ada", "A-p")
    grant = await world.grant("ada", "A", categories=SHARED)
    source = world.partners["pantry"] = gated()
    before = await begun(source, world.ask(world.viewer("A"), FOOD, id=ada))
    await world.revoke(grant)

    # While the partner has not answered yet: this answer does not wait for it.
    after = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert after.data["client"]["foodAssistance"] is None
    assert after.withheld == {("Client.foodAssistance", "FOOD"): 1}
    let(source)
    await before


async def test_whoever_goes_away_leaves_the_answer_to_the_other(world: World) -> None:
    ada, source = await ada_who_agreed(world)
    first = await begun(source, world.ask(world.viewer("A"), FOOD, id=ada))
    second = await joining(world.runtime, source, world.ask(world.viewer("A"), FOOD, id=ada))
    first.cancel()
    await asyncio.wait({first})
    let(source)

    assert (await second).data["client"]["foodAssistance"]
    assert len(source.asked) == 1


@pytest.mark.parametrize("code", [FailureCode.UNAVAILABLE, FailureCode.AUTH, FailureCode.BAD_DATA])
async def test_a_fault_that_several_wait_for_is_told_to_each(world: World, code: FailureCode) -> None:
    ada, source = await ada_who_agreed(world)
    retryable = code is FailureCode.UNAVAILABLE
    first = await begun(source, world.ask(world.viewer("A"), FOOD, id=ada))
    second = await joining(world.runtime, source, world.ask(world.viewer("A"), FOOD, id=ada))
    source.fault = SourceFailed("pantry", code, retryable=retryable)
    let(source)

    for answer in await asyncio.gather(first, second):
        assert answer.errors == ()
        assert answer.data["client"]["foodAssistance"] is None
        assert answer.request.source_notes == {SourceNote("pantry", code.value, retryable)}
    assert world.runtime.state(source).failures == {code.value: 1}


async def test_each_answer_that_shared_a_call_is_in_the_audit(hub: Hub) -> None:
    world = hub.world
    ada, source = await ada_who_agreed(world)
    hub.partner(source)
    world.runtime = hub.app.state.hub.runtime
    token = await hub.joins("ann", "A")
    first = await begun(source, hub.ask(token, FOOD, id=ada))
    second = await joining(world.runtime, source, hub.ask(token, FOOD, id=ada))
    let(source)

    for response in await asyncio.gather(first, second):
        assert response.json()["data"]["client"]["foodAssistance"]
    async with world.engine.connect() as connection:
        told = await connection.execute(
            select(audit_event.c.request_id, audit_subject.c.disclosed)
            .join(audit_subject, audit_subject.c.event_id == audit_event.c.id)
            .where(audit_event.c.subject == "ann")
        )
        rows = told.all()
    assert len({row.request_id for row in rows}) == 2
    assert all(Category(row.disclosed) & Category.FOOD for row in rows)
