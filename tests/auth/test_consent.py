"""The decision, rule by rule, as a plain function."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from auth.categories import EVERYTHING, NOTHING, Category
from auth.consent import (
    PARTNER_RECORD,
    ROLE_MAY_SEE,
    Decision,
    Effect,
    Facts,
    Grant,
    Guardian,
    Reason,
    RecordFacts,
    decide,
    own_record,
)
from auth.policy import NO_POLICY, Combination, Policy
from auth.viewer import SCOPES, Agency, AgencyKind, Purpose, Role, Scope, Viewer
from hmis.labels import Label

SHELTER, CLINIC = UUID(int=1), UUID(int=2)
TODAY = date(2026, 6, 30)


def viewer(agency: UUID = SHELTER, role: Role = Role.CASE_MANAGER) -> Viewer:
    return Viewer(
        subject="somebody",
        kind="user",
        agency=Agency(agency, 1, "1", "An agency", AgencyKind.CHO),
        role=role,
        scopes=frozenset(SCOPES[role]),
        purpose=Purpose.CARE_COORDINATION,
        acr=None,
        auth_time=None,
        client_id="test",
    )


def grant(categories: Category = EVERYTHING, number: int = 1) -> Grant:
    return Grant(
        id=UUID(int=number),
        effect=Effect.PERMIT,
        categories=categories,
        purposes=frozenset({"CARE_COORDINATION"}),
        community_wide=False,
        agencies=frozenset({SHELTER}),
        start=date(2026, 1, 1),
        end=None,
    )


def decided(*grants: Grant, who: Viewer | None = None, day: date = TODAY, **facts: Any) -> Decision:
    policy = facts.pop("policy", NO_POLICY)
    return decide(who or viewer(), Facts(grants=grants, **facts), policy, day)


def test_without_a_grant_everything_is_closed() -> None:
    decision = decided()
    assert decision.allowed == NOTHING
    assert decision.reason(Category.HEALTH_DISABILITY) is Reason.NO_GRANT


def test_a_grant_opens_what_it_names_and_says_which_grant() -> None:
    decision = decided(grant(Category.EXISTENCE | Category.NAME))
    assert decision.allowed == Category.EXISTENCE | Category.NAME
    assert decision.reason(Category.NAME) is Reason.GRANT
    assert decision.reason(Category.DOB) is Reason.NO_GRANT
    assert decision.grants == (UUID(int=1),)


def test_a_grant_without_existence_opens_nothing() -> None:
    assert decided(grant(EVERYTHING & ~Category.EXISTENCE)).allowed == NOTHING


def test_a_grant_to_another_agency_says_nothing() -> None:
    assert decided(grant(), who=viewer(CLINIC)).allowed == NOTHING


def test_a_community_wide_grant_speaks_to_every_agency() -> None:
    wide = replace(grant(), community_wide=True, agencies=frozenset())
    assert decided(wide, who=viewer(CLINIC)).allowed & Category.NAME


def test_a_grant_for_another_purpose_says_nothing() -> None:
    assert decided(replace(grant(), purposes=frozenset({"REPORTING"}))).allowed == NOTHING


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_grant_is_open_from_its_first_day_until_the_day_before_its_end(day: date, opens: bool) -> None:
    assert bool(decided(replace(grant(), end=date(2026, 4, 1)), day=day).allowed) is opens


def test_a_revoked_grant_says_nothing() -> None:
    assert decided(replace(grant(), revoked=True)).allowed == NOTHING


def test_a_denial_wins_over_any_permit_and_is_named_as_the_reason() -> None:
    denial = replace(grant(Category.NAME, number=2), effect=Effect.DENY)
    wide = replace(grant(), community_wide=True, agencies=frozenset())
    for order in ([wide, denial], [denial, wide]):
        decision = decided(*order)
        assert not decision.allowed & Category.NAME
        assert decision.allowed & Category.DOB
        assert decision.reason(Category.NAME) is Reason.DENIED_BY_CLIENT


def test_a_denial_for_one_agency_leaves_the_others() -> None:
    denial = replace(grant(EVERYTHING, number=2), effect=Effect.DENY)
    wide = replace(grant(), community_wide=True, agencies=frozenset())
    assert decided(wide, denial, who=viewer(SHELTER)).allowed == NOTHING
    assert decided(wide, denial, who=viewer(CLINIC)).allowed & Category.NAME


def test_a_denial_of_existence_closes_everything() -> None:
    denial = replace(grant(Category.EXISTENCE, number=2), effect=Effect.DENY)
    assert decided(grant(), denial).allowed == NOTHING


def test_a_dashboard_sees_no_name_whatever_the_client_agreed_to() -> None:
    decision = decided(grant(), who=viewer(role=Role.DASHBOARD))
    assert not decision.allowed & Category.NAME
    assert decision.reason(Category.NAME) is Reason.ROLE
    assert decision.allowed & Category.ENROLLMENT


def test_an_integrator_sees_no_person() -> None:
    assert decided(grant(), who=viewer(role=Role.INTEGRATOR)).allowed == NOTHING
    assert own_record(viewer(role=Role.INTEGRATOR)) == NOTHING


def test_a_token_without_the_scope_for_clients_opens_nothing() -> None:
    narrow = replace(viewer(), scopes=frozenset({"projects.read"}))
    assert decided(grant(), who=narrow).allowed == NOTHING
    assert own_record(narrow) == NOTHING


def test_an_agency_does_not_own_what_partners_hold() -> None:
    own = own_record(viewer())
    assert own & Category.NAME
    assert not own & (Category.FOOD | Category.UTILITY)


def test_nobody_sees_a_full_social_security_number() -> None:
    assert not any(may & Category.SSN_FULL for may in ROLE_MAY_SEE.values())


def test_labels_open_only_to_a_grant_that_names_them() -> None:
    hiv = RecordFacts(1, labels=Label.HIV)
    assert decided(grant()).of(hiv).allowed == NOTHING
    named = replace(grant(), labels=Label.HIV)
    assert decided(named).of(hiv).allowed & Category.ENROLLMENT
    assert decided(named).of(RecordFacts(1, labels=Label.HIV | Label.SUD)).allowed == NOTHING
    assert decided(named).of(RecordFacts(1)).allowed & Category.ENROLLMENT


def test_one_permit_must_name_every_label_of_a_record() -> None:
    apart = [replace(grant(number=1), labels=Label.HIV), replace(grant(number=2), labels=Label.SUD)]
    both = RecordFacts(1, labels=Label.HIV | Label.SUD)
    assert decided(*apart).of(both).allowed == NOTHING
    assert decided(replace(grant(), labels=Label.HIV | Label.SUD)).of(both).allowed & Category.ENROLLMENT


def test_a_labelled_value_opens_by_the_permit_of_its_category() -> None:
    stays = replace(grant(Category.EXISTENCE | Category.ENROLLMENT, number=1), labels=Label.SUD)
    opened = decided(stays, grant(Category.EXISTENCE | Category.NAME, number=2)).of(RecordFacts(1))
    assert opened.shows(Category.ENROLLMENT, Label.SUD)
    assert not opened.shows(Category.ENROLLMENT, Label.HIV)
    assert opened.shows(Category.NAME, Label(0))
    assert not opened.shows(Category.NAME, Label.SUD)


def test_community_wide_and_notice_grants_carry_no_label_even_by_mistake() -> None:
    labelled = RecordFacts(1, labels=Label.SUD)
    wide = replace(grant(), labels=Label.SUD, community_wide=True)
    notice = replace(grant(), labels=Label.SUD, method="NOTICE")
    assert decided(wide).of(labelled).allowed == NOTHING
    assert decided(notice).of(labelled).allowed == NOTHING


def test_no_grant_opens_what_a_victim_service_provider_entered() -> None:
    release = replace(grant(), labels=Label.VSP, end=date(2027, 1, 1))
    assert decided(release).of(RecordFacts(1, labels=Label.VSP)).allowed == NOTHING


def test_psychotherapy_notes_take_a_consent_of_their_own() -> None:
    notes = RecordFacts(1, labels=Label.PART2_NOTES)
    with_others = replace(grant(), labels=Label.PART2 | Label.PART2_NOTES)
    assert decided(with_others).of(notes).allowed == NOTHING
    assert decided(replace(grant(), labels=Label.PART2_NOTES)).of(notes).allowed
    assert decided(break_glass=UUID(int=9)).of(notes).allowed == NOTHING


def test_a_denial_of_a_label_closes_the_labelled_alone() -> None:
    permit = replace(grant(), labels=Label.SUD | Label.HIV)
    denial = replace(grant(Category.ENROLLMENT, number=2), effect=Effect.DENY, labels=Label.SUD)
    decision = decided(permit, denial)
    assert not decision.of(RecordFacts(1, labels=Label.SUD)).allowed & Category.ENROLLMENT
    assert decision.of(RecordFacts(1, labels=Label.HIV)).allowed & Category.ENROLLMENT
    plain = decision.of(RecordFacts(1))
    assert plain.allowed & Category.ENROLLMENT
    assert not plain.shows(Category.ENROLLMENT, Label.SUD)
    assert plain.shows(Category.ENROLLMENT, Label.HIV)


def test_a_grant_is_limited_to_its_sources_and_its_period() -> None:
    narrow = replace(grant(), sources=frozenset({1}), data_from=date(2025, 1, 1), data_to=date(2026, 1, 1))
    decision = decided(narrow)
    assert decision.of(RecordFacts(1, date(2025, 6, 1))).allowed
    assert decision.of(RecordFacts(1, date(2025, 1, 1))).allowed
    assert not decision.of(RecordFacts(2, date(2025, 6, 1))).allowed
    assert not decision.of(RecordFacts(1, date(2024, 12, 31))).allowed
    assert not decision.of(RecordFacts(1, date(2026, 1, 1))).allowed
    assert decision.of(RecordFacts(1)).allowed


def test_a_spoken_consent_lapses_on_its_day() -> None:
    spoken = replace(grant(), method="VERBAL", provisional_until=date(2026, 6, 30))
    assert decided(spoken, day=date(2026, 6, 29)).allowed
    assert not decided(spoken, day=date(2026, 6, 30)).allowed


def test_a_grant_to_one_person_of_an_agency_is_for_nobody_else_there() -> None:
    personal = replace(grant(), subject="somebody")
    assert decided(personal).allowed
    assert not decided(replace(personal, subject="somebody else")).allowed


def test_where_the_newest_form_wins_an_older_one_never_comes_back() -> None:
    older = replace(grant(number=1), form=UUID(int=11), recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    newer = replace(
        grant(Category.EXISTENCE | Category.NAME, number=2),
        form=UUID(int=12),
        recorded_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    latest = Policy(combination=Combination.LATEST)
    assert decided(older, newer, policy=latest).allowed == Category.EXISTENCE | Category.NAME
    assert decided(older, replace(newer, revoked=True), policy=latest).allowed == NOTHING
    assert decided(older, newer).allowed & Category.DOB


def test_what_the_notice_covers_is_open_without_a_signature_and_without_labels() -> None:
    notice = Policy(notice_categories=Category.EXISTENCE | Category.NAME)
    decision = decided(policy=notice)
    assert decision.of(RecordFacts(1)).allowed == Category.EXISTENCE | Category.NAME
    assert decision.reason(Category.NAME) is Reason.NOTICE
    assert not decision.of(RecordFacts(1, labels=Label.HIV)).allowed
    denial = replace(grant(Category.NAME), effect=Effect.DENY)
    assert decided(denial, policy=notice).allowed == Category.EXISTENCE


def test_broken_glass_opens_all_but_what_the_role_has_no_need_of_and_wins_over_a_denial() -> None:
    denial = replace(grant(), effect=Effect.DENY)
    decision = decided(denial, break_glass=UUID(int=9))
    opened = decision.of(RecordFacts(1, labels=Label.SUD))
    assert opened.allowed == EVERYTHING & ~Category.SSN_FULL
    assert opened.shows(Category.ENROLLMENT, Label.HIV)
    assert decision.reason(Category.NAME) is Reason.BREAK_GLASS


class TestMinors:
    BORN = date(2010, 3, 1)
    PARENT = Guardian(UUID(int=5), date(2020, 1, 1), None)

    def test_a_minors_own_signature_is_not_enough(self) -> None:
        assert not decided(grant(), births=(self.BORN,)).allowed

    def test_a_guardians_signature_is(self) -> None:
        assert decided(replace(grant(), guardian=self.PARENT), births=(self.BORN,)).allowed

    def test_a_guardians_grant_dies_on_the_day_the_child_comes_of_age(self) -> None:
        signed = replace(grant(), signed_by_client=False, guardian=self.PARENT)
        assert decided(signed, births=(self.BORN,), day=date(2028, 2, 29)).allowed
        assert not decided(signed, births=(self.BORN,), day=date(2028, 3, 1)).allowed

    def test_their_own_signature_is_enough_from_that_day_on(self) -> None:
        assert decided(grant(), births=(self.BORN,), day=date(2028, 3, 1)).allowed

    def test_a_barred_guardians_grant_is_dead_even_when_signed_later(self) -> None:
        barred = replace(self.PARENT, barred=True)
        signed = replace(grant(), signed_by_client=False, guardian=barred)
        assert not decided(signed, births=(self.BORN,)).allowed

    def test_a_refusal_counts_whoever_spoke_it(self) -> None:
        denial = replace(grant(number=2), effect=Effect.DENY, signed_by_client=True)
        permit = replace(grant(), guardian=self.PARENT)
        assert not decided(permit, denial, births=(self.BORN,)).allowed

    def test_records_that_differ_about_the_birth_date_go_by_the_oldest(self) -> None:
        assert decided(grant(), births=(self.BORN, date(1990, 1, 1))).allowed

    def test_somebody_of_unknown_age_is_taken_for_grown(self) -> None:
        assert decided(grant()).allowed


@pytest.mark.parametrize(
    "missing", [{"method": "VERBAL"}, {"evidence": None}, {"end": None}, {"community_wide": True}]
)
def test_a_part_2_consent_that_lacks_a_required_field_opens_nothing(missing: dict[str, Any]) -> None:
    whole = replace(grant(), regime="PART2", evidence="sha256:0", end=date(2027, 1, 1), labels=Label.PART2)
    assert decided(whole).of(RecordFacts(1, labels=Label.PART2)).allowed
    assert not decided(replace(whole, **missing)).allowed


def test_every_role_and_purpose_has_its_widest_sight() -> None:
    def seen(role: Role, purpose: Purpose = Purpose.OPERATIONS) -> Category:
        who = replace(viewer(role=role), purpose=purpose, scopes=frozenset({Scope.CLIENTS_READ}))
        return decided(break_glass=UUID(int=9), who=who).allowed

    numbers = Category.SSN_LAST4 | Category.SSN_FULL
    reach = Category.NAME | Category.CONTACT | numbers
    everything = EVERYTHING & ~Category.SSN_FULL
    written = Category.NOTES | Category.FILES | Category.CURRENT_LOCATION
    assert seen(Role.PRIVACY_OFFICER) == everything
    assert seen(Role.DASHBOARD) == everything & ~(reach | written)
    assert seen(Role.SYSTEM) == seen(Role.INTEGRATOR) == NOTHING
    assert seen(Role.CASE_MANAGER, Purpose.REPORTING) == everything & ~reach
    for purpose in (Purpose.RESEARCH, Purpose.DEIDENTIFICATION):
        assert seen(Role.CASE_MANAGER, purpose) == everything & ~(reach | Category.DOB)
    assert seen(Role.CASE_MANAGER, Purpose.LAW_ENFORCEMENT) == NOTHING


@pytest.mark.parametrize("label", [Label.VSP, Label.PART2_NOTES])
def test_broken_glass_opens_nothing_of_what_is_never_opened(label: Label) -> None:
    decision = decided(break_glass=UUID(int=9))
    assert decision.of(RecordFacts(1, labels=label)).allowed == NOTHING
    assert not decision.of(RecordFacts(1)).shows(Category.ENROLLMENT, label)


def test_a_refused_label_closes_its_category_alone_and_opens_nothing() -> None:
    denial = replace(grant(Category.ENROLLMENT, number=2), effect=Effect.DENY, labels=Label.SUD)
    opened = decided(replace(grant(), labels=Label.SUD), denial).of(RecordFacts(1))
    assert not opened.shows(Category.ENROLLMENT, Label.SUD)
    assert opened.shows(Category.SERVICES, Label.SUD)
    assert opened.allowed & Category.ENROLLMENT
    assert decided(denial).reason(Category.ENROLLMENT) is Reason.NO_GRANT
    assert decided(replace(denial, categories=EVERYTHING)).of(RecordFacts(1)).allowed == NOTHING


def test_a_refusal_for_part_2_needs_no_form_and_keeps_to_its_sources() -> None:
    spoken = replace(grant(Category.NAME, number=2), effect=Effect.DENY, regime="PART2", method="VERBAL")
    assert not decided(grant(), spoken).allowed & Category.NAME
    elsewhere = decided(grant(), replace(spoken, sources=frozenset({2})))
    assert elsewhere.of(RecordFacts(1)).allowed & Category.NAME
    assert not elsewhere.of(RecordFacts(2)).allowed & Category.NAME


def test_a_grant_of_some_sources_answers_for_the_person_but_not_for_partners() -> None:
    decision = decided(replace(grant(), sources=frozenset({1})))
    assert decision.allowed & Category.NAME
    assert decision.of(PARTNER_RECORD).allowed == NOTHING


def test_a_value_takes_the_labels_of_its_record_too() -> None:
    record = RecordFacts(1, labels=Label.HIV)
    both = replace(grant(Category.EXISTENCE | Category.ENROLLMENT), labels=Label.HIV)
    other = replace(grant(Category.EXISTENCE | Category.ENROLLMENT, number=2), labels=Label.SUD)
    assert not decided(both, other).of(record).shows(Category.ENROLLMENT, Label.SUD)
    assert decided(both).of(record).shows(Category.ENROLLMENT, Label.HIV)
    assert not decided(both).of(record).shows(Category.NAME, Label(0))


def test_a_guardian_signs_in_their_time_and_at_the_age_the_community_set() -> None:
    adult = Guardian(UUID(int=5), TODAY, date(2026, 7, 2))
    signed = replace(grant(), signed_by_client=False, guardian=adult)
    days = [date(2026, 6, 29), TODAY, date(2026, 7, 1), date(2026, 7, 2)]
    opens = [bool(decided(signed, births=(date(2010, 3, 1),), day=day).allowed) for day in days]
    assert opens == [False, True, True, False]
    assert decided(grant(), births=(date(2010, 3, 1),), policy=Policy(age_of_consent=16)).allowed


def test_where_the_newest_form_wins_a_grant_by_itself_stays() -> None:
    form = replace(grant(Category.EXISTENCE), form=UUID(int=11), recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    alone = grant(Category.NAME, number=2)
    allowed = decided(form, alone, policy=Policy(combination=Combination.LATEST)).allowed
    assert allowed == Category.EXISTENCE | Category.NAME


def test_only_grants_that_open_something_are_named() -> None:
    useless = grant(Category.SSN_FULL, number=2)
    assert decided(grant(), useless).grants == (UUID(int=1),)
