"""A hub that is killed has told nobody anything that its audit does not say."""

from __future__ import annotations

import asyncio

import httpx
from sqlalchemy import select

from gateway.settings import Settings
from hmis.tables import audit_event, audit_subject
from tests.journeys.test_revocation import NAME, headers, started, world
from tests.worlds import World

__all__ = ["world"]  # a fixture
ASKING = 24
"""At one time, so that the kill meets groups at every stage."""


async def audited(world: World) -> set[str]:
    """The requests that the audit says told somebody of the client."""
    told = (
        select(audit_event.c.request_id)
        .join(audit_subject, audit_subject.c.event_id == audit_event.c.id)
        .where(audit_subject.c.person_id == world.people["ada"], audit_subject.c.disclosed != 0)
    )
    async with world.engine.connect() as connection:
        return set((await connection.scalars(told)).all())


async def test_kill_9_leaves_no_answer_without_its_audit(world: World, settings: Settings) -> None:
    who = headers(settings, "ann")
    answered: set[str] = set()
    enough = asyncio.Event()

    async def asking(client: httpx.AsyncClient, place: int) -> None:
        number = 0
        while True:
            request = f"r-{place}-{number}"
            question = {"query": NAME, "variables": {"id": str(world.people["ada"])}}
            try:
                response = await client.post(
                    "/graphql", json=question, headers={**who, "x-request-id": request}
                )
            except httpx.TransportError:
                return  # it is dead
            # The name stands in it: an answer counts by what it tells, whole or not.
            assert "Shared" in response.text
            answered.add(request)
            number += 1
            if len(answered) >= ASKING * 5:
                enough.set()

    async with started(settings) as (process, client):
        asked = [asyncio.create_task(asking(client, place)) for place in range(ASKING)]
        async with asyncio.timeout(60):
            await enough.wait()
        process.kill()
        await asyncio.gather(*asked)
    assert answered <= await audited(world)
