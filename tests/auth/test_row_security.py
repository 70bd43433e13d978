"""The net below the rules: what PostgreSQL itself refuses to whoever reads as `hub_app`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it has no types
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.consent import Effect
from auth.context import context_of
from auth.legal_order import APPROVALS, LONGEST
from auth.viewer import Purpose, Role
from hmis import migrate
from hmis.context import Context
from hmis.database import ROLE, Reader
from hmis.tables import (
    HMIS,
    break_glass,
    client_link,
    consent_revocation,
    metadata,
    outbox,
    policy_profile,
    referral,
    referral_event,
)
from tests.worlds import NOW, TODAY, World

ABOUT_PEOPLE = {"person_id", "personal_id", "first_name", "last_name", "dob", "ssn", "address", "account"}
"""A table with one of these columns tells of somebody."""


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[Reader]:
    """A reader with one connection, so that every checkout gets the same."""
    reader = Reader(database_url, pool_size=1)
    yield reader
    await reader.dispose()


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """A and B, and somebody who stayed at A only."""
    world = World(database)
    await world.organization("A")
    await world.organization("B")
    await world.client("ada", first_name="Ada", last_name="Hidden", dob=date(1990, 1, 1), ssn="123456789")
    await world.stay("s", "ada", "A-p")
    await world.row("Services", "v", enrollment_id="s", personal_id="ada", record_type=200)
    await world.row("Assessment", "a", enrollment_id="s", personal_id="ada")
    await world.row("AssessmentQuestions", "q", assessment_id="a", enrollment_id="s", personal_id="ada")
    return world


def told(world: World, organization: str, **changes: str) -> Context:
    context = context_of(world.viewer(organization), TODAY, NOW)
    assert context is not None
    return replace(context, **changes)


async def seen(reader: Reader, context: Context | None, *tables: str) -> dict[str, int]:
    """How many rows of each table come out, with no condition at all."""
    counts = {}
    async with reader.connect(context) as connection:
        for table in tables:
            counts[table] = (await connection.execute(text(f"select count(*) from {table}"))).scalar_one()
    return counts


async def may_read(engine: AsyncEngine, table: str) -> bool:
    asked = text("select has_table_privilege(:role, :table, 'select')")
    async with engine.connect() as connection:
        return bool(await connection.scalar(asked, {"role": ROLE, "table": table}))


OF_ADA = ("client", "person", "enrollment", "services", "assessment", "assessment_questions")
ALL = dict.fromkeys(OF_ADA, 1)
NONE = dict.fromkeys(OF_ADA, 0)


async def test_without_a_viewer_no_table_shows_a_person(world: World, reader: Reader) -> None:
    await world.grant("ada", "B")
    for table in metadata.tables.values():
        if not await may_read(world.engine, table.name):
            continue
        counted = await seen(reader, None, table.name)
        if ABOUT_PEOPLE & set(table.c.keys()):
            assert counted == {table.name: 0}
    assert await seen(reader, None, "consent_grant", *OF_ADA) == {"consent_grant": 0, **NONE}


async def test_every_table_has_a_decision(database: AsyncEngine) -> None:
    """A new table about people without row-level security fails here, and any that nobody thought about."""
    rows = text("""
        select c.relname, c.relrowsecurity,
               array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0) as columns,
               has_table_privilege('hub_app', c.oid, 'select') as read
        from pg_class c
        where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relnamespace = 'public'::regnamespace
    """)
    async with database.connect() as connection:
        tables = (await connection.execute(rows)).all()
    assert {table.relname for table in tables} >= set(metadata.tables)
    closed = {"export", "hmis_user", "audit_leaf", "audit_checkpoint"}
    decided = {table.relname for table in tables if table.relrowsecurity or table.read} | closed
    assert {table.relname for table in tables} - decided == set(), "say in a migration who may read it"
    bare = {
        table.relname for table in tables if not table.relrowsecurity and ABOUT_PEOPLE & set(table.columns)
    }
    assert bare == set(), "it tells of people and has no row-level security"


async def test_own_records_come_out_and_others_do_not(world: World, reader: Reader) -> None:
    assert await seen(reader, told(world, "A"), *OF_ADA) == ALL
    assert await seen(reader, told(world, "B"), *OF_ADA) == NONE


async def test_a_hidden_person_stays_hidden_when_a_statement_forgets_the_rules(
    world: World, reader: Reader
) -> None:
    table, stay = HMIS["Client"], HMIS["Enrollment"]
    forgetful = (
        select(client_link.c.person_id, table.c.last_name, stay.c.entry_date)
        .join(table, table.c.personal_id == client_link.c.personal_id)
        .join(stay, stay.c.personal_id == table.c.personal_id)
        .where(table.c.name_order == "hidden\1ada")
    )
    async with reader.connect(told(world, "B")) as connection:
        assert (await connection.execute(forgetful)).all() == []
    async with reader.connect(told(world, "A")) as connection:
        assert len((await connection.execute(forgetful)).all()) == 1


async def test_a_grant_opens_and_its_revocation_closes(world: World, reader: Reader) -> None:
    grant = await world.grant("ada", "B")
    assert await seen(reader, told(world, "B"), *OF_ADA) == ALL
    other = told(world, "B", purpose=Purpose.PAYMENT.value)
    assert await seen(reader, other, *OF_ADA) == NONE
    async with world.engine.begin() as connection:
        await connection.execute(
            insert(consent_revocation).values(grant_id=grant, reason="asked to", revoked_by="test")
        )
    assert await seen(reader, told(world, "B"), *OF_ADA) == NONE


async def test_a_grant_opens_from_its_first_day_to_the_one_before_its_last(
    world: World, reader: Reader
) -> None:
    await world.grant("ada", start=date(2026, 2, 1), end=date(2026, 3, 1))
    for day, there in (("2026-01-31", 0), ("2026-02-01", 1), ("2026-02-28", 1), ("2026-03-01", 0)):
        assert await seen(reader, told(world, "B", as_of=day), "client") == {"client": there}


async def test_a_denial_of_existence_closes_what_everybody_may_see(world: World, reader: Reader) -> None:
    await world.grant("ada")
    await world.grant("ada", "B", effect=Effect.DENY, categories=Category.EXISTENCE)
    assert await seen(reader, told(world, "B"), "client") == {"client": 0}


async def test_a_grant_to_one_person_opens_for_nobody_else(world: World, reader: Reader) -> None:
    await world.grant("ada", "B", subject="somebody@B")
    assert await seen(reader, told(world, "B"), "client") == {"client": 0}
    assert await seen(reader, told(world, "B", subject="somebody@B"), "client") == {"client": 1}


async def test_notice_and_an_emergency_open(world: World, reader: Reader) -> None:
    opening = {"subject": world.viewer("B").subject, "agency_id": world.agencies["B"].id, "reason": "fire"}
    async with world.engine.begin() as connection:
        await connection.execute(
            insert(break_glass).values(
                person_id=world.people["ada"], opened_at=NOW, closes_at=NOW + timedelta(minutes=5), **opening
            )
        )
    assert await seen(reader, told(world, "B"), *OF_ADA) == ALL
    later = context_of(world.viewer("B"), TODAY, NOW + timedelta(minutes=5))
    assert await seen(reader, later, *OF_ADA) == NONE
    async with world.engine.begin() as connection:
        await connection.execute(
            insert(policy_profile).values(notice_categories=int(Category.EXISTENCE), recorded_by="test")
        )
    assert await seen(reader, later, *OF_ADA) == ALL


async def test_for_law_enforcement_an_order_opens_and_neither_agreement_nor_own_record_does(
    world: World, reader: Reader
) -> None:
    await world.grant("ada", purposes=tuple(Purpose))
    officer = world.viewer("B", Role.PRIVACY_OFFICER, Purpose.LAW_ENFORCEMENT)
    owner = world.viewer("A", Role.PRIVACY_OFFICER, Purpose.LAW_ENFORCEMENT)
    asked = {who: context_of(who, TODAY, NOW) for who in (officer, owner)}
    await world.legal_order("ada", officer, "first")
    await world.legal_order("ada", officer, "first", "second", ended=True)
    assert [await seen(reader, asked[who], *OF_ADA) for who in (officer, owner)] == [NONE, NONE]
    await world.legal_order("ada", officer, "first", "second")
    assert [await seen(reader, asked[who], *OF_ADA) for who in (officer, owner)] == [ALL, NONE]
    assert await seen(reader, context_of(officer, TODAY + timedelta(days=1), NOW), *OF_ADA) == NONE
    other = replace(officer, subject="somebody@B")
    assert await seen(reader, context_of(other, TODAY, NOW), *OF_ADA) == NONE
    everyday = replace(officer, purpose=Purpose.PAYMENT)
    assert await seen(reader, context_of(everyday, TODAY, NOW), *OF_ADA) == ALL  # by the grant


async def test_a_victim_service_providers_records_stay_there_whatever_was_agreed(
    world: World, reader: Reader
) -> None:
    await world.organization("V", victim_services=True)
    await world.client("eve")
    await world.stay("safe", "eve", "V-p")
    await world.stay("refuge", "ada", "V-p")
    await world.grant("eve")
    await world.grant("ada")
    context = told(world, "B")
    async with reader.connect(context) as connection:
        people = (await connection.scalars(text("select personal_id from client"))).all()
        stays = (await connection.scalars(text("select enrollment_id from enrollment"))).all()
    assert (people, stays) == (["ada"], ["s"])
    assert (await seen(reader, told(world, "V"), "enrollment"))["enrollment"] == 3


async def test_a_referral_comes_out_where_its_person_does(world: World, reader: Reader) -> None:
    async with world.engine.begin() as connection:
        row = {"person_id": world.people["ada"], "agency_id": world.agencies["A"].id, "connector": "pantry"}
        row |= {"category": int(Category.FOOD), "service": "food box", "tell": 0, "created_by": "test"}
        made = (await connection.execute(insert(referral).values(row).returning(referral.c.id))).scalar_one()
        await connection.execute(insert(referral_event).values(referral_id=made, status="DRAFT", by="test"))
        await connection.execute(insert(outbox).values(connector="pantry", referral_id=made, status="SENT"))
    tables = ("referral", "referral_event", "outbox")
    assert await seen(reader, told(world, "A"), *tables) == dict.fromkeys(tables, 1)
    assert await seen(reader, told(world, "B"), *tables) == dict.fromkeys(tables, 0)
    assert await seen(reader, None, *tables) == dict.fromkeys(tables, 0)
    await world.grant("ada", "B")
    assert await seen(reader, told(world, "B"), *tables) == dict.fromkeys(tables, 1)


async def test_who_may_see_no_person_reads_for_nobody(world: World) -> None:
    assert context_of(None, TODAY, NOW) is None
    assert context_of(world.viewer("A", Role.SYSTEM, Purpose.OPERATIONS), TODAY, NOW) is None


async def test_what_a_session_was_told_does_not_reach_the_next_request(world: World, reader: Reader) -> None:
    assert await seen(reader, told(world, "A"), "client") == {"client": 1}
    assert await seen(reader, told(world, "B"), "client") == {"client": 0}
    assert await seen(reader, told(world, "A"), "client") == {"client": 1}
    assert await seen(reader, None, "client") == {"client": 0}


async def test_nor_after_an_error_or_a_cancelled_request(world: World, reader: Reader) -> None:
    with pytest.raises(DBAPIError):
        async with reader.connect(told(world, "A")) as connection:
            await connection.execute(text("select 1/0"))
    assert await seen(reader, None, "client") == {"client": 0}

    began = asyncio.Event()

    async def asking() -> None:
        async with reader.connect(told(world, "A")) as connection:
            began.set()
            await connection.execute(text("select pg_sleep(60)"))

    task = asyncio.create_task(asking())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await seen(reader, told(world, "B"), "client") == {"client": 0}
    assert await seen(reader, None, "client") == {"client": 0}


async def test_a_telling_that_was_cut_off_is_told_again(world: World, reader: Reader) -> None:
    a, b = told(world, "A"), told(world, "B")
    assert await seen(reader, a, "client") == {"client": 1}
    for broken in (replace(b, subject="\0"), replace(a, agency="\ud800")):
        with pytest.raises((DBAPIError, asyncpg.PostgresError, UnicodeError)):
            await seen(reader, broken, "client")
        assert await seen(reader, b, "client") == {"client": 0}
        assert await seen(reader, a, "client") == {"client": 1}


async def test_twenty_viewers_at_once_each_see_their_own(world: World, database_url: str) -> None:
    reader = Reader(database_url, pool_size=3)
    names = ["A", "B"] * 20
    counts = await asyncio.gather(*(seen(reader, told(world, name), "client") for name in names))
    await reader.dispose()
    assert [count["client"] for count in counts] == [1, 0] * 20


@pytest.mark.parametrize(
    "statement",
    [
        "update consent_grant set end_on = null",
        "delete from consent_grant",
        "update consent_revocation set reason = 'none'",
        "delete from consent_revocation",
        "update legal_order set valid_to = valid_from + 30",
        "delete from legal_order_approval",
        "delete from legal_order_end",
        "update audit_event set outcome = 'none'",
        "delete from audit_event",
        "update audit_subject set disclosed = 0",
        "delete from audit_subject",
        "truncate audit_subject",
        "update client set last_name = 'x'",
        "insert into client (source_id, personal_id, import_id) values (1, 'x', 0)",
        "alter table client disable row level security",
        "drop policy hub_reads on client",
        "create policy all_of_it on client for select using (true)",
        "create table mine (id integer)",
        "alter role hub_app bypassrls",
        "select first_name from landing_household_member",
        "select value from client_fact",
        "insert into referral (connector) values ('x')",
        "update referral set status = 'DRAFT'",
        "delete from referral_event",
        "update outbox set state = 'DONE'",
        "select number from outbox_attempt",
        "select value from partner_tombstone",
        "select cursor from sync_cursor",
        "select id from procrastinate.procrastinate_jobs",
    ],
)
async def test_the_role_cannot(world: World, reader: Reader, statement: str) -> None:
    async with reader.connect(told(world, "A")) as connection:
        with pytest.raises(DBAPIError, match=r"permission denied|must be "):
            await connection.execute(text(statement))


async def test_a_login_that_is_only_this_role_can_become_no_other(world: World, database_url: str) -> None:
    """`hub_app` cannot log in itself; whoever logs in for it and no more has no way out of it."""
    login = f"hub_test_{uuid4().hex[:12]}"
    async with world.engine.begin() as connection:
        await connection.execute(text(f"create role {login} login password 'for-this-test' in role {ROLE}"))
        owner = (await connection.execute(text("select current_user"))).scalar_one()
    url = make_url(database_url).set(username=login, password="for-this-test")
    alone = Reader(url.render_as_string(hide_password=False), pool_size=1)
    try:
        assert await seen(alone, told(world, "A"), "client") == {"client": 1}
        async with alone.connect(None) as connection:
            for way_out in (
                f"set role {owner}",
                f"select set_config('role', '{owner}', false)",
                f"set session authorization {owner}",
            ):
                with pytest.raises(DBAPIError, match="permission denied"):
                    await connection.execute(text(way_out))
            await connection.execute(text("reset role"))
            assert await connection.scalar(text("select count(*) from client")) == 0
            await connection.execute(text("set row_security = off"))
            with pytest.raises(DBAPIError, match="affected by row-level security"):
                await connection.execute(text("select count(*) from client"))
    finally:
        await alone.dispose()
        async with world.engine.begin() as connection:
            await connection.execute(text(f"drop role {login}"))


async def test_the_role_owns_nothing_and_bypasses_nothing(database: AsyncEngine) -> None:
    async with database.connect() as connection:
        role = (await connection.execute(text(f"select * from pg_roles where rolname = '{ROLE}'"))).one()
        owned = await connection.scalar(
            text(f"select count(*) from pg_shdepend where refobjid = '{ROLE}'::regrole and deptype = 'o'")
        )
    may = [role.rolsuper, role.rolbypassrls, role.rolcreaterole, role.rolcreatedb, role.rolcanlogin]
    assert not any(may)
    assert owned == 0


async def test_the_role_is_made_once_however_many_databases_are_migrated_at_once(
    database: AsyncEngine,
) -> None:
    revision = ScriptDirectory.from_config(migrate.config()).get_revision("0003_row_security")
    assert revision is not None
    role = text(revision.module._ROLES)

    async def make() -> None:
        async with database.begin() as connection:
            await connection.execute(role)

    await asyncio.gather(*(make() for _ in range(8)))


def test_the_policies_know_the_bit_of_existence() -> None:
    assert Category.EXISTENCE == 1  # `categories & 1` there; migrations do not import from auth


def test_the_policies_know_what_the_rules_call_law_enforcement() -> None:
    assert Purpose.LAW_ENFORCEMENT.value == "LAW_ENFORCEMENT"
    assert (APPROVALS, LONGEST.days) == (2, 30)
