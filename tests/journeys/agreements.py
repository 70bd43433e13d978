"""What people of a made-up community agreed to, and what else decides: forms, groups, guardians, openings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from auth.categories import NOTHING, PARTNER, Category
from auth.viewer import Purpose, Role
from hmis.labels import Label
from tests.journeys.chance import Chance
from tests.journeys.communities import Community
from tests.worlds import NOW

SUBJECTS = ("somebody", "another", "a third")
"""Who may act for the agencies; the viewer is the first."""
_LABELS = (Label.HIV, Label.HIV, Label.MENTAL_HEALTH, Label.SUD, Label.RHY, Label.DV, Label.JUSTICE)
_ALL_NAMED = Label.HIV | Label.MENTAL_HEALTH | Label.SUD | Label.RHY | Label.DV | Label.JUSTICE
_USUAL = (Purpose.CARE_COORDINATION, Purpose.REPORTING, Purpose.OPERATIONS)


class Agreements(Chance):
    """Makes up rows of consent and of what stands around it."""

    def profile(self, made: Community) -> None:
        """What the community decided for everybody; the newest row is in force."""
        notice = NOTHING
        if self.chance(0.5):
            notice = Category.EXISTENCE | self.categories()
            # A notice that covers everything leaves little to be hidden.
            for category in self.choose.sample(list(Category)[1:], 14):
                notice &= ~category
        made.tables["policy_profile"].append(
            {
                "id": len(made.tables["policy_profile"]) + 1,
                "notice_version": self.choose.choice([None, self.token()]),
                "notice_categories": int(notice),
                "combination": self.choose.choice(["LATEST", "UNION"]),
                "age_of_consent": self.choose.choice([16, 18, 18, 21]),
                "default_term_days": None,
                "max_term_days": self.choose.choice([None, 365]),
                "small_cell": self.choose.randint(5, 20),
                "recorded_by": self.token(),
            }
        )

    def group(self, made: Community) -> None:
        """A living group of agencies."""
        row = {"id": self.uuid(), "name": self.token()}
        made.tables["visibility_group"].append(row)
        for member in self.choose.sample(made.tables["agency"], self.choose.randint(1, 3)):
            self.group_member(made, row["id"], member["id"])

    def group_member(self, made: Community, group: UUID, agency: UUID) -> None:
        row = {
            "group_id": group,
            "agency_id": agency,
            "valid_from": self.near_today(-3, 0) if self.chance(0.8) else self.near_today(1, 2),
            "valid_to": None if self.chance(0.8) else self.near_today(4, 5),
        }
        if self.chance(0.1):
            row |= {"valid_from": self.near_today(-9, -5), "valid_to": self.near_today(-1, 1)}
        same = ("group_id", "agency_id", "valid_from")
        if all(any(one[name] != row[name] for name in same) for one in made.tables[_MEMBERS]):
            made.tables[_MEMBERS].append(row)

    def member(self, made: Community, agency: UUID) -> None:
        """Somebody who may act for an agency."""
        made.tables["member"].append(
            {
                "id": self.number(),
                "issuer": self.token(),
                "subject": self.choose.choice(SUBJECTS),
                "agency_id": agency,
                "role": self.choose.choice(list(Role)).value,
                "valid_from": self.near_today(-9, 1),
                "valid_to": None if self.chance(0.8) else self.near_today(1, 3),
            }
        )

    def guardian(self, made: Community, person: UUID) -> UUID:
        """An adult who may sign for somebody, or may no longer."""
        identifier = self.uuid()
        made.tables["guardian"].append(
            {
                "id": identifier,
                "person_id": person,
                "adult": self.token(),
                "authority": self.choose.choice(["PARENT", "LEGAL_GUARDIAN", "COURT", "AGENCY"]),
                "valid_from": self.near_today(-9, 0) if self.chance(0.9) else self.near_today(1, 1),
                "valid_to": None if self.chance(0.8) else self.near_today(1, 3),
                "recorded_by": self.token(),
                "recorded_at": NOW,
                "recorded_at_agency": made.tables["agency"][identifier.int % len(made.tables["agency"])][
                    "id"
                ],
            }
        )
        if self.chance(0.2):
            self.bar(made, identifier)
        return identifier

    def bar(self, made: Community, guardian: UUID) -> None:
        row = {"guardian_id": guardian, "reason": self.token(), "barred_at": NOW, "barred_by": self.token()}
        if not any(one["guardian_id"] == guardian for one in made.tables["guardian_bar"]):
            made.tables["guardian_bar"].append(row)

    def agreed(self, made: Community, person: UUID) -> None:
        """Grants of one person: some alone, some as sections of forms, some signed by a guardian."""
        guardian = self.guardian(made, person) if self.chance(0.35) else None
        forms = [self.uuid() for _ in range(self.choose.randint(0, 2))]
        for _ in range(self.choose.choice([0, 1, 2, 2, 3, 4])):
            self.grant(made, person, guardian, self.choose.choice([None, *forms, *forms]))

    def grant(
        self, made: Community, person: UUID, guardian: UUID | None = None, form: UUID | None = None
    ) -> None:
        """A permit or a refusal, mostly one that holds today."""
        denies = self.chance(0.18)
        start = self.near_today(-9, 0) if self.chance(0.9) else self.near_today(1, 1)
        closed = Category.EXISTENCE if denies and self.chance(0.7) else NOTHING
        used = _USUAL if self.chance(0.8) else ()
        purposes = {*used, *self.choose.sample(list(Purpose), 4)}
        method = self.choose.choice(["WRITTEN", "WRITTEN", "ELECTRONIC", "VERBAL", "TELEPHONIC", "NOTICE"])
        row: dict[str, Any] = {
            "id": self.uuid(),
            "person_id": person,
            "effect": "DENY" if denies else "PERMIT",
            "categories": int(self.categories() & ~closed),
            "purposes": sorted(one.value for one in purposes),
            "start_on": start,
            "end_on": start + timedelta(days=self.choose.randint(1, 14)) if self.chance(0.25) else None,
            "provisional_until": self.near_today(-1, 4) if self.chance(0.1) else None,
            "form_id": form,
            "template": self.token() if form else None,
            "section": self.token() if form else None,
            "language": self.choose.choice([None, "es"]),
            "regime": "PART2" if self.chance(0.12) else self.choose.choice(["HUD", "HIPAA", "RHY", "HIV"]),
            "signed_by_client": guardian is None or self.chance(0.5),
            "guardian_id": guardian,
            "method": method,
            "evidence": None if self.chance(0.15) else self.token(),
            "recorded_at": self.moment(),
            "recorded_by": self.token(),
            "recorded_at_agency": self.choose.choice(made.tables["agency"])["id"],
            **self.limits([one["id"] for one in made.tables["source"]]),
        }
        made.tables["consent_grant"].append(row)
        self.recipients(made, row)
        row["labels"] = int(self.labels(row))
        if self.chance(0.08):
            self.revoke(made, row["id"])

    def limits(self, known: list[int]) -> dict[str, Any]:
        """Which records a grant speaks of: mostly all."""
        first = self.day() if self.chance(0.15) else None
        last = self.day() + timedelta(days=1) if self.chance(0.15) else None
        sources = self.choose.choice([known[:1], known[-1:], known]) if self.chance(0.22) else None
        return {"sources": sources, "data_from": first, "data_to": last}

    def recipients(self, made: Community, row: dict[str, Any]) -> None:
        """Whom a grant speaks to: everybody, agencies by name, a living group, or one person."""
        groups = made.tables["visibility_group"]
        kind = self.choose.choice(["wide", "wide", "named", "named", "group" if groups else "named"])
        row |= {"community_wide": kind == "wide", "group_id": None, "subject": None}
        if kind == "group":
            row["group_id"] = self.choose.choice(groups)["id"]
        if kind != "wide" and self.chance(0.15):
            row["subject"] = self.choose.choice(SUBJECTS)
        if kind == "named":
            agencies = made.tables["agency"]
            for named in self.choose.sample(agencies, self.choose.randint(1, len(agencies))):
                recipient = {"grant_id": row["id"], "agency_id": named["id"]}
                made.tables["consent_recipient"].append(recipient)

    def labels(self, row: dict[str, Any]) -> Label:
        """The labels a grant names: none where everybody is meant and it opens."""
        named = Label(0)
        if row["effect"] == "DENY":
            return self.choose.choice(_LABELS) if self.chance(0.4) else named
        if row["community_wide"]:
            return named
        if self.chance(0.3):
            return _ALL_NAMED
        for label in self.choose.sample(_LABELS, self.choose.choice([0, 0, 1, 2])):
            named |= label
        return named | (Label.PART2_NOTES if self.chance(0.05) else Label(0))

    def revoke(self, made: Community, grant: UUID) -> None:
        revoked = {
            "grant_id": grant,
            "reason": self.token(),
            "revoked_at": self.moment(),
            "revoked_by": self.token(),
        }
        if not any(row["grant_id"] == grant for row in made.tables["consent_revocation"]):
            made.tables["consent_revocation"].append(revoked)

    def opening(self, made: Community, person: UUID) -> None:
        """Somebody opened a person in an emergency: now, lately, or in a moment."""
        opened = NOW + timedelta(minutes=self.choose.choice([-80, -30, -20, -1, 0, 2]))
        row = {
            "id": self.uuid(),
            "person_id": person,
            "subject": self.choose.choice(SUBJECTS),
            "agency_id": self.choose.choice(made.tables["agency"])["id"],
            "reason": self.token(),
            "opened_at": opened,
            "closes_at": opened + timedelta(minutes=self.choose.choice([20, 30, 60])),
        }
        made.tables["break_glass"].append(row)
        if self.chance(0.3):
            self.review(made, row["id"])

    def review(self, made: Community, opening: UUID) -> None:
        row = {
            "break_glass_id": opening,
            "reviewer": self.token(),
            "outcome": self.choose.choice(["JUSTIFIED", "NOT_JUSTIFIED"]),
            "reviewed_at": self.moment(),
        }
        if not any(one["break_glass_id"] == opening for one in made.tables["break_glass_review"]):
            made.tables["break_glass_review"].append(row)

    def disclosure(self, made: Community) -> None:
        """Somebody of an agency was told something of some people."""
        event = {
            "id": self.number(),
            "at": self.moment(),
            "request_id": self.token(),
            "subject": self.token(),
            "agency_id": self.choose.choice(made.tables["agency"])["id"],
            "role": Role.CASE_MANAGER.value,
            "purpose": self.choose.choice([*Purpose, None]),
            "application": "elsewhere",
            "operation_sha256": self.token(),
            "policy_version": "1",
            "as_of": date(2026, 1, 1),
            "outcome": "ANSWERED",
        }
        made.tables["audit_event"].append(event)
        people = made.tables["person"]
        for person in self.choose.sample(people, self.choose.randint(1, min(3, len(people)))):
            shared = self.choose.choice([NOTHING, Category.EXISTENCE, PARTNER, self.categories()])
            line = {
                "event_id": event["id"],
                "person_id": person["id"],
                "disclosed": int(shared | self.choose.choice([NOTHING, Category.NAME])),
                "shared": int(shared),
                "withheld": 0,
                "grants": [],
                "notice": None,
                "exception": "BREAK_GLASS" if event["id"] % 3 == 0 else None,
            }
            made.tables["audit_subject"].append(line)


_MEMBERS = "visibility_group_member"
