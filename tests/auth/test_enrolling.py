"""Making somebody a member of an agency, as the demo and the `token` command do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from auth.enrolling import enroll
from auth.membership import NoAccess, viewer_of
from auth.tokens import Claims
from auth.viewer import AgencyKind, Purpose, Role, Viewer
from hmis.errors import InputRefused
from hmis.tables.agency import agency, member
from hmis.tables.core import HMIS
from hmis.tables.source import import_run, source

TODAY = date(2026, 3, 2)
CLAIMS = Claims("https://id.example.org", "user-7", "app", "token-1", datetime(2026, 3, 2, 16, tzinfo=UTC))
WHO = {"issuer": CLAIMS.issuer, "subject": CLAIMS.subject, "source": "demo", "as_of": TODAY}
organization = HMIS["Organization"]


async def stored_organizations(connection) -> None:
    source_id = await connection.scalar(insert(source).values(name="demo").returning(source.c.id))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    run = {"source_id": source_id, "archive_sha256": "", "started_at": at, "finished_at": at, "report": {}}
    import_id = await connection.scalar(insert(import_run).values(run).returning(import_run.c.id))
    for organization_id, name, victim_service in (
        ("96", "Harbor Shelter", 0),
        ("4", None, None),
        ("6", "Safe", 1),
    ):
        await connection.execute(
            insert(organization).values(
                source_id=source_id,
                import_id=import_id,
                organization_id=organization_id,
                organization_name=name,
                victim_service_provider=victim_service,
            )
        )


@pytest.fixture
async def demo(connection):
    await stored_organizations(connection)
    return connection


async def count(connection, table) -> int:
    return await connection.scalar(select(func.count()).select_from(table))


async def test_who_is_enrolled_is_a_viewer(demo):
    at = await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    assert (at.name, at.organization_id, at.kind) == ("Harbor Shelter", "96", AgencyKind.CHO)
    viewer = await viewer_of(demo, CLAIMS, TODAY)
    assert isinstance(viewer, Viewer)
    assert (viewer.agency, viewer.role) == (at, Role.CASE_MANAGER)


async def test_a_victim_service_provider_is_known_by_its_flag_and_a_nameless_one_by_its_id(demo):
    assert (await enroll(demo, **WHO, organization_id="6", role=Role.SYSTEM)).kind is AgencyKind.VSP
    assert (await enroll(demo, **WHO, organization_id="4", role=Role.SYSTEM)).name == "Organization 4"


async def test_the_same_again_changes_nothing(demo):
    first = await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    later = {**WHO, "as_of": TODAY + timedelta(days=9)}
    assert await enroll(demo, **later, organization_id="96", role=Role.CASE_MANAGER) == first
    assert (await count(demo, agency), await count(demo, member)) == (1, 1)


async def test_a_new_role_ends_the_old_one_that_day(demo):
    await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    for role in (Role.DASHBOARD, Role.CASE_MANAGER, Role.DASHBOARD):
        await enroll(demo, **WHO, organization_id="96", role=role)
        viewer = await viewer_of(demo, CLAIMS, TODAY)
        assert isinstance(viewer, Viewer)
        assert viewer.role is role
    assert await count(demo, member) == 4  # what was true once is kept


@pytest.mark.parametrize("planned", [Role.DASHBOARD, Role.CASE_MANAGER])
async def test_a_role_that_was_to_start_later_does_not_double_the_member(demo, planned):
    await enroll(demo, **WHO, organization_id="96", role=Role.SYSTEM)
    later = {**WHO, "as_of": TODAY + timedelta(days=5)}
    await enroll(demo, **later, organization_id="96", role=planned)
    await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    for day in range(9):
        viewer = await viewer_of(demo, CLAIMS, TODAY + timedelta(days=day))
        assert isinstance(viewer, Viewer)
        assert viewer.role is Role.CASE_MANAGER


async def test_others_at_the_same_agency_keep_their_roles(demo):
    await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    await enroll(demo, **{**WHO, "subject": "user-8"}, organization_id="96", role=Role.DASHBOARD)
    await enroll(demo, **{**WHO, "issuer": "https://b.example"}, organization_id="96", role=Role.SYSTEM)
    viewer = await viewer_of(demo, CLAIMS, TODAY)
    assert isinstance(viewer, Viewer)
    assert viewer.role is Role.CASE_MANAGER


async def test_enrolling_does_not_widen_or_revive_an_agreement(demo):
    await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER, purposes={Purpose.REPORTING})
    await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    assert await viewer_of(demo, CLAIMS, TODAY) == NoAccess(
        "the purpose is not one of the agency's agreement"
    )
    await demo.execute(update(agency).values(agreement_to=TODAY, purposes=["CARE_COORDINATION"]))
    await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    assert await viewer_of(demo, CLAIMS, TODAY) == NoAccess("the agency's agreement is not in force")


async def test_law_enforcement_is_in_no_agreement_by_default(demo):
    await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)
    asked = replace(CLAIMS, purpose="LAW_ENFORCEMENT")
    assert isinstance(await viewer_of(demo, asked, TODAY), NoAccess)
    assert "LAW_ENFORCEMENT" not in await demo.scalar(select(agency.c.purposes))


async def test_an_unknown_organization_is_refused_and_the_known_ones_named(demo):
    with pytest.raises(InputRefused, match=r"Known: 4, 6, 96\."):
        await enroll(demo, **WHO, organization_id="097", role=Role.CASE_MANAGER)
    assert (await count(demo, agency), await count(demo, member)) == (0, 0)


async def test_a_removed_organization_is_no_longer_known(demo):
    await demo.execute(update(organization).values(removed_at=datetime(2026, 1, 1, tzinfo=UTC)))
    with pytest.raises(InputRefused, match="import an archive first"):
        await enroll(demo, **WHO, organization_id="96", role=Role.CASE_MANAGER)


async def test_an_unknown_source_is_refused_and_the_known_ones_named(demo):
    with pytest.raises(InputRefused, match=r"Known sources: demo\."):
        await enroll(demo, **{**WHO, "source": "deno"}, organization_id="96", role=Role.CASE_MANAGER)


async def test_a_long_list_of_organizations_is_cut(demo):
    known = (await demo.execute(select(organization.c.source_id, organization.c.import_id).limit(1))).one()
    rows = [{**known._mapping, "organization_id": f"x{number:03}"} for number in range(40)]
    await demo.execute(insert(organization), rows)
    with pytest.raises(InputRefused, match="and 23 more"):
        await enroll(demo, **WHO, organization_id="97", role=Role.CASE_MANAGER)


async def test_two_who_enroll_the_same_person_at_once_make_one_member(database):
    async with database.begin() as connection:
        await stored_organizations(connection)

    async def once() -> None:
        async with database.begin() as connection:
            await enroll(connection, **WHO, organization_id="96", role=Role.CASE_MANAGER)

    await asyncio.gather(*(once() for _ in range(8)))
    async with database.connect() as connection:
        assert (await count(connection, agency), await count(connection, member)) == (1, 1)
        assert isinstance(await viewer_of(connection, CLAIMS, TODAY), Viewer)
