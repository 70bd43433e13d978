"""A row that is not in the export is removed only where the export must have contained it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest


async def _live(fetch: Any, table: str, key: str) -> set[str]:
    return {found for (found,) in await fetch(f"select {key} from {table} where removed_at is null")}


@pytest.fixture
def two_stays(craft: Any) -> Any:
    """Two clients with a stay each, and something hanging on it, and on the project."""
    for number in ("1", "2"):
        craft.stay(number)
        craft.add("Services", f"s{number}", EnrollmentID=f"e{number}", PersonalID=f"c{number}")
        craft.add("Funder", f"f{number}", Funder="21")
    return craft


def _forget_the_second(craft: Any, *files: str) -> None:
    for file in files:
        craft.files[file] = craft.files[file][:1]


@pytest.mark.parametrize(("directive", "period"), list(product("12", "134")))
async def test_only_a_full_refresh_of_a_reporting_period_removes_what_is_absent(
    load: Any, fetch: Any, two_stays: Any, directive: str, period: str
) -> None:
    await load(two_stays)
    _forget_the_second(two_stays, "Client", "Enrollment", "Services", "Funder")
    two_stays.files["Export"][0] |= {"ExportDirective": directive, "ExportPeriodType": period}
    report = await load(two_stays)
    removes = (directive, period) == ("2", "3")
    for table, key, number in (
        ("client", "personal_id", "c"),
        ("enrollment", "enrollment_id", "e"),
        ("services", "services_id", "s"),
        ("funder", "funder_id", "f"),
    ):
        expected = {f"{number}1"} if removes else {f"{number}1", f"{number}2"}
        assert await _live(fetch, table, key) == expected, table
    assert report.totals.deleted == (4 if removes else 0)
    said = {finding.rule for finding in report.findings}
    assert ("absence-not-applied" in said) is not removes


async def test_what_was_removed_comes_back_when_the_export_has_it_again(
    load: Any, fetch: Any, two_stays: Any
) -> None:
    await load(two_stays)
    kept = {file: list(rows) for file, rows in two_stays.files.items()}
    _forget_the_second(two_stays, "Client", "Enrollment", "Services")
    await load(two_stays)
    assert not (await load(two_stays)).changed_anything, "absent a second time is no news"
    two_stays.files = kept
    report = await load(two_stays)
    assert report.totals.restored == 3
    assert await _live(fetch, "client", "personal_id") == {"c1", "c2"}


@pytest.mark.parametrize(
    ("entry", "exit_day", "removed"),
    [
        ("2025-10-10", None, True),
        ("2020-01-01", None, True),
        ("2020-01-01", "2025-10-01", True),
        ("2020-01-01", "2025-09-30", False),
        ("2026-01-31", None, True),
        ("2026-02-01", None, False),
    ],
)
async def test_only_stays_active_in_the_period_can_be_absent(
    load: Any, fetch: Any, craft: Any, entry: str, exit_day: str | None, removed: bool
) -> None:
    craft.stay("1")
    craft.stay("2", EntryDate=entry)
    if exit_day:
        craft.add("Exit", "x2", EnrollmentID="e2", PersonalID="c2", ExitDate=exit_day)
    await load(craft)
    _forget_the_second(craft, "Client", "Enrollment")
    craft.files["Exit"].clear()
    await load(craft)
    assert await _live(fetch, "enrollment", "enrollment_id") == ({"e1"} if removed else {"e1", "e2"})
    assert await _live(fetch, "client", "personal_id") == ({"c1"} if removed else {"c1", "c2"})


async def test_stays_of_projects_that_are_not_in_the_export_stay(load: Any, fetch: Any, craft: Any) -> None:
    craft.add("Project", "p2")
    craft.stay("1")
    craft.stay("2", ProjectID="p2")
    await load(craft)
    craft.files["Project"] = craft.files["Project"][:1]
    _forget_the_second(craft, "Client", "Enrollment")
    report = await load(craft)
    assert await _live(fetch, "enrollment", "enrollment_id") == {"e1", "e2"}
    assert await _live(fetch, "project", "project_id") == {"p1", "p2"}
    assert [(f.file, f.count) for f in report.findings if f.rule == "absent-kept"] == [("Project.csv", 1)]


async def test_rows_dated_after_the_period_stay(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    craft.add("Services", "s1", DateProvided="2026-01-31")
    craft.add("Services", "s2", DateProvided="2026-02-01")
    await load(craft)
    craft.files["Services"].clear()
    await load(craft)
    assert await _live(fetch, "services", "services_id") == {"s2"}


async def test_an_exit_that_was_taken_back_is_removed(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1", EntryDate="2020-01-01")
    craft.add("Exit", "x1", ExitDate="2021-01-01")
    await load(craft)
    craft.files["Exit"].clear()
    await load(craft)
    assert await _live(fetch, "exit", "exit_id") == set()
    assert await _live(fetch, "enrollment", "enrollment_id") == {"e1"}


async def test_questions_and_results_go_with_their_assessment(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1")
    craft.add("Assessment", "a1")
    craft.add("AssessmentQuestions", "q1")
    craft.add("AssessmentResults", "r1")
    await load(craft)
    for file in ("Assessment", "AssessmentQuestions", "AssessmentResults"):
        craft.files[file].clear()
    await load(craft)
    for table in ("assessment", "assessment_questions", "assessment_results"):
        assert await fetch(f"select count(*) from {table} where removed_at is null") == [(0,)], table


async def test_a_client_with_another_live_stay_stays(load: Any, fetch: Any, craft: Any) -> None:
    craft.stay("1", client="c1", EntryDate="2020-01-01")
    craft.add("Exit", "x1", ExitDate="2021-01-01")
    craft.stay("2", client="c1")
    await load(craft)
    craft.files["Client"].clear()
    craft.files["Enrollment"].clear()
    craft.files["Exit"].clear()
    await load(craft)
    assert await _live(fetch, "enrollment", "enrollment_id") == {"e1"}
    assert await _live(fetch, "client", "personal_id") == {"c1"}


async def test_a_row_nobody_can_read_may_be_the_absent_one(load: Any, fetch: Any, two_stays: Any) -> None:
    await load(two_stays)
    _forget_the_second(two_stays, "Services")
    two_stays.bytes["Services"] = two_stays.text("Services") + b's2,e2,"c2\n'
    report = await load(two_stays)
    assert await _live(fetch, "services", "services_id") == {"s1", "s2"}
    assert [f.file for f in report.findings if f.rule == "absence-unclear"] == ["Services.csv"]


async def test_a_row_left_out_for_its_parent_is_not_absent(load: Any, fetch: Any, two_stays: Any) -> None:
    await load(two_stays)
    two_stays.files["Services"][1]["EnrollmentID"] = "gone"
    report = await load(two_stays)
    assert report.files["Services"].left_out == 1
    assert await _live(fetch, "services", "services_id") == {"s1", "s2"}


async def test_several_export_rows_speak_of_no_one_period(load: Any, fetch: Any, two_stays: Any) -> None:
    await load(two_stays)
    _forget_the_second(two_stays, "Client", "Enrollment", "Services")
    two_stays.add("Export", "x2", ExportDate="2026-02-02 08:00:00")
    report = await load(two_stays)
    assert await _live(fetch, "client", "personal_id") == {"c1", "c2"}
    assert {"export-rows", "absence-not-applied"} <= {f.rule for f in report.findings}


async def test_an_absent_file_removes_nothing(load: Any, fetch: Any, two_stays: Any) -> None:
    await load(two_stays)
    del two_stays.files["Enrollment"], two_stays.files["Services"]
    _forget_the_second(two_stays, "Client")
    await load(two_stays)
    assert await _live(fetch, "enrollment", "enrollment_id") == {"e1", "e2"}
    assert await _live(fetch, "services", "services_id") == {"s1", "s2"}
    assert await _live(fetch, "client", "personal_id") == {"c1", "c2"}
