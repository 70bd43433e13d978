"""Cases with known answers, of HUD's system performance measures: `spm-cases.json` of the reference data."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.days import day
from hmis.measures.performance.length_of_time import episodes
from hmis.measures.performance.spm import EACH
from hmis.measures.performance.stays import stays
from tests.hmis.measures import tables

_CASES = Path(__file__).parents[5] / "shared" / "hmis" / "spm-cases.json"
_LINES = {"1a1": ("1a", "line1"), "1a2": ("1a", "line2"), "1b1": ("1b", "line1"), "1b2": ("1b", "line2")}


def _cases() -> list[Any]:
    if not _CASES.exists():
        assert os.environ.get("CI") != "true", "CI runs with the reference data"
        return [
            pytest.param({}, marks=pytest.mark.skip(reason="the reference data is not beside this checkout"))
        ]
    return [pytest.param(case, id=case["name"]) for case in json.loads(_CASES.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", _cases())
def test_a_known_case_has_its_known_answer(case: dict[str, Any], tmp_path: Path) -> None:
    asked = Asked(*(date.fromisoformat(text) for text in case["report"]))
    with tables.opened(tmp_path, **_rows(case)) as core:
        said = {}
        for measure in EACH:
            if measure.name in ("spm-1", *(f"spm-{name}" for name in case["expect"])):
                said |= answer(measure, core, asked)
        found = episodes(core, asked, stays(core, asked)).to_pyarrow().to_pylist()
        names = {
            row["person"]: row["personal_id"]
            for row in core.client.select("person", "personal_id").to_pyarrow().to_pylist()
        }
    days = {
        (row["figure"], names[row["person"]]): {
            "days": row["days"],
            "first": day(row["since"]).isoformat(),
            "last": day(row["last"]).isoformat(),
        }
        for row in found
    }
    checked = 0
    for metric, expected in case["expect"].items():
        if metric in _LINES:
            figure = "/".join(_LINES[metric])
            assert {who for name, who in days if name == figure} == set(expected)
            for who, facts in expected.items():
                assert days[figure, who] | facts == days[figure, who]
            checked += 1
    for metric, numbers in case["expect"].get("stats", {}).items():
        table, line = _LINES[metric]
        assert list(said[table][line].values()) == numbers
        checked += 1
    if "3.2" in case["expect"]:
        assert list(said["3.2"].values()) == case["expect"]["3.2"]
        checked += 1
    for metric, numbers in case["expect"].get("5", {}).items():
        assert list(said["5"][metric].values()) == numbers
        checked += 1
    assert checked


def _rows(case: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        "Client": [{"PersonalID": name, "DOB": born} for name, born in case["clients"].items()],
        "Project": [
            {"ProjectID": f"p{kind}", "ProjectType": kind}
            for kind in sorted({stay["type"] for stay in case["enrollments"]})
        ],
        "Enrollment": [],
        "Exit": [],
        "Services": [],
    }
    for place, stay in enumerate(case["enrollments"]):
        key = f"e{place}"
        rows["Enrollment"].append(
            {
                "EnrollmentID": key,
                "PersonalID": stay["client"],
                "ProjectID": f"p{stay['type']}",
                "EntryDate": stay["entry"],
                "HouseholdID": stay.get("hh", f"h{place}"),
                "RelationshipToHoH": stay.get("rel", 1),
                "DateToStreetESSH": stay.get("street"),
                "MoveInDate": stay.get("movein"),
                "LivingSituation": stay.get("ls"),
            }
        )
        if stay.get("exit"):
            rows["Exit"].append({"EnrollmentID": key, "ExitDate": stay["exit"]})
        rows["Services"] += [
            {"EnrollmentID": key, "DateProvided": night, "RecordType": 200}
            for night in stay.get("nights", [])
        ]
    return rows
