"""Need and gaps: what came of referrals, how long people waited, and who never got there."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import Any

import pytest

from hmis.measures.answering import answer, records
from hmis.measures.asked import Asked
from hmis.measures.days import number
from hmis.measures.need.need import UNMET_NEED
from hmis.measures.need.rows import KINDS
from tests.hmis.measures import tables
from tests.hmis.measures.flow import reading, worlds

QUARTER = Asked(date(2022, 1, 1), date(2022, 3, 31))
RRH, PSH = 13, 14
HOUSING = (11, 12, 13, 14, 15, 17, 18)
Rows = list[dict[str, object]]


def _need(folder: Path, **rows: Rows) -> dict[str, Any]:
    people: Rows = [{"EnrollmentID": who, "PersonalID": who, "ProjectID": "ce", "EntryDate": "2021-12-01"}
                    for who in "ABCD"]  # fmt: skip
    rows["Enrollment"] = people + rows.get("Enrollment", [])
    rows["Project"] = [{"ProjectID": "ce", "ProjectType": 14}, *rows.get("Project", [])]
    with tables.opened(folder, **rows) as core:
        return answer(UNMET_NEED, core, QUARTER)


def _sent(who: str, on: str, event: int, result: int | None = None, told: str | None = None) -> Any:
    return {
        "EnrollmentID": who,
        "EventDate": on,
        "Event": event,
        "ReferralResult": result,
        "ResultDate": told,
    }


def _assessed(who: str, on: str, kind: int = 3, level: int = 2, prioritized: int = 1) -> Any:
    return {
        "EnrollmentID": who, "AssessmentDate": on, "AssessmentType": kind, "AssessmentLevel": level,
        "PrioritizationStatus": prioritized,
    }  # fmt: skip


def test_assessments_are_told_by_how_and_what_for_and_what_followed(tmp_path: Path) -> None:
    said = _need(
        tmp_path,
        Assessment=[
            _assessed("A", "2022-01-05"), _assessed("A", "2022-02-05", kind=1, level=1, prioritized=2),
            _assessed("B", "2022-03-31", kind=2), _assessed("C", "2022-04-01"), _assessed("C", "2021-12-31"),
        ],
    )  # fmt: skip
    assert said["assessed"] == {
        "all": {"assessments": 3, "people": 2},
        "by_phone": {"assessments": 1, "people": 1},
        "virtual": {"assessments": 1, "people": 1},
        "in_person": {"assessments": 1, "people": 1},
        "crisis": {"assessments": 1, "people": 1},
        "housing": {"assessments": 2, "people": 2},
        "prioritized": {"assessments": 2, "people": 2},
        "not_prioritized": {"assessments": 1, "people": 1},
    }
    assert [month["prioritized"] for month in said["monthly"]] == [1, 0, 1]


def test_a_referral_is_what_had_come_of_it_when_the_period_ended(tmp_path: Path) -> None:
    said = _need(
        tmp_path,
        Event=[
            _sent("A", "2022-01-01", RRH, 1, "2022-01-09"), _sent("B", "2022-01-02", RRH, 2, "2022-01-09"),
            _sent("C", "2022-01-03", RRH, 3), _sent("D", "2022-01-04", RRH, None, "2022-02-01"),
            # Answered after the period: open then, for 89, 60, 59, 30 and 29 days.
            _sent("D", "2022-01-01", RRH, 1, "2022-04-01"), _sent("D", "2022-01-30", RRH),
            _sent("D", "2022-01-31", RRH), _sent("D", "2022-03-01", RRH), _sent("D", "2022-03-02", RRH),
            _sent("D", "2021-12-31", RRH), _sent("D", "2022-04-01", RRH), _sent("D", "2022-01-05", PSH, 1),
        ],
    )  # fmt: skip
    assert said["referrals"]["RRH"] == {
        "referrals": 9, "accepted": 1, "rejected_by_client": 1, "rejected_by_provider": 1, "unknown": 1,
        "open": 5, "open_after_30_days": 4, "open_after_60_days": 2, "open_after_90_days": 0,
        "people_never_accepted": 3,
    }  # fmt: skip
    assert said["referrals"]["PSH"]["people_never_accepted"] == 0
    assert [month["referrals"]["RRH"] for month in said["monthly"]] == [7, 0, 2]
    assert [month["accepted"]["RRH"] for month in said["monthly"]] == [1, 0, 0]


def test_somebody_waits_from_an_assessment_to_a_referral_to_a_move_in(tmp_path: Path) -> None:
    said = _need(
        tmp_path,
        Project=[{"ProjectID": "rrh", "ProjectType": RRH}],
        Assessment=[_assessed("A", "2022-01-05"), _assessed("B", "2022-01-05"), _assessed("C", "2022-02-01")],
        Event=[_sent("A", "2022-01-04", RRH), _sent("A", "2022-01-15", RRH), _sent("B", "2022-01-05", PSH)],
        Enrollment=[
            {"EnrollmentID": "m", "PersonalID": "A", "ProjectID": "rrh", "EntryDate": "2022-01-20",
             "MoveInDate": "2022-02-04"},
        ],
    )  # fmt: skip
    assert said["waiting_days"] == {
        "assessment_to_referral": {"people": 2, "mean": 5.0, "median": 5.0},
        "referral_to_move_in": {"people": 1, "mean": 31.0, "median": 31.0},
        "assessment_to_move_in": {"people": 1, "mean": 30.0, "median": 30.0},
    }
    assert said["gaps"] == {"prioritized": 3, "never_referred": 1, "referred": 2, "never_housed": 1}


def test_whoever_left_for_a_home_of_their_own_is_housed(tmp_path: Path) -> None:
    said = _need(
        tmp_path,
        Event=[_sent("A", "2022-01-05", RRH), _sent("B", "2022-01-05", RRH)],
        Exit=[
            {"EnrollmentID": "A", "ExitDate": "2022-02-01", "Destination": 410},
            {"EnrollmentID": "B", "ExitDate": "2022-02-01", "Destination": 116},
        ],
    )
    assert said["gaps"]["never_housed"] == 1


def test_services_are_told_by_program(tmp_path: Path) -> None:
    served: Rows = [
        {"EnrollmentID": who, "DateProvided": on, "RecordType": kind}
        for who, on, kind in (
            ("A", "2022-01-01", 144), ("A", "2022-03-31", 144), ("B", "2022-02-01", 144),
            ("B", "2022-02-01", 161), ("B", "2022-04-01", 161),
        )
    ]  # fmt: skip
    said = _need(tmp_path, Services=served)
    assert {name: told for name, told in said["services"].items() if told["people"]} == {
        "ssvf_service": {"services": 3, "people": 2},
        "path_referral": {"services": 1, "people": 1},
    }


def test_what_is_missing_are_beds_beyond_those_that_were_free(tmp_path: Path) -> None:
    said = _need(
        tmp_path,
        Project=[{"ProjectID": "es", "ProjectType": 0}],
        Inventory=[
            {"ProjectID": "es", "CoCCode": tables.COC, "BedInventory": 2, "InventoryStartDate": "2020-01-01"}
        ],
        Enrollment=[{"EnrollmentID": "s", "PersonalID": "E", "ProjectID": "es", "EntryDate": "2022-01-01"}],
        Event=[
            _sent(who, "2022-01-05", 10, result) for who, result in zip("ABCD", (1, 3, None, 3), strict=True)
        ],
    )
    assert said["project_types"]["ES"] == {
        "referrals": 4, "accepted": 1, "people_never_accepted": 3,
        "beds": 2, "people": 1, "free": 1, "missing_beds": 2,
    }  # fmt: skip
    assert said["monthly"][2]["beds"]["ES"] == {"beds": 2, "people": 1, "free": 1}


def _random(seed: int) -> worlds.World:
    chance, world = Random(seed), worlds.made(seed)
    for stay in world["Enrollment"]:
        for _ in range(chance.randint(0, 3)):
            on = date.fromisoformat(stay["EntryDate"]) + timedelta(days=chance.randint(-20, 400))
            told = on + timedelta(days=chance.randint(0, 200))
            world["Event"].append(_sent(
                stay["EnrollmentID"], on.isoformat(), chance.choice((10, 11, 13, 13, 14, 3)),
                chance.choice((1, 2, 3, None)), chance.choice((None, told.isoformat())),
            ))  # fmt: skip
            world["Assessment"].append(_assessed(
                stay["EnrollmentID"], (on - timedelta(days=chance.randint(0, 30))).isoformat(),
                prioritized=chance.choice((1, 2)),
            ))  # fmt: skip
    return world


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_of_a_count_person_by_person(tmp_path: Path, seed: int) -> None:
    world = _random(seed)
    asked = Asked(date(2021, 6, 1), date(2022, 5, 31), coc=tables.COC if seed % 2 else None)
    with tables.opened(tmp_path, **world) as core:
        said = answer(UNMET_NEED, core, asked)
        never = records(UNMET_NEED, core, asked, "gaps/never_housed")
    assert said["referrals"] == _referrals(world, asked)
    assert (said["waiting_days"], said["gaps"]) == _waits_and_gaps(world, asked)
    assert len({one.personal_id for one in never}) == said["gaps"]["never_housed"] > 0


def _rows(world: worlds.World, asked: Asked, file: str, on: str) -> list[tuple[str, int, dict[str, Any]]]:
    """Rows of the period with the person and the day."""
    stays = {stay.key: stay for stay in reading.stays(world, asked.re, asked.coc)}
    days = [(row, number(date.fromisoformat(row[on]))) for row in world[file]]
    return [
        (stays[row["EnrollmentID"]].who, day, row)
        for row, day in days
        if row["EnrollmentID"] in stays and asked.rs <= day <= asked.re
    ]


def _referrals(world: worlds.World, asked: Asked) -> dict[str, Any]:
    blank = {
        "referrals": 0, "accepted": 0, "rejected_by_client": 0, "rejected_by_provider": 0, "unknown": 0,
        "open": 0, "open_after_30_days": 0, "open_after_60_days": 0, "open_after_90_days": 0,
    }  # fmt: skip
    told = {kind: dict(blank) for kind in KINDS.values()}
    whom: dict[str, dict[str, bool]] = {kind: {} for kind in KINDS.values()}
    for who, day, row in _rows(world, asked, "Event", "EventDate"):
        kind = KINDS[row["Event"]]
        told[kind]["referrals"] += 1
        answered = reading.days(row["ResultDate"])
        if answered is None or answered <= asked.re:
            result = {1: "accepted", 2: "rejected_by_client", 3: "rejected_by_provider"}.get(
                row["ReferralResult"]
            )
            result = result or ("unknown" if answered else "open")
        else:
            result = "open"
        told[kind][result] += 1
        for after in (30, 60, 90):
            told[kind][f"open_after_{after}_days"] += result == "open" and asked.re - day >= after
        whom[kind][who] = whom[kind].get(who, False) or result == "accepted"
    return {
        kind: {**one, "people_never_accepted": list(whom[kind].values()).count(False)}
        for kind, one in told.items()
    }


def _waits_and_gaps(world: worlds.World, asked: Asked) -> tuple[dict[str, Any], dict[str, int]]:
    assessed = _rows(world, asked, "Assessment", "AssessmentDate")
    sent = _rows(world, asked, "Event", "EventDate")
    moved, homes = [], []
    for stay in reading.stays(world, asked.re, asked.coc):
        if stay.kind in (3, 9, 10, 13) and stay.move_in is not None:
            moved.append((stay.who, stay.move_in))
        if stay.left is not None and stay.left <= asked.re and stay.destination in (410, 421, 435):
            homes.append((stay.who, stay.left))
    first: dict[str, int] = {}
    prioritized: dict[str, int] = {}
    housing: dict[str, int] = {}
    for who, day, row in assessed:
        first[who] = min(day, first.get(who, day))
        if row["PrioritizationStatus"] == 1:
            prioritized[who] = min(day, prioritized.get(who, day))
    for who, day, row in sent:
        if row["Event"] in HOUSING:
            housing[who] = min(day, housing.get(who, day))
    to_housing = [(who, day) for who, day, row in sent if row["Event"] in HOUSING]
    to_any = to_housing + [(who, day) for who, day, row in sent if row["Event"] == 10]

    def waits(since: dict[str, int], then: list[tuple[str, int]]) -> list[int]:
        later = {
            who: [day for one, day in then if one == who and day >= start] for who, start in since.items()
        }
        return [min(days) - since[who] for who, days in later.items() if days]

    def told(days: list[int]) -> dict[str, float]:
        # Half away from zero, as the measures round; so few people have no third decimal of 5 but halves.
        average = round(mean(days) + 1e-9, 2) if days else 0.0
        return {"people": len(days), "mean": average, "median": float(median(days)) if days else 0.0}

    return {
        "assessment_to_referral": told(waits(first, to_housing)),
        "referral_to_move_in": told(waits(housing, moved)),
        "assessment_to_move_in": told(waits(first, moved)),
    }, {
        "prioritized": len(prioritized),
        "never_referred": len(prioritized) - len(waits(prioritized, to_any)),
        "referred": len(housing),
        "never_housed": len(housing) - len(waits(housing, moved + homes)),
    }  # fmt: skip
