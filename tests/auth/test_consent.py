"""The decision, rule by rule, as a plain function."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from auth.categories import EVERYTHING, NOTHING, Category
from auth.consent import ROLE_MAY_SEE, Effect, Grant, Reason, decide, own_record
from auth.viewer import SCOPES, Agency, AgencyKind, Purpose, Role, Viewer

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


def test_without_a_grant_everything_is_closed() -> None:
    decision = decide(viewer(), [], TODAY)
    assert decision.allowed == NOTHING
    assert decision.reason(Category.HEALTH_DISABILITY) is Reason.NO_GRANT


def test_a_grant_opens_what_it_names_and_says_which_grant() -> None:
    decision = decide(viewer(), [grant(Category.EXISTENCE | Category.NAME)], TODAY)
    assert decision.allowed == Category.EXISTENCE | Category.NAME
    assert decision.reason(Category.NAME) is Reason.GRANT
    assert decision.reason(Category.DOB) is Reason.NO_GRANT
    assert decision.grants == (UUID(int=1),)


def test_a_grant_without_existence_opens_nothing() -> None:
    assert decide(viewer(), [grant(EVERYTHING & ~Category.EXISTENCE)], TODAY).allowed == NOTHING


def test_a_grant_to_another_agency_says_nothing() -> None:
    assert decide(viewer(CLINIC), [grant()], TODAY).allowed == NOTHING


def test_a_community_wide_grant_speaks_to_every_agency() -> None:
    wide = replace(grant(), community_wide=True, agencies=frozenset())
    assert decide(viewer(CLINIC), [wide], TODAY).allowed & Category.NAME


def test_a_grant_for_another_purpose_says_nothing() -> None:
    assert decide(viewer(), [replace(grant(), purposes=frozenset({"REPORTING"}))], TODAY).allowed == NOTHING


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
    assert bool(decide(viewer(), [replace(grant(), end=date(2026, 4, 1))], day).allowed) is opens


def test_a_revoked_grant_says_nothing() -> None:
    assert decide(viewer(), [replace(grant(), revoked=True)], TODAY).allowed == NOTHING


def test_a_denial_wins_over_any_permit_and_is_named_as_the_reason() -> None:
    denial = replace(grant(Category.NAME, number=2), effect=Effect.DENY)
    wide = replace(grant(), community_wide=True, agencies=frozenset())
    for order in ([wide, denial], [denial, wide]):
        decision = decide(viewer(), order, TODAY)
        assert not decision.allowed & Category.NAME
        assert decision.allowed & Category.DOB
        assert decision.reason(Category.NAME) is Reason.DENIED_BY_CLIENT


def test_a_denial_for_one_agency_leaves_the_others() -> None:
    denial = replace(grant(EVERYTHING, number=2), effect=Effect.DENY)
    wide = replace(grant(), community_wide=True, agencies=frozenset())
    assert decide(viewer(SHELTER), [wide, denial], TODAY).allowed == NOTHING
    assert decide(viewer(CLINIC), [wide, denial], TODAY).allowed & Category.NAME


def test_a_denial_of_existence_closes_everything() -> None:
    denial = replace(grant(Category.EXISTENCE, number=2), effect=Effect.DENY)
    assert decide(viewer(), [grant(), denial], TODAY).allowed == NOTHING


def test_a_dashboard_sees_no_name_whatever_the_client_agreed_to() -> None:
    decision = decide(viewer(role=Role.DASHBOARD), [grant()], TODAY)
    assert not decision.allowed & Category.NAME
    assert decision.reason(Category.NAME) is Reason.ROLE
    assert decision.allowed & Category.ENROLLMENT


def test_an_integrator_sees_no_person() -> None:
    assert decide(viewer(role=Role.INTEGRATOR), [grant()], TODAY).allowed == NOTHING
    assert own_record(viewer(role=Role.INTEGRATOR)) == NOTHING


def test_a_token_without_the_scope_for_clients_opens_nothing() -> None:
    narrow = replace(viewer(), scopes=frozenset({"projects.read"}))
    assert decide(narrow, [grant()], TODAY).allowed == NOTHING
    assert own_record(narrow) == NOTHING


def test_an_agency_does_not_own_what_partners_hold() -> None:
    own = own_record(viewer())
    assert own & Category.NAME
    assert not own & (Category.FOOD | Category.UTILITY)


def test_nobody_sees_a_full_social_security_number() -> None:
    assert not any(may & Category.SSN_FULL for may in ROLE_MAY_SEE.values())
