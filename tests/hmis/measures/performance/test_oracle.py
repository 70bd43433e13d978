"""Random people, and what the measures say of them beside what plain Python says."""

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.days import day
from hmis.measures.performance.length_of_time import episodes
from hmis.measures.performance.spm import SPM
from hmis.measures.performance.stays import stays as stays_of
from tests.hmis.measures import tables
from tests.hmis.measures.performance import oracle
from tests.hmis.measures.performance.oracle import ES_SH, PH, Stay

START, END = date(2022, 10, 1), date(2023, 9, 30)
PEOPLE = 150
# Days on which a rule turns: the edges of the period, of the lookback, and of the years two years before.
_EDGES = [START, END, date(2015, 10, 1), START - timedelta(730), END - timedelta(730), END - timedelta(365)]
_BUCKETS = {"days_0_180": range(181), "days_181_365": range(181, 366), "days_366_730": range(366, 731)}
_ROWS = {0: "es", 1: "es", 2: "th", 4: "so", 8: "sh"} | dict.fromkeys(PH, "ph")


def _some_day(chance: random.Random) -> date:
    return chance.choice(_EDGES) + timedelta(int(chance.gauss(0, chance.choice([2, 20, 200]))))


def _maybe(chance: random.Random, of: date, spread: int) -> date | None:
    return of + timedelta(chance.randint(-3, spread)) if chance.random() < 0.6 else None


def _person(chance: random.Random, key: int) -> tuple[date | None, list[Stay]]:
    stays = []
    for place in range(chance.randint(1, 5)):
        entry = _some_day(chance) if not stays or chance.random() < 0.5 else (stays[-1].exit or stays[-1].entry)
        left = entry + timedelta(chance.choice([0, 1, 3, 14, 40, 400])) if chance.random() < 0.8 else None
        kind = chance.choice([0, 0, 1, 1, 2, 3, 13, 4, 8])
        nights = sorted({entry + timedelta(chance.randint(-1, 30)) for _ in range(8)}) if kind == 1 else []
        stays.append(
            Stay(
                f"{key:04}-{place}",
                kind,
                entry,
                left,
                moved_in=_maybe(chance, entry, 40),
                began=_maybe(chance, entry - timedelta(chance.choice([0, 30, 3000])), 60),
                situation=chance.choice([116, 435, None]),
                destination=chance.choice([410, 435, 24, 116, 206, None]) if left else None,
                nights=tuple(nights),
            )
        )
    born = chance.choice([None, date(1980, 1, 1), _some_day(chance)])
    # A day homelessness began before birth is a child's, whose rule is not what is looked at here.
    stays = [stay for stay in stays if born is None or stay.began is None or stay.began >= born] or stays[:0]
    return born, stays


def _rows(people: dict[str, tuple[date | None, list[Stay]]]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        "Client": [{"PersonalID": who, "DOB": born and born.isoformat()} for who, (born, _) in people.items()],
        "Project": [{"ProjectID": f"p{kind}", "ProjectType": kind} for kind in (*ES_SH, 2, 4, *PH)],
        "Enrollment": [],
        "Exit": [],
        "Services": [],
    }
    for who, (_, stays) in people.items():
        for stay in stays:
            rows["Enrollment"].append(
                {
                    "EnrollmentID": stay.key,
                    "PersonalID": who,
                    "ProjectID": f"p{stay.kind}",
                    "EntryDate": stay.entry.isoformat(),
                    "MoveInDate": stay.moved_in and stay.moved_in.isoformat(),
                    "DateToStreetESSH": stay.began and stay.began.isoformat(),
                    "LivingSituation": stay.situation,
                }
            )
            if stay.exit:
                rows["Exit"].append(
                    {
                        "EnrollmentID": stay.key,
                        "ExitDate": stay.exit.isoformat(),
                        "Destination": stay.destination,
                    }
                )
            rows["Services"] += [
                {"EnrollmentID": stay.key, "DateProvided": night.isoformat(), "RecordType": 200}
                for night in stay.nights
            ]
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_the_measures_say_what_plain_python_says_of_random_people(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    people = {f"c{key:04}": _person(chance, key) for key in range(PEOPLE)}
    asked = Asked(START, END)
    with tables.opened(tmp_path, **_rows(people)) as core:
        said = answer(SPM, core, asked)
        found = episodes(core, asked, stays_of(core, asked)).to_pyarrow().to_pylist()
        clients = core.client.select("person", "personal_id").to_pyarrow().to_pylist()
    names = {row["person"]: row["personal_id"] for row in clients}
    counted = {
        (row["figure"], names[row["person"]]): (row["days"], day(row["since"]), day(row["last"])) for row in found
    }
    expected = {
        (figure, who): one
        for figure in oracle.LINES
        for who, (born, stays) in people.items()
        if (one := oracle.length_of_time(stays, figure, START, END, born)) is not None
    }
    assert {key: value for key, value in counted.items() if expected.get(key) != value} == {}
    assert counted == expected
    assert len(expected) > PEOPLE / 3
    _check_returns(said["2"], [one for _, stays in people.values() if (one := oracle.returned(stays, START, END))])
    for table, kinds in (("5.1", (*ES_SH, 2)), ("5.2", (*ES_SH, 2, *PH))):
        entered = [oracle.first_time(stays, kinds, START, END) for _, stays in people.values()]
        numbers = Counter(entered)
        assert said["5"][table] == {
            "persons": numbers[True] + numbers[False], "prior": numbers[False], "first_time": numbers[True],
        }  # fmt: skip


def _check_returns(said: dict[str, Any], expected: list[tuple[int, int | None]]) -> None:
    assert len(expected) > 3
    for row, of_row in {"": said, **said["rows"]}.items():
        theirs = [after for kind, after in expected if not row or _ROWS[kind] == row]
        assert of_row["exits"] == len(theirs)
        for bucket, within in _BUCKETS.items():
            assert of_row[bucket] == sum(after in within for after in theirs if after is not None)
