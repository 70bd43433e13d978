"""What a viewer may see of a made-up community, worked out from its raw rows with the pure decision.

`decide` and `Decision.of` say what is open of a record; that they say what the written rules say is proved
elsewhere (`tests/auth`). Nothing here calls the hub's SQL, loaders or policies, so what is proved with it is
that the whole way from the tables to the answer keeps to the decision. Which category a HUD column belongs to
is read from the schema, and what a value tells from the list of labels: those are declarations.

`sight` is everything an answer may depend on. Two communities with the same sight must be answered alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from auth.categories import HMIS, NOTHING, PARTNER, Category
from auth.consent import (
    CLOSED,
    PARTNER_RECORD,
    Decision,
    Opened,
    Reason,
    RecordFacts,
    own_record,
)
from auth.viewer import Viewer
from hmis.labels import NONE, Label, of_column, of_row, of_value
from hmis.spec import FILES
from tests.journeys.communities import ASSESSMENT_FILES, PROJECT_FILES, STAY_FILES, Community, Row
from tests.journeys.knowing import known_consent, known_openings, nameable
from tests.journeys.raw import Key, Raw
from tests.schema.declared import fields

_ADDRESS = {"address_1", "address_2", "city", "zip", "geocode"}
_DAYS = {
    "Exit": "exit_date",
    "Services": "date_provided",
    "Assessment": "assessment_date",
    "Event": "event_date",
    "AssessmentQuestions": None,
    "AssessmentResults": None,
}
"""The day a row is of; where not said otherwise, its information date."""


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


class Seen(NamedTuple):
    """One record as the viewer may see it."""

    row: Row
    own: bool
    opened: Opened


class Oracle:
    """One viewer before one community."""

    def __init__(self, viewer: Viewer, community: Community) -> None:
        self.viewer = viewer
        self.community = community
        self.raw = Raw(community)
        self.own = self.raw.own_projects(viewer) if own_record(viewer) else set()
        self.decisions = {person: self.raw.decision(viewer, person) for person in self.raw.records}
        self.seen: dict[Any, Any] = {}

    def shared(self) -> int:
        """How many stays of other agencies the viewer sees."""
        return sum(place[0] == "Enrollment" and not told[0] for place, told in self.sight().items())

    def sight(self) -> dict[Any, Any]:
        """Everything the viewer may see, row by row."""
        self.seen = {}
        policy = self.community.policy
        self.seen["policy", None] = (policy.notice_categories, policy.combination, policy.age_of_consent)
        self._projects()
        there = {person: seen for person in self.raw.records if (seen := self._clients(person))}
        for person, clients in there.items():
            self._person(person, clients)
            for key in (_client_key(row) for row in self.raw.records[person]):
                self._stays(person, key)
            self._partner(person, clients)
        self.seen |= known_openings(self.viewer, self.raw)
        self.seen |= nameable(self.viewer, self.raw)
        return self.seen

    def _projects(self) -> None:
        sources = {row["id"]: row["name"] for row in self.raw.of["source"]}
        known = {
            key: row
            for key, row in self.raw.projects.items()
            if row["removed_at"] is None and key in self.own | self.raw.shareable
        }
        for row in known.values():
            run_by = self.raw.organizations[row["source_id"], row["organization_id"]]
            self.seen["Project", row["id"]] = (
                _public("Project", row),
                sources[row["source_id"]],
                _public("Organization", run_by),
            )
        for file in PROJECT_FILES:
            for row in self.raw.of[file]:
                key = (row["source_id"], row["project_id"])
                other = (row["source_id"], row.get("res_project_id"))
                if row["removed_at"] or key not in known or (file == "Affiliation" and other not in known):
                    continue
                hidden = _ADDRESS if self.raw.labels[key] != NONE and key not in self.own else set()
                self.seen[file, row["id"]] = _public(file, row, hidden)

    def _clients(self, person: UUID) -> list[Seen]:
        """The records of a person that are there for the viewer, the one changed last first."""
        found = []
        for row in self.raw.records[person]:
            labels = self.raw.told_by(row)
            own = bool(self.own) and self.raw.entered_by(self.viewer, row)
            opened = CLOSED
            if labels is not None:
                opened = self.decisions[person].of(RecordFacts(row["source_id"], labels=labels))
            if own:
                opened = Opened(own_record(self.viewer) | opened.allowed, everything=True)
            if opened.allowed & Category.EXISTENCE:
                found.append(Seen(row, own, opened))
        return sorted(found, key=lambda one: _newest_first(one.row))

    def _person(self, person: UUID, clients: list[Seen]) -> None:
        """What is told of a person beside their records: how they stand open, and consent itself."""
        decision = self.decisions[person]
        allowed = decision.of(PARTNER_RECORD).allowed & PARTNER
        for one in clients:
            self._client(person, one)
            allowed |= one.opened.allowed & HMIS
        # Who is named by a grant may know of it; what it says else only as far as it opens anything.
        speaking = {grant.id for grant in (*decision.permits, *decision.denials)}
        until = self.raw.open_until(self.viewer, person)
        self.seen["person", person] = (allowed, _standing(decision), speaking, until)
        if any(one.own for one in clients):
            self.seen |= known_consent(self.viewer, self.raw, person, allowed)

    def _client(self, person: UUID, one: Seen) -> None:
        facts = _facts("Client", one)
        facts.pop("ssn", None)
        if one.opened.allowed & Category.SSN_LAST4:
            facts["ssn"] = _last_four(one.row["ssn"])
        place = (person, one.row["source_id"], one.opened.allowed)
        self.seen["Client", one.row["id"]] = (one.own, place, facts)

    def _stays(self, person: UUID, client: Key) -> None:
        for row in self.raw.stays[client]:
            project = (row["source_id"], row["project_id"])
            own, opened = project in self.own, CLOSED
            if own:
                opened = Opened(own_record(self.viewer), everything=True)
            elif project in self.raw.shareable:
                record = RecordFacts(row["source_id"], row["entry_date"], self.raw.labels[project])
                opened = self.decisions[person].of(record)
            if not opened.allowed & (Category.ENROLLMENT | Category.HOUSEHOLD):
                continue
            stay = Seen(row, own, opened)
            place = (person, project, opened.allowed)
            self.seen["Enrollment", row["id"]] = (own, place, _facts("Enrollment", stay))
            self._hanging(self.decisions[person], STAY_FILES, "enrollment_id", stay)

    def _hanging(self, decision: Decision, files: Iterable[str], parent: str, on: Seen) -> None:
        """What hangs on a record, as far as both the record and the row itself are open."""
        for file in files:
            needed = _categories()[file, FILES[file].key.attr]
            day = _DAYS.get(file, "information_date")
            for row in self.raw.hanging[file].get((on.row["source_id"], on.row[parent]), ()):
                opened = on.opened
                if not on.own:
                    told = on.opened.labels | of_row(file, row)
                    opened = decision.of(RecordFacts(row["source_id"], row[day] if day else None, told))
                if not needed & on.opened.allowed & opened.allowed:
                    continue
                one = Seen(row, on.own, opened)
                self.seen[file, row["id"]] = (on.own, (on.row["id"], opened.allowed), _facts(file, one))
                if file == "Assessment":
                    self._hanging(decision, ASSESSMENT_FILES, "assessment_id", one)

    def _partner(self, person: UUID, clients: list[Seen]) -> None:
        """What the food bank holds of people whose food is shared: by link, or by what it may be told."""
        if not self.decisions[person].of(PARTNER_RECORD).allowed & Category.FOOD:
            return
        links = {
            row["value"]: row["status"] for row in self.raw.of["partner_link"] if row["person_id"] == person
        }
        named, born = self._telling(clients, Category.NAME), self._telling(clients, Category.DOB)
        told = (named.get("first_name"), named.get("last_name"), born.get("dob"))
        self.seen["partner", person] = (links, told)
        for value, record in self.community.pantry.items():
            facts = (record.person.first_name, record.person.last_name, record.person.dob)
            if value in links or facts == told:
                self.seen["pantry", value] = record

    def _telling(self, clients: list[Seen], category: Category) -> Row:
        """The record that speaks to a partner: none that only victim service providers entered."""
        for one in clients:
            if self.raw.told_by(one.row) is not None and one.opened.allowed & category:
                return one.row
        return {}


def _standing(decision: Decision) -> tuple[Any, ...]:
    """Why each category is open or closed, the grants that open anything, and whether it is an emergency."""
    reasons: list[Reason] = [decision.reason(category) for category in Category]
    return reasons, decision.grants, decision.break_glass is not None


def _facts(file: str, one: Seen) -> dict[str, Any]:
    """The values the viewer may see, None among them where a value is hidden by what it tells."""
    facts = {}
    for attr, always in _shown_columns(file, int(one.opened.allowed), one.own):
        label = NONE if one.own else of_value(file, attr, one.row[attr])
        if not label:
            facts[attr] = one.row[attr]
        elif any(one.opened.shows(each, always) for each in _categories()[file, attr]):
            shown = any(one.opened.shows(each, label) for each in _categories()[file, attr])
            facts[attr] = one.row[attr] if shown else None
    return facts


@cache
def _shown_columns(file: str, allowed: int, own: bool) -> tuple[tuple[str, Label], ...]:
    """The columns in open categories, and what each tells whatever it holds. Keys are told to their own."""
    return tuple(
        (attr, of_column(file, attr)[0])
        for attr, category in _columns(file)
        if category & allowed and (own or file == "Client" or attr != FILES[file].key.attr)
    )


def _public(file: str, row: Row, hidden: Collection[str] = ()) -> tuple[Any, ...]:
    return (row["id"], *(row[attr] for attr, _ in _columns(file) if attr not in hidden))


def _client_key(row: Row) -> Key:
    return row["source_id"], row["personal_id"]


def _newest_first(row: Row) -> tuple[Any, ...]:
    updated = row["date_updated"]
    return (updated is None, datetime.max - updated if updated else None, *_client_key(row))


def _last_four(ssn: str | None) -> str | None:
    return ssn[-4:] if ssn and len(ssn) == 9 and ssn[-4:].isdigit() else None
