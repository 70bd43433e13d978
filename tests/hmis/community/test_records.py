"""The rows keep HUD's rules: every code, every reference, every condition that can be computed."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from hmis.community import AS_OF, Community, build
from hmis.community.days import PERIOD_START
from hmis.community.records.income import SOURCES, amount_column
from hmis.spec import CONDITIONS, FILES, LISTS, Column, Condition

Row = dict[str, object]

# Nothing is deleted in a full refresh, and nobody in Port Ellery has a telephone.
NEVER_FILLED = {
    "DateDeleted",
    "OperatingEndDate",
    "SourceContactPhone",
    "SourceContactExtension",
    "SourceContactEmail",
    "UserPhone",
    "UserExtension",
    "UserEmail",
}
RACES = [column.name for column in FILES["Client"].columns if column.element == "3.04.1"][:7]
# Which list a column with several takes its code from (conditions.csv, kind list_by)
LIST_BY_RECORD = {
    141: "P1.2", 142: "R14.2", 143: "W1.2", 144: "V2.2", 151: "W2.2",
    152: "V3.3", 161: "P2.2", 200: "4.14", 210: "V8.2", 300: "C2.2",
}  # fmt: skip
LIST_BY_SSVF = {3: "V2.A", 4: "V2.B", 5: "V2.C"}


def as_date(value: object) -> date:
    assert isinstance(value, date)
    return value


def list_of(column: Column, row: Row) -> str:
    if column.name == "DisabilityResponse":
        return "4.10.2" if row["DisabilityType"] == 10 else "1.8"
    if column.name == "TypeProvided":
        return LIST_BY_RECORD[int(str(row["RecordType"]))]
    if column.name == "SubTypeProvided":
        return LIST_BY_SSVF[int(str(row["TypeProvided"]))]
    return column.lists[0]


@pytest.mark.parametrize("file", FILES)
def test_every_row_has_huds_columns_in_huds_order(community: Community, file: str) -> None:
    names = [column.name for column in FILES[file].columns]
    assert community.rows[file]
    assert all(list(row) == names for row in community.rows[file])


@pytest.mark.parametrize("file", FILES)
def test_every_coded_value_is_in_its_list(community: Community, file: str) -> None:
    for column in FILES[file].columns:
        if not column.lists or column.lists[0] == "2.03.1":
            continue  # XX-501 is a test code outside HUD's list of continuums
        for row in community.rows[file]:
            value = row[column.name]
            assert value is None or str(value) in LISTS[list_of(column, row)].codes, (column.name, value)


@pytest.mark.parametrize("file", FILES)
def test_required_values_are_there_and_texts_fit(community: Community, file: str) -> None:
    for column in FILES[file].columns:
        for row in community.rows[file]:
            value = row[column.name]
            assert value is not None or not column.required, column.name
            if isinstance(value, str) and column.length:
                assert 0 < len(value) <= column.length, column.name
            if isinstance(value, Decimal):
                assert value >= 0 or not column.not_negative


@pytest.mark.parametrize("file", FILES)
def test_every_column_carries_a_value_somewhere(community: Community, file: str) -> None:
    empty = {
        column.name
        for column in FILES[file].columns
        if all(row[column.name] is None for row in community.rows[file])
    }
    assert empty <= NEVER_FILLED


@pytest.mark.parametrize("file", FILES)
def test_keys_are_unique_and_every_reference_is_answered(community: Community, file: str) -> None:
    rows = community.rows[file]
    assert len({row[FILES[file].key.name] for row in rows}) == len(rows)
    for column in FILES[file].columns:
        reference = re.fullmatch(r"FK->(\w+)\.(\w+)", column.key)
        if reference:
            known = {row[reference[2]] for row in community.rows[reference[1]]}
            assert {row[column.name] for row in rows} <= known, column.name


def test_a_row_about_an_enrollment_names_its_client(community: Community) -> None:
    clients = {row["EnrollmentID"]: row["PersonalID"] for row in community.rows["Enrollment"]}
    for file in FILES.values():
        if "EnrollmentID" in file.by_name and file.name != "Enrollment":
            for row in community.rows[file.name]:
                assert row["PersonalID"] == clients[row["EnrollmentID"]]


def test_the_export_says_what_it_is(community: Community) -> None:
    (export,) = community.rows["Export"]
    said = [export[name] for name in ("CSVVersion", "ExportPeriodType", "ExportDirective", "HashStatus")]
    assert said == ["2026 v1.0", 3, 2, 1]
    assert (export["SourceType"], export["SourceID"]) == (1, "XX-501")
    assert (export["ExportStartDate"], export["ExportEndDate"]) == (date(2022, 7, 1), date(2026, 6, 30))


class Rules:
    """Answers the rules of conditions.csv that speak of values, looking into the project where one does."""

    def __init__(self, community: Community) -> None:
        self._projects = {row["ProjectID"]: row for row in community.rows["Project"]}
        self._enrollments = {row["EnrollmentID"]: row for row in community.rows["Enrollment"]}

    def value(self, row: Row, name: str) -> object:
        name = name.removeprefix("Project.")
        if name in row:
            return row[name]
        stay = self._enrollments[row["EnrollmentID"]] if "EnrollmentID" in row else row
        return self._projects[stay["ProjectID"]][name]

    def holds(self, row: Row, rule: str) -> bool:
        return any(
            all(self._term(row, term) for term in re.split(r"\s+and\s+", option, flags=re.IGNORECASE))
            for option in re.split(r"\s+or\s+", rule, flags=re.IGNORECASE)
        )

    def _term(self, row: Row, term: str) -> bool:
        if found := re.search(r"([\w.]+) in \(([\d, ]+)\)", term):
            return str(self.value(row, found[1])) in re.split(r",\s*", found[2])
        if found := re.search(r"([\w.]+) = (\d+)", term):
            return str(self.value(row, found[1])) == found[2]
        if found := re.search(r"(\w+) is not null", term):
            return self.value(row, found[1]) is not None
        raise AssertionError(f"a rule nobody has taught this test: {term}")


SPELLED_OUT = {"RaceNone", "AftercareProvided"}  # their rules are prose, and have a test of their own below
NULL_UNLESS = [c for c in CONDITIONS if c.kind == "null_unless" and c.column not in SPELLED_OUT]


@pytest.mark.parametrize("condition", NULL_UNLESS, ids=lambda c: f"{c.file}.{c.column}")
def test_a_value_is_there_only_where_its_question_is_asked(
    community: Community, condition: Condition
) -> None:
    rules = Rules(community)
    answered = [row for row in community.rows[condition.file] if row[condition.column] is not None]
    assert answered
    assert all(rules.holds(row, condition.rule) for row in answered)


@pytest.mark.parametrize(
    "condition", [c for c in CONDITIONS if c.kind == "not_in"], ids=lambda c: f"{c.file}.{c.column}"
)
def test_codes_meant_for_another_question_are_not_used(community: Community, condition: Condition) -> None:
    excluded = set(condition.rule.split(","))
    assert not excluded & {str(row[condition.column]) for row in community.rows[condition.file]}


def test_required_answers_follow_from_the_others(community: Community) -> None:
    for row in community.rows["CEParticipation"]:
        offers = [
            row[n]
            for n in ("PreventionAssessment", "CrisisAssessment", "HousingAssessment", "DirectServices")
        ]
        assert all(offer in (0, 1) for offer in offers) if row["AccessPoint"] else set(offers) == {None}
    for row in community.rows["Project"]:
        affiliated = row["ProjectType"] == 13 and row["RRHSubType"] == 1
        assert (row["ResidentialAffiliation"] is not None) == affiliated
    for row in community.rows["Funder"]:
        assert (row["OtherFunder"] is not None) == (row["Funder"] == 46)
    for row in community.rows["ProjectCoC"]:
        assert re.fullmatch(r"[A-Z]{2}-\d{3}", str(row["CoCCode"]))
        assert re.fullmatch(r"\d{6}", str(row["Geocode"]))
        assert re.fullmatch(r"\d{5}", str(row["ZIP"]))


def test_races_are_ticked_or_the_reason_is_given(community: Community) -> None:
    for row in community.rows["Client"]:
        assert (row["RaceNone"] is None) == any(row[race] == 1 for race in RACES)


def test_affiliations_lead_from_services_to_housing(community: Community) -> None:
    projects = {row["ProjectID"]: row for row in community.rows["Project"]}
    for row in community.rows["Affiliation"]:
        assert projects[row["ProjectID"]]["RRHSubType"] == 1
        assert projects[row["ResProjectID"]]["RRHSubType"] == 2


def test_housing_at_exit_names_the_subsidy_that_fits(community: Community) -> None:
    fits = {1: {1, 2, 3, 4}, 2: {11, 12}}
    for row in community.rows["Exit"]:
        assessed = row["HousingAssessment"]
        allowed = fits.get(assessed, {None}) if isinstance(assessed, int) else {None}
        assert row["SubsidyInformation"] in allowed
        if row["AftercareDate"]:
            left = as_date(row["ExitDate"])
            assert left <= as_date(row["AftercareDate"]) <= left + timedelta(days=180)
        else:
            assert row["AftercareProvided"] is None


def test_income_adds_up_to_the_total(community: Community) -> None:
    summed = 0
    for row in community.rows["IncomeBenefits"]:
        amounts = [row[amount_column(source)] for source in SOURCES]
        for source, amount in zip(SOURCES, amounts, strict=True):
            assert (amount is not None) == (row[source] == 1)
        total = row["TotalMonthlyIncome"]
        if total is not None:
            summed += 1
            assert (
                sum((Decimal(str(amount)) for amount in amounts if amount is not None), Decimal(0)) == total
            )
            assert row["IncomeFromAnySource"] == int(total != 0)
        else:
            assert row["IncomeFromAnySource"] in (None, 8, 9, 99)
    assert summed > 1000


def test_disability_rows_agree_with_the_disabling_condition(community: Community) -> None:
    lasting: set[object] = set()
    for row in community.rows["Disabilities"]:
        always = row["DisabilityType"] in (6, 8) and row["DisabilityResponse"] == 1
        if always or row["IndefiniteAndImpairs"] == 1:
            lasting.add(row["EnrollmentID"])
    asked = {row["EnrollmentID"] for row in community.rows["Disabilities"]}
    for row in community.rows["Enrollment"]:
        if row["EnrollmentID"] in asked and row["DisablingCondition"] in (0, 1):
            assert (row["DisablingCondition"] == 1) == (row["EnrollmentID"] in lasting)


def test_every_household_has_one_head(community: Community) -> None:
    households: dict[object, list[object]] = {}
    for row in community.rows["Enrollment"]:
        households.setdefault(row["HouseholdID"], []).append(row["RelationshipToHoH"])
    assert all(relations.count(1) == 1 for relations in households.values())


def spans(community: Community) -> dict[object, tuple[date, date | None]]:
    exits = {row["EnrollmentID"]: as_date(row["ExitDate"]) for row in community.rows["Exit"]}
    return {
        row["EnrollmentID"]: (as_date(row["EntryDate"]), exits.get(row["EnrollmentID"]))
        for row in community.rows["Enrollment"]
    }


DAYS = {
    "IncomeBenefits": "InformationDate",
    "HealthAndDV": "InformationDate",
    "EmploymentEducation": "InformationDate",
    "Disabilities": "InformationDate",
    "YouthEducationStatus": "InformationDate",
    "CurrentLivingSituation": "InformationDate",
    "Services": "DateProvided",
    "Assessment": "AssessmentDate",
    "Event": "EventDate",
}


@pytest.mark.parametrize("file", DAYS)
def test_what_happened_in_a_stay_happened_during_it(community: Community, file: str) -> None:
    stays = spans(community)
    for row in community.rows[file]:
        entry, left = stays[row["EnrollmentID"]]
        assert entry <= as_date(row[DAYS[file]]) <= (left or AS_OF)
        if row.get("RecordType") == 200:
            assert left is None or as_date(row["DateProvided"]) < left  # the exit day is not a night


def test_stays_touch_the_period_and_move_in_lies_within_them(community: Community) -> None:
    stays = spans(community)
    births = {row["PersonalID"]: row["DOB"] for row in community.rows["Client"]}
    for row in community.rows["Enrollment"]:
        entry, left = stays[row["EnrollmentID"]]
        assert entry <= (left or AS_OF) <= AS_OF
        assert (left or AS_OF) >= PERIOD_START
        if row["MoveInDate"]:
            assert entry <= as_date(row["MoveInDate"]) <= (left or AS_OF)
        if row["DateToStreetESSH"]:
            assert as_date(row["DateToStreetESSH"]) <= entry
        born = births[row["PersonalID"]]
        assert born is None or as_date(born) <= entry


@pytest.mark.parametrize("seed", [2026, 4, 17])
def test_nobody_is_twice_in_one_project_at_the_same_time(seed: int) -> None:
    community = build(seed=seed)
    stays = spans(community)
    mine: dict[object, list[tuple[date, date]]] = {}
    for row in community.rows["Enrollment"]:
        entry, left = stays[row["EnrollmentID"]]
        mine.setdefault((row["PersonalID"], row["ProjectID"]), []).append((entry, left or date.max))
    for spells in mine.values():
        spells.sort()
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(spells))


def test_every_row_was_made_before_it_was_changed_and_before_the_export(community: Community) -> None:
    (export,) = community.rows["Export"]
    written = export["ExportDate"]
    assert isinstance(written, datetime)
    for file in FILES:
        for row in community.rows[file]:
            if "DateCreated" in row:
                made, changed = row["DateCreated"], row["DateUpdated"]
                assert isinstance(made, datetime)
                assert isinstance(changed, datetime)
                assert made <= changed <= written


def test_unknown_answers_occur_in_plausible_shares(community: Community) -> None:
    for file, column in (
        ("Enrollment", "DisablingCondition"),
        ("HealthAndDV", "DomesticViolenceSurvivor"),
        ("IncomeBenefits", "IncomeFromAnySource"),
        ("IncomeBenefits", "InsuranceFromAnySource"),
        ("Enrollment", "LivingSituation"),
    ):
        answers = Counter(row[column] for row in community.rows[file] if row[column] is not None)
        missing = answers[8] + answers[9] + answers[99]
        assert 0.01 < missing / answers.total() < 0.1, column
        assert min(answers[8], answers[9], answers[99]) > 0, column


def test_hiv_is_recorded_and_its_care_only_in_the_hopwa_project(community: Community) -> None:
    projects = {row["EnrollmentID"]: row["ProjectID"] for row in community.rows["Enrollment"]}
    hopwa = {row["ProjectID"] for row in community.rows["Funder"] if row["Funder"] == 15}
    positive = [
        r for r in community.rows["Disabilities"] if r["DisabilityType"] == 8 and r["DisabilityResponse"] == 1
    ]
    assert positive
    cared = [row for row in positive if row["AntiRetroviral"] is not None]
    assert cared
    assert {projects[row["EnrollmentID"]] for row in cared} == hopwa
