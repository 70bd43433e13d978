"""Small random worlds: a few projects of every kind, a few people, and stays that cross, touch and miss."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hmis.measures.days import day
from tests.hmis.measures.tables import COC

Row = dict[str, Any]
World = dict[str, list[Row]]
FIRST, LAST = 18_262, 19_300
"""2020-01-01 to 2022-11-04."""
_TYPES = (0, 0, 1, 1, 2, 3, 4, 6, 8, 9, 11, 12, 13, 13, 14)
_DESTINATIONS = (410, 421, 435, 116, 204, 329, 24, 99, None)
_SITUATIONS = (116, 101, 118, 302, 204, 215, 410, 435, 99, None)


def made(seed: int, stays: int = 40) -> World:
    """A world by its number: equal numbers give equal worlds."""
    chance = Random(seed)
    world: World = {"Client": [{"PersonalID": f"c{one}"} for one in range(9)]}
    world |= _projects(chance)
    world |= {name: [] for name in ("Enrollment", "Exit", "Services", "CurrentLivingSituation")}
    world |= {"Assessment": [], "Event": []}
    for one in range(stays):
        _stay(chance, world, str(one))
    return world


def _iso(one: int) -> str:
    return day(one).isoformat()


def _projects(chance: Random) -> World:
    found: World = {"Project": [], "HMISParticipation": [], "Inventory": []}
    for place, kind in enumerate(_TYPES):
        key = f"p{place}"
        project: Row = {"ProjectID": key, "ProjectType": kind, "OperatingStartDate": "2000-01-01"}
        if kind == 13:
            project["RRHSubType"] = 1 + place % 2
        if chance.random() < 0.2:
            project["OperatingEndDate"] = _iso(chance.randint(FIRST, LAST))
        if chance.random() < 0.1:
            project["ContinuumProject"] = 0
        found["Project"].append(project)
        found["HMISParticipation"] += _participation(chance, key)
        for _ in range(chance.randint(0, 2)):
            begun = chance.randint(FIRST - 300, LAST)
            ended = begun + chance.randint(0, 500) if chance.random() < 0.5 else None
            found["Inventory"].append({
                "ProjectID": key, "CoCCode": COC, "BedInventory": chance.randint(0, 9),
                "UnitInventory": chance.choice((None, 0, 3)), "InventoryStartDate": _iso(begun),
                "InventoryEndDate": _iso(ended) if ended else None,
            })  # fmt: skip
    return found


def _participation(chance: Random, project: str) -> list[Row]:
    def row(kind: int, began: str, ended: str | None) -> Row:
        return {
            "ProjectID": project, "HMISParticipationType": kind,
            "HMISParticipationStatusStartDate": began, "HMISParticipationStatusEndDate": ended,
        }  # fmt: skip

    if chance.random() < 0.6:
        return [row(1, "2000-01-01", None)]
    turn = chance.randint(FIRST, LAST)
    return [
        row(1, "2000-01-01", _iso(turn)),
        row(chance.choice((0, 1)), _iso(turn + chance.choice((0, 1, 40))), None),
    ]


def _stay(chance: Random, world: World, key: str) -> None:
    project = chance.choice(world["Project"])
    entry = chance.randint(FIRST, LAST)
    length = chance.choice((0, 1, 3, 10, 14, 15, 60, 300))
    left = entry + length if chance.random() < 0.75 else None
    stay: Row = {
        "EnrollmentID": key, "PersonalID": f"c{chance.randint(0, 8)}", "ProjectID": project["ProjectID"],
        "EntryDate": _iso(entry), "LivingSituation": chance.choice(_SITUATIONS),
        "LOSUnderThreshold": chance.choice((0, 1)), "PreviousStreetESSH": chance.choice((0, 1)),
        "HouseholdID": f"h{chance.randint(0, 5)}-{project['ProjectID']}",
        "RelationshipToHoH": chance.choice((1, 2, 3)),
        "EnrollmentCoC": chance.choice((COC, COC, COC, "MA-501")),
    }  # fmt: skip
    if chance.random() < 0.5:
        stay["MoveInDate"] = _iso(entry + chance.randint(0, 30))
    world["Enrollment"].append(stay)
    if left is not None:
        world["Exit"].append(
            {"EnrollmentID": key, "ExitDate": _iso(left), "Destination": chance.choice(_DESTINATIONS)}
        )
    for _ in range(chance.choice((0, 0, 1, 6))):
        night = day(entry) + timedelta(days=chance.randint(-2, 200))
        world["Services"].append(
            {
                "EnrollmentID": key,
                "DateProvided": night.isoformat(),
                "RecordType": chance.choice((200, 200, 144)),
            }
        )
    for _ in range(chance.choice((0, 0, 1, 3))):
        seen = day(entry) + timedelta(days=chance.randint(-2, 300))
        world["CurrentLivingSituation"].append({
            "EnrollmentID": key, "InformationDate": seen.isoformat(),
            "CurrentLivingSituation": chance.choice(_SITUATIONS),
        })  # fmt: skip
