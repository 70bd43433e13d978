"""The accounting as it is handed to a client: one history, four rules, word for word, and its own audit."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import NOTHING, Category
from auth.viewer import Purpose
from gateway.accounting import Format, ProfileName, accounted
from gateway.settings import Settings
from hmis.errors import AuditUnavailable, InputRefused
from hmis.tables import agency, audit_event, audit_subject, client_link, consent_grant, person
from tests.audits import NOW, Told, write_event
from tests.worlds import World

ZONE = ZoneInfo("America/New_York")
CLIENT = UUID("11111111-1111-4111-8111-111111111111")
SPOKEN = UUID("22222222-2222-4222-8222-222222222222")
SIGNED = UUID("33333333-3333-4333-8333-333333333333")
CARE = Purpose.CARE_COORDINATION
NAME, DOB = Category.NAME, Category.DOB


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """One client of agency A; B and C, a clinic, were told of them over the years."""
    world = World(database)
    for name in ("A", "B", "C"):
        await world.organization(name)
    async with database.begin() as connection:
        await connection.execute(insert(person).values(id=CLIENT))
        await connection.execute(
            update(agency).where(agency.c.id == world.agencies["C"].id).values(name='=Clinic "Ellery", south')
        )
    await world.row("Client", "c1")
    world.people["c1"] = CLIENT
    async with database.begin() as connection:
        await connection.execute(
            insert(client_link).values(
                person_id=CLIENT, source_id=world.sources["demo"], personal_id="c1", method="FIRST"
            )
        )
    for number, method in ((SPOKEN, "VERBAL"), (SIGNED, "WRITTEN")):
        made = await world.grant("c1", end=date(2030, 1, 1))
        async with database.begin() as connection:
            await connection.execute(
                update(consent_grant)
                .where(consent_grant.c.id == made)
                .values(id=number, method=method, evidence="sha256:00")
            )
    await _told(world, "B", "2019-03-01", NAME, Purpose.RESEARCH)
    await _told(world, "B", "2022-03-01", NAME, Purpose.REPORTING, SPOKEN)
    await _told(world, "A", "2026-03-01", NOTHING, CARE, own=NAME | DOB)
    await _told(world, "B", "2026-04-01", NAME | Category.ENROLLMENT, CARE, SPOKEN, own=DOB)
    await _told(world, "B", "2026-04-01", NAME | Category.INCOME_BENEFITS, CARE, SPOKEN, subject="noah")
    await _told(world, "C", "2026-05-01", Category.HEALTH_DISABILITY, Purpose.ELIGIBILITY, SIGNED)
    await _told(world, "C", "2026-05-02", NAME, Purpose.ELIGIBILITY, notice="2026-01")
    await _told(world, "C", "2026-05-03", NAME | DOB, CARE, exception="BREAK_GLASS")
    return world


async def _told(
    world: World,
    to: str,
    day: str,
    shared: Category,
    purpose: Purpose,
    *grants: UUID,
    own: Category = NOTHING,
    subject: str = "mia",
    notice: str | None = None,
    exception: str | None = None,
) -> None:
    line = Told(CLIENT, shared | own, shared, NOTHING, grants, notice, exception)
    async with world.engine.begin() as connection:
        await write_event(
            connection,
            line,
            at=datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZONE),
            agency_id=world.agencies[to].id,
            purpose=purpose.value,
            subject=subject,
        )


async def _accounted(
    world: World, name: ProfileName, form: Format = Format.CSV, *, uses: bool = False, client: str = "demo:c1"
) -> str:
    return await accounted(
        world.engine, Settings(home=Path()), client, name, form, NOW, uses=uses, operator="operator:ada"
    )


CLINIC = '"\'=Clinic ""Ellery"", south"'

GOLDEN = {
    ProfileName.HIPAA: f"""\
date,recipient,categories,purpose,basis,times
2022-03-01,Agency B,Names,Counts and results for funders,grant {SPOKEN},1
2026-05-02,{CLINIC},Names,Whether a person can have a service,notice 2026-01,1
2026-05-03,{CLINIC},Names; Birth date,To provide or coordinate services to a person,exception BREAK_GLASS,1
""",
    ProfileName.PART2: f"""\
date,recipient,categories,purpose,basis,times
2026-04-01,Agency B,"Names; Stays at projects, and where they led; Income, benefits and insurance",\
To provide or coordinate services to a person,grant {SPOKEN},2
2026-05-01,{CLINIC},Health and disabilities,Whether a person can have a service,grant {SIGNED},1
2026-05-03,{CLINIC},Names; Birth date,To provide or coordinate services to a person,exception BREAK_GLASS,1
""",
    ProfileName.RHY: f"""\
date,recipient,individual,categories,purpose,basis,times
2019-03-01,Agency B,mia,Names,Research under a written agreement,not recorded,1
2022-03-01,Agency B,mia,Names,Counts and results for funders,grant {SPOKEN},1
2026-04-01,Agency B,mia,"Names; Stays at projects, and where they led",\
To provide or coordinate services to a person,grant {SPOKEN},1
2026-04-01,Agency B,noah,"Names; Income, benefits and insurance",\
To provide or coordinate services to a person,grant {SPOKEN},1
2026-05-01,{CLINIC},mia,Health and disabilities,Whether a person can have a service,grant {SIGNED},1
2026-05-02,{CLINIC},mia,Names,Whether a person can have a service,notice 2026-01,1
2026-05-03,{CLINIC},mia,Names; Birth date,To provide or coordinate services to a person,\
exception BREAK_GLASS,1
""",
    ProfileName.HUD: f"""\
date,recipient,categories,purpose,basis,times
2019-03-01,Agency B,Names,Research under a written agreement,not recorded,1
2022-03-01,Agency B,Names,Counts and results for funders,grant {SPOKEN},1
2026-04-01,Agency B,"Names; Stays at projects, and where they led; Income, benefits and insurance",\
To provide or coordinate services to a person,grant {SPOKEN},2
2026-05-01,{CLINIC},Health and disabilities,Whether a person can have a service,grant {SIGNED},1
2026-05-02,{CLINIC},Names,Whether a person can have a service,notice 2026-01,1
2026-05-03,{CLINIC},Names; Birth date,To provide or coordinate services to a person,exception BREAK_GLASS,1
""",
}


@pytest.mark.parametrize("name", ProfileName)
async def test_one_history_by_four_rules(world: World, name: ProfileName) -> None:
    assert (await _accounted(world, name)).replace("\r\n", "\n") == GOLDEN[name]


async def test_uses_are_lines_of_their_own(world: World) -> None:
    lines = (await _accounted(world, ProfileName.HUD, uses=True)).splitlines()
    assert [line for line in lines if "own record" in line] == [
        "2026-03-01,Agency A,Names; Birth date,To provide or coordinate services to a person,own record,1",
        "2026-04-01,Agency B,Birth date,To provide or coordinate services to a person,own record,1",
    ]
    assert len(lines) == len(GOLDEN[ProfileName.HUD].splitlines()) + 2


async def test_the_same_as_json_with_the_rule_and_its_period(world: World) -> None:
    document = json.loads(await _accounted(world, ProfileName.HIPAA, Format.JSON))
    assert document == {
        "client": str(CLIENT),
        "profile": "hipaa",
        "rule": "45 CFR 164.528",
        "from": "2020-06-30",
        "to": "2026-06-30",
        "disclosures": [
            {
                "date": "2022-03-01",
                "recipient": "Agency B",
                "categories": ["Names"],
                "purpose": "Counts and results for funders",
                "basis": f"grant {SPOKEN}",
                "times": 1,
            },
            {
                "date": "2026-05-02",
                "recipient": '=Clinic "Ellery", south',
                "categories": ["Names"],
                "purpose": "Whether a person can have a service",
                "basis": "notice 2026-01",
                "times": 1,
            },
            {
                "date": "2026-05-03",
                "recipient": '=Clinic "Ellery", south',
                "categories": ["Names", "Birth date"],
                "purpose": "To provide or coordinate services to a person",
                "basis": "exception BREAK_GLASS",
                "times": 1,
            },
        ],
    }
    assert json.loads(await _accounted(world, ProfileName.RHY, Format.JSON))["from"] is None


async def test_nothing_to_list_is_an_answer(world: World) -> None:
    nobody = str(await world.client("c2"))
    for name in ProfileName:
        assert json.loads(await _accounted(world, name, Format.JSON, client=nobody))["disclosures"] == []
        assert len((await _accounted(world, name, client=nobody)).splitlines()) == 1


async def test_asking_is_audited_and_is_no_disclosure_itself(world: World) -> None:
    before = await _accounted(world, ProfileName.HUD, uses=True)
    async with world.engine.connect() as connection:
        event = (await connection.execute(select(audit_event).order_by(audit_event.c.id.desc()))).first()
        assert event is not None
        line = (
            await connection.execute(select(audit_subject).where(audit_subject.c.event_id == event.id))
        ).one()
    assert (event.operation_name, event.subject, event.outcome) == ("accounting", "operator:ada", "ANSWERED")
    assert (event.agency_id, event.as_of) == (None, date(2026, 6, 30))
    assert (line.person_id, line.disclosed, line.shared) == (CLIENT, 0, 0)
    assert await _accounted(world, ProfileName.HUD, uses=True) == before


async def test_asking_for_nobody_is_audited_and_refused_without_repeating_the_words(world: World) -> None:
    with pytest.raises(InputRefused) as refused:
        await _accounted(world, ProfileName.HUD, client="demo:Jane Doe")
    assert "Jane" not in str(refused.value)
    async with world.engine.connect() as connection:
        outcomes = await connection.scalars(
            select(audit_event.c.outcome).where(audit_event.c.operation_name == "accounting")
        )
        assert outcomes.all() == ["NOT_FOUND"]


async def test_without_the_audit_there_is_no_accounting(world: World) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(
            text("alter table audit_event add constraint no_clerk check (application <> 'hmis-hub-cli')")
        )
    try:
        with pytest.raises(AuditUnavailable):
            await _accounted(world, ProfileName.HUD)
    finally:
        async with world.engine.begin() as connection:
            await connection.execute(text("alter table audit_event drop constraint no_clerk"))
