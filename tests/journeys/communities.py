"""A made-up community as plain data: every table of a small hub, with explicit ids, and how it is loaded."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.policy import NO_POLICY, Combination, Policy
from connectors.memory import MemorySource, Record
from hmis import labelling
from hmis.bulk import bulk
from hmis.spec import FILES
from hmis.tables import (
    HMIS,
    agency,
    audit_event,
    audit_subject,
    break_glass,
    break_glass_review,
    client_label,
    client_link,
    client_owner,
    consent_grant,
    consent_recipient,
    consent_revocation,
    directory_location,
    directory_pull,
    directory_schedule,
    directory_service,
    guardian,
    guardian_bar,
    legal_order,
    legal_order_approval,
    legal_order_end,
    match_candidate,
    member,
    outbox,
    partner_link,
    person,
    policy_profile,
    project_label,
    referral,
    referral_event,
    source,
    sync_state,
    visibility_group,
    visibility_group_member,
)
from hmis.tables.core import PARENTS

Row = dict[str, Any]
HUB = {
    "source": source,
    "person": person,
    "agency": agency,
    "member": member,
    "policy_profile": policy_profile,
    "client_link": client_link,
    "partner_link": partner_link,
    "visibility_group": visibility_group,
    "visibility_group_member": visibility_group_member,
    "guardian": guardian,
    "guardian_bar": guardian_bar,
    "consent_grant": consent_grant,
    "consent_recipient": consent_recipient,
    "consent_revocation": consent_revocation,
    "break_glass": break_glass,
    "break_glass_review": break_glass_review,
    "audit_event": audit_event,
    "audit_subject": audit_subject,
    "legal_order": legal_order,
    "legal_order_approval": legal_order_approval,
    "legal_order_end": legal_order_end,
    "match_candidate": match_candidate,
    "referral": referral,
    "referral_event": referral_event,
    "outbox": outbox,
    "sync_state": sync_state,
    "directory_pull": directory_pull,
    "directory_service": directory_service,
    "directory_location": directory_location,
    "directory_schedule": directory_schedule,
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

    @property
    def policy(self) -> Policy:
        """The newest profile, or none."""
        row = max(self.tables["policy_profile"], key=lambda one: one["id"], default=None)
        if row is None:
            return NO_POLICY
        return Policy(
            notice_categories=Category(row["notice_categories"]),
            combination=Combination(row["combination"]),
            age_of_consent=row["age_of_consent"],
            notice_version=row["notice_version"],
        )

    def drop(self, table: str, row: Row) -> None:
        """A row and everything that hangs on it."""
        self.tables[table].remove(row)
        for other, rows in self.tables.items():
            for hanging in [one for one in rows if _hangs_on(other, one, table, row)]:
                if hanging in rows:
                    self.drop(other, hanging)


_HUB_PARENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "client_link": (("person", "person_id"),),
    "partner_link": (("person", "person_id"),),
    "visibility_group_member": (("visibility_group", "group_id"),),
    "guardian": (("person", "person_id"),),
    "guardian_bar": (("guardian", "guardian_id"),),
    "consent_grant": (
        ("person", "person_id"),
        ("guardian", "guardian_id"),
        ("visibility_group", "group_id"),
    ),
    "consent_recipient": (("consent_grant", "grant_id"),),
    "consent_revocation": (("consent_grant", "grant_id"),),
    "break_glass": (("person", "person_id"),),
    "break_glass_review": (("break_glass", "break_glass_id"),),
    "audit_subject": (("audit_event", "event_id"),),
    "legal_order": (("person", "person_id"),),
    "legal_order_approval": (("legal_order", "order_id"),),
    "legal_order_end": (("legal_order", "order_id"),),
    "match_candidate": (("person", "person_id"),),
    "referral": (("person", "person_id"),),
    "referral_event": (("referral", "referral_id"),),
    "outbox": (("referral", "referral_id"),),
}


def _hangs_on(child: str, row: Row, parent: str, on: Row) -> bool:
    for table, column in _HUB_PARENTS.get(child, ()):
        if table == parent and row[column] == on["id"]:
            return True
    pairs = PARENTS.get(child, (("Client", "personal_id"),) if child == "client_link" else ())
    return any(
        file == parent and row["source_id"] == on["source_id"] and row[attr] == on[FILES[file].key.attr]
        for file, attr in pairs
    )


_ORDER = ["source", *HMIS, *(name for name in HUB if name != "source")]


async def load(engine: AsyncEngine, community: Community) -> None:
    """Make the database hold this community and nothing else.

    Nothing else writes rows of a community: what is worked out from rows and stored is renewed here.
    """
    every: Mapping[str, Any] = {**HMIS, **HUB}
    async with engine.begin() as connection:
        for table in (project_label, client_label, client_owner):
            await connection.execute(delete(table))
        for name in reversed(_ORDER):
            await connection.execute(delete(every[name]))
        for name in _ORDER:
            if rows := community.tables[name]:
                await connection.execute(insert(every[name]), rows)
        for source in community.tables["source"]:
            await labelling.renew(await bulk(connection), source["id"])
