"""What a viewer may see of a made-up community, worked out a second time from the written consent rules.

Nothing here calls the hub's own visibility: rules 0, 1 (victim service providers), 2, 4, 5 and 7, and labels,
which nobody but the entering agency opens. Only which category a HUD column belongs to is read from the
schema, because that is a declaration and not a decision.

`sight` is everything an answer may depend on. Two communities with the same sight must be answered alike.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from auth.categories import EVERYTHING, HMIS, NOTHING, PARTNER, Category
from auth.viewer import Role, Scope, Viewer
from hmis.spec import FILES
from tests.journeys.communities import (
    ASSESSMENT_FILES,
    PROJECT_FILES,
    STAY_FILES,
    Community,
    Row,
)
from tests.schema.declared import fields
from tests.worlds import TODAY

_FOR_DASHBOARDS = EVERYTHING & ~(
    Category.NAME
    | Category.SSN_LAST4
    | Category.SSN_FULL
    | Category.CONTACT
    | Category.CURRENT_LOCATION
    | Category.NOTES
    | Category.FILES
)
_ROLES = {
    Role.CASE_MANAGER: EVERYTHING & ~Category.SSN_FULL,
    Role.PRIVACY_OFFICER: EVERYTHING & ~Category.SSN_FULL,
    Role.DASHBOARD: _FOR_DASHBOARDS,
}
_LABELLED_FUNDERS = {13, 14, 15, 16, 17, 18, 19, 48, 21, 22, 23, 24, 25, 26}
_LABELLED_POPULATIONS = {1, 3}
_LABELLED_ROWS = {
    "Services": ("record_type", {141, 142, 143, 151, 161}),
    "Disabilities": ("disability_type", {8, 9, 10}),
}
_LABELLED_SITUATIONS = {204, 205, 207, 327, 426}
LABELLED_VALUES: dict[tuple[str, str], set[int]] = {
    ("Enrollment", "living_situation"): _LABELLED_SITUATIONS,
    ("Exit", "destination"): _LABELLED_SITUATIONS,
    ("CurrentLivingSituation", "current_living_situation"): _LABELLED_SITUATIONS,
    ("Exit", "housing_assessment"): {7},
    ("Exit", "cm_exit_reason"): {11},
}
# HUD elements that are asked of some people only, or about labelled matters only.
_LABELLED_ELEMENTS = {
    "Enrollment": r"R|P3|V7\.[HIJKR]$|V10",
    "Exit": r"R",
    "HealthAndDV": r"4\.11\.[2AB]|R9",
    "IncomeBenefits": r"W3",
    "Disabilities": r"W[46]",
    "Services": r"P2\.A$",
}
# When such a row changed tells that something hidden in it did.
_CHANGES_TELL = {*_LABELLED_ELEMENTS, "CurrentLivingSituation"}
_ADDRESS = {"address_1", "address_2", "city", "zip", "geocode"}
_EVERY_CATEGORY = list(Category)


@cache
def _labelled_columns(file: str) -> frozenset[str]:
    pattern = _LABELLED_ELEMENTS.get(file)
    found = {
        column.attr
        for column in FILES[file].columns
        if pattern and re.match(pattern, column.element) and column.attr != "information_date"
    }
    return frozenset(found | ({"date_updated"} if file in _CHANGES_TELL else set()))


@cache
def _categories() -> dict[tuple[str, str], Category]:
    """The categories that show a column, by file and attr. NOTHING = shown of a project, to everybody."""
    found: dict[tuple[str, str], Category] = defaultdict(lambda: NOTHING)
    for _, told in fields():
        for place in told.hud:
            file, _, name = place.partition(".")
            found[file, FILES[file].by_name[name].attr] |= told.category or NOTHING
    return dict(found)


@cache
def _columns(file: str) -> tuple[tuple[str, Category], ...]:
    return tuple((attr, category) for (of, attr), category in _categories().items() if of == file)


@dataclass(frozen=True)
class Opened:
    """What the grants of a person open to the viewer, and what they close."""

    permitted: Category = NOTHING
    denied: Category = NOTHING
    grants: frozenset[UUID] = frozenset()
    """Those that speak to the viewer, who may know of each."""

    @property
    def allowed(self) -> Category:
        return self.permitted & ~self.denied


_NEVER_READ_BACK = ("evidence", "recorded_by")


class Oracle:
    """One viewer before one community."""

    def __init__(self, viewer: Viewer, community: Community) -> None:
        self.viewer = viewer
        self.of = community.tables
        self.community = community
        self.role = _ROLES.get(viewer.role, NOTHING) if Scope.CLIENTS_READ in viewer.scopes else NOTHING
        self.closed = {
            (row["source_id"], row["project_id"])
            for row in self.of["Funder"]
            if row["funder"] in _LABELLED_FUNDERS and row["removed_at"] is None
        } | {
            (row["source_id"], row["project_id"])
            for row in self.of["Project"]
            if row["target_population"] in _LABELLED_POPULATIONS
        }
        shown = {
            (row["source_id"], row["organization_id"]): row["victim_service_provider"] == 0
            for row in self.of["Organization"]
        }
        self.own, self.shown = set(), set()
        for row in self.of["Project"]:
            key, organization = (
                (row["source_id"], row["project_id"]),
                (row["source_id"], row["organization_id"]),
            )
            if organization == (viewer.agency.source_id, viewer.agency.organization_id) and self.role:
                self.own.add(key)
            if shown[organization]:
                self.shown.add(key)

    def shared(self) -> int:
        """How many stays of other agencies the viewer sees."""
        return sum(row[0] == "Enrollment" and not told[0][2] for row, told in self.sight().items())

    def sight(self) -> dict[Any, Any]:
        """Everything the viewer may see, row by row."""
        seen: dict[Any, Any] = {}
        self._projects(seen)
        grants = self._grants()
        people = {
            (row["source_id"], row["personal_id"]): row["person_id"]
            for row in self.of["client_link"]
            if row["undone_at"] is None
        }
        live = {
            (row["source_id"], row["personal_id"])
            for row in self.of["Client"]
            if row["removed_at"] is None and (row["source_id"], row["personal_id"]) in people
        }
        entered = self._entered(live)
        there: set[UUID] = set()
        for row in self.of["Client"]:
            key = (row["source_id"], row["personal_id"])
            if key in live:
                opened = grants.get(people[key], Opened())
                self._client(seen, there, row, people[key], opened, entered[key])
        self._people(seen, there, grants)
        stays = self._stays(seen, live, people, grants)
        self._about_stays(seen, stays)
        self._partners(seen, there, grants)
        self._papers(seen)
        return seen

    def _projects(self, seen: dict[Any, Any]) -> None:
        sources = {row["id"]: row["name"] for row in self.of["source"]}
        known = set()
        organizations = {
            (row["source_id"], row["organization_id"]): self._public("Organization", row)
            for row in self.of["Organization"]
        }
        for row in self.of["Project"]:
            key = (row["source_id"], row["project_id"])
            if row["removed_at"] is None and key in self.own | self.shown:
                known.add(key)
                run_by = organizations[row["source_id"], row["organization_id"]]
                seen["Project", row["id"]] = (self._public("Project", row), sources[row["source_id"]], run_by)
        for file in PROJECT_FILES:
            for row in self.of[file]:
                key = (row["source_id"], row["project_id"])
                other = (row["source_id"], row.get("res_project_id"))
                if row["removed_at"] or key not in known or (file == "Affiliation" and other not in known):
                    continue
                hidden = _ADDRESS if key in self.closed and key not in self.own else set()
                seen[file, row["id"]] = self._public(file, row, hidden)

    @staticmethod
    def _public(file: str, row: Row, hidden: Collection[str] = ()) -> tuple[Any, ...]:
        return (row["id"], *(row[attr] for attr, _ in _columns(file) if attr not in hidden))

    def _grants(self) -> dict[UUID, Opened]:
        named = {(row["grant_id"], row["agency_id"]) for row in self.of["consent_recipient"]}
        revoked = {row["grant_id"] for row in self.of["consent_revocation"]}
        found: dict[UUID, Opened] = {}
        for row in self.of["consent_grant"]:
            speaks = row["community_wide"] or (row["id"], self.viewer.agency.id) in named
            in_force = row["start_on"] <= TODAY and (row["end_on"] is None or row["end_on"] > TODAY)
            if not speaks or not in_force or row["id"] in revoked:
                continue
            if self.viewer.purpose.value not in row["purposes"]:
                continue
            before = found.get(row["person_id"], Opened())
            bits, deny = Category(row["categories"]), row["effect"] == "DENY"
            found[row["person_id"]] = Opened(
                before.permitted if deny else before.permitted | bits,
                before.denied | bits if deny else before.denied,
                before.grants | {row["id"]},
            )
        return {
            one: opened if opened.allowed & Category.EXISTENCE else replace(opened, permitted=NOTHING)
            for one, opened in found.items()
        }

    def _papers(self, seen: dict[Any, Any]) -> None:
        """Grants as agencies read them back that entered a record of the client, in force or not."""
        agency = self.viewer.agency.id
        ours = {told[0] for key, told in seen.items() if key[0] == "Client" and told[2]}
        revoked = {row["grant_id"] for row in self.of["consent_revocation"]}
        called = {row["id"]: row["name"] for row in self.of["agency"]}
        for row in self.of["consent_grant"] if Scope.CONSENT_READ in self.viewer.scopes else ():
            named = {one["agency_id"] for one in self.of["consent_recipient"] if one["grant_id"] == row["id"]}
            recorded = row["recorded_at_agency"] == agency
            if row["person_id"] in ours and (recorded or row["community_wide"] or agency in named):
                told = sorted(called[one] for one in named if recorded or one == agency)
                facts = {
                    name: value for name, value in row.items() if name not in ("evidence", "recorded_by")
                }
                seen["consent_grant", row["id"]] = (facts, told, row["id"] in revoked)

    def _entered(self, live: set[tuple[int, str]]) -> dict[tuple[int, str], tuple[bool, bool, bool]]:
        """Of each client record: whether the viewer entered it, others may be shown it, partners told."""
        found = dict.fromkeys(live, (False, False, False))
        for row in self.of["Enrollment"]:
            client, project = (row["source_id"], row["personal_id"]), (row["source_id"], row["project_id"])
            if client in live and row["removed_at"] is None:
                own, shown, told = found[client]
                found[client] = (
                    own or project in self.own,
                    shown or (project in self.shown and project not in self.closed),
                    told or project in self.shown,
                )
        return found

    def _client(
        self,
        seen: dict[Any, Any],
        there: set[UUID],
        row: Row,
        person: UUID,
        opened: Opened,
        entered: tuple[bool, bool, bool],
    ) -> None:
        own, shareable, told = entered
        mask = HMIS & self.role if own else NOTHING
        if shareable:
            mask |= opened.allowed & self.role & HMIS
        if not mask & Category.EXISTENCE:
            return
        there.add(person)
        facts = {
            attr: row[attr] for attr, category in _columns("Client") if category & mask & ~Category.SSN_FULL
        }
        facts.pop("ssn", None)
        if mask & Category.SSN_LAST4:
            facts["ssn"] = _last_four(row["ssn"])
        seen["Client", row["id"]] = (person, row["source_id"], own, mask, facts)
        if told and opened.allowed & self.role & Category.FOOD:
            seen["Told", row["id"]] = True

    def _people(self, seen: dict[Any, Any], there: set[UUID], grants: dict[UUID, Opened]) -> None:
        for person in there:
            seen["person", person] = grants.get(person, Opened())

    def _stays(
        self,
        seen: dict[Any, Any],
        live: set[tuple[int, str]],
        people: dict[tuple[int, str], UUID],
        grants: dict[UUID, Opened],
    ) -> dict[tuple[int, str], tuple[Row, bool, Category]]:
        found = {}
        for row in self.of["Enrollment"]:
            client, project = (row["source_id"], row["personal_id"]), (row["source_id"], row["project_id"])
            if row["removed_at"] is not None or client not in live:
                continue
            own, mask = project in self.own, NOTHING
            if own:
                mask = HMIS & self.role
            elif project in self.shown and project not in self.closed and people[client] in grants:
                mask = grants[people[client]].allowed & self.role & HMIS
            if not mask & (Category.ENROLLMENT | Category.HOUSEHOLD):
                continue
            found[row["source_id"], row["enrollment_id"]] = (row, own, mask)
            at = (people[client], project, own, mask)
            seen["Enrollment", row["id"]] = (at, self._facts("Enrollment", row, own, mask))
        return found

    def _about_stays(
        self, seen: dict[Any, Any], stays: dict[tuple[int, str], tuple[Row, bool, Category]]
    ) -> None:
        for file in (*STAY_FILES, *ASSESSMENT_FILES):
            needed = _categories()[file, FILES[file].key.attr]
            for row in self.of[file]:
                stay, own, mask = stays.get((row["source_id"], row["enrollment_id"]), (None, False, NOTHING))
                if stay is None or row["removed_at"] is not None or not mask & needed:
                    continue
                if file in ASSESSMENT_FILES and not self._assessed(seen, row):
                    continue
                attr, labelled = _LABELLED_ROWS.get(file, ("", set()))
                if own or row.get(attr) not in labelled:
                    seen[file, row["id"]] = (stay["id"], self._facts(file, row, own, mask))

    def _assessed(self, seen: dict[Any, Any], row: Row) -> bool:
        hung_on = (row["source_id"], row["assessment_id"])
        return any(
            (one["source_id"], one["assessment_id"]) == hung_on and ("Assessment", one["id"]) in seen
            for one in self.of["Assessment"]
        )

    @staticmethod
    def _facts(file: str, row: Row, own: bool, mask: Category) -> dict[str, Any]:
        facts = {attr: row[attr] for attr, category in _columns(file) if category & mask}
        if own:
            return facts
        for attr in (*_labelled_columns(file), FILES[file].key.attr):
            facts.pop(attr, None)
        for attr, value in list(facts.items()):
            if value in LABELLED_VALUES.get((file, attr), ()):
                facts[attr] = None
        return facts

    def _partners(self, seen: dict[Any, Any], there: set[UUID], grants: dict[UUID, Opened]) -> None:
        """What the food bank holds of people whose food is shared: by link, or by what it may be told."""
        for person in there:
            opened = grants.get(person, Opened()).allowed & self.role & PARTNER
            if not opened & Category.FOOD:
                continue
            links = {
                row["value"]: row["status"] for row in self.of["partner_link"] if row["person_id"] == person
            }
            seen["links", person] = links
            for value, record in self.community.pantry.items():
                facts = (record.person.first_name, record.person.last_name, record.person.dob)
                if value in links or facts in self._names(seen, person):
                    seen["pantry", value] = record

    def _names(self, seen: dict[Any, Any], person: UUID) -> set[tuple[Any, Any, Any]]:
        shown = [
            told[4]
            for place, told in seen.items()
            if place[0] == "Client" and told[0] == person and ("Told", place[1]) in seen
        ]
        return {
            (one.get("first_name"), one.get("last_name"), two.get("dob")) for one in shown for two in shown
        }


def _last_four(ssn: str | None) -> str | None:
    return ssn[-4:] if ssn and len(ssn) == 9 and ssn[-4:].isdigit() else None
