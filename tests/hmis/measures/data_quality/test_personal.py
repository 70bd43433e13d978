from pathlib import Path

from tests.hmis.measures.data_quality.reports import client, of_clients, row


def test_a_name_is_refused_missing_or_partial(tmp_path: Path) -> None:
    found = of_clients(
        tmp_path,
        client("good"),
        client("unknown", NameDataQuality=8, first_name_given=False, last_name_given=False),
        client("refused", NameDataQuality=9),
        client("not collected", NameDataQuality=99),
        client("without last name", last_name_given=False),
        client("partial", NameDataQuality=2),
        client("partial without first", NameDataQuality=2, first_name_given=False),
        client("of no quality", NameDataQuality=None),
    )
    refused = {"unknown", "refused"}
    missing = {"not collected", "without last name", "partial without first"}
    assert row(found, "Q2/name") == {
        "refused": refused,
        "missing": missing,
        "missing_or_refused": refused | missing,
        "issues": {"partial", "partial without first"},
        "total": refused | missing | {"partial"},
    }


def test_a_full_ssn_has_to_be_usable(tmp_path: Path) -> None:
    found = of_clients(
        tmp_path,
        client("good"),
        client("refused", SSNDataQuality=9, ssn_given=False),
        client("not collected", SSNDataQuality=99),
        client("none", ssn_given=False, ssn_usable=False),
        client("partial", SSNDataQuality=2, ssn_usable=False),
        client("not usable", ssn_usable=False),
        client("refused and made up", SSNDataQuality=8, ssn_usable=False),
    )
    refused, missing = {"refused", "refused and made up"}, {"not collected", "none"}
    assert row(found, "Q2/ssn") == {
        "refused": refused,
        "missing": missing,
        "missing_or_refused": refused | missing,
        "issues": {"partial", "not usable"},
        "total": refused | missing | {"partial", "not usable"},
    }


def test_a_birth_date_has_to_be_possible(tmp_path: Path) -> None:
    found = of_clients(
        tmp_path,
        client("good"),
        client("born on the first possible day", DOB="1915-01-01"),
        client("refused", DOB=None, DOBDataQuality=9),
        client("none", DOB=None, DOBDataQuality=1),
        client("not collected", DOB=None, DOBDataQuality=99),
        client("approximate", DOBDataQuality=2),
        client("refused and given", DOBDataQuality=8),
        client("given without quality", DOBDataQuality=None),
        client("too early", DOB="1914-12-31"),
        client("born after entry", DOB="2022-11-02", DateCreated="2022-12-01"),
        client("recorded before birth", DOB="1980-05-05", DateCreated="1980-05-04"),
    )
    issues = {
        "approximate", "refused and given", "given without quality", "too early", "born after entry",
        "recorded before birth",
    }  # fmt: skip
    assert row(found, "Q2/dob") == {
        "refused": {"refused"},
        "missing": {"none", "not collected"},
        "missing_or_refused": {"refused", "none", "not collected"},
        "issues": issues,
        "total": issues | {"refused", "none", "not collected"},
    }


def test_a_refused_race_counts_beside_a_race_that_was_given(tmp_path: Path) -> None:
    found = of_clients(
        tmp_path,
        client("good"),
        client("hispanic", White=0, HispanicLatinao=1),
        client("refused", RaceNone=9),
        client("not collected", White=0, RaceNone=99),
        client("nothing said", White=None),
    )
    assert row(found, "Q2/race_and_ethnicity") == {
        "refused": {"refused"},
        "missing": {"not collected", "nothing said"},
        "missing_or_refused": {"refused", "not collected", "nothing said"},
        "total": {"refused", "not collected", "nothing said"},
    }


def test_somebody_with_two_faults_is_one_of_the_overall_score(tmp_path: Path) -> None:
    found = of_clients(
        tmp_path,
        client("both", NameDataQuality=2, SSNDataQuality=99),
        client("one", RaceNone=8),
        client("good"),
    )
    assert found["Q2/overall/total"] == {"both", "one"}
