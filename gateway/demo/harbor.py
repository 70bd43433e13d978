"""A second HMIS of the demo: street outreach at the harbor, whose desk knows some of the same people.

It wrote them down a little differently, so no rule may say that they are the same: somebody is asked. Its
first export was refused, as first exports are, and the second has a few things to mend.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.grants import record
from auth.viewer import Viewer
from gateway.demo import community, consents
from gateway.demo.home import DemoHome
from gateway.settings import Settings
from hmis.community import AS_OF
from hmis.csv.watching import import_watched
from hmis.csv.writing import Row, write_archive
from hmis.errors import ArchiveRefused, NotReady
from hmis.tables import HMIS, client_link, client_owner, consent_grant, import_run, source

SOURCE = "harbor"
_MET = date(2026, 5, 11)
_SHELTER = "1"


def _twin(known: Mapping[str, Any]) -> Row:
    """The same family and day, another first name, and the number that was given next."""
    ssn: str = known["ssn"]
    first = "Rosalind" if known["first_name"] != "Rosalind" else "Imogen"
    return {"FirstName": first, "SSN": f"{ssn[:8]}{(int(ssn[8]) + 1) % 10}", "SSNDataQuality": 1}


def _for_short(known: Mapping[str, Any]) -> Row:
    """A name as somebody calls it across the street."""
    return {"FirstName": known["first_name"][:3]}


def _misheard(known: Mapping[str, Any]) -> Row:
    """Two letters of the last name in each other's place."""
    last: str = known["last_name"]
    return {"LastName": last[:2] + last[3] + last[2] + last[4:]}


_AS_HEARD: tuple[Callable[[Mapping[str, Any]], Row], ...] = (_twin, _for_short, _misheard)
"""Of the last one both systems know what they agreed to."""


async def load(writer: AsyncEngine, home: DemoHome, by: Viewer, settings: Settings, now: datetime) -> None:
    """Import it, record what its people agreed to and ask who is who; unless that was done before.

    by: who recorded the consents. settings: with the database that is used.
    """
    async with writer.connect() as connection:
        known = select(exists().where(import_run.c.source_id == source.c.id, source.c.name == SOURCE))
        if await connection.scalar(known):
            return
        people = await _known_at_the_shelter(connection)
    clients = [_written(number, one, _AS_HEARD[number]) for number, one in enumerate(people)]
    archive = home.folder / f"{SOURCE}.zip"
    write_archive(archive, {**_rows(clients), "Export": []})
    with suppress(ArchiveRefused):  # it has no row in Export.csv
        await import_watched(writer, archive, SOURCE, now=now)
    write_archive(archive, _rows(clients))
    await import_watched(writer, archive, SOURCE, now=datetime.now(now.tzinfo))
    async with writer.begin() as connection:
        for person in await _people(connection):
            await record(connection, by, consents.shared_by_all(person))
    await _match(settings)


async def _known_at_the_shelter(connection: AsyncConnection) -> list[Mapping[str, Any]]:
    """Grown people of the shelter of whom all is sure; the last of them agreed to something."""
    client, owner = HMIS["Client"], client_owner
    agreed = exists().where(consent_grant.c.person_id == client_link.c.person_id)
    rows = await connection.execute(
        select(
            client.c.first_name,
            client.c.last_name,
            client.c.dob,
            client.c.sex,
            client.c.ssn,
            agreed.label("agreed"),
        )
        .join(source, source.c.id == client.c.source_id)
        .join(
            owner,
            (owner.c.source_id == client.c.source_id)
            & (owner.c.personal_id == client.c.personal_id)
            & (owner.c.organization_id == _SHELTER),
        )
        .join(
            client_link,
            (client_link.c.source_id == client.c.source_id)
            & (client_link.c.personal_id == client.c.personal_id)
            & client_link.c.undone_at.is_(None),
        )
        .where(
            source.c.name == community.SOURCE,
            client.c.name_data_quality == 1,
            client.c.dob_data_quality == 1,
            client.c.ssn_data_quality == 1,
            client.c.dob < date(1995, 1, 1),
            func.length(client.c.first_name) > 4,
            func.length(client.c.last_name) > 5,
        )
        .order_by(agreed, client.c.personal_id)
    )
    found = [dict(row) for row in rows.mappings()]
    most = len(_AS_HEARD) - 1
    return [*[one for one in found if not one["agreed"]][:most], *[one for one in found if one["agreed"]][:1]]


def _written(number: int, known: Mapping[str, Any], as_heard: Callable[[Mapping[str, Any]], Row]) -> Row:
    return {
        "PersonalID": f"h{number + 1}",
        "FirstName": known["first_name"],
        "LastName": known["last_name"],
        "NameDataQuality": 1,
        "SSNDataQuality": 99,
        "DOB": known["dob"],
        "DOBDataQuality": 1,
        "Sex": known["sex"],
        "RaceNone": 99,
        "VeteranStatus": 99,
        **as_heard(known),
    }


def _rows(clients: list[Row]) -> dict[str, list[Row]]:
    """A small export; a few of its values are what desks leave out or get wrong."""
    project = {"ProjectID": "ho", "OrganizationID": "h", "ProjectName": "Harbor Street Outreach"}
    rows: dict[str, list[Row]] = {
        "Export": [
            {
                "ExportID": "harbor-1",
                "SourceType": 1,
                "SourceName": "Harbor Street Outreach",
                "ExportDate": datetime.combine(AS_OF, time(22, 0)),
                "ExportStartDate": date(2026, 1, 1),
                "ExportEndDate": AS_OF,
                "SoftwareName": "Harbor Desk",
                "CSVVersion": "2026",
                "ExportPeriodType": 3,
                "ExportDirective": 2,
                "HashStatus": 1,
                "ImplementationID": "harbor",
            }
        ],
        "Organization": [
            {"OrganizationID": "h", "OrganizationName": "Harbor Street Outreach", "VictimServiceProvider": 0}
        ],
        "User": [{"UserID": "u1", "UserFirstName": "Pell", "UserLastName": "Oakes"}],
        "Project": [
            {**project, "OperatingStartDate": date(2020, 1, 1), "ContinuumProject": 1, "ProjectType": 4}
        ],
        "ProjectCoC": [{"ProjectCoCID": "hc", "ProjectID": "ho", "CoCCode": "XX-500", "GeographyType": 1}],
        "Client": clients,
        "Enrollment": [_stay(number, one) for number, one in enumerate(clients)],
    }
    stamped = {
        "DateCreated": datetime.combine(_MET, time(9, 0)),
        "DateUpdated": datetime.combine(_MET, time(9, 0)),
    }
    for file, several in rows.items():
        if file != "Export":
            rows[file] = [{**stamped, "UserID": "u1", "ExportID": "harbor-1", **row} for row in several]
    return rows


def _stay(number: int, client: Row) -> Row:
    return {
        "EnrollmentID": f"he{number + 1}",
        "PersonalID": client["PersonalID"],
        "ProjectID": "ho",
        "EntryDate": _MET,
        "HouseholdID": f"hh{number + 1}",
        "RelationshipToHoH": 1 if number else 77,  # a code that HUD's list has not
        "LivingSituation": 116 if number % 2 else None,
        "DisablingCondition": 99,
        "EnrollmentCoC": "XX-500",
    }


async def _people(connection: AsyncConnection) -> list[UUID]:
    rows = await connection.scalars(
        select(client_link.c.person_id)
        .join(source, source.c.id == client_link.c.source_id)
        .where(source.c.name == SOURCE, client_link.c.undone_at.is_(None))
        .order_by(client_link.c.personal_id)
    )
    return list(rows)


async def _match(settings: Settings) -> None:
    """As an operator does after an import, in a process of its own: a server needs none of what it loads."""
    given = {"HUB_HOME": str(settings.home), "HUB_DATABASE_URL": settings.database_url or ""}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "match"),
        env={**os.environ, **given},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await process.wait():
        raise NotReady("The demo could not match its people; `hmis-hub match` says why.")
