"""Use of beds, against a count that goes through every night of every stay."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer, figures, records
from hmis.measures.asked import Asked
from hmis.measures.days import number
from hmis.measures.utilization import UTILIZATION
from tests.hmis.measures import tables
from tests.hmis.measures.flow import reading, worlds

JANUARY = Asked(date(2022, 1, 1), date(2022, 1, 31))
KINDS = {0: "ES", 1: "ES", 2: "TH", 3: "PSH", 8: "SH", 9: "OPH", 10: "OPH", 13: "RRH"}


def _beds(project: str = "p1", beds: int = 10, **more: object) -> dict[str, object]:
    return {
        "ProjectID": project, "CoCCode": tables.COC, "BedInventory": beds, "UnitInventory": 2,
        "InventoryStartDate": "2020-01-01", **more,
    }  # fmt: skip


def _stay(key: str, who: str, entry: str, **more: object) -> dict[str, object]:
    return {"EnrollmentID": key, "PersonalID": who, "EntryDate": entry, **more}


def _night(told: dict[str, Any]) -> tuple[int, int, int, int]:
    (night,) = told["nights"]
    return night["beds"], night["units"], night["people"], night["households"]


def test_who_left_that_day_does_not_sleep_there(tmp_path: Path) -> None:
    rows = {
        "Inventory": [_beds()],
        "Enrollment": [_stay("1", "A", "2022-01-31"), _stay("2", "B", "2022-01-01")],
        "Exit": [{"EnrollmentID": "2", "ExitDate": "2022-01-31"}],
    }
    with tables.opened(tmp_path, **rows) as core:
        told = answer(UTILIZATION, core, JANUARY)
        (listed,) = records(UTILIZATION, core, JANUARY, f"all/{number(date(2022, 1, 31))}/people")
    assert _night(told) == (10, 2, 1, 1)
    assert told["average"] == {
        "beds": 10.0, "units": 2.0, "people": 1.0, "households": 1.0,
        "bed_utilization": 10.0, "unit_utilization": 50.0,
    }  # fmt: skip
    assert listed.personal_id == "A"
    assert told["nights"][0] | {"night": "", "beds": 0} == {
        "night": "", "quarterly": True, "beds": 0, "units": 2, "people": 1, "households": 1,
        "bed_utilization": 10.0, "unit_utilization": 50.0,
    }  # fmt: skip


def test_in_permanent_housing_nights_count_from_the_move_in(tmp_path: Path) -> None:
    rows = {
        "Project": [{"ProjectID": "p1", "ProjectType": 3}],
        "Enrollment": [
            _stay("1", "A", "2022-01-01", MoveInDate="2022-01-22"),
            _stay("2", "B", "2022-01-01"),
            _stay("3", "C", "2022-01-01", MoveInDate="2022-02-01"),
        ],
    }
    with tables.opened(tmp_path, **rows) as core:
        told = answer(UTILIZATION, core, JANUARY)
    assert _night(told)[2] == 1
    assert told["average"]["people"] == 0.32  # ten nights of 31


def test_a_bed_is_in_force_on_its_last_night_and_not_the_night_after(tmp_path: Path) -> None:
    for until, beds in (("2022-01-30", 0), ("2022-01-31", 10)):
        with tables.opened(
            tmp_path / until,
            Project=[{"ProjectID": "p1", "ProjectType": 0}],
            Inventory=[_beds(InventoryEndDate=until)],
        ) as core:
            assert _night(answer(UTILIZATION, core, JANUARY))[0] == beds


def test_a_project_that_takes_no_part_has_neither_beds_nor_people(tmp_path: Path) -> None:
    rows = {
        "HMISParticipation": [{"ProjectID": "p1", "HMISParticipationType": 0}],
        "Inventory": [_beds()],
        "Enrollment": [_stay("1", "A", "2022-01-01")],
    }
    with tables.opened(tmp_path, **rows) as core:
        assert _night(answer(UTILIZATION, core, JANUARY)) == (0, 0, 0, 0)


def test_a_person_known_to_two_systems_sleeps_once_a_night(tmp_path: Path) -> None:
    rows = {
        "Client": [
            {"PersonalID": "A", "person": "same"},
            {"PersonalID": "A", "person": "same", "source": 2},
        ],
        "Enrollment": [_stay("1", "A", "2022-01-01"), _stay("1", "A", "2022-01-11", source=2)],
    }
    with tables.opened(tmp_path, **rows) as core:
        told = answer(UTILIZATION, core, JANUARY)
    assert (_night(told)[2], _night(told)[3]) == (1, 2)
    assert (told["average"]["people"], told["average"]["households"]) == (1.0, 1.68)


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_a_count_night_by_night(tmp_path: Path, seed: int) -> None:
    world = worlds.made(seed)
    asked = Asked(date(2021, 3, 10), date(2022, 3, 31), coc=tables.COC if seed % 2 else None)
    with tables.opened(tmp_path, **world) as core:
        found = figures(UTILIZATION, core, asked)
    expected = _counted(world, asked)
    for name, amount in expected.items():
        what = name.rsplit("/", 1)[1]
        numbers = found[name]
        is_sum = "/average/" in name or what in ("beds", "units")
        assert (numbers.amount if is_sum else numbers.units) == amount, name
    silent = {name for name in found if not name.startswith("period/")} - set(expected)
    assert all(found[name].amount == 0 and name.endswith(("beds", "units")) for name in silent)
    assert len(expected) > 50


def _counted(world: worlds.World, asked: Asked) -> dict[str, int]:
    """Figure -> how many, going through the nights one by one."""
    kinds = {row["ProjectID"]: row for row in world["Project"]}
    ends = [night for night in range(asked.rs, asked.re + 1) if _ends_a_month(night)]
    slept: dict[tuple[str, int, str], set[str]] = {}
    for stay in reading.stays(world, asked.re, asked.coc):
        if stay.kind not in KINDS or (stay.kind == 13 and stay.sub == 1):
            continue
        for began, ended in stay.spans:
            for night in range(max(began, asked.rs), min(ended, asked.re + 1)):
                if stay.kind == 1 and night not in stay.nights:
                    continue
                if stay.kind in (3, 9, 10, 13) and (stay.move_in is None or night < stay.move_in):
                    continue
                for level in _levels(stay.project, stay.kind):
                    slept.setdefault((level, night, "people"), set()).add(stay.who)
                    slept.setdefault((level, night, "households"), set()).add(stay.household)
    found: dict[str, int] = {}
    for (level, night, what), whom in slept.items():
        _add(found, f"{level}/average/{what}", len(whom))
        if night in ends:
            _add(found, f"{level}/{night}/{what}", len(whom))
    spans_of = reading.projects(world)
    for row in world["Inventory"]:
        project = kinds[row["ProjectID"]]
        if project["ProjectType"] not in KINDS or project.get("RRHSubType") == 1:
            continue
        began, ended = reading.days(row["InventoryStartDate"]) or 0, reading.days(row["InventoryEndDate"])
        for night in range(asked.rs, asked.re + 1):
            in_force = began <= night and (ended is None or night <= ended)
            if in_force and any(one <= night < other for one, other in spans_of.get(row["ProjectID"], [])):
                for level in _levels(row["ProjectID"], project["ProjectType"]):
                    for what, size in (("beds", row["BedInventory"]), ("units", row["UnitInventory"] or 0)):
                        _add(found, f"{level}/average/{what}", size)
                        if night in ends:
                            _add(found, f"{level}/{night}/{what}", size)
    return found


def _levels(project: str, kind: int) -> tuple[str, str, str]:
    return "all", f"type/{KINDS[kind]}", f"project/{KINDS[kind]}/1/{project}"


def _add(found: dict[str, int], name: str, size: int) -> None:
    found[name] = found.get(name, 0) + size


def _ends_a_month(night: int) -> bool:
    return date.fromordinal(date(1970, 1, 1).toordinal() + night + 1).day == 1
