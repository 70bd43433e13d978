"""What a viewer may know of consent itself: grants that concern them, disclosures, openings, explanations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from auth.categories import Category
from auth.consent import (
    ANY_RECORD,
    Decision,
    Effect,
    RecordFacts,
    decide,
    is_minor,
    latest_form,
    own_record,
)
from auth.explaining import explain
from auth.grant_state import state_of
from auth.membership import stand_ins
from auth.policy import Combination
from auth.viewer import DEFAULT_PURPOSE, SCOPES, Agency, AgencyKind, Purpose, Role, Scope, Viewer
from tests.journeys.agreements import SUBJECTS
from tests.journeys.communities import Row
from tests.journeys.raw import Raw
from tests.worlds import TODAY

PURPOSES = (None, Purpose.CARE_COORDINATION, Purpose.REPORTING)
"""What an officer asks explanations for."""
_NOT_TOLD = {"person_id", "evidence", "recorded_at", "recorded_by", "recorded_at_agency", "sources"}
_TELLING = {AgencyKind.VSP, AgencyKind.HOPWA, AgencyKind.PART2, AgencyKind.RHY}


def known_consent(viewer: Viewer, raw: Raw, person: UUID, allowed: Category) -> dict[Any, Any]:
    """What the agency that entered a record of a person may know: no other agency is told any of it."""
    known: dict[Any, Any] = {("disclosures", person): _disclosures(viewer, raw, person, allowed)}
    if Scope.CONSENT_READ in viewer.scopes:
        known["grants", person] = _grants(viewer, raw, person)
        known["previewed", person] = _previewed(viewer, raw, person)
        known["guardians", person] = _guardians(viewer, raw, person)
    if viewer.role is Role.PRIVACY_OFFICER:
        known["explained", person] = _explained(viewer, raw, person)
    return known


def _grants(viewer: Viewer, raw: Raw, person: UUID) -> list[Any]:
    """Grants that the viewer's agency recorded, and those that name it, in the order they were recorded."""
    facts = raw.facts(viewer, person)
    minor = is_minor(facts.births, viewer.policy.age_of_consent, TODAY)
    names = {row["id"]: row["name"] for row in (*raw.of["agency"], *raw.of["visibility_group"])}
    sources = {row["id"]: row["name"] for row in raw.of["source"]}
    revoked = {row["grant_id"]: row["revoked_at"] for row in raw.of["consent_revocation"]}
    stored = {row["id"]: row for row in raw.of["consent_grant"]}
    found = []
    for grant in sorted(facts.grants, key=lambda one: (stored[one.id]["recorded_at"], one.id)):
        row, here = stored[grant.id], viewer.agency.id
        ours = row["recorded_at_agency"] == here
        for_us = (grant.community_wide or here in grant.agencies) and grant.subject in (None, viewer.subject)
        if not ours and not for_us:
            continue
        found.append(
            (
                {name: value for name, value in row.items() if name not in _NOT_TOLD},
                [row[name] for name in ("recorded_at", "recorded_by", "evidence")] if ours else None,
                state_of(grant, viewer.policy, latest_form(facts.grants), minor, TODAY),
                sorted(names[one] for one in grant.agencies if ours or one == here),
                names.get(row["group_id"]),
                None if row["sources"] is None else sorted(sources[one] for one in row["sources"]),
                revoked.get(grant.id),
            )
        )
    return found


def nameable(viewer: Viewer, raw: Raw) -> dict[Any, Any]:
    """The agencies that a client can name, as who may read consent is told of them."""
    if Scope.CONSENT_READ not in viewer.scopes:
        return {}
    named = [row for row in raw.of["agency"] if _in_force(row) and _may_be_named(raw, row)]
    return {("nameable", None): sorted((row["name"], row["id"]) for row in named)}


def _in_force(agency: Row) -> bool:
    ends = agency["agreement_to"]
    return bool(agency["agreement_from"] <= TODAY and (ends is None or ends > TODAY))


def _previewed(viewer: Viewer, raw: Raw, person: UUID) -> list[Any]:
    """How each role at each agency stands to the person, by the grants that the viewer may read."""
    facts, here = raw.facts(viewer, person), viewer.agency.id
    stored = {row["id"]: row for row in raw.of["consent_grant"]}
    given = []
    for grant in facts.grants:
        ours = stored[grant.id]["recorded_at_agency"] == here
        for_us = (grant.community_wide or here in grant.agencies) and grant.subject in (None, viewer.subject)
        superseded = viewer.policy.combination is Combination.LATEST and grant.form not in (
            None,
            latest_form(facts.grants),
        )
        if (ours or for_us) and not (superseded and grant.effect is Effect.PERMIT):
            given.append(grant if ours else replace(grant, agencies=grant.agencies & {here}))
    entered = [
        RecordFacts(row["source_id"], labels=labels)
        for row in raw.records[person]
        if raw.entered_by(viewer, row) and (labels := raw.told_by(row)) is not None
    ]
    named = {here}.union(*(grant.agencies for grant in given))
    found = []
    for row in raw.of["agency"]:
        if not _in_force(row) or not (row["id"] in named or _may_be_named(raw, row)):
            continue
        for role in (Role.CASE_MANAGER, Role.DASHBOARD, Role.PRIVACY_OFFICER):
            if DEFAULT_PURPOSE[role].value not in row["purposes"]:
                continue
            somebody = _somebody(viewer, row, role)
            about = replace(facts, grants=tuple(given), break_glass=None)
            decision = decide(somebody, about, viewer.policy, TODAY)
            records = [ANY_RECORD] if row["id"] == here else entered
            told = explain(decision, records)
            found.append((row["name"], role, [each.category for each in told if each.is_open]))
    return sorted(found)


def _somebody(viewer: Viewer, row: Row, role: Role) -> Viewer:
    place = Agency(row["id"], row["source_id"], row["organization_id"], row["name"], AgencyKind(row["kind"]))
    scopes = frozenset(SCOPES[role])
    return replace(viewer, subject="", agency=place, role=role, scopes=scopes, purpose=DEFAULT_PURPOSE[role])


def _guardians(viewer: Viewer, raw: Raw, person: UUID) -> list[Any]:
    """Who may sign for a person as the viewer's agency recorded it; nobody whom another's file names."""
    barred = {row["guardian_id"]: row["barred_at"] for row in raw.of["guardian_bar"]}
    told = ("id", "adult", "authority", "valid_from", "valid_to")
    return sorted(
        (*(row[name] for name in told), barred.get(row["id"]))
        for row in raw.of["guardian"]
        if row["person_id"] == person and row["recorded_at_agency"] == viewer.agency.id
    )


def _disclosures(viewer: Viewer, raw: Raw, person: UUID, allowed: Category) -> list[Any]:
    """What other agencies were told that the viewer may see too, where their name alone tells nothing."""
    events = {row["id"]: row for row in raw.of["audit_event"]}
    agencies = {row["id"]: row for row in raw.of["agency"]}
    found = []
    for line in raw.of["audit_subject"]:
        shown = Category(line["shared"]) & allowed
        if line["person_id"] == person and shown:
            event = events[line["event_id"]]
            told = agencies[event["agency_id"]]
            if told["id"] != viewer.agency.id and _may_be_named(raw, told):
                emergency = line["exception"] == "BREAK_GLASS"
                found.append((event["at"], event["id"], told["name"], event["purpose"], shown, emergency))
    return sorted(found, reverse=True)


def _may_be_named(raw: Raw, agency: Row) -> bool:
    place = raw.organizations.get((agency["source_id"], agency["organization_id"]))
    sheltering = place is None or place["victim_service_provider"] != 0
    return AgencyKind(agency["kind"]) not in _TELLING and not sheltering


def known_openings(viewer: Viewer, raw: Raw) -> dict[Any, Any]:
    """For a privacy officer: openings by people of the agency, and those that showed records it shares."""
    if viewer.role is not Role.PRIVACY_OFFICER or Scope.CONSENT_READ not in viewer.scopes:
        return {}
    reviews = {
        row["break_glass_id"]: (row["outcome"], row["reviewed_at"]) for row in raw.of["break_glass_review"]
    }
    own = raw.own_projects(viewer) & raw.shareable
    ours = {
        person
        for person, clients in raw.records.items()
        for client in clients
        for stay in raw.stays[client["source_id"], client["personal_id"]]
        if (stay["source_id"], stay["project_id"]) in own
    }
    return {
        ("break_glass", row["id"]): (tuple(row.values()), reviews.get(row["id"]))
        for row in raw.of["break_glass"]
        if row["agency_id"] == viewer.agency.id or row["person_id"] in ours
    }


def _explained(officer: Viewer, raw: Raw, person: UUID) -> list[Any]:
    """How everybody who acts for an agency stands to the records that the officer's agency entered."""
    entered = [row for row in raw.records[person] if raw.entered_by(officer, row)]
    sources = {row["source_id"] for row in entered}
    records = [
        RecordFacts(row["source_id"], labels=labels)
        for row in entered
        if (labels := raw.told_by(row)) is not None
    ]
    found = []
    for subject in SUBJECTS:
        for purpose in PURPOSES:
            for viewer in stand_ins(_memberships(raw, subject), subject, TODAY, purpose):
                own = Category(0)
                if viewer.agency.id == officer.agency.id and entered:
                    own = own_record(viewer)
                decision = _about(sources, raw.decision(viewer, person))
                speaking = {grant.id for grant in (*decision.permits, *decision.denials)}
                told = viewer.agency.name, viewer.role, viewer.purpose
                found.append((subject, purpose, told, explain(decision, records, own), speaking))
    return found


def _about(sources: set[int], decision: Decision) -> Decision:
    """Without the grants for records of other sources: those would tell where else somebody is known."""
    permits, denials = (
        tuple(one for one in grants if one.sources is None or one.sources & sources)
        for grants in (decision.permits, decision.denials)
    )
    return replace(decision, permits=permits, denials=denials)


def _memberships(raw: Raw, subject: str) -> list[Row]:
    """The rows that membership reads: what somebody is a member of today, and the policy in force."""
    agencies = {row["id"]: row for row in raw.of["agency"]}
    profile = max(raw.of["policy_profile"], key=lambda one: one["id"], default={})
    names = ("notice_version", "notice_categories", "combination", "age_of_consent", "default_term_days")
    policy = {f"policy_{name}": profile.get(name) for name in (*names, "max_term_days")}
    found = []
    for row in raw.of["member"]:
        lasts = row["valid_to"] is None or row["valid_to"] > TODAY
        if row["subject"] == subject and row["valid_from"] <= TODAY and lasts:
            place = agencies[row["agency_id"]]
            held = {name: value for name, value in place.items() if name != "id"}
            order = (place["name"], row["id"])
            found.append((order, {**held, "role": row["role"], "agency_id": place["id"], **policy}))
    return [held for _, held in sorted(found, key=lambda one: one[0])]
