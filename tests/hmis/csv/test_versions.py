"""FY2024 and FY2026 are told apart, and every column finds its place by its header."""

from __future__ import annotations

import pytest

from hmis.csv.rules import Findings
from hmis.csv.versions import RETIRED, place, version, version_of_headers
from hmis.spec import FILES, FY2024


@pytest.mark.parametrize(
    ("said", "headers", "found"),
    [
        ("2026 v1.0", ["Sex"], 2026),
        ("2026 v1", [], 2026),
        ("2024 v1.3", ["Woman"], 2024),
        ("HMIS CSV 2024", [], 2024),
        (None, ["Sex"], 2026),
        ("", ["GenderNone"], 2024),
        ("v1", [" woman "], 2024),
    ],
)
def test_csv_version_decides_and_headers_where_it_is_silent(
    said: str | None, headers: list[str], found: int
) -> None:
    findings = Findings()
    assert version(said, {"Client": headers}, findings) == found
    assert findings.all == ()


@pytest.mark.parametrize(
    ("said", "headers"), [("2020", ["Sex"]), ("2022 v1.5", []), (None, []), (None, ["Sex", "Woman"])]
)
def test_other_versions_are_refused(said: str | None, headers: list[str]) -> None:
    findings = Findings()
    version(said, {"Client": headers}, findings)
    assert [finding.rule for finding in findings.faults()] == ["version-unknown"]


def test_version_and_headers_may_disagree() -> None:
    findings = Findings()
    assert version("2024 v1", {"Client": ["Sex"]}, findings) == 2024
    assert [finding.rule for finding in findings.all] == ["version-disagrees"]


def test_a_new_column_of_enrollment_tells_too() -> None:
    assert version_of_headers({"Enrollment": ["MentalHealthConsultation"]}) == 2026


def test_headers_are_found_trimmed_and_whatever_their_case_and_order() -> None:
    names = [f" {column.name.swapcase()} " for column in reversed(FILES["Client"].columns)]
    header = place("Client", names, 2026, Findings())
    assert list(header.fields) == [column.attr for column in reversed(FILES["Client"].columns)]
    assert header.missing == frozenset()


def test_an_fy2024_client_is_placed_with_its_retired_elements_beside() -> None:
    former = {known.fy2026: known.fy2024 for known in FY2024 if known.fy2026}
    names = [
        former.get(column.name, column.name) for column in FILES["Client"].columns if column.name != "Sex"
    ]
    retired = [known.fy2024 for known in FY2024 if known.file == "Client" and not known.fy2026]
    findings = Findings()
    header = place("Client", names + retired, 2024, findings)
    assert header.missing == {"sex"}
    assert header.fields[-len(retired) :] == tuple(RETIRED + name for name in retired)
    assert findings.all == ()


def test_retired_elements_in_an_fy2026_file_are_not_stored() -> None:
    findings = Findings()
    header = place("Client", [column.name for column in FILES["Client"].columns] + ["Woman"], 2026, findings)
    assert header.fields[-1] is None
    assert [(finding.rule, finding.count) for finding in findings.all] == [("column-unknown", 1)]


def test_a_missing_key_is_a_fault_and_a_missing_fact_is_not() -> None:
    findings = Findings()
    names = [c.name for c in FILES["Exit"].columns if c.name not in ("ExitID", "EnrollmentID", "Destination")]
    place("Exit", names, 2026, findings)
    assert {(finding.rule, finding.column) for finding in findings.all} == {
        ("key-column-missing", "ExitID"),
        ("key-column-missing", "EnrollmentID"),
        ("column-missing", "Destination"),
    }
