"""A real FY2026 export, imported whole: each agency sees its own stays, equal to the CSV rows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.enrolling import enroll
from auth.viewer import SCOPES, Agency, Purpose, Role, Viewer
from hmis.codes import LivingSituation, ProjectType, RelationshipToHeadOfHousehold
from hmis.csv.loading import import_archive
from hmis.tables import HMIS, client_link, person
from tests.worlds import NOW, TODAY, World

PROFILE = (Path(__file__).parent / "profile.graphql").read_text()
FIND = (Path(__file__).parent / "find.graphql").read_text()
WHERE = {"identifier": {"source": "demo", "value": "673501"}}


@pytest.fixture
async def world(database: AsyncEngine, reference: Any) -> World:
    """The demo export as source `demo`."""
    await import_archive(database, reference("hmis-fy2026-demo.zip"), "demo", now=NOW)
    return World(database)


def rows_of(path: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def viewer_at(world: World, organization: str) -> Viewer:
    async with world.engine.begin() as connection:
        agency: Agency = await enroll(
            connection,
            issuer="https://issuer.example",
            subject=f"somebody-at-{organization}",
            source="demo",
            organization_id=organization,
            role=Role.CASE_MANAGER,
            as_of=TODAY,
        )
    return Viewer(
        subject=f"somebody-at-{organization}",
        kind="user",
        agency=agency,
        role=Role.CASE_MANAGER,
        scopes=frozenset(SCOPES[Role.CASE_MANAGER]),
        purpose=Purpose.CARE_COORDINATION,
        acr=None,
        auth_time=None,
        client_id="test",
    )


def word(kind: Any, code: str) -> str | None:
    return kind(int(code)).name if code else None


async def test_each_agency_sees_its_own_stays_and_they_equal_the_export(world: World, reference: Any) -> None:
    path = reference("hmis-fy2026-demo.zip")
    projects = {row["ProjectID"]: row for row in rows_of(path, "Project")}
    exits = {row["EnrollmentID"]: row for row in rows_of(path, "Exit")}
    held: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for name in ("Services", "IncomeBenefits", "Disabilities", "HealthAndDV"):
        for row in rows_of(path, name):
            held[name][row["EnrollmentID"]].append(row)
    stays = [row for row in rows_of(path, "Enrollment") if row["PersonalID"] == "673501"]

    for organization, number in [("96", 5), ("4", 1), ("6", 0)]:
        viewer = await viewer_at(world, organization)
        found = (await world.ask(viewer, FIND, where=WHERE)).data["clients"]["nodes"]
        own = [row for row in stays if projects[row["ProjectID"]]["OrganizationID"] == organization]
        assert len(own) == number
        assert len(found) == bool(number)
        if not found:
            continue
        answer = await world.ask(viewer, PROFILE, id=found[0]["id"])
        assert answer.errors == ()
        shown = answer.data["client"]["enrollments"]["nodes"]
        expected = sorted(own, key=lambda row: row["EntryDate"], reverse=True)
        assert [stay["entryDate"] for stay in shown] == [row["EntryDate"] for row in expected]
        by_entry = {row["EntryDate"]: row for row in own}
        assert len(by_entry) == number, "the entry dates of this client tell the stays apart"
        for stay in shown:
            row = by_entry[stay["entryDate"]]
            key, project = row["EnrollmentID"], projects[row["ProjectID"]]
            assert stay["project"]["name"] == project["ProjectName"]
            assert stay["project"]["type"] == word(ProjectType, project["ProjectType"])
            assert stay["livingSituation"] == word(LivingSituation, row["LivingSituation"])
            assert stay["moveInDate"] == (row["MoveInDate"] or None)
            assert stay["relationshipToHeadOfHousehold"] == word(
                RelationshipToHeadOfHousehold, row["RelationshipToHoH"]
            )
            left = exits.get(key)
            assert stay["exit"] == (
                {"date": left["ExitDate"], "destination": word(LivingSituation, left["Destination"])}
                if left
                else None
            )
            assert sorted(service["date"] for service in stay["services"]) == sorted(
                service["DateProvided"] for service in held["Services"][key]
            )
            assert sorted(
                (record["informationDate"], Decimal(record["totalMonthlyIncome"] or -1))
                for record in stay["incomeBenefits"]
            ) == sorted(
                (record["InformationDate"], Decimal(record["TotalMonthlyIncome"] or -1))
                for record in held["IncomeBenefits"][key]
            )
            assert len(stay["disabilities"]) == len(held["Disabilities"][key])
            assert len(stay["healthAndDomesticViolence"]) == len(held["HealthAndDV"][key])


async def test_masked_values_link_nobody(world: World) -> None:
    async with world.engine.connect() as connection:
        clients = await connection.scalar(select(func.count()).select_from(HMIS["Client"]))
        enrollments = await connection.scalar(select(func.count()).select_from(HMIS["Enrollment"]))
        people = await connection.scalar(select(func.count()).select_from(person))
        methods = set(await connection.scalars(select(client_link.c.method).distinct()))
    assert (clients, enrollments, people, methods) == (4146, 4771, 4146, {"FIRST"})
