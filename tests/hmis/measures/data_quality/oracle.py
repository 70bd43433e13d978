"""The data quality report once more, person by person in plain Python: what the expressions are held against.

Rows are HUD's, with dates as `datetime.date` and None where nothing is said. Nothing of `hmis` is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]
Found = dict[str, set[str]]
_NO = (8, 9)
_DAYS_90 = timedelta(days=90)
_SOURCES = ("Earned", "SSI", "Pension")
_TYPES = {
    "es_sh_so": (0, 1, 4, 8),
    "th": (2,),
    "ph": (3, 9, 10, 13),
    "ce": (14,),
    "sso_day_shelter_hp": (6, 11, 12),
}


class Report:
    """The records of one period, indexed."""

    def __init__(self, files: Mapping[str, Sequence[Row]], rs: date, re: date) -> None:
        self.rs, self.re = rs, re
        self.kinds = {one["ProjectID"]: one["ProjectType"] for one in files["Project"]}
        self.clients = {one["PersonalID"]: one for one in files["Client"]}
        self.exits = {one["EnrollmentID"]: one for one in files["Exit"]}
        self.of: dict[str, dict[str, list[Row]]] = {}
        for file in ("IncomeBenefits", "Disabilities", "CurrentLivingSituation", "Services"):
            self.of[file] = defaultdict(list)
            for one in files[file]:
                self.of[file][one["EnrollmentID"]].append(one)
        self.stays = [one for one in files["Enrollment"] if self.overlaps_period(one)]

    def overlaps_period(self, stay: Row) -> bool:
        return stay["EntryDate"] <= self.re and (self.left(stay) or self.rs) >= self.rs

    def left(self, stay: Row) -> date | None:
        return self.exits.get(stay["EnrollmentID"], {}).get("ExitDate")

    def is_open(self, stay: Row) -> bool:
        left = self.left(stay)
        return left is None or left > self.re

    def kind(self, stay: Row) -> int:
        return int(self.kinds[stay["ProjectID"]])

    def is_served(self, stay: Row) -> bool:
        if self.kind(stay) not in (1, 4) or not self.is_open(stay):
            return True
        days = [one["DateProvided"] for one in self.of["Services"][stay["EnrollmentID"]]]
        days += [one["InformationDate"] for one in self.of["CurrentLivingSituation"][stay["EnrollmentID"]]]
        return any(max(self.rs, stay["EntryDate"]) <= day <= self.re for day in days)

    def is_engaged(self, stay: Row) -> bool:
        engaged = stay["DateOfEngagement"]
        return self.kind(stay) != 4 or (engaged is not None and engaged <= self.re)

    def age(self, stay: Row) -> int | None:
        client = self.clients[stay["PersonalID"]]
        born = client["DOB"]
        if born is None or client["DOBDataQuality"] in (8, 9, 99) or born > stay["EntryDate"]:
            return None
        on = max(self.rs, stay["EntryDate"])
        years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        return years if years < 105 else None

    def is_adult(self, stay: Row) -> bool:
        return (self.age(stay) or 0) >= 18

    def is_child(self, stay: Row) -> bool:
        years = self.age(stay)
        return years is not None and years < 18

    def is_asked(self, stay: Row) -> bool:
        return self.is_adult(stay) or stay["RelationshipToHoH"] == 1

    def household(self, stay: Row) -> list[Row]:
        return [one for one in self.stays if one["HouseholdID"] == stay["HouseholdID"]]

    def of_people(self) -> list[Row]:
        """One stay a person."""
        chosen: dict[str, Row] = {}
        served = [one for one in self.stays if self.is_served(one)]
        for one in sorted(served, key=lambda one: (self.is_open(one), one["EntryDate"], one["EnrollmentID"])):
            chosen[one["PersonalID"]] = one
        return list(chosen.values())


def found(report: Report) -> Found:
    """Figure -> the ids of the enrollments it counts."""
    result: Found = defaultdict(set)

    def put(figure: str, stay: Row) -> None:
        result[figure].add(stay["EnrollmentID"])

    for stay in report.of_people():
        for row in _validations(report, stay):
            put(f"Q1/{row}/all", stay)
            if report.is_engaged(stay):
                put(f"Q1/{row}/for_dq", stay)
        if not report.is_engaged(stay):
            continue
        wrong = list(_wrong(report, stay))
        for name, fault in wrong:
            put(f"{name}/{fault}", stay)
            put(f"{name}/total", stay)
            if fault != "issues":
                put(f"{name}/missing_or_refused", stay)
        if any(name.startswith("Q2") for name, _ in wrong):
            put("Q2/overall/total", stay)
        for figure in _chronic(report, stay):
            put(figure, stay)
    for stay in report.stays:
        for figure in _records(report, stay):
            put(figure, stay)
    return result


def _validations(report: Report, stay: Row) -> Iterator[str]:
    years, head, stayer = report.age(stay), stay["RelationshipToHoH"] == 1, report.is_open(stay)
    veteran = report.clients[stay["PersonalID"]]["VeteranStatus"] == 1
    yield "persons"
    yield "unknown_age" if years is None else "adults" if years >= 18 else "children"
    yield "stayers" if stayer else "leavers"
    if report.is_adult(stay):
        yield "adult_stayers" if stayer else "adult_leavers"
        if veteran:
            yield "veterans"
    if not stayer and report.is_asked(stay):
        yield "adult_and_head_leavers"
    if head:
        yield "adult_heads" if report.is_adult(stay) else "child_and_unknown_age_heads"
    if _long_stayer(report, stay):
        yield "heads_and_adult_stayers_365_days"
    ages = [report.age(one) for one in report.household(stay)]
    if years is not None and years >= 12 and all(one is not None and one < 25 for one in ages):
        yield "youth_under_25"
        children = [one for one in report.household(stay) if one["RelationshipToHoH"] == 2]
        if report.is_asked(stay) and any(report.is_child(one) for one in children):
            yield "parenting_youth_under_25"


def _head(report: Report, stay: Row) -> Row | None:
    """In these systems everybody of a household is there in the period, or nobody."""
    heads = [one for one in report.household(stay) if one["RelationshipToHoH"] == 1]
    return min(heads, key=lambda one: (one["EntryDate"], one["EnrollmentID"]), default=None)


def _long_stayer(report: Report, stay: Row) -> bool:
    whose = _head(report, stay) or stay
    stays_on = report.is_open(stay) and (_head(report, stay) is None or report.is_open(whose))
    long = report.re + timedelta(days=1) - whose["EntryDate"] >= timedelta(days=365)
    return stays_on and long and report.is_asked(stay)


def _wrong(report: Report, stay: Row) -> Iterator[tuple[str, str]]:
    client, adult = report.clients[stay["PersonalID"]], report.is_adult(stay)
    named = client["first_name_given"] and client["last_name_given"]
    quality = client["NameDataQuality"]
    if quality in _NO:
        yield "Q2/name", "refused"
    elif quality == 99 or not named:
        yield "Q2/name", "missing"
    if quality == 2:
        yield "Q2/name", "issues"
    quality = client["SSNDataQuality"]
    if quality in _NO:
        yield "Q2/ssn", "refused"
    elif quality == 99 or not client["ssn_given"]:
        yield "Q2/ssn", "missing"
    if quality == 2 or (quality == 1 and client["ssn_given"] and not client["ssn_usable"]):
        yield "Q2/ssn", "issues"
    born, quality = client["DOB"], client["DOBDataQuality"]
    if born is None:
        yield "Q2/dob", "refused" if quality in _NO else "missing"
        if quality == 2:
            yield "Q2/dob", "issues"
    else:
        impossible = (
            born < date(1915, 1, 1)
            or born > stay["DateCreated"]
            or (stay["RelationshipToHoH"] == 1 and born > stay["EntryDate"])
        )
        if quality != 1 or impossible or born > client["DateCreated"]:
            yield "Q2/dob", "issues"
    if client["RaceNone"] in _NO:
        yield "Q2/race_and_ethnicity", "refused"
    elif client["RaceNone"] == 99 or 1 not in (client["White"], client["Asian"]):
        yield "Q2/race_and_ethnicity", "missing"

    veteran = client["VeteranStatus"]
    if report.age(stay) is not None:
        yield from _answer("Q3/veteran_status", veteran) if adult else ()
        if not adult and veteran == 1:
            yield "Q3/veteran_status", "issues"
    if any(_overlap(report, stay, other) for other in report.stays):
        yield "Q3/entry_date", "issues"
    related = stay["RelationshipToHoH"]
    heads = {one["PersonalID"] for one in report.household(stay) if one["RelationshipToHoH"] == 1}
    if related is None:
        yield "Q3/relationship_to_head", "missing"
    if (related is not None and not 1 <= related <= 5) or len(heads) != 1:
        yield "Q3/relationship_to_head", "issues"
    if related == 1 and stay["EnrollmentCoC"] != "MA-500":
        yield "Q3/enrollment_coc", "missing" if stay["EnrollmentCoC"] is None else "issues"
    yield from _answer("Q3/disabling_condition", stay["DisablingCondition"])
    if stay["DisablingCondition"] == 0 and _impaired(report, stay):
        yield "Q3/disabling_condition", "issues"
    yield from _income_and_housing(report, stay)


def _answer(name: str, value: int | None) -> Iterator[tuple[str, str]]:
    if value in _NO:
        yield name, "refused"
    elif value in (None, 99):
        yield name, "missing"


def _overlap(report: Report, stay: Row, other: Row) -> bool:
    def end(one: Row) -> date:
        left = report.left(one)
        return date.max if left is None or report.is_open(one) else left

    return (
        other is not stay
        and other["PersonalID"] == stay["PersonalID"]
        and report.kind(other) == report.kind(stay)
        and other["EntryDate"] < end(stay)
        and stay["EntryDate"] < end(other)
    )


def _impaired(report: Report, stay: Row) -> bool:
    rows = [
        one for one in report.of["Disabilities"][stay["EnrollmentID"]] if one["InformationDate"] <= report.re
    ]
    last = max((one["InformationDate"] for one in rows), default=None)
    return any(
        one["InformationDate"] == last
        and (
            one["DisabilityResponse"] == 1
            or (one["DisabilityType"] == 10 and one["DisabilityResponse"] in (2, 3))
        )
        and (one["IndefiniteAndImpairs"] == 1 or one["DisabilityType"] in (6, 8))
        for one in rows
    )


def _income_and_housing(report: Report, stay: Row) -> Iterator[tuple[str, str]]:
    if not report.is_open(stay):
        destination = report.exits[stay["EnrollmentID"]]["Destination"]
        yield from _answer("Q4/destination", 99 if destination == 30 else destination)
    rows = report.of["IncomeBenefits"][stay["EnrollmentID"]]
    if report.is_asked(stay):
        on = stay["EntryDate"]
        yield from _income("start", [one for one in rows if one["InformationDate"] == on], 1)
        if not report.is_open(stay):
            on = report.left(stay)
            yield from _income("exit", [one for one in rows if one["InformationDate"] == on], 3)
    whose = _head(report, stay) or stay
    years = report.re.year - whose["EntryDate"].year
    if whose["EntryDate"].replace(year=report.re.year) > report.re:
        years -= 1
    anniversary = whose["EntryDate"].replace(year=whose["EntryDate"].year + years)
    if _long_stayer(report, stay) and years > 0 and stay["EntryDate"] < anniversary:
        near = [
            one
            for one in rows
            if abs((one["InformationDate"] - anniversary).days) <= 30 and one["InformationDate"] <= report.re
        ]
        yield from _income("annual_assessment", near, 5)


def _income(when: str, rows: Sequence[Row], stage: int) -> Iterator[tuple[str, str]]:
    of_stage = [one for one in rows if one["DataCollectionStage"] == stage]
    said: Row = max(of_stage, key=lambda one: one["InformationDate"], default={})
    name, answer = f"Q4/income_at_{when}", said.get("IncomeFromAnySource")
    yield from _answer(name, answer)
    has_source = any(said.get(source) == 1 for source in _SOURCES)
    if (answer == 0 and has_source) or (answer == 1 and not has_source):
        yield name, "issues"


def _chronic(report: Report, stay: Row) -> Iterator[str]:
    row = next((row for row, kinds in _TYPES.items() if report.kind(stay) in kinds), None)
    if row is None or not report.is_asked(stay) or stay["EntryDate"] <= date(2016, 10, 1):
        return
    unknown = (None, 8, 9, 99)
    situation, length = stay["LivingSituation"], stay["LengthOfStay"]
    group = 0 if situation is None else situation // 100
    wrong = []
    asked = row == "es_sh_so" or group == 1
    if group != 1:
        short = length in (10, 11) or (group == 2 and length in (2, 3)) or stay["LOSUnderThreshold"] == 1
        asked = asked or (short and stay["PreviousStreetESSH"] == 1)
        if row != "es_sh_so" and length in unknown:
            wrong.append("missing_time_in_institution" if group == 2 else "missing_time_in_housing")
    if asked and stay["DateToStreetESSH"] is None:
        wrong.append("missing_date")
    if asked and stay["TimesHomelessPastThreeYears"] in unknown:
        wrong.append("missing_times")
    if asked and stay["MonthsHomelessPastThreeYears"] in unknown:
        wrong.append("missing_months")
    yield f"Q5/{row}/records"
    yield "Q5/total/records"
    yield from (f"Q5/{row}/{fault}" for fault in wrong)
    if wrong:
        yield f"Q5/{row}/unable_to_calculate"
        yield "Q5/total/unable_to_calculate"


def _records(report: Report, stay: Row) -> Iterator[str]:
    if report.is_served(stay) and report.is_engaged(stay):
        if stay["EntryDate"] >= report.rs:
            yield f"Q6/starts/{_late((stay['DateCreated'] - stay['EntryDate']).days)}"
        if not report.is_open(stay):
            written = report.exits[stay["EnrollmentID"]]
            yield f"Q6/exits/{_late((written['DateCreated'] - written['ExitDate']).days)}"
    if not report.is_open(stay) or report.re - stay["EntryDate"] < _DAYS_90 or not report.is_engaged(stay):
        return
    lately = range((report.re - _DAYS_90).toordinal(), report.re.toordinal() + 1)
    if report.kind(stay) == 4 and report.is_asked(stay):
        met = [one["InformationDate"] for one in report.of["CurrentLivingSituation"][stay["EnrollmentID"]]]
        met += [stay["EntryDate"], stay["DateOfEngagement"]]
        yield "Q7/contact/records"
        if not any(day.toordinal() in lately for day in met):
            yield "Q7/contact/inactive"
    if report.kind(stay) == 1:
        nights = [one["DateProvided"] for one in report.of["Services"][stay["EnrollmentID"]]]
        yield "Q7/bed_nights/records"
        if not any(day.toordinal() in lately and day >= stay["EntryDate"] for day in nights):
            yield "Q7/bed_nights/inactive"


def _late(days: int) -> str:
    if days < 0:
        return "days_under_0"
    spans = ((0, "days_0"), (3, "days_1_3"), (6, "days_4_6"), (10, "days_7_10"))
    return next((name for last, name in spans if days <= last), "days_11_or_more")
