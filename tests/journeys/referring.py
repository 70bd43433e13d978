"""Sending a client on to a partner, for tests: who is there, what is asked, and what a worker does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from connectors.base import Person
from connectors.memory import MemorySource
from hmis.referral_states import Delivery
from resolvers import sending
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
