from pathlib import Path

from tests.hmis.measures.data_quality.reports import client, of_clients, of_stays, row, stay


def test_veteran_status_is_asked_of_adults(tmp_path: Path) -> None:
    found = of_clients(
        tmp_path,
        client("good", VeteranStatus=1),
        client("refused", VeteranStatus=9),
        client("missing", VeteranStatus=None),
        client("not collected", VeteranStatus=99),
        client("child", DOB="2010-01-01", VeteranStatus=None),
        client("child of war", DOB="2010-01-01", VeteranStatus=1),
        client("of no age", DOB=None, VeteranStatus=None),
    )
    assert row(found, "Q3/veteran_status") == {
        "refused": {"refused"},
        "missing": {"missing", "not collected"},
        "missing_or_refused": {"refused", "missing", "not collected"},
        "issues": {"child of war"},
        "total": {"refused", "missing", "not collected", "child of war"},
        "of": {"good", "refused", "missing", "not collected", "child", "child of war"},
    }


def test_stays_of_the_same_kind_do_not_overlap(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("a1", "a", EntryDate="2022-11-01"),
        stay("a2", "a", EntryDate="2022-11-20"),
        stay("b1", "b", EntryDate="2022-11-01"),
        stay("b2", "b", EntryDate="2022-11-20"),
        stay("c1", "c", EntryDate="2022-11-01"),
        stay("c2", "c", EntryDate="2022-11-20", ProjectID="housing"),
        Project=[{"ProjectID": "p1", "ProjectType": 0}, {"ProjectID": "housing", "ProjectType": 3}],
        Exit=[
            {"EnrollmentID": "a1", "ExitDate": "2022-11-21"},
            {"EnrollmentID": "b1", "ExitDate": "2022-11-20"},
        ],
    )
    assert found["Q3/entry_date/issues"] == {"a2"}


def test_what_ended_before_the_period_overlaps_nothing_in_it(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("1", "a", EntryDate="2022-08-01"),
        stay("2", "a", EntryDate="2022-07-01"),
        Exit=[{"EnrollmentID": "2", "ExitDate": "2022-09-30"}],
    )
    assert "Q3/entry_date/issues" not in found


def test_a_household_has_one_head(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("head", HouseholdID="good"),
        stay("spouse", HouseholdID="good", RelationshipToHoH=3),
        stay("unrelated", HouseholdID="good", RelationshipToHoH=99),
        stay("unsaid", HouseholdID="good", RelationshipToHoH=None),
        stay("first", HouseholdID="two"),
        stay("second", HouseholdID="two"),
        stay("alone", HouseholdID="none", RelationshipToHoH=2),
        stay("twice", "same", HouseholdID="again"),
    )
    assert row(found, "Q3/relationship_to_head") == {
        "missing": {"unsaid"},
        "missing_or_refused": {"unsaid"},
        "issues": {"unrelated", "first", "second", "alone"},
        "total": {"unsaid", "unrelated", "first", "second", "alone"},
    }


def test_the_continuum_is_asked_of_heads_and_exists(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("good"),
        stay("none", EnrollmentCoC=None),
        stay("wrong", EnrollmentCoC="ZZ-999"),
        stay("member", HouseholdID="h-good", RelationshipToHoH=2, EnrollmentCoC=None),
    )
    assert row(found, "Q3/enrollment_coc") == {
        "missing": {"none"},
        "missing_or_refused": {"none"},
        "issues": {"wrong"},
        "total": {"none", "wrong"},
        "of": {"good", "none", "wrong"},
    }


def test_no_disability_contradicts_a_row_that_says_it_lasts_and_impairs(tmp_path: Path) -> None:
    def said(
        key: str, kind: int, response: int, lasts: int | None, on: str = "2022-11-01"
    ) -> dict[str, object]:
        return {
            "EnrollmentID": key,
            "InformationDate": on,
            "DisabilityType": kind,
            "DisabilityResponse": response,
            "IndefiniteAndImpairs": lasts,
        }

    found = of_stays(
        tmp_path,
        *(stay(key) for key in ("physical", "short", "hiv", "drugs", "got well", "later", "none")),
        stay("refused", DisablingCondition=8),
        stay("missing", DisablingCondition=None),
        stay("yes", DisablingCondition=1),
        Disabilities=[
            said("physical", 5, 1, 1),
            said("short", 5, 1, 0),
            said("hiv", 8, 1, None),
            said("drugs", 10, 2, 1),
            said("got well", 9, 1, 1),
            said("got well", 9, 0, 0, "2023-02-01"),
            said("later", 9, 1, 1, "2023-10-01"),
            said("none", 6, 0, None),
            said("yes", 5, 1, 1),
        ],
    )
    assert row(found, "Q3/disabling_condition") == {
        "refused": {"refused"},
        "missing": {"missing"},
        "missing_or_refused": {"refused", "missing"},
        "issues": {"physical", "hiv", "drugs"},
        "total": {"refused", "missing", "physical", "hiv", "drugs"},
    }
