"""Small systems made at random, with days near each other and near the ends of the period, so that every
rule of the system counts meets every other."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.hmis.measures.tables import COC

START, END = date(2022, 10, 1), date(2023, 9, 30)
ELSEWHERE = "MA-501"
_PEOPLE = 40
Files = dict[str, list[dict[str, Any]]]


def system(seed: int, households: int = 120) -> Files:
    """HUD's files as rows by HUD's column names, dates as `date`."""
    return _Made(random.Random(seed)).files(households)


class _Made:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        near = [START, END, date(2022, 10, 31), date(2023, 1, 31), date(2023, 4, 30), date(2023, 7, 31)]
        near += [START - timedelta(days=400), date(2015, 10, 1), END - timedelta(days=90), date(2023, 2, 28)]
        self.days = [day + timedelta(days=shift) for day in near for shift in (-2, -1, 0, 1, 2)]
        self.days += [START + timedelta(days=30 * n) for n in range(-3, 14)]

    def day(self, often: float = 1.0) -> date | None:
        return self.chance.choice(self.days) if self.chance.random() < often else None

    def files(self, households: int) -> Files:
        some = self.chance
        organizations = [
            {"OrganizationID": name, "VictimServiceProvider": int(name == "victims")}
            for name in ("o", "victims")
        ]
        projects, cocs, participation = [], [], []
        for number, kind in enumerate((0, 0, 1, 1, 1, 2, 3, 3, 8, 13, 13, 13, 13, 4, 9) * 2):
            project = f"p{number}"
            projects.append(
                {
                    "ProjectID": project,
                    "OrganizationID": "victims" if some.random() < 0.05 else "o",
                    "ProjectType": kind,
                    "ContinuumProject": int(some.random() < 0.95),
                    "RRHSubType": some.choice((1, 2, 2, 2, None)) if kind == 13 else None,
                    "OperatingStartDate": self.day(0.4) or date(2000, 1, 1),
                    "OperatingEndDate": self.day(0.3),
                }
            )
            if some.random() < 0.95:
                cocs.append({"ProjectID": project, "CoCCode": COC})
            if some.random() < 0.5:
                cocs.append({"ProjectID": project, "CoCCode": ELSEWHERE})
            for _ in range(some.choice((1, 1, 1, 2))):
                begins = self.day(0.3) or date(2001, 1, 1)
                ends = self.day(0.3)
                participation.append(
                    {
                        "ProjectID": project,
                        "HMISParticipationType": some.choice((1, 1, 1, 1, 0)),
                        "HMISParticipationStatusStartDate": begins,
                        "HMISParticipationStatusEndDate": ends if ends and ends > begins else None,
                    }
                )
        made: Files = {
            "Organization": organizations,
            "Project": projects,
            "ProjectCoC": cocs,
            "HMISParticipation": participation,
            "Client": [self.client(number) for number in range(_PEOPLE)],
            "Enrollment": [],
            "Exit": [],
            "Services": [],
        }
        for number in range(households):
            self.household(made, f"h{number}", some.choice(projects))
        return made

    def client(self, number: int) -> dict[str, Any]:
        some = self.chance
        kind = some.random()
        if kind < 0.1:
            born = self.day()
        elif kind < 0.2:
            born = some.choice((date(2004, 2, 29), date(1900, 1, 1), date(2005, 2, 28), date(1918, 10, 1)))
        else:
            years = some.choice((0, 1, 2, 3, 5, 6, 17, 18, 21, 22, 24, 25, 34, 35, 44, 54, 55, 64, 65, 80))
            base = some.choice(self.days)
            born = date(base.year - years, base.month, min(base.day, 28))
        quality = some.choice((1, 1, 1, 1, 1, 1, 1, 2, 8, 99, None))
        return {
            "PersonalID": f"c{number}",
            "DOB": born if some.random() < 0.95 else None,
            "DOBDataQuality": quality,
        }

    def household(self, made: Files, household: str, project: dict[str, Any]) -> None:
        some = self.chance
        entry, leaves = some.choice(self.days), self.day(0.7)
        for place in range(some.choice((1, 1, 1, 2, 2, 3, 4))):
            same = some.random() < 0.6
            relationship = 1 if place == 0 else some.choice((2, 2, 2, 3, 4, 5, 5, 5, 99))
            if some.random() < 0.03:
                relationship = some.choice((1, 2, None))
            enrollment = f"{household}-{place}"
            came = entry if same else some.choice(self.days)
            went = leaves if some.random() < 0.6 else self.day(0.7)
            if went is not None and went < came and some.random() < 0.9:
                went = came + timedelta(days=some.choice((0, 1, 5, 40)))
            moved = some.choice((came, went, self.day(), self.day(), None))
            made["Enrollment"].append(
                {
                    "EnrollmentID": enrollment,
                    "PersonalID": f"c{some.randrange(_PEOPLE)}",
                    "ProjectID": project["ProjectID"],
                    "HouseholdID": household,
                    "RelationshipToHoH": relationship,
                    "EnrollmentCoC": some.choice((COC, COC, COC, COC, ELSEWHERE, None)),
                    "EntryDate": came,
                    "MoveInDate": moved,
                }
            )
            if went is not None:
                made["Exit"].append({"EnrollmentID": enrollment, "ExitDate": went})
            for _ in range(some.choice((0, 1, 2, 5)) if project["ProjectType"] == 1 else 0):
                night = some.choice((came, came + timedelta(days=1), self.day(), self.day()))
                made["Services"].append(
                    {
                        "EnrollmentID": enrollment,
                        "DateProvided": night,
                        "RecordType": some.choice((200, 200, 200, 200, 141)),
                    }
                )


def as_text(files: Files) -> Files:
    """The same with dates as text, as the tables of a snapshot are made from."""
    return {
        name: [
            {column: str(value) if isinstance(value, date) else value for column, value in row.items()}
            for row in rows
        ]
        for name, rows in files.items()
    }
