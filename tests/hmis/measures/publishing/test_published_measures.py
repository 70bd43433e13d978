"""What is published of each measure: no small number, nothing that tells of one, and totals that hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from hmis.measures.core import Core
from hmis.measures.data_quality.report import DATA_QUALITY
from hmis.measures.flow.flow import FLOW
from hmis.measures.measure import Measure
from hmis.measures.need.need import UNMET_NEED
from hmis.measures.publishing.attack import audit
from hmis.measures.publishing.cells import SUPPRESSED, Kind
from hmis.measures.publishing.counted import Counts, Scope, cubes
from hmis.measures.publishing.deciding import decided
from hmis.measures.publishing.stored import Shown
from hmis.measures.publishing.suppress import suppress
from hmis.measures.publishing.tied import Tied, key_in, tied
from tests.hmis.measures import tables

YEAR = Scope(date(2022, 10, 1), date(2023, 9, 30))


def stays(prefix: str, size: int, project: str, entry: str, **more: Any) -> list[dict[str, Any]]:
    """So many people with a stay each."""
    return [
        {
            "EnrollmentID": f"{prefix}{n}",
            "PersonalID": f"{prefix}{n}",
            "ProjectID": project,
            "EntryDate": entry,
            **more,
        }
        for n in range(size)
    ]


def left(prefix: str, size: int, day: str, destination: int, first: int = 0) -> list[dict[str, Any]]:
    """The first of them, who left."""
    return [
        {"EnrollmentID": f"{prefix}{n}", "ExitDate": day, "Destination": destination}
        for n in range(first, first + size)
    ]


def projects(**kinds: int) -> list[dict[str, Any]]:
    return [{"ProjectID": name, "ProjectType": kind} for name, kind in kinds.items()]


def safely(measure: Measure, core: Core) -> tuple[Tied, Mapping[Any, Any]]:
    """Everything that is published of a measure; that it is safe was looked at."""
    counts: list[Counts] = [*cubes(measure, core, YEAR)]
    table = tied(counts)
    protected = suppress(table.cells.values(), table.relations)
    assert audit(protected, table.relations) == []
    shown = {key: value for key, value in protected.published.items() if value is not SUPPRESSED}
    assert not [key for key, value in shown.items() if 1 <= value <= 10]
    for relation in table.relations:
        if relation.kind is Kind.SUM and shown.keys() >= {relation.total, *relation.parts}:
            assert shown[relation.total] == sum(shown[part] for part in relation.parts)
    return table, {place[0]: protected.published[_key(counts[0], place)] for place in counts[0].numbers}


def _key(counts: Counts, place: tuple[str, ...]) -> Any:
    return key_in(counts.measure.name, counts.scope, counts.by, place)


def ties(table: Tied, total: str) -> set[tuple[Kind, tuple[str, ...]]]:
    """What is said of a figure of the whole."""
    key = next(key for key in table.cells if key[0] == total and len(key) == 2)
    among = [one for one in table.relations if one.total == key and len(one.parts[0]) == 2]
    return {(one.kind, tuple(part[0].partition(":")[2] for part in one.parts)) for one in among}


def test_both_sides_of_the_flow_come_to_everybody(tmp_path: Path) -> None:
    rows = stays("a", 60, "shelter", "2022-09-01") + stays("b", 44, "shelter", "2023-01-10")
    rows += stays("c", 7, "home", "2022-08-01", MoveInDate="2022-08-05")
    gone = left("a", 25, "2023-02-01", 410) + left("a", 5, "2023-03-01", 312, first=25)
    gone += left("b", 20, "2023-02-01", 312)
    with tables.opened(tmp_path, Project=projects(shelter=0, home=3), Enrollment=rows, Exit=gone) as core:
        table, found = safely(FLOW, core)
    assert (found["inflow/all"], found["outflow/all"]) == (111, 111)
    assert found["inflow/housed"] is SUPPRESSED
    assert not any(name.startswith(("period/", "monthly/")) for name in found)
    there, came = ("inflow/housed", "inflow/homeless"), "inflow/re_engaged_from_non_permanent"
    whole = (*there, "inflow/first_time", "inflow/returned_from_permanent", came)
    assert ties(table, "flow:inflow/all") == {(Kind.SUM, ("outflow/all",)), (Kind.SUM, whole)}


def test_what_is_missing_is_tied_to_whom_it_is_asked_of(tmp_path: Path) -> None:
    rows = stays("a", 60, "shelter", "2022-11-01", DisablingCondition=0)
    rows += stays("b", 30, "home", "2022-12-01", DisablingCondition=99)
    clients = [
        {
            "PersonalID": row["PersonalID"],
            "DOB": None if n % 30 == 0 else "1980-01-01" if n % 3 else "2015-01-01",
            "DOBDataQuality": 99 if n % 30 == 0 else 1,
            "NameDataQuality": 99 if n % 2 else 1,
            "VeteranStatus": 8 if n % 5 == 1 else 99 if n % 7 == 1 else 0,
            "SSNDataQuality": 9,
        }
        for n, row in enumerate(rows)
    ]
    gone = left("a", 15, "2023-02-01", 99) + left("a", 20, "2023-03-01", 410, first=15)
    with tables.opened(
        tmp_path, Project=projects(shelter=0, home=3), Client=clients, Enrollment=rows, Exit=gone
    ) as core:
        table, found = safely(DATA_QUALITY, core)
    assert found["Q1/persons/for_dq"] == 90
    assert found["Q1/unknown_age/for_dq"] is SUPPRESSED
    assert found["Q2/ssn/refused"] == 90
    assert (found["Q1/leavers/for_dq"], found["Q4/destination/total"]) == (35, 15)
    kept = {"Q1/persons/all", "Q1/adult_leavers/for_dq", "Q3/relationship_to_head/missing", "Q6/exits/days_0"}
    assert kept.isdisjoint(found)
    veterans = "Q3/veteran_status/total"
    assert ties(table, "data-quality:Q3/veteran_status/of") == {
        (Kind.SUM, ("Q1/adults/for_dq", "Q1/children/for_dq")),
        (Kind.WITHIN, (veterans,)),
    }
    assert ties(table, f"data-quality:{veterans}") == {
        (Kind.SUM, ("Q3/veteran_status/missing_or_refused", "Q3/veteran_status/issues"))
    }


def test_whoever_was_sent_to_something_was_accepted_or_never(tmp_path: Path) -> None:
    rows = stays("a", 80, "access", "2022-11-01")
    asked = [
        {
            "EnrollmentID": row["EnrollmentID"],
            "AssessmentDate": "2022-11-05",
            "AssessmentType": 1 + n % 3,
            "AssessmentLevel": 1 + n % 2 if n < 76 else None,
            "PrioritizationStatus": 1 + n % 4 // 3,
        }
        for n, row in enumerate(rows)
    ]
    sent = [
        {
            "EnrollmentID": row["EnrollmentID"],
            "EventDate": "2022-12-01",
            "Event": 13 if n < 45 else 14 if n < 70 else 15,
            "ReferralResult": 1 if n % 3 or n >= 45 else 2,
            "ResultDate": "2022-12-20",
        }
        for n, row in enumerate(rows[:75])
    ]
    with tables.opened(
        tmp_path, Project=projects(access=14), Enrollment=rows, Assessment=asked, Event=sent
    ) as core:
        table, found = safely(UNMET_NEED, core)
    assert (found["assessed/all"], found["assessed/prioritized"]) == (80, 60)
    assert (found["referred/RRH"], found["referrals/RRH/accepted"], found["unmet/RRH"]) == (45, 30, 15)
    # 38 and 38 of 80 would be the four whose level nobody said.
    levels = [found[f"assessed/{name}"] for name in ("crisis", "housing", "no_level")]
    assert levels.count(SUPPRESSED) >= 2
    assert found["referred/OPH"] is SUPPRESSED
    # 75 less 45 and 25 would be those five.
    assert SUPPRESSED in (found["gaps/referred"], found["referred/PSH"])
    kept = {"referrals/RRH/rejected_by_client", "waits/assessment_to_referral", "period/start"}
    assert kept.isdisjoint(found)
    assert (Kind.SUM, ("referrals/RRH/accepted", "unmet/RRH")) in ties(table, "unmet-need:referred/RRH")


def test_what_is_counted_how_often_is_published_without_a_mean(tmp_path: Path) -> None:
    rows = stays("a", 40, "access", "2022-11-01")
    asked = [{"EnrollmentID": row["EnrollmentID"], "AssessmentDate": "2022-11-05"} for row in rows]
    with tables.opened(tmp_path, Project=projects(access=14), Enrollment=rows, Assessment=asked) as core:
        [whole, *_] = decided([*cubes(UNMET_NEED, core, YEAR)], ())
    assert whole.cells["assessed/all",] == Shown(40)
