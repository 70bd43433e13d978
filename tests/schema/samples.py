"""A life with every column filled: one row of every HMIS file, each value told apart from its neighbours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import update

from hmis import labels
from hmis.spec import FILES, LISTS, Column
from hmis.tables import HMIS
from tests.worlds import World

# What decides how other columns are read, and what would hide the whole row or project.
_CHOSEN: dict[str, dict[str, Any]] = {
    "Organization": {"victim_service_provider": 0},
    "Project": {"target_population": 4},
    "Funder": {"funder": 2},
    "Services": {"record_type": 144, "type_provided": 3, "sub_type_provided": 2},
    "Disabilities": {"disability_type": 5, "disability_response": 1},
    "Client": {"ssn": "900456789", "dob": date(1980, 1, 1)},
}
_PROJECT_FILES = ("Funder", "ProjectCoC", "Inventory", "HMISParticipation", "CEParticipation")
_STAY_FILES = (
    "Exit",
    "IncomeBenefits",
    "HealthAndDV",
    "EmploymentEducation",
    "Disabilities",
    "Services",
    "CurrentLivingSituation",
    "Assessment",
    "Event",
    "YouthEducationStatus",
)


def is_key(column: Column) -> bool:
    """Whether the column names the row, or the row it hangs on."""
    return column.key.startswith(("PK", "FK")) and column.lists != ("2.03.1",)


def values(file: str) -> dict[str, Any]:
    """A value for every column but the keys. No code among them tells by itself what a label hides."""
    found = {
        column.attr: _sample(file, place, column)
        for place, column in enumerate(FILES[file].columns)
        if not is_key(column)
    }
    return {**found, "date_deleted": None, **_CHOSEN.get(file, {})}


def _sample(file: str, place: int, column: Column) -> Any:
    if column.lists and column.lists[0] in LISTS and column.lists[0] != "2.03.1":
        given = list(LISTS[column.lists[0]].codes)
        codes: list[Any] = given if column.type == "S" else [int(code) for code in given]
        open_to_all = [code for code in codes if not labels.of_value("Exit", "destination", code)]
        return open_to_all[place % len(open_to_all)]
    match column.type:
        case "I":
            return 100 + place
        case "S":
            return f"{file[:9]}.{column.name}"[: column.length]
        case "D":
            return date(2026, 1, 1) + timedelta(days=place)
        case "T":
            return datetime(2026, 2, 1) + timedelta(minutes=place)
        case "M":
            return Decimal(place) + Decimal("0.25")


async def whole_life(world: World) -> UUID:
    """Ada, who stays at A's project; every column about her, the project and the agency is filled."""
    await world.organization("A")
    await world.project("A-q", "A")
    ada = await world.client("ada")
    await world.stay("s1", "ada", "A-p")
    async with world.engine.begin() as connection:
        for file, key in (("Organization", "A"), ("Project", "A-p"), ("Client", "ada"), ("Enrollment", "s1")):
            table = HMIS[file]
            row = table.c[FILES[file].key.attr] == key
            await connection.execute(update(table).where(row).values(**values(file)))
    for file in _PROJECT_FILES:
        await world.row(file, f"{file}-1", project_id="A-p", **values(file))
    affiliation = {"project_id": "A-p", "res_project_id": "A-q"}
    await world.row("Affiliation", "Affiliation-1", **{**values("Affiliation"), **affiliation})
    stay = {"personal_id": "ada", "enrollment_id": "s1"}
    for file in _STAY_FILES:
        await world.row(file, f"{file}-1", **stay, **values(file))
    for file in ("AssessmentQuestions", "AssessmentResults"):
        await world.row(file, f"{file}-1", assessment_id="Assessment-1", **stay, **values(file))
    return ada
