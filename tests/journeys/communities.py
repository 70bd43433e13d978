"""Communities made up at random, as plain data: every table of a small hub, with explicit ids.

Texts are tokens (`zq17q`), each used once unless it is meant to be alike, so that a token seen in an answer
says exactly which value it came from.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import EVERYTHING, Category
from auth.viewer import AgencyKind, Purpose
from connectors.base import Person
from connectors.memory import MemorySource, Record
from hmis.spec import FILES, LISTS, Column
from hmis.tables import (
    HMIS,
    agency,
    audit_event,
    audit_subject,
    client_link,
    consent_grant,
    consent_recipient,
    consent_revocation,
    partner_link,
    person,
    source,
)
from hmis.tables.core import PARENTS
from tests.worlds import TODAY

Row = dict[str, Any]
HUB = {
    "source": source,
    "person": person,
    "agency": agency,
    "client_link": client_link,
    "partner_link": partner_link,
    "consent_grant": consent_grant,
    "consent_recipient": consent_recipient,
    "consent_revocation": consent_revocation,
}
PROJECT_FILES = ("Funder", "ProjectCoC", "Inventory", "Affiliation", "HMISParticipation", "CEParticipation")
STAY_FILES = (
    "Exit",
    "IncomeBenefits",
    "HealthAndDV",
    "EmploymentEducation",
    "Disabilities",
    "Services",
    "CurrentLivingSituation",
    "Assessment",
    "Event",
    "YouthEducationStatus",
)
ASSESSMENT_FILES = ("AssessmentQuestions", "AssessmentResults")
NEVER_SHOWN = ("user_id", "export_id", "date_deleted")

_SITUATIONS = (101, 116, 204, 205, 207, 327, 422, 426, 435, 99)
_FUNDERS = (*[2] * 12, 13, 19, 21, 24, 48)
_TYPED: dict[tuple[str, str], tuple[Any, ...]] = {
    ("Enrollment", "living_situation"): _SITUATIONS,
    ("Exit", "destination"): _SITUATIONS,
    ("CurrentLivingSituation", "current_living_situation"): _SITUATIONS,
    ("Services", "record_type"): (141, 142, 143, 144, 151, 152, 161, 200, 210),
    ("Disabilities", "disability_type"): (5, 6, 7, 8, 9, 10),
    ("Funder", "funder"): _FUNDERS,
    ("Organization", "victim_service_provider"): (0,),
    ("Project", "target_population"): (*[None] * 8, 4, 1, 3),
    ("Project", "project_type"): (0, 1, 2, 3, 4, 13),
}


@dataclass
class Community:
    """Every row of a hub, by table name. HMIS rows under HUD's file names."""

    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in (*HUB, *HMIS)})
    pantry: dict[str, Record] = field(default_factory=dict)

    def copy(self) -> Community:
        tables = {name: [dict(row) for row in rows] for name, rows in self.tables.items()}
        return Community(tables, copy.copy(self.pantry))

    def partner(self) -> MemorySource:
        """The food bank of this community."""
        return MemorySource(
            self.pantry, name="pantry", title="A food bank", fields=frozenset({"lastVisit", "programs"})
        )

    def drop(self, table: str, row: Row) -> None:
        """A row and everything that hangs on it."""
        self.tables[table].remove(row)
        for other, rows in self.tables.items():
            for hanging in [one for one in rows if _hangs_on(other, one, table, row)]:
                if hanging in rows:
                    self.drop(other, hanging)


_HUB_PARENTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "client_link": (("person", "person_id", "id"),),
    "partner_link": (("person", "person_id", "id"),),
    "consent_grant": (("person", "person_id", "id"),),
    "consent_recipient": (("consent_grant", "grant_id", "id"),),
    "consent_revocation": (("consent_grant", "grant_id", "id"),),
}


def _hangs_on(child: str, row: Row, parent: str, on: Row) -> bool:
    for table, column, key in _HUB_PARENTS.get(child, ()):
        if table == parent and row[column] == on[key]:
            return True
    pairs = PARENTS.get(child, (("Client", "personal_id"),) if child == "client_link" else ())
    return any(
        file == parent and row["source_id"] == on["source_id"] and row[attr] == on[FILES[file].key.attr]
        for file, attr in pairs
    )


class Maker:
    """Makes communities, and rows that fit into one. The same seed makes the same."""

    def __init__(self, choose: Random) -> None:
        self.choose = choose
        self.said = 0

    def token(self) -> str:
        """A text nobody else has."""
        self.said += 1
        return f"zq{self.said}q"

    def uuid(self) -> UUID:
        return UUID(int=self.choose.getrandbits(128), version=4)

    def chance(self, of: float) -> bool:
        return self.choose.random() < of

    def value(self, file: str, column: Column) -> Any:
        """Something that the column may hold, or nothing."""
        if (file, column.attr) in _TYPED:
            return self.choose.choice(_TYPED[file, column.attr])
        if column.attr == "date_deleted" or self.chance(0.2):
            return None
        if column.attr == "dob":
            return self.day().replace(year=1980)  # a minor's grants follow from the birth date, shown or not
        if column.lists and column.lists[0] in LISTS and column.type == "I":
            return int(self.choose.choice([*LISTS[column.lists[0]].codes, "777"]))
        if column.lists and column.lists[0] in LISTS:
            return self.choose.choice(list(LISTS[column.lists[0]].codes))
        makers: dict[str, Callable[[], Any]] = {
            "I": lambda: self.choose.randint(0, 40),
            "S": self.token,
            "D": self.day,
            "T": lambda: datetime(2026, 1, 1) + timedelta(days=self.choose.randint(0, 60)),
            "M": lambda: Decimal(self.choose.randint(0, 90_000)) / 100,
        }
        return makers[column.type]()

    def day(self) -> date:
        """Few days, so that many things happen on the same one."""
        return date(2026, 1, 1) + timedelta(days=self.choose.randint(0, 9))

    def row(self, file: str, source_id: int, **given: Any) -> Row:
        """A row of a file with every column filled at random but those given."""
        columns = FILES[file].columns
        made = {column.attr: self.value(file, column) for column in columns}
        made[FILES[file].key.attr] = self.token()
        removed = datetime(2026, 6, 1, tzinfo=UTC) if self.chance(0.06) else None
        hub = {"source_id": source_id, "id": self.uuid(), "import_id": self.choose.randint(0, 9)}
        return {**made, **hub, "removed_at": removed, "set_aside": {"x": self.token()}, **given}

    def community(self) -> Community:
        made = Community()
        for number in range(1, self.choose.randint(1, 2) + 1):
            made.tables["source"].append({"id": number, "name": f"source{number}"})
        for number in range(self.choose.randint(2, 4)):
            self.organization(made, victim_services=0 if number < 2 or self.chance(0.8) else None)
        self.organization(made, victim_services=1)
        for _ in range(self.choose.randint(4, 7)):
            self.somebody(made)
        for number in range(self.choose.randint(0, 3)):
            self.add_affiliation(made)
            self.pantry_record(made, f"h{number}")
        return made

    def organization(self, made: Community, victim_services: int | None) -> None:
        """An organization, its agency and its projects."""
        source_id = self.choose.choice(made.tables["source"])["id"]
        given = {"victim_service_provider": victim_services, "removed_at": None}
        organization = self.row("Organization", source_id, **given)
        made.tables["Organization"].append(organization)
        made.tables["agency"].append(
            {
                "id": self.uuid(),
                "source_id": source_id,
                "organization_id": organization["organization_id"],
                "name": self.token(),
                "kind": (AgencyKind.VSP if victim_services == 1 else AgencyKind.CHO).value,
                "agreement_from": date(2020, 1, 1),
                "agreement_to": None,
                "purposes": [purpose.value for purpose in Purpose],
            }
        )
        for _ in range(self.choose.randint(1, 2)):
            self.project(made, organization)

    def project(self, made: Community, organization: Row) -> None:
        source_id = organization["source_id"]
        row = self.row("Project", source_id, organization_id=organization["organization_id"])
        made.tables["Project"].append(row)
        for file in PROJECT_FILES:
            if file != "Affiliation" and self.chance(0.6):
                self.about_project(made, file, row)

    def about_project(self, made: Community, file: str, project: Row, **given: Any) -> None:
        given = {"project_id": project["project_id"], **given}
        made.tables[file].append(self.row(file, project["source_id"], **given))

    def add_affiliation(self, made: Community) -> None:
        project = self.choose.choice(made.tables["Project"])
        near = [one for one in made.tables["Project"] if one["source_id"] == project["source_id"]]
        other = self.choose.choice(near)["project_id"]
        self.about_project(made, "Affiliation", project, res_project_id=other)

    def somebody(self, made: Community) -> None:
        """A person with records, stays and what they agreed to."""
        row = {"id": self.uuid()}
        made.tables["person"].append(row)
        for _ in range(self.choose.choice([1, 1, 2, 3])):
            self.client(made, row["id"])
        for _ in range(self.choose.choice([0, 1, 2, 2, 3])):
            self.grant(made, row["id"])

    def client(self, made: Community, person_id: UUID) -> None:
        source_id = self.choose.choice(made.tables["source"])["id"]
        row = self.row("Client", source_id, ssn=self.ssn())
        if made.tables["Client"] and self.chance(0.3):
            like = self.choose.choice(made.tables["Client"])
            row |= {name: like[name] for name in self.choose.sample(["first_name", "last_name", "dob"], 2)}
        made.tables["Client"].append(row)
        self.link(made, person_id, row)
        for _ in range(self.choose.choice([0, 1, 1, 2, 3])):
            self.stay(made, row)

    def ssn(self) -> str | None:
        digits = "".join(self.choose.choice("0123456789") for _ in range(9))
        ends = self.choose.choice(["1234", "5678", digits[5:]])
        hashed = f"{self.choose.getrandbits(240):060x}{ends}"
        return self.choose.choice([digits[:5] + ends, f"xxxxx{ends}", hashed, None])

    def link(self, made: Community, person_id: UUID, client: Row) -> None:
        number = len(made.tables["client_link"]) + 1 + self.choose.randint(1, 10**12)
        linked_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.choose.randint(0, 99))
        made.tables["client_link"].append(
            {
                "id": number,
                "person_id": person_id,
                "source_id": client["source_id"],
                "personal_id": client["personal_id"],
                "method": self.choose.choice(["FIRST", "NAME_DOB", "STAFF"]),
                "linked_at": linked_at,
                "undone_at": linked_at if self.chance(0.05) else None,
            }
        )

    def stay(self, made: Community, client: Row, **given: Any) -> None:
        near = [one for one in made.tables["Project"] if one["source_id"] == client["source_id"]]
        if not near:
            return
        project = self.choose.choice(near)["project_id"]
        given = {
            "personal_id": client["personal_id"],
            "project_id": project,
            "household_id": self.choose.choice([None, f"{project}h1", f"{project}h1", self.token()]),
            "relationship_to_hoh": self.choose.choice([1, 2, 3, None]),
            "entry_date": None if self.chance(0.05) else self.day(),
            **given,
        }
        row = self.row("Enrollment", client["source_id"], **given)
        made.tables["Enrollment"].append(row)
        for _ in range(self.choose.randint(0, 5)):
            self.about_stay(made, self.choose.choice(STAY_FILES), row)

    def about_stay(self, made: Community, file: str, stay: Row) -> None:
        given = {"enrollment_id": stay["enrollment_id"], "personal_id": self.token()}
        row = self.row(file, stay["source_id"], **given)
        made.tables[file].append(row)
        if file == "Assessment":
            for _ in range(self.choose.randint(0, 3)):
                hung = self.choose.choice(ASSESSMENT_FILES)
                given = {**given, "assessment_id": row["assessment_id"]}
                made.tables[hung].append(self.row(hung, stay["source_id"], **given))

    def grant(self, made: Community, person_id: UUID) -> None:
        start = TODAY + timedelta(days=self.choose.randint(-9, 1))
        identifier = self.uuid()
        community_wide, denies = self.chance(0.5), self.chance(0.15)
        closed = Category.EXISTENCE if denies and self.chance(0.7) else Category(0)
        used = (Purpose.CARE_COORDINATION, Purpose.REPORTING, Purpose.OPERATIONS) if self.chance(0.8) else ()
        purposes = {*used, *self.choose.sample(list(Purpose), 4)}
        agencies = made.tables["agency"]
        made.tables["consent_grant"].append(
            {
                "id": identifier,
                "person_id": person_id,
                "effect": "DENY" if denies else "PERMIT",
                "categories": int(self.categories() & ~closed),
                "purposes": sorted(one.value for one in purposes),
                "community_wide": community_wide,
                "start_on": start,
                "end_on": start + timedelta(days=self.choose.randint(1, 12)) if self.chance(0.2) else None,
                "method": "VERBAL",
                "evidence": self.token(),
                "recorded_at": datetime(2026, 1, 1, tzinfo=UTC),
                "recorded_by": self.token(),
                "recorded_at_agency": self.choose.choice(agencies)["id"],
            }
        )
        if not community_wide:
            for named in self.choose.sample(agencies, self.choose.randint(1, len(agencies))):
                recipient = {"grant_id": identifier, "agency_id": named["id"]}
                made.tables["consent_recipient"].append(recipient)
        if self.chance(0.1):
            self.revoke(made, identifier)

    def revoke(self, made: Community, grant: UUID) -> None:
        when = datetime(2026, 6, 1, tzinfo=UTC)
        revoked = {"grant_id": grant, "reason": self.token(), "revoked_by": self.token(), "revoked_at": when}
        if not any(row["grant_id"] == grant for row in made.tables["consent_revocation"]):
            made.tables["consent_revocation"].append(revoked)

    def categories(self) -> Category:
        if self.chance(0.5):
            return EVERYTHING
        named = Category(0) if self.chance(0.1) else Category.EXISTENCE
        for category in self.choose.sample(list(Category), self.choose.randint(1, 15)):
            named |= category
        return named

    def pantry_record(self, made: Community, key: str) -> None:
        """What the food bank holds: of somebody, or of nobody the hub knows."""
        client = self.choose.choice(made.tables["Client"])
        facts = Person(client["first_name"], client["last_name"], client["dob"])
        if self.chance(0.2):
            facts = Person(self.token(), self.token(), self.day())
        visits = {"lastVisit": self.day(), "programs": self.choose.choice([["TEFAP"], ["OTHER"], []])}
        made.pantry[key] = Record(facts, visits, datetime(2026, 6, 1, tzinfo=UTC))
        if self.chance(0.5):
            self.partner_link(made, self.choose.choice(made.tables["person"])["id"], key)

    def partner_link(self, made: Community, person_id: UUID, value: str) -> None:
        known = {(row["person_id"], row["value"]) for row in made.tables["partner_link"]}
        if (person_id, value) not in known:
            made.tables["partner_link"].append(
                {
                    "person_id": person_id,
                    "connector": "pantry",
                    "value": value,
                    "method": "STAFF",
                    "status": "REJECTED" if self.chance(0.2) else "CONFIRMED",
                }
            )


_ORDER = ["source", *HMIS, *(name for name in HUB if name != "source")]


async def load(engine: AsyncEngine, community: Community) -> None:
    """Make the database hold this community and nothing else."""
    every: Mapping[str, Any] = {**HMIS, **HUB}
    async with engine.begin() as connection:
        for name in reversed(_ORDER):
            await connection.execute(delete(every[name]))
        for name in _ORDER:
            if rows := community.tables[name]:
                await connection.execute(insert(every[name]), rows)


async def forget_audit(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for table in (audit_subject, audit_event):
            await connection.execute(delete(table))
