"""The files about agencies and projects: Export to CEParticipation."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hmis.community.agencies import (
    AGENCIES,
    COC,
    ENTRY,
    GEOCODE,
    PREVENTION,
    PROJECTS,
    RAPID,
    RAPID_SERVICES,
    Beds,
    Project,
)
from hmis.community.days import AS_OF, PERIOD_START
from hmis.community.names import CITY, STATE
from hmis.community.records.book import EXPORT_ID, Book

_LIVE = date(2018, 10, 1)  # the day Port Ellery's HMIS went into use
_FIRST_ASKED = date(2022, 1, 1)  # the day people could first be assessed at the prevention office


def write(book: Book) -> None:
    _export(book)
    for agency in AGENCIES:
        book.write(
            "Organization",
            agency.id,
            _LIVE,
            {
                "OrganizationID": agency.id,
                "OrganizationName": agency.name,
                "OrganizationCommonName": agency.common_name,
                "VictimServiceProvider": 0,
            },
        )
        for worker in agency.workers:
            names = {"UserID": worker.id, "UserFirstName": worker.first, "UserLastName": worker.last}
            book.write("User", agency.id, _LIVE, dict(names))
    for project in PROJECTS:
        _project(book, project)
    facts = {"ProjectID": RAPID_SERVICES.id, "ResProjectID": RAPID.id}
    book.write("Affiliation", RAPID_SERVICES.organization_id, RAPID_SERVICES.opened, dict(facts))


def _export(book: Book) -> None:
    book.write(
        "Export",
        None,
        AS_OF,
        {
            "ExportID": EXPORT_ID,
            "SourceType": 1,
            "SourceID": COC,
            "SourceName": "Port Ellery Continuum of Care",
            "SourceContactFirst": "Mina",
            "SourceContactLast": "Thistlewood",
            "ExportDate": datetime.combine(AS_OF, time(23, 30)),
            "ExportStartDate": PERIOD_START,
            "ExportEndDate": AS_OF,
            "SoftwareName": "Port Ellery HMIS",
            "SoftwareVersion": "2026.1",
            "CSVVersion": "2026 v1.0",
            "ExportPeriodType": 3,
            "ExportDirective": 2,
            "HashStatus": 1,
            "ImplementationID": "port-ellery",
        },
    )


def _project(book: Book, project: Project) -> None:
    agency, since = project.organization_id, max(project.opened, _LIVE)
    book.write(
        "Project",
        agency,
        since,
        {
            "ProjectID": project.id,
            "OrganizationID": agency,
            "ProjectName": project.name,
            "ProjectCommonName": project.name.removeprefix(AGENCIES[int(agency) - 1].common_name).strip(),
            "OperatingStartDate": project.opened,
            "ContinuumProject": 1,
            "ProjectType": project.type,
            "HousingType": project.housing_type,
            "RRHSubType": project.rrh_sub_type,
            "ResidentialAffiliation": 1 if project is RAPID_SERVICES else None,
            "TargetPopulation": project.target_population,
            "HOPWAMedAssistedLivingFac": project.hopwa_facility,
            "PITCount": project.pit_count,
        },
    )
    for funding in project.funding:
        book.write(
            "Funder",
            agency,
            funding.start,
            {
                "ProjectID": project.id,
                "Funder": funding.code,
                "OtherFunder": funding.other,
                "GrantID": funding.grant,
                "StartDate": funding.start,
                "EndDate": funding.end,
            },
        )
    book.write(
        "ProjectCoC",
        agency,
        since,
        {
            "ProjectID": project.id,
            "CoCCode": COC,
            "Geocode": GEOCODE,
            "Address1": project.address,
            "Address2": "Suite 2" if project is ENTRY else None,
            "City": CITY,
            "State": STATE,
            "ZIP": project.zip,
            "GeographyType": 1,
        },
    )
    for beds in project.beds:
        _inventory(book, project, beds, since)
    _participation(book, project, since)


def _inventory(book: Book, project: Project, beds: Beds, since: date) -> None:
    winter = beds.availability == 2  # seasonal beds end with the last winter
    book.write(
        "Inventory",
        project.organization_id,
        since,
        {
            "ProjectID": project.id,
            "CoCCode": COC,
            "HouseholdType": beds.household_type,
            "Availability": beds.availability,
            "UnitInventory": beds.units,
            "BedInventory": beds.beds,
            "CHVetBedInventory": 0,
            "YouthVetBedInventory": 0,
            "VetBedInventory": beds.veteran,
            "CHYouthBedInventory": 0,
            "YouthBedInventory": beds.youth,
            "CHBedInventory": beds.chronic,
            "OtherBedInventory": beds.other,
            "ESBedType": beds.bed_type,
            "InventoryStartDate": date(2025, 11, 1) if winter else project.opened,
            "InventoryEndDate": date(2026, 3, 31) if winter else None,
        },
    )


def _participation(book: Book, project: Project, since: date) -> None:
    agency, point = project.organization_id, project.access_point
    if project.opened < _LIVE:
        _took_part(book, project, 0, project.opened, _LIVE - timedelta(days=1))
    _took_part(book, project, 1, since, None)
    if project is PREVENTION:
        book.write(
            "CEParticipation",
            agency,
            since,
            {
                "ProjectID": project.id,
                "AccessPoint": 0,
                "ReceivesReferrals": 1,
                "CEParticipationStatusStartDate": since,
                "CEParticipationStatusEndDate": _FIRST_ASKED - timedelta(days=1),
            },
        )
        since = _FIRST_ASKED
    book.write(
        "CEParticipation",
        agency,
        since,
        {
            "ProjectID": project.id,
            "AccessPoint": int(point),
            "PreventionAssessment": int(project is PREVENTION) if point else None,
            "CrisisAssessment": int(project is not PREVENTION) if point else None,
            "HousingAssessment": int(project is ENTRY) if point else None,
            "DirectServices": int(project is not ENTRY) if point else None,
            "ReceivesReferrals": int(not point or project is PREVENTION),
            "CEParticipationStatusStartDate": since,
        },
    )


def _took_part(book: Book, project: Project, kind: int, since: date, until: date | None) -> None:
    """HUD 2.08: 1 in this HMIS, 0 in none, as before there was one."""
    book.write(
        "HMISParticipation",
        project.organization_id,
        max(since, _LIVE),
        {
            "ProjectID": project.id,
            "HMISParticipationType": kind,
            "HMISParticipationStatusStartDate": since,
            "HMISParticipationStatusEndDate": until,
        },
    )
