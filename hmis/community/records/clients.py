"""Client: one row an intake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hmis.community.days import AS_OF
from hmis.community.intakes import Intake
from hmis.community.people import RACES, THEATERS, MilitaryService, Person
from hmis.community.records.book import Book, Enrolled, Row


def write(book: Book, intakes: Mapping[str, Intake], enrolled: Iterable[Enrolled]) -> None:
    """Rows in the order of first arrival, written by the agency that saw the person first."""
    first: dict[str, Enrolled] = {}
    for one in enrolled:
        known = first.setdefault(one.presence.personal_id, one)
        if one.entry < known.entry:
            first[one.presence.personal_id] = one
    for personal_id, one in sorted(first.items(), key=lambda item: (item[1].entry, int(item[1].id))):
        intake = intakes[personal_id]
        book.write("Client", one.project.organization_id, one.entry, _row(intake, one))


def _row(intake: Intake, one: Enrolled) -> Row:
    person = intake.person
    return {
        "PersonalID": intake.personal_id,
        "FirstName": intake.first,
        "MiddleName": intake.middle,
        "LastName": intake.last,
        "NameSuffix": intake.suffix,
        "NameDataQuality": intake.name_quality,
        "SSN": intake.ssn,
        "SSNDataQuality": intake.ssn_quality,
        "DOB": intake.dob,
        "DOBDataQuality": intake.dob_quality,
        "Sex": person.sex,
        **_races(intake),
        **_veteran(intake, person),
    }


def _races(intake: Intake) -> Row:
    """HUD 3.04: seven boxes, and why none is ticked."""
    ticked = intake.person.races if intake.race_unknown is None else ()
    row: Row = {name: int(name in ticked) for name in RACES}
    row["RaceNone"] = intake.race_unknown
    if "AmIndAKNative" in ticked:
        row["AdditionalRaceEthnicity"] = "Enrolled in a tribal nation"
    return row


def _veteran(intake: Intake, person: Person) -> Row:
    if person.age(AS_OF) < 18:
        return {"VeteranStatus": 99}  # not asked of children
    if intake.veteran_unknown is not None:
        return {"VeteranStatus": intake.veteran_unknown}
    if person.service is None:
        return {"VeteranStatus": 0}
    return {"VeteranStatus": 1, **_service(person.service)}


def _service(service: MilitaryService) -> Row:
    return {
        "YearEnteredService": service.entered,
        "YearSeparated": service.separated,
        **{name: int(name in service.theaters) for name in THEATERS},
        "MilitaryBranch": service.branch,
        "DischargeStatus": service.discharge,
    }
