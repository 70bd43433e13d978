"""Lives: whole made-up communities, with agencies, projects, people, their stays and what hangs on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from auth.viewer import AgencyKind, Purpose
from connectors.base import Person
from connectors.memory import Record
from tests.journeys.agreements import Agreements
from tests.journeys.communities import ASSESSMENT_FILES, PROJECT_FILES, STAY_FILES, Community, Row

_KINDS = (*[AgencyKind.CHO] * 4, AgencyKind.HIPAA_CE, AgencyKind.HOPWA, AgencyKind.RHY, AgencyKind.PART2)


class Maker(Agreements):
    """Makes communities, and rows that fit into one."""

    def community(self) -> Community:
        made = Community()
        for number in range(1, self.choose.randint(1, 2) + 1):
            made.tables["source"].append({"id": number, "name": f"source{number}"})
        for number in range(self.choose.randint(2, 4)):
            self.organization(made, victim_services=0 if number < 2 or self.chance(0.8) else None)
        self.organization(made, victim_services=1)
        for _ in range(self.choose.randint(0, 2)):
            self.profile(made)
        for _ in range(self.choose.randint(0, 2)):
            self.group(made)
        for _ in range(self.choose.randint(4, 7)):
            self.somebody(made)
        for number in range(self.choose.randint(1, 4)):
            self.add_affiliation(made)
            self.pantry_record(made, f"h{number}")
            self.disclosure(made)
        return made

    def organization(self, made: Community, victim_services: int | None) -> None:
        """An organization, its agency, who acts for it, and its projects."""
        source_id = self.choose.choice(made.tables["source"])["id"]
        given = {"victim_service_provider": victim_services, "removed_at": None}
        organization = self.row("Organization", source_id, **given)
        made.tables["Organization"].append(organization)
        kind = AgencyKind.VSP if victim_services == 1 else self.choose.choice(_KINDS)
        agency = {
            "id": self.uuid(),
            "source_id": source_id,
            "organization_id": organization["organization_id"],
            "name": self.token(),
            "kind": kind.value,
            "agreement_from": date(2020, 1, 1),
            "agreement_to": None,
            "purposes": [purpose.value for purpose in Purpose],
        }
        made.tables["agency"].append(agency)
        for _ in range(self.choose.randint(0, 2)):
            self.member(made, agency["id"])
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
        """A person with records, stays and what they agreed to; now and then opened in an emergency."""
        row = {"id": self.uuid()}
        made.tables["person"].append(row)
        for _ in range(self.choose.choice([1, 1, 2, 3])):
            self.client(made, row["id"])
        self.agreed(made, row["id"])
        for _ in range(self.choose.choice([0, 0, 1, 2])):
            self.opening(made, row["id"])

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

    def link(self, made: Community, person_id: UUID, client: Row) -> None:
        linked_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.choose.randint(0, 99))
        made.tables["client_link"].append(
            {
                "id": self.number(),
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
