"""The list, 45: last week's backup is restored, and what clients took back since is in force before anything
is answered. The backup is a copy of the whole database, made by PostgreSQL itself."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from auth.consent import Effect
from gateway.settings import Settings
from hmis.database import async_url, engine
from hmis.migrate import upgrade
from hmis.tables import consent_grant, consent_revocation, guardian_bar, policy_profile
from tests.journeys.conftest import Hub, running
from tests.telling import events, lines
from tests.worlds import NOW, World

NAME = "query ($id: ID!) { client(id: $id) { name { last } } }"
REVOKE = """mutation ($id: ID!) { consentRevoke(id: $id, reason: "her brother must not know") {
  grant { state } problems { code } } }"""
DENY = """mutation ($input: ConsentDenyInput!) { consentDeny(input: $input) {
  grant { id } problems { code } } }"""
BAR = """mutation ($id: ID!) { guardianBar(id: $id, reason: "a court said so") {
  guardian { id } problems { code } } }"""
GRANT = """mutation ($input: ConsentGrantInput!) { consentGrant(input: $input) {
  grant { id } problems { code path } } }"""

Copy = Callable[[str], Awaitable[str]]


@pytest.fixture
async def copied(admin_url: str) -> AsyncIterator[Copy]:
    """`await copied(url)`: the URL of a copy of that database; of a new one where the URL is empty."""
    made: list[str] = []
    admin = create_async_engine(async_url(admin_url), isolation_level="AUTOCOMMIT")

    async def copy(url: str) -> str:
        name = f"hub_restore_{uuid.uuid4().hex[:12]}"
        template = f' template "{make_url(url).database}"' if url else ""
        async with admin.connect() as connection:
            await connection.execute(text(f'create database "{name}"{template}'))
        made.append(name)
        return make_url(admin_url).set(database=name).render_as_string(hide_password=False)

    yield copy
    async with admin.connect() as connection:
        for name in made:
            await connection.execute(text(f'drop database if exists "{name}" with (force)'))
    await admin.dispose()


async def community(url: str) -> World:
    """Ada, Bo and Kit stayed at A. B sees Ada by a grant, Bo too, and Kit, a child, by a guardian's."""
    await upgrade(url)
    world = World(engine(url))
    for name in "AB":
        await world.organization(name)
    for client in ("ada", "bo", "kit"):
        born = NOW.date() - timedelta(days=365 * (10 if client == "kit" else 40))
        await world.client(client, last_name=client.title(), dob=born)
        await world.stay(f"s-{client}", client, "A-p")
    return world


async def shown(hub: Hub, ben: str, *clients: str) -> list[str | None]:
    """The last names that B is told."""
    told = []
    for client in clients:
        answer = (await hub.ask(ben, NAME, id=str(hub.world.people[client]))).json()
        assert "errors" not in answer, answer
        told.append(answer["data"]["client"] and answer["data"]["client"]["name"]["last"])
    return told


async def change(hub: Hub, who: str, document: str, **variables: Any) -> None:
    answer = (await hub.ask(who, document, **variables)).json()
    (payload,) = answer["data"].values()
    assert payload["problems"] == []


async def test_45_after_a_restore_what_was_revoked_since_is_closed_before_anything_is_answered(
    settings: Settings, copied: Copy
) -> None:
    everybody = ("ada", "bo", "kit")
    url = await copied("")
    world = await community(url)
    parent = await world.guardian("kit")
    permit = await world.grant("ada", "B")
    await world.grant("bo", "B")
    await world.grant("kit", "B", signed_by_client=False, guardian=parent)
    live = settings.model_copy(update={"database_url": url})
    async with running(live, world) as hub:
        ben, ann = await hub.joins("ben", "B"), await hub.joins("ann", "A")
        assert await shown(hub, ben, *everybody) == ["Ada", "Bo", "Kit"]
    await world.engine.dispose()
    backup, untouched = await copied(url), await copied(url)  # both as of last week

    async with running(live, world) as hub:
        await change(hub, ann, REVOKE, id=str(permit))
        refused = {"client": str(world.people["bo"]), "categories": ["EXISTENCE"]}
        await change(hub, ann, DENY, input=refused)
        await change(hub, ann, BAR, id=str(parent))
        assert await shown(hub, ben, *everybody) == [None, None, None]
    await world.engine.dispose()
    journal = live.journal_file.read_text()
    assert (journal.count("\n"), "brother" in journal, "court" in journal) == (3, False, False)

    # Without the journal the backup would open all three again: so the test is about something.
    elsewhere = settings.model_copy(update={"database_url": untouched, "home": settings.home / "other"})
    async with running(elsewhere, world) as hub:
        token = hub.token("ben")
        assert await shown(hub, token, *everybody) == ["Ada", "Bo", "Kit"]

    restored = World(engine(backup), people=world.people, agencies=world.agencies)
    async with running(settings.model_copy(update={"database_url": backup}), restored) as hub:
        hub.now = NOW + timedelta(hours=1)
        assert (await hub.http.get("/readyz")).json()["revocations"] == "kept"
        assert await shown(hub, hub.token("ben"), *everybody) == [None, None, None]
        async with restored.engine.connect() as connection:
            revoked = (await connection.execute(select(consent_revocation))).one()
            barred = (await connection.execute(select(guardian_bar))).one()
            denied = select(consent_grant).where(consent_grant.c.effect == Effect.DENY.value)
            refusal = (await connection.execute(denied)).one()
        assert (revoked.grant_id, revoked.revoked_at, revoked.revoked_by) == (permit, NOW, "ann")
        assert (barred.guardian_id, barred.barred_at, barred.barred_by) == (parent, NOW, "ann")
        assert (refusal.person_id, refusal.recorded_at) == (world.people["bo"], NOW)
        # The audit of the restored database begins again with what was replayed and then what B was told.
        replayed, *asked = (await events(restored.engine))[-4:]
        assert (replayed["subject"], replayed["operation_name"]) == ("hub", "consent replay")
        about = await lines(restored.engine, replayed["id"])
        assert set(about) == {world.people[name] for name in everybody}
        for event in asked:
            assert event["subject"] == "ben"
            assert await lines(restored.engine, event["id"]) == {}
    await restored.engine.dispose()


@pytest.mark.parametrize("effect", [Effect.PERMIT, Effect.DENY])
async def test_what_closes_is_on_the_disk_before_it_is_committed_and_what_opens_after(
    hub: Hub, effect: Effect
) -> None:
    """Looked at while the insert waits, where a hub that dies has written the one and not the other."""
    world = hub.world
    await world.organization("A")
    await world.client("ada")
    await world.stay("s", "ada", "A-p")
    ann = await hub.joins("ann", "A")
    grant = await world.grant("ada", "A", effect=effect)
    journal, before = hub.app.state.hub.journal, len(hub.app.state.hub.journal.read())
    async with world.engine.connect() as holder, holder.begin():
        await holder.execute(text("lock table consent_revocation in share mode"))  # reads go on
        asking = asyncio.create_task(hub.ask(ann, REVOKE, id=str(grant)))
        await _waiting(world)
        written = len(journal.read()) - before
        await holder.rollback()
    assert (await asking).json()["data"]["consentRevoke"]["problems"] == []
    assert written == (1 if effect is Effect.PERMIT else 0)
    assert len(journal.read()) - before == 1


async def _waiting(world: World) -> None:
    """Return when a statement waits for a lock."""
    here = "(select oid from pg_database where datname = current_database())"
    waits = text(f"select count(*) from pg_locks where not granted and database = {here}")
    async with asyncio.timeout(60):
        async with world.engine.connect() as connection:
            while not await connection.scalar(waits):
                await connection.rollback()


async def test_the_answer_says_that_it_is_revoked_although_the_journal_could_not_be_written(hub: Hub) -> None:
    world = hub.world
    for name in "AB":
        await world.organization(name)
    await world.client("ada", last_name="Ada")
    await world.stay("s", "ada", "A-p")
    ann, ben = await hub.joins("ann", "A"), await hub.joins("ben", "B")
    grant = await world.grant("ada", "B")
    hub.settings.journal_file.mkdir()
    answer = (await hub.ask(ann, REVOKE, id=str(grant))).json()
    assert answer["data"]["consentRevoke"] == {"grant": {"state": "REVOKED"}, "problems": []}
    assert await shown(hub, ben, "ada") == [None]
    assert (await hub.http.get("/readyz")).json()["revocations"] == "not written"


async def test_a_newer_form_is_in_the_journal_where_it_ends_the_older_ones(hub: Hub) -> None:
    """All Chicago's C, "share nothing", is how a client there takes everything back."""
    world = hub.world
    for name in "AB":
        await world.organization(name)
    await world.client("ada", last_name="Ada")
    await world.stay("s", "ada", "A-p")
    ann = await hub.joins("ann", "A")
    form = {
        "client": str(world.people["ada"]),
        "categories": [],
        "recipients": {"communityWide": True},
        "purposes": ["CARE_COORDINATION"],
        "start": "2026-01-01",
        "method": "VERBAL",
        "template": "il-chicago",
        "section": "C",
    }
    for combination, kinds in (("UNION", []), ("LATEST", ["REPLACE"])):
        await world._insert(policy_profile, combination=combination, recorded_by="test")
        await change(hub, ann, GRANT, input=form)
        assert [entry.kind for entry in hub.app.state.hub.journal.read()] == kinds
