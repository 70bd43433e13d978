"""A hub whose login owns nothing, as docs/deployment.md sets it up: it answers, records and seals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.sessions import Sessions
from connectors.base import Changes
from connectors.memory import MemorySource
from connectors.runtime import Runtime
from gateway.settings import Settings
from gateway.watch import Watch
from gateway.work import Work
from hmis.database import Reader, engine
from hmis.tables import match_candidate
from resolvers.sending import Desk
from tests.conftest import _database_from_template, _drop, _other_database
from tests.journeys.conftest import Hub, running
from tests.worlds import NOW, TODAY, World

PROFILE = "query($id: ID!) { client(id: $id) { name { first } enrollments { nodes { entryDate } } } }"
GRANT = """mutation($input: ConsentGrantInput!) {
  consentGrant(input: $input) { grant { id } problems { code message path } } }"""
REFER = """mutation($input: ReferralInput!) { referralCreate(input: $input) {
  referral { status } problems { code } } }"""
REVOKE = """mutation($id: ID!) { consentRevoke(id: $id, reason: "asked to stop") {
  grant { revokedAt } problems { code } } }"""
CONFIRM = "mutation($id: ID!) { matchConfirm(id: $id) { match { reference state } problems { code } } }"
SPLIT = "mutation($input: MatchSplitInput!) { matchSplit(input: $input) { problems { code } } }"


@pytest.fixture
async def owned(admin_url: str) -> AsyncIterator[AsyncEngine]:
    """A database of its own, as its owner."""
    name = f"hub_test_roles_{uuid4().hex[:12]}"
    await asyncio.to_thread(asyncio.run, _database_from_template(admin_url, name))
    owner = engine(_other_database(admin_url, name))
    yield owner
    await owner.dispose()
    await asyncio.to_thread(asyncio.run, _drop(admin_url, name))


@pytest.fixture
async def login(owned: AsyncEngine) -> AsyncIterator[str]:
    """The URL of a login that is in the two roles and in nothing else."""
    name = f"hub_test_{uuid4().hex[:12]}"
    async with owned.begin() as connection:
        await connection.execute(text(f"create role {name} login password 'for-this-test'"))
        await connection.execute(text(f"grant hub_app, hub_writer to {name}"))
    url = make_url(owned.url.set(drivername="postgresql")).set(username=name, password="for-this-test")
    yield url.render_as_string(hide_password=False)
    async with owned.begin() as connection:
        await connection.execute(text(f"drop role {name}"))


async def test_it_answers_records_consent_and_seals(owned: AsyncEngine, login: str, tmp_path: Path) -> None:
    world = World(owned)
    await world.organization("A")
    await world.organization("B")
    ada = str(await world.client("ada", first_name="Ada"))
    await world.stay("s", "ada", "A-p")
    settings = Settings(home=tmp_path, database_url=login, demo_issuer=True)
    async with running(settings, world) as hub:
        ann, ben = await hub.joins("ann", "A"), await hub.joins("ben", "B")
        assert await first_name(hub, ann, ada) == "Ada"
        assert await first_name(hub, ben, ada) is None
        given = {
            "client": ada, "effect": "PERMIT", "categories": ["EXISTENCE", "NAME"], "labels": [],
            "recipients": {"organizations": ["B"], "source": "demo"}, "purposes": ["CARE_COORDINATION"],
            "start": "2026-01-01", "method": "WRITTEN", "evidence": f"sha256:{'0' * 64}",
        }  # fmt: skip
        recorded = (await hub.ask(ann, GRANT, input=given)).json()["data"]["consentGrant"]
        assert recorded["problems"] == []
        assert await first_name(hub, ben, ada) == "Ada"
        revoked = (await hub.ask(ann, REVOKE, id=recorded["grant"]["id"])).json()["data"]["consentRevoke"]
        assert revoked["grant"]["revokedAt"] is not None
        assert await first_name(hub, ben, ada) is None
    async with owned.connect() as connection:
        counts = text("select (select count(*) from audit_event) - (select count(*) from audit_leaf)")
        assert await connection.scalar(counts) == 0, "sealed as it stopped"


async def test_it_says_who_is_who_and_forgets(owned: AsyncEngine, login: str, tmp_path: Path) -> None:
    world = World(owned)
    await world.organization("A")
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill"))
    await world.stay("s1", "ada", "A-p")
    await world.client("double", person_of="ada")
    await world.stay("s2", "double", "A-p")
    grant = await world.grant("ada", categories=Category.EXISTENCE | Category.FOOD)
    told = {"connector": "pantry", "value": "h1", "method": "FIND", "reason": "LOW_SCORE", "score": 80}
    asked = await world._insert(match_candidate, person_id=world.people["ada"], **told)
    settings = Settings(home=tmp_path, database_url=login, demo_issuer=True)
    async with running(settings, world) as hub:
        ann = await hub.joins("ann", "A")
        confirmed = (await hub.ask(ann, CONFIRM, id=str(asked.id))).json()["data"]["matchConfirm"]
        assert confirmed == {"match": {"reference": "h1", "state": "CONFIRMED"}, "problems": []}
        for part in ({"connector": "pantry"}, {"record": {"source": "demo", "value": "double"}}):
            split = (await hub.ask(ann, SPLIT, input={"client": ada, **part})).json()["data"]["matchSplit"]
            assert split == {"problems": []}
        revoked = (await hub.ask(ann, REVOKE, id=str(grant))).json()["data"]["consentRevoke"]
        assert revoked["problems"] == []
    async with owned.connect() as connection:
        counts = text(
            "select (select count(*) from match_candidate), (select count(*) from partner_withheld)"
        )
        assert tuple((await connection.execute(counts)).one()) == (0, 1)


async def test_its_worker_reaches_queue_partners_and_outbox(
    owned: AsyncEngine, login: str, tmp_path: Path
) -> None:
    world = World(owned)
    await world.organization("A")
    ada = str(await world.client("ada", first_name="Ada"))
    await world.stay("s", "ada", "A-p")
    await world.grant("ada", "A", categories=Category.EXISTENCE | Category.FOOD)
    source = MemorySource({}, name="pantry")
    source.pages = {None: Changes(("h-1",), (), "1", more=False)}
    settings = Settings(home=tmp_path, database_url=login, demo_issuer=True)
    async with running(settings, world) as hub:
        hub.partner(source)
        ann = await hub.joins("ann", "A")
        wish = {"client": ada, "partner": "pantry", "service": "food box", "tell": ["NAME"]}
        written = (await hub.ask(ann, REFER, input=wish)).json()["data"]["referralCreate"]
        assert written == {"referral": {"status": "DRAFT"}, "problems": []}
    serving, reader = engine(login), Reader(login)

    async def at_once() -> None:
        return None

    desk = Desk(serving, reader, {"pantry": source}, Runtime(), lambda: NOW, lambda _: TODAY)
    try:
        await Work(login, desk, 300, at_once).run(asyncio.Event(), once=True)
    finally:
        await reader.dispose()
        await serving.dispose()
    assert [one.person and one.person.first_name for one in source.submitted] == ["Ada"]
    states = text("select status from referral union all select last_code from sync_state")
    async with owned.connect() as connection:
        assert list(await connection.scalars(states)) == ["RECEIVED", None]


async def first_name(hub: Hub, token: str, client: str) -> str | None:
    answer = (await hub.ask(token, PROFILE, id=client)).json()
    assert "errors" not in answer
    name: str | None = answer["data"]["client"] and answer["data"]["client"]["name"]["first"]
    return name


@pytest.mark.parametrize(
    "statement",
    [
        "update consent_grant set end_on = null",
        "delete from consent_revocation",
        "delete from audit_event",
        "update audit_subject set disclosed = 0",
        "update audit_leaf set leaf_hash = ''",
        "delete from audit_checkpoint",
        "truncate audit_event",
        "update policy_profile set notice_categories = 1",
        "alter table client disable row level security",
        "create table mine (id integer)",
    ],
)
async def test_it_cannot(login: str, statement: str) -> None:
    serving = engine(login)
    try:
        async with serving.begin() as connection:
            with pytest.raises(DBAPIError, match=r"permission denied|must be "):
                await connection.execute(text(statement))
    finally:
        await serving.dispose()


async def test_it_sees_that_anything_about_consent_was_recorded(owned: AsyncEngine, login: str) -> None:
    world = World(owned)
    await world.organization("A")
    ada = await world.client("ada", first_name="Ada")
    viewer = world.viewer("A")
    serving = engine(login)
    watch = Watch(serving, Sessions(serving), lambda: NOW, lambda now: now.date())
    try:
        stood = [await watch.standing(ada)]
        grant = await world.grant("ada", "A")
        stood.append(await watch.standing(ada))
        await world.revoke(grant)
        stood.append(await watch.standing(ada))
        guardian = await world.guardian("ada")
        stood.append(await watch.standing(ada))
        await world.bar(guardian)
        stood.append(await watch.standing(ada))
        await world.broken_glass("ada", viewer)
        stood.append(await watch.standing(ada))
        await world.legal_order("ada", viewer)
        stood.append(await watch.standing(ada))
        await world.legal_order("ada", viewer, "one", "two", ended=True)
        stood.append(await watch.standing(ada))
        await world.client("double", person_of="ada")
        stood.append(await watch.standing(ada))
        assert len(set(stood)) == len(stood)
        assert await watch.standing(ada) == stood[-1]
    finally:
        await serving.dispose()
