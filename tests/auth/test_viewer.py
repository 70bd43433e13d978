"""What each role is for."""

from __future__ import annotations

import pytest

from auth.viewer import DEFAULT_PURPOSE, PURPOSES, SCOPES, Purpose, Role, Scope, role_permits


@pytest.mark.parametrize("role", Role)
def test_every_role_has_purposes_scopes_and_a_default_that_it_may_use(role):
    assert PURPOSES[role]
    assert SCOPES[role]
    assert role_permits(role, DEFAULT_PURPOSE[role])


def test_a_token_without_a_purpose_means_the_everyday_one():
    assert DEFAULT_PURPOSE[Role.CASE_MANAGER] is Purpose.CARE_COORDINATION
    assert DEFAULT_PURPOSE[Role.DASHBOARD] is Purpose.REPORTING


@pytest.mark.parametrize("role", Role)
def test_only_a_privacy_officer_may_ask_for_law_enforcement_and_an_order_says_what_they_see(role):
    assert role_permits(role, Purpose.LAW_ENFORCEMENT) is (role is Role.PRIVACY_OFFICER)


def test_only_case_managers_and_privacy_officers_write_down_consent():
    assert {role for role in Role if Scope.CONSENT_WRITE in SCOPES[role]} == {
        Role.CASE_MANAGER,
        Role.PRIVACY_OFFICER,
    }
    assert {role for role in Role if Scope.CLIENTS_WRITE in SCOPES[role]} == {Role.CASE_MANAGER}
