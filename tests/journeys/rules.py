"""Which rules of consent a made-up community puts to use: what none of them uses is proved by none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from auth.consent import Decision, Effect, Facts, Grant, is_minor, latest_form
from auth.policy import Combination
from auth.viewer import Purpose, Role, Viewer
from hmis.labels import NONE
from tests.journeys.communities import Community
from tests.journeys.raw import Raw, viewer_at
from tests.worlds import TODAY

SPEAKING: Mapping[str, Callable[[Grant], object]] = {
    "permit": lambda grant: grant.effect is Effect.PERMIT,
    "denial": lambda grant: grant.effect is Effect.DENY,
    "denial of a label": lambda grant: grant.effect is Effect.DENY and grant.labels,
    "labels named": lambda grant: grant.named_labels,
    "everybody": lambda grant: grant.community_wide,
    "one person": lambda grant: grant.subject is not None,
    "sources": lambda grant: grant.sources is not None,
    "period": lambda grant: grant.data_from or grant.data_to,
    "provisional": lambda grant: grant.provisional_until is not None,
    "form": lambda grant: grant.form is not None,
    "guardian": lambda grant: grant.guardian is not None,
    "PART2": lambda grant: grant.regime == "PART2",
}
"""Grants that speak to somebody today."""
SILENT: Mapping[str, Callable[[Grant, bool], object]] = {
    "revoked": lambda grant, minor: grant.revoked,
    "ended": lambda grant, minor: grant.end is not None and grant.end <= TODAY,
    "lapsed": lambda grant, minor: grant.provisional_until and grant.provisional_until <= TODAY,
    "barred guardian": lambda grant, minor: grant.guardian and grant.guardian.barred,
    "minor alone": lambda grant, minor: minor and grant.guardian is None,
    "come of age": lambda grant, minor: not minor and grant.guardian and not grant.signed_by_client,
    "PART2 incomplete": lambda grant, minor: not grant.is_complete,
    "somebody else": lambda grant, minor: grant.subject is not None,
}
"""Grants that do not, though their recipient and purpose are the viewer's."""
STANDING = ("notice", "break-glass", "superseded", "living group", "VSP", "labelled project")
RULES = (*SPEAKING, *SILENT, *STANDING)


def rules_used(community: Community) -> Counter[str]:
    """How often each rule decided something, over everybody who might ask."""
    raw, used = Raw(community), Counter[str]()
    members = {(row["group_id"], row["agency_id"]) for row in raw.of["visibility_group_member"]}
    groups = {row["id"]: row["group_id"] for row in raw.of["consent_grant"]}
    used["VSP"] += sum(client and raw.told_by(client) is None for client in raw.clients.values())
    used["labelled project"] += sum(label != NONE for label in raw.labels.values())
    for place in raw.of["agency"]:
        viewer = viewer_at(place, community, Role.CASE_MANAGER, Purpose.CARE_COORDINATION)
        for person in raw.records:
            facts, decision = raw.facts(viewer, person), raw.decision(viewer, person)
            _count(used, viewer, facts, decision)
            speaking = (*decision.permits, *decision.denials)
            used["living group"] += sum((groups[one.id], viewer.agency.id) in members for one in speaking)
    return used


def _count(used: Counter[str], viewer: Viewer, facts: Facts, decision: Decision) -> None:
    speaking = (*decision.permits, *decision.denials)
    minor = is_minor(facts.births, viewer.policy.age_of_consent, TODAY)
    used["notice"] += bool(decision.notice)
    used["break-glass"] += decision.break_glass is not None
    for name, holds in SPEAKING.items():
        used[name] += sum(bool(holds(grant)) for grant in speaking)
    here = [one for one in facts.grants if one.community_wide or viewer.agency.id in one.agencies]
    silent = [one for one in here if viewer.purpose.value in one.purposes and one not in speaking]
    for reason, silences in SILENT.items():
        used[reason] += sum(bool(silences(grant, minor)) for grant in silent)
    if viewer.policy.combination is Combination.LATEST:
        newest = latest_form(facts.grants)
        used["superseded"] += sum(one.form not in (None, newest) for one in silent)
