"""The facts that `decide` reads, gathered a second time from the raw rows of a made-up community.

No SQL and none of the hub's readers: a grant, a birth date, an opening, what a project or a record tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from auth.categories import Category
from auth.consent import Decision, Effect, Facts, Grant, Guardian, decide
from auth.viewer import SCOPES, Agency, AgencyKind, Purpose, Role, Viewer
from hmis.labels import AGENCY_KINDS, FUNDERS, NONE, TARGET_POPULATIONS, Label
from tests.journeys.agreements import SUBJECTS
from tests.journeys.communities import ASSESSMENT_FILES, STAY_FILES, Community, Row
from tests.worlds import NOW, TODAY

Key = tuple[int, str]


class Raw:
    """One community, looked up by what joins its rows. What was removed or unlinked is not in it."""

    def __init__(self, community: Community) -> None:
        self.of = community.tables
        self.policy = community.policy
        self.organizations = {_key(row, "organization_id"): row for row in self.of["Organization"]}
        self.projects = {_key(row, "project_id"): row for row in self.of["Project"]}
        self.run_by: dict[tuple[int | None, str | None], set[Key]] = defaultdict(set)
        for key, row in self.projects.items():
            self.run_by[_key(row, "organization_id")].add(key)
        self.kinds = {
            _key(row, "organization_id"): row["kind"]
            for row in self.of["agency"]
            if row["organization_id"] is not None
        }
        self.shareable = {
            key
            for key, row in self.projects.items()
            if self.organizations[_key(row, "organization_id")]["victim_service_provider"] == 0
            and self.kinds.get(_key(row, "organization_id")) != AgencyKind.VSP
        }
        self.labels = self._labels()
        self.people = {
            _key(row, "personal_id"): row["person_id"]
            for row in self.of["client_link"]
            if row["undone_at"] is None
        }
        self.clients = {
            key: row
            for row in self.of["Client"]
            if row["removed_at"] is None and (key := _key(row, "personal_id")) in self.people
        }
        self.stays: dict[Key, list[Row]] = {key: [] for key in self.clients}
        for row in self.of["Enrollment"]:
            if row["removed_at"] is None and (key := _key(row, "personal_id")) in self.stays:
                self.stays[key].append(row)
        self.hanging = {
            file: self._by_parent(file, parent)
            for files, parent in ((STAY_FILES, "enrollment_id"), (ASSESSMENT_FILES, "assessment_id"))
            for file in files
        }
        self.records: dict[UUID, list[Row]] = defaultdict(list)
        for key, row in self.clients.items():
            self.records[self.people[key]].append(row)
        self.grants = self._grants()

    def _labels(self) -> dict[Key, Label]:
        """What each project tells by whom it is for, who pays for it, and whose it is."""
        found = {
            key: TARGET_POPULATIONS.get(row["target_population"], NONE)
            | AGENCY_KINDS.get(self.kinds.get(_key(row, "organization_id"), ""), NONE)
            for key, row in self.projects.items()
        }
        for row in self.of["Funder"]:
            if row["removed_at"] is None:
                found[_key(row, "project_id")] |= FUNDERS.get(row["funder"], NONE)
        return found

    def _by_parent(self, file: str, parent: str) -> dict[Key, list[Row]]:
        found: dict[Key, list[Row]] = defaultdict(list)
        for row in self.of[file]:
            if row["removed_at"] is None:
                found[_key(row, parent)].append(row)
        return found

    def own_projects(self, viewer: Viewer) -> set[Key]:
        return self.run_by[viewer.agency.source_id, viewer.agency.organization_id]

    def entered_by(self, viewer: Viewer, client: Row) -> bool:
        """Whether the viewer's agency enrolled the client (rule 2)."""
        stays = self.stays[_key(client, "personal_id")]
        return bool(stays) and any(_key(stay, "project_id") in self.own_projects(viewer) for stay in stays)

    def told_by(self, client: Row) -> Label | None:
        """What a client record tells by being there; None = only victim service providers entered it."""
        at = [_key(stay, "project_id") for stay in self.stays[_key(client, "personal_id")]]
        labels = [self.labels[project] for project in at if project in self.shareable]
        if not labels:
            return None
        every = NONE
        for label in labels:
            every |= label
        return every if NONE not in labels else NONE

    def decision(self, viewer: Viewer, person: UUID) -> Decision:
        return decide(viewer, self.facts(viewer, person), viewer.policy, TODAY)

    def facts(self, viewer: Viewer, person: UUID) -> Facts:
        """Birth dates count of own records and of those that tell nothing by themselves."""
        births = [
            row["dob"]
            for row in self.records[person]
            if row["dob"] and (self.told_by(row) == NONE or self.entered_by(viewer, row))
        ]
        return Facts(tuple(self.grants[person]), tuple(births), self._opening(viewer, person))

    def open_until(self, viewer: Viewer, person: UUID) -> datetime | None:
        """Until when a person stands open to the viewer in an emergency."""
        who = (person, viewer.subject, viewer.agency.id)
        return max(
            (
                row["closes_at"]
                for row in self.of["break_glass"]
                if (row["person_id"], row["subject"], row["agency_id"]) == who and _is_open(row, NOW)
            ),
            default=None,
        )

    def _opening(self, viewer: Viewer, person: UUID) -> UUID | None:
        who = (person, viewer.subject, viewer.agency.id)
        for row in self.of["break_glass"]:
            if (row["person_id"], row["subject"], row["agency_id"]) == who and _is_open(row, NOW):
                identifier: UUID = row["id"]
                return identifier
        return None

    def _grants(self) -> dict[UUID, list[Grant]]:
        named: dict[UUID, set[UUID]] = defaultdict(set)
        for row in self.of["consent_recipient"]:
            named[row["grant_id"]].add(row["agency_id"])
        living: dict[UUID, set[UUID]] = defaultdict(set)
        for row in self.of["visibility_group_member"]:
            if row["valid_from"] <= TODAY and (row["valid_to"] is None or row["valid_to"] > TODAY):
                living[row["group_id"]].add(row["agency_id"])
        barred = {row["guardian_id"] for row in self.of["guardian_bar"]}
        guardians = {
            row["id"]: Guardian(row["id"], row["valid_from"], row["valid_to"], row["id"] in barred)
            for row in self.of["guardian"]
        }
        revoked = {row["grant_id"] for row in self.of["consent_revocation"]}
        found: dict[UUID, list[Grant]] = defaultdict(list)
        for row in self.of["consent_grant"]:
            agencies = named[row["id"]] | living.get(row["group_id"], set())
            signer = guardians[row["guardian_id"]] if row["guardian_id"] else None
            found[row["person_id"]].append(_grant(row, agencies, row["id"] in revoked, signer))
        return found


def viewer_at(row: Row, community: Community, role: Role, purpose: Purpose) -> Viewer:
    """Somebody of an agency, proved by now: the first of those who act for agencies here."""
    kind = AgencyKind(row["kind"])
    place = Agency(row["id"], row["source_id"], row["organization_id"], row["name"], kind)
    scopes = frozenset(SCOPES[role])
    policy = community.policy
    return Viewer(SUBJECTS[0], "user", place, role, scopes, purpose, None, None, "test", policy)


def _grant(row: Row, agencies: set[UUID], revoked: bool, guardian: Guardian | None) -> Grant:
    return Grant(
        id=row["id"],
        effect=Effect(row["effect"]),
        categories=Category(row["categories"]),
        purposes=frozenset(row["purposes"]),
        community_wide=row["community_wide"],
        agencies=frozenset(agencies),
        start=row["start_on"],
        end=row["end_on"],
        revoked=revoked,
        labels=Label(row["labels"]),
        subject=row["subject"],
        sources=None if row["sources"] is None else frozenset(row["sources"]),
        data_from=row["data_from"],
        data_to=row["data_to"],
        provisional_until=row["provisional_until"],
        form=row["form_id"],
        signed_by_client=row["signed_by_client"],
        guardian=guardian,
        regime=row["regime"],
        method=row["method"],
        evidence=row["evidence"],
        recorded_at=row["recorded_at"],
    )


def _is_open(opening: Mapping[str, Any], now: datetime) -> bool:
    return bool(opening["opened_at"] <= now < opening["closes_at"])


def _key(row: Row, attr: str) -> Key:
    return row["source_id"], row[attr]
