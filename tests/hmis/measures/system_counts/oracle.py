"""The annual system counts again, in plain Python: one household at a time, nights as sets of dates.

Written from HUD's LSA Programming Specifications v8 and nothing of the measure, so that the two can be held
against each other. Takes HUD's files of one source as rows by HUD's column names, dates as `date`, numbers as
`int`. Gives LSACalculated's rows {(report row, cohort, universe, household type, ProjectID): value} and
LSAReport's counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]
ONE = timedelta(days=1)
TYPES = {11: (0, 1), 12: (8,), 13: (2,), 14: (13,), 15: (3,), 16: (0, 1, 2, 8)}


@dataclass
class Household:
    head: str
    project: str
    type: int
    entry: date
    exit: date | None
    move_in: date | None
    last_night: date | None = None
    members: list[Member] = field(default_factory=list)
    household_type: int = 99


@dataclass
class Member:
    enrollment: Row
    entry: date
    exit: date | None
    move_in: date | None = None
    nights: frozenset[date] = frozenset()
    entry_age: int = 99
    age: int = 99


def years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def age_group(born: date, on: date) -> int:
    for years, group in (
        (65, 65), (55, 64), (45, 54), (35, 44), (25, 34), (22, 24), (18, 21), (6, 17), (3, 5), (1, 2),
    ):  # fmt: skip
        if years_later(born, years) <= on:
            return group
    return 0


class Oracle:
    def __init__(self, files: Mapping[str, Sequence[Row]], start: date, end: date, coc: str | None) -> None:
        self.start, self.end, self.coc = start, end, coc
        self.lookback = years_later(start, -7)
        self.organizations = {row["OrganizationID"]: row for row in files["Organization"]}
        self.clients = {row["PersonalID"]: row for row in files["Client"]}
        self.exits = {row["EnrollmentID"]: row["ExitDate"] for row in files.get("Exit", [])}
        self.projects = {row["ProjectID"]: row for row in files["Project"] if self.is_reported(row)}
        self.cocs = {(row["ProjectID"], row["CoCCode"]) for row in files.get("ProjectCoC", [])}
        self.participation = defaultdict(list)
        for row in files.get("HMISParticipation", []):
            if row["HMISParticipationType"] == 1:
                self.participation[row["ProjectID"]].append(row)
        self.nights = defaultdict(set)
        for row in files.get("Services", []):
            if row["RecordType"] == 200 and self.lookback <= row["DateProvided"] <= end:
                self.nights[row["EnrollmentID"]].add(row["DateProvided"])
        self.households: list[Household] = []
        grouped = defaultdict(list)
        for row in files["Enrollment"]:
            if row["HouseholdID"] is not None:
                grouped[row["HouseholdID"]].append(row)
        for rows in grouped.values():
            household = self.household(rows)
            if household is not None:
                household.members = [
                    member for row in rows if (member := self.member(household, row)) is not None
                ]
                self.households.append(household)
        self.set_ages()

    def is_reported(self, project: Row) -> bool:
        closes = project.get("OperatingEndDate")
        opens = project["OperatingStartDate"]
        return (
            project["ContinuumProject"] == 1
            and self.organizations[project["OrganizationID"]]["VictimServiceProvider"] == 0
            and project["ProjectType"] in (0, 1, 2, 3, 8, 13)
            and (project["ProjectType"] != 13 or project.get("RRHSubType") in (1, 2))
            and opens <= self.end
            and (closes is None or (closes > opens and closes > self.lookback))
        )

    # Section 3.3
    def household(self, rows: Sequence[Row]) -> Household | None:
        heads = [row for row in rows if row["RelationshipToHoH"] == 1]
        if len(heads) != 1 or heads[0]["ProjectID"] not in self.projects:
            return None
        head = heads[0]
        project = self.projects[head["ProjectID"]]
        code = head["EnrollmentCoC"]
        if (self.coc is not None and code != self.coc) or (head["ProjectID"], code) not in self.cocs:
            return None
        entered, left = head["EntryDate"], self.exits.get(head["EnrollmentID"])
        if entered > self.end:
            return None
        during = [
            row
            for row in self.participation[head["ProjectID"]]
            if row["HMISParticipationStatusStartDate"] <= self.end
            and (left is None or left > row["HMISParticipationStatusStartDate"])
            and (
                row.get("HMISParticipationStatusEndDate") is None
                or (
                    row["HMISParticipationStatusEndDate"] > entered
                    and row["HMISParticipationStatusEndDate"] > self.lookback
                )
            )
        ]
        if not during:
            return None
        chosen = max(
            during,
            key=lambda row: (
                row["HMISParticipationStatusStartDate"],
                row.get("HMISParticipationStatusEndDate") or date.max,
            ),
        )
        opens = max(chosen["HMISParticipationStatusStartDate"], project["OperatingStartDate"])
        ends = [chosen.get("HMISParticipationStatusEndDate"), project.get("OperatingEndDate")]
        known = [end for end in ends if end is not None and end <= self.end]
        closes = min(known) if known else None
        if closes is not None and (entered >= closes or opens >= closes):
            return None
        if left is not None and not (left > self.lookback and left > entered and left > opens):
            return None
        kind = project["ProjectType"]
        if kind == 13 and project["RRHSubType"] == 1:
            kind = 15
        nights = sorted(
            night
            for night in self.nights[head["EnrollmentID"]]
            if night >= opens
            and night >= entered
            and (left is None or night < left)
            and (closes is None or night < closes)
        )
        if kind == 1 and not nights:
            return None
        household = Household(
            head["PersonalID"], head["ProjectID"], kind, max(entered, opens), None, None,
            nights[-1] if kind == 1 else None,
        )  # fmt: skip
        if kind == 1:
            household.entry = nights[0]
        household.move_in = self.moved(head.get("MoveInDate"), kind, entered, left, opens, closes)
        household.exit = self.leaving(household, head.get("MoveInDate"), left, closes)
        return household

    def moved(
        self, day: date | None, kind: int, entered: date, left: date | None, opens: date, closes: date | None
    ) -> date | None:
        if day is None or kind not in (3, 13, 15) or day < entered or day > self.end:
            return None
        if left is not None and (day > left or (day == left and kind == 3)):
            return None
        if closes is not None and day >= closes:
            return None
        return max(day, opens)

    def leaving(
        self, household: Household, moved: date | None, left: date | None, closes: date | None
    ) -> date | None:
        if left is not None and closes is not None and left > closes:
            left = None
        last = household.last_night
        if last == self.end:
            return None
        long_ago = last is not None and last + timedelta(days=90) <= self.end
        if last is not None and (long_ago or (left is not None and left < self.end)):
            return last + ONE
        housed_and_gone = household.type in (13, 15) and left is not None and left == moved
        if housed_and_gone and left is not None and left <= self.end and (closes is None or left < closes):
            return None if left == self.end else left + ONE
        if closes is not None and left is None:
            return closes
        return None if left is None or left > self.end else left

    # Section 3.4
    def member(self, household: Household, row: Row) -> Member | None:
        if row["RelationshipToHoH"] not in (1, 2, 3, 4, 5) or row["EntryDate"] > self.end:
            return None
        left = self.exits.get(row["EnrollmentID"])
        if left is not None and left > self.end:
            left = None
        if household.type == 1:
            return self.member_by_night(household, row, left)
        if household.exit is not None and row["EntryDate"] > household.exit:
            return None
        if left is not None and (
            left <= household.entry or left <= self.lookback or left <= row["EntryDate"]
        ):
            return None
        leaves = left
        if household.exit is not None and (left is None or left >= household.exit):
            leaves = household.exit
        elif household.type in (13, 15) and left is not None and left == household.move_in:
            leaves = None if left == self.end else left + ONE
        member = Member(row, max(household.entry, row["EntryDate"]), leaves)
        moved = household.move_in
        if moved is not None and moved < member.entry:
            moved = member.entry
        elif moved is not None and leaves is not None:
            stays_on = household.exit is None or household.exit > leaves
            if moved > leaves or (moved == leaves and stays_on):
                moved = None
        member.move_in = moved
        begins = member.entry if household.type in (0, 2, 8) else moved
        if begins is not None and household.type != 15:
            until = leaves or self.end + ONE
            member.nights = frozenset(begins + n * ONE for n in range(max((until - begins).days, 0)))
        return member

    def member_by_night(self, household: Household, row: Row, left: date | None) -> Member | None:
        nights = sorted(
            night
            for night in self.nights[row["EnrollmentID"]]
            if night >= row["EntryDate"]
            and (left is None or night < left)
            and night >= household.entry
            and (household.exit is None or night < household.exit)
        )
        if not nights:
            return None
        recent = nights[-1] + timedelta(days=90) > self.end
        still = left is None and household.exit is None and recent
        return Member(row, nights[0], None if still else nights[-1] + ONE, nights=frozenset(nights))

    # Sections 3.5 and 3.6
    def set_ages(self) -> None:
        doubted = set()
        for household in self.households:
            for member in household.members:
                member.entry_age = self.entry_age(member)
                if member.entry_age == 99:
                    doubted.add(member.enrollment["PersonalID"])
        for household in self.households:
            for member in household.members:
                if member.enrollment["PersonalID"] in doubted:
                    member.entry_age = 99
                member.age = member.entry_age
                gone = member.exit is not None and member.exit < self.start
                if not gone and member.entry < self.start and member.entry_age < 98:
                    born = self.clients[member.enrollment["PersonalID"]]["DOB"]
                    member.age = age_group(born, self.start)
            new = household.entry >= self.start or (
                household.exit is not None and household.exit < self.start
            )
            ages = [
                member.entry_age if new else member.age
                for member in household.members
                if new or member.exit is None or member.exit >= self.start
            ]
            adults, children = any(20 < a < 66 for a in ages), any(a < 18 for a in ages)
            unknown = any(a > 97 for a in ages)
            if adults and children:
                household.household_type = 2
            elif unknown or not ages:
                household.household_type = 99
            else:
                household.household_type = 1 if adults else 3

    def entry_age(self, member: Member) -> int:
        client = self.clients[member.enrollment["PersonalID"]]
        born, quality = client.get("DOB"), client.get("DOBDataQuality")
        if quality in (8, 9):
            return 98
        if quality not in (1, 2) or born is None or born == date(1900, 1, 1) or born > member.entry:
            return 99
        if member.enrollment["RelationshipToHoH"] == 1 and born == member.entry:
            return 99
        return 99 if years_later(born, 105) <= member.entry else age_group(born, member.entry)

    # Sections 5.1 and 5.2
    def is_active(self, of: Household | Member) -> bool:
        return of.entry <= self.end and (of.exit is None or of.exit >= self.start)

    def in_residence(self, kind: int, of: Household | Member) -> bool:
        if not (of.entry <= self.end and (of.exit is None or of.exit > self.start)):
            return False
        if kind == 1:
            last = of.last_night if isinstance(of, Household) else max(of.nights)
            return last is not None and self.start <= last <= self.end
        return kind in (0, 2, 8) or (kind in (3, 13) and of.move_in is not None)

    # Sections 9.2, 9.3 and 9.5
    def rows(self) -> dict[tuple[int, int, int, int, str | None], int]:
        found: dict[tuple[int, int, int, int, str | None], set[object]] = defaultdict(set)
        year = self.end.year
        points = {
            10: date(self.start.year, 10, 31), 11: date(year, 1, 31), 12: date(year, 4, 30),
            13: date(year, 7, 31),
        }  # fmt: skip
        for household in self.households:
            if not (self.is_active(household) and self.in_residence(household.type, household)):
                continue
            places: list[tuple[int, str | None]] = [(10, household.project)]
            places += [(universe, None) for universe, kinds in TYPES.items() if household.type in kinds]
            for member in household.members:
                if not (self.is_active(member) and self.in_residence(household.type, member)):
                    continue
                who = member.enrollment["PersonalID"]
                cohorts = [1] + [
                    cohort
                    for cohort, night in points.items()
                    if self.start <= night <= self.end and night in member.nights
                ]
                for universe, project in places:
                    for kind in (0, household.household_type):
                        for cohort in cohorts:
                            found[53, cohort, universe, kind, project].add(who)
                            pair = (household.head, household.household_type)
                            found[54, cohort, universe, kind, project].add(pair)
                        found[56, 1, universe, kind, project] |= {
                            (who, night) for night in member.nights if self.start <= night <= self.end
                        }
        return {key: len(values) for key, values in found.items() if values}

    # Section 11.5
    def report(self) -> dict[str, int]:
        active = [
            member
            for household in self.households
            if self.is_active(household)
            for member in household.members
            if self.is_active(member)
        ]
        return {
            "UnduplicatedClient": len({one.enrollment["PersonalID"] for one in active}),
            "HouseholdEntry": len([one for one in self.households if self.is_active(one)]),
            "ClientEntry": len(active),
            "AdultHoHEntry": len(
                [one for one in active if one.enrollment["RelationshipToHoH"] == 1 or 18 <= one.age <= 65]
            ),
            "ClientExit": len({one.enrollment["PersonalID"] for one in active if one.exit is not None}),
        }

    def moves(self) -> dict[str, dict[int, int]]:
        """Entries and exits in the period by universe."""
        counted = {"entries": dict.fromkeys(TYPES, 0), "exits": dict.fromkeys(TYPES, 0)}
        for household in self.households:
            for member in household.members if self.is_active(household) else []:
                for universe, kinds in TYPES.items():
                    if household.type in kinds and self.is_active(member):
                        counted["entries"][universe] += self.start <= member.entry <= self.end
                        leaves = member.exit
                        counted["exits"][universe] += leaves is not None and self.start <= leaves <= self.end
        return counted
