"""What partners hold of a client goes from every table at once: on a merge, a split and a withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Date, DateTime, Table, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.journal import Entry, Journal, Kind
from auth.membership import policy_in_force
from auth.policy import Combination
from auth.withdrawing import follow
from connectors.memory import MemorySource
from gateway import replaying
from hmis.bulk import BULK_SETTINGS, bulk
from hmis.identity import forgetting
from hmis.identity.links import link, undo
from hmis.tables import (
    HMIS,
    landing_batch,
    metadata,
    partner_link,
    partner_withheld,
    policy_profile,
)
from tests.worlds import NOW, TODAY, World

CANARY = "Kanarienvogel"
BORN = date(1984, 2, 29)
REVOKE = """mutation($id: ID!) { consentRevoke(id: $id, reason: "asked to") { problems { code } } }"""
DENY = """mutation($input: ConsentDenyInput!) { consentDeny(input: $input) { problems { code } } }"""
BAR = """mutation($id: ID!) { guardianBar(id: $id, reason: "a court said so") { problems { code } } }"""
PARTNERS = {"pantry": Category.FOOD, "energy-drop": Category.UTILITY, "long-gone": None}
"""Two that are installed, and one of which only its data are left."""


@dataclass(frozen=True)
class Planted:
    """What stands in what is held of one person: the partners' ids, and the canary."""

    linked: frozenset[str]
    rejected: frozenset[str]
    """Ids of records that somebody said are not theirs."""


def _filled(table: Table, mark: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A row of any table: what is given, and the mark wherever a text may stand."""
    row = dict(given)
    for column in table.c:
        if column.name in row or column.identity is not None:
            continue
        if isinstance(column.type, JSONB):
            row[column.name] = {"seen": [mark]}
        elif column.server_default is not None:
            continue
        elif isinstance(column.type, Date):
            row[column.name] = date(2026, 1, 1)
        elif isinstance(column.type, DateTime):
            row[column.name] = NOW
        elif column.type.python_type is str:
            row[column.name] = mark
        elif column.type.python_type is not bool:
            row[column.name] = 1
    return row


_GIVEN: Mapping[str, Mapping[str, Any]] = {
    "partner_link": {"method": "FIND"},
    "match_candidate": {"method": "FIND", "state": "OPEN", "decided_by": None},
}
"""What a table's rules want of its columns."""


async def plant(world: World, who: str, partners: Mapping[str, object] = PARTNERS) -> Planted:
    """Something in every table that holds partners' data, whichever there are; all of it has the canary."""
    person = world.people[who]
    linked, rejected = set(), set()
    for connector in partners:
        mine, ended, other = (f"{connector}:{who}:{uuid4().hex}" for _ in range(3))
        mark = f"{connector}:{who}:{CANARY}"
        batch = await world._insert(
            landing_batch,
            connector=connector,
            batch="b",
            content_sha256=uuid4().hex,
            as_of=BORN,
            members=1,
            benefits=1,
            rows_refused=0,
        )
        shared = {"connector": connector, "person_id": person}
        for table in forgetting.partner_tables("LINK"):
            base = shared | _GIVEN.get(table.name, {})
            await world._insert(table, **_filled(table, mark, base | {"value": mine, "valid_to": None}))
            await world._insert(table, **_filled(table, mark, base | {"value": ended, "valid_to": NOW}))
            no = {"value": other, "valid_to": None, "status": "REJECTED"}
            await world._insert(table, **_filled(table, mark, base | no))
        for table in forgetting.partner_tables("PERSON"):
            given = shared | _GIVEN.get(table.name, {})
            given = {**given, "value": f"{mine}:asked"} if "value" in table.c else given
            await world._insert(table, **_filled(table, mark, given))
        for table in forgetting.partner_tables("RECORD"):
            given = {"connector": connector, table.info["record"]: mine}
            given = {**given, "batch_id": batch.id} if "batch_id" in table.c else given
            await world._insert(table, **_filled(table, mark, given))
        linked |= {mine, ended, mark}
        rejected |= {other}
    return Planted(frozenset(linked), frozenset(rejected))


async def found(engine: AsyncEngine, *words: str) -> dict[str, int]:
    """In how many rows of which tables, of all there are, one of the words stands."""
    rows = {}
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            asked = text(f"select count(*) from {table.name} t where t::text like any (:words)")
            count = await connection.scalar(asked, {"words": [f"%{word}%" for word in words]})
            if count:
                rows[table.name] = count
    return rows


async def rejections(engine: AsyncEngine, person: UUID) -> set[str]:
    """What is left in `partner_link` of a person, which has to say no more than that."""
    link = partner_link.c
    async with engine.connect() as connection:
        rows = (await connection.execute(select(partner_link).where(link.person_id == person))).all()
    assert {(row.status, row.valid_to, row.score, str(row.evidence)) for row in rows} <= {
        ("REJECTED", None, None, "{}")
    }
    return {row.value for row in rows}


PLANTED_IN = {
    *("partner_link", "match_candidate", "partner_cache", "partner_tombstone"),
    *("landing_household_member", "landing_benefit", "landing_payment", "landing_token"),
}


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """Ada and Bea, who stayed at A; two partners are switched on."""
    world = World(database)
    for name in "AB":
        await world.organization(name)
    for who, first in (("ada", "Ada"), ("bea", "Bea")):
        await world.client(
            who,
            first_name=first,
            last_name="Quill",
            dob=BORN,
            name_data_quality=1,
            dob_data_quality=1,
            ssn_data_quality=99,
        )
        await world.stay(f"s-{who}", who, "A-p")
    world.partners["pantry"] = MemorySource({}, name="pantry", category="food")
    world.partners["energy-drop"] = MemorySource(
        {}, name="energy-drop", noun="UtilityAssistance", category="utility"
    )
    return world


async def ask(world: World, document: str, **variables: Any) -> None:
    answer = await world.ask(world.viewer("A"), document, **variables)
    assert answer.errors == ()
    assert [payload["problems"] for payload in answer.data.values()] == [[]]


def test_every_table_that_names_a_partner_says_how_it_is_forgotten() -> None:
    """A new one fails here until it says so, or until it is said here why it holds nothing about anybody."""
    naming = {table.name for table in metadata.sorted_tables if "connector" in table.c}
    told = {table.name for kind in ("LINK", "PERSON", "RECORD") for table in forgetting.partner_tables(kind)}
    assert naming - told == {
        *("directory_service", "directory_location", "directory_pull"),  # services, not who is served
        *("landing_batch", "landing_peer_export", "landing_peer_project"),  # what was dropped: no people
        "partner_withheld",  # what keeps them away
        *("sync_cursor", "sync_state"),  # how far we are with a partner
        *("referral", "outbox"),  # what an agency did for a client: its own record
    }
    assert told <= naming
    assert all("person_id" in table.c for table in forgetting.partner_tables("PERSON"))
    assert all(table.info["record"] in table.c for table in forgetting.partner_tables("RECORD"))


async def test_what_is_planted_is_found_everywhere_before_it_is_forgotten(world: World) -> None:
    ada = await plant(world, "ada")
    assert set(await found(world.engine, *ada.linked)) >= PLANTED_IN


async def test_a_split_forgets_whoever_was_left(world: World) -> None:
    await world.client("double", person_of="ada")
    await world.stay("s-double", "double", "A-p")
    ada, bea = await plant(world, "ada"), await plant(world, "bea")
    before = await found(world.engine, *bea.linked, *bea.rejected)
    async with world.engine.begin() as connection:
        begun = await undo(connection, "demo", "double", NOW)

    assert await found(world.engine, *ada.linked) == {}
    assert await found(world.engine, *ada.rejected) == {"partner_link": len(PARTNERS)}
    assert await rejections(world.engine, world.people["ada"]) == ada.rejected
    assert await rejections(world.engine, begun) == set()
    assert await found(world.engine, *bea.linked, *bea.rejected) == before
    async with world.engine.connect() as connection:
        assert (await connection.execute(select(partner_withheld))).all() == []


async def _import(world: World, *changed: str) -> None:
    """What an import does about people when these records have changed."""
    client = HMIS["Client"]
    async with world.engine.begin() as connection:
        raw = await bulk(connection)
        await connection.execute(select(client.c.id))
        await connection.execute(client.update().where(client.c.personal_id.in_(changed)).values(import_id=7))
        await raw.execute(BULK_SETTINGS)
        await link(raw, world.sources["demo"], 7, datetime(2026, 7, 1, tzinfo=UTC), hashed=False)


async def test_a_merge_forgets_the_person_given_up_and_keeps_what_was_rejected(world: World) -> None:
    ada, bea = await plant(world, "ada"), await plant(world, "bea")
    # Both have rejected one record, and a rule has linked the one kept with what the other rejected.
    both, contested = "pantry:both", next(iter(bea.rejected))
    for who in ("ada", "bea"):
        await _says(world, who, both, "REJECTED", "STAFF")
    await _says(world, "ada", contested, "CONFIRMED", "FIND", contested.partition(":")[0])
    await world.change("Client", "bea", first_name="ADA")
    before = await found(world.engine, *ada.linked)
    await _import(world, "ada", "bea")

    kept, gone = world.people["ada"], world.people["bea"]
    async with world.engine.connect() as connection:
        rows = await connection.execute(text("select person_id from client_link where undone_at is null"))
        assert {row.person_id for row in rows} == {kept}, "they are one person now"
    assert await found(world.engine, *bea.linked) == {}
    assert await rejections(world.engine, gone) == set()
    async with world.engine.connect() as connection:
        link_ = partner_link.c
        rejected = await connection.scalars(
            select(link_.value).where(link_.person_id == kept, link_.status == "REJECTED")
        )
        assert sorted(rejected) == sorted({*ada.rejected, *bea.rejected, both})
    assert await found(world.engine, *ada.linked) == before, "the one kept keeps what was found"


async def _says(
    world: World, who: str, value: str, status: str, method: str, connector: str = "pantry"
) -> None:
    said = {"connector": connector, "value": value, "status": status, "method": method}
    await world._insert(partner_link, person_id=world.people[who], **said)


async def test_what_staff_said_of_the_one_kept_outlives_a_merge(world: World) -> None:
    await _says(world, "ada", "h1", "CONFIRMED", "STAFF")
    await _says(world, "bea", "h1", "REJECTED", "STAFF")
    await world.change("Client", "bea", first_name="ADA")
    await _import(world, "ada", "bea")
    async with world.engine.connect() as connection:
        rows = (await connection.execute(select(partner_link))).all()
    assert [(row.person_id, row.value, row.status) for row in rows] == [
        (world.people["ada"], "h1", "CONFIRMED")
    ]


async def test_a_correction_that_parts_records_forgets_whoever_was_left(world: World) -> None:
    await world.change("Client", "bea", first_name="ADA")
    await _import(world, "ada", "bea")
    ada = await plant(world, "ada")
    await world.change("Client", "bea", first_name="Beatrice")
    await _import(world, "bea")
    assert await found(world.engine, *ada.linked) == {}
    assert await rejections(world.engine, world.people["ada"]) == ada.rejected


BOTH = Category.EXISTENCE | Category.FOOD | Category.UTILITY


async def test_a_withdrawal_forgets_what_nobody_may_see_any_more_and_nothing_else(world: World) -> None:
    food = await world.grant("ada", "B", categories=Category.EXISTENCE | Category.FOOD)
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.UTILITY)
    installed = {"pantry": Category.FOOD, "energy-drop": Category.UTILITY}
    ada, bea = await plant(world, "ada", installed), await plant(world, "bea", installed)
    of_bea = await found(world.engine, *bea.linked, *bea.rejected)
    energy = [value for value in ada.linked if value.startswith("energy-drop")]
    before = await found(world.engine, *energy)
    await ask(world, REVOKE, id=str(food))

    assert await found(world.engine, *(ada.linked - set(energy))) == {}
    assert await found(world.engine, *energy) == before
    assert await found(world.engine, *bea.linked, *bea.rejected) == of_bea
    left = {value for value in ada.rejected if value.startswith("pantry")}
    assert await found(world.engine, *left) == {"partner_link": 1}
    async with world.engine.connect() as connection:
        rows = (await connection.execute(select(partner_withheld))).all()
    assert {(row.connector, row.categories, row.record_sha256 is None) for row in rows} == {
        ("pantry", int(Category.FOOD), True),
        ("pantry", int(Category.FOOD), False),
    }


async def test_whoever_is_named_by_another_grant_still_keeps_it(world: World) -> None:
    first = await world.grant("ada", "A", categories=BOTH)
    await world.grant("ada", "B", categories=BOTH)
    ada = await plant(world, "ada")
    before = await found(world.engine, *ada.linked)
    await ask(world, REVOKE, id=str(first))
    assert await found(world.engine, *ada.linked) == before


async def test_with_the_last_grant_goes_also_what_no_installed_partner_gave(world: World) -> None:
    ada_agreed = await world.grant("ada", categories=BOTH)
    ada = await plant(world, "ada")
    await ask(world, REVOKE, id=str(ada_agreed))
    assert await found(world.engine, *ada.linked) == {}
    assert await found(world.engine, CANARY) == {}
    assert await rejections(world.engine, world.people["ada"]) == ada.rejected


def _input(client: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "client": str(client),
        "categories": ["EXISTENCE", "FOOD", "UTILITY"],
        "recipients": {"communityWide": True},
        "purposes": ["CARE_COORDINATION"],
        **changes,
    }


async def test_a_refusal_to_everybody_forgets_like_a_revocation(world: World) -> None:
    await world.grant("ada", categories=BOTH)
    ada = await plant(world, "ada")
    await ask(world, DENY, input=_input(world.people["ada"]))
    assert await found(world.engine, *ada.linked) == {}


async def test_a_refusal_to_one_agency_leaves_what_others_may_see(world: World) -> None:
    await world.grant("ada", categories=BOTH)
    ada = await plant(world, "ada")
    before = await found(world.engine, *ada.linked)
    only = {"organizations": ["B"], "source": "demo"}
    await ask(world, DENY, input=_input(world.people["ada"], recipients=only))
    assert await found(world.engine, *ada.linked) == before


async def test_a_barred_guardian_takes_along_what_they_had_signed_for(world: World) -> None:
    await world.client("kit", first_name="Kit", last_name="Rowe", dob=date(2015, 3, 1))
    await world.stay("s-kit", "kit", "A-p")
    adult = await world.guardian("kit")
    await world.grant("kit", categories=BOTH, guardian=adult, signed_by_client=False)
    kit = await plant(world, "kit")
    await ask(world, BAR, id=str(adult))
    assert await found(world.engine, *kit.linked) == {}


async def test_a_restore_from_before_a_withdrawal_forgets_again(world: World, tmp_path: Path) -> None:
    agreed = await world.grant("ada", categories=BOTH)
    ada = await plant(world, "ada")
    journal = Journal(tmp_path / "journal.jsonl")
    await journal.keep(Entry(Kind.REVOKE, agreed, world.people["ada"], NOW, "mia"))
    await replaying.in_force(world.engine, journal, replaying._By("hub", "tests"), TODAY)
    assert await found(world.engine, *ada.linked) == {}


async def test_where_the_newest_form_counts_alone_an_older_one_takes_along_what_it_had_opened(
    world: World,
) -> None:
    latest = {"combination": Combination.LATEST.value, "recorded_by": "test"}
    await world._insert(policy_profile, **latest)
    await world.grant("ada", categories=BOTH, form=uuid4())
    ada = await plant(world, "ada")
    await world.grant("ada", categories=Category.EXISTENCE, form=uuid4())
    async with world.engine.begin() as connection:
        partners = {name: category for name, category in PARTNERS.items() if category}
        policy = await policy_in_force(connection)
        await follow(connection, world.people["ada"], partners, policy, TODAY)
    assert await found(world.engine, *ada.linked) == {}
