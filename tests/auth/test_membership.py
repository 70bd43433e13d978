"""From a verified token to a viewer, by our own table: rule 0."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert

from auth.membership import Membership, NoAccess, admit, viewer_of
from auth.tokens import Claims
from auth.viewer import Agency, AgencyKind, Purpose, Role, Viewer
from hmis.tables.agency import agency, member
from hmis.tables.source import source

TODAY = date(2026, 3, 2)
HARBOR, HILL = uuid.UUID(int=1), uuid.UUID(int=2)
CLAIMS = Claims(
    issuer="https://id.example.org",
    subject="user-7",
    client_id="shelter-app",
    jti="token-1",
    expires_at=datetime(2026, 3, 2, 16, tzinfo=UTC),
    scopes=frozenset({"clients.read", "audit.read", "openid"}),
)
AT_HARBOR = Membership(
    role="CASE_MANAGER",
    agency_id=HARBOR,
    source_id=1,
    organization_id="96",
    name="Harbor Shelter",
    kind="CHO",
    agreement_from=date(2025, 1, 1),
    agreement_to=None,
    purposes=("CARE_COORDINATION", "REPORTING"),
)
AT_HILL = replace(AT_HARBOR, agency_id=HILL, name="Hill House", organization_id="4")


def reason(claims: Claims, *live: Membership, as_of: date = TODAY) -> str:
    refused = admit(claims, live, as_of)
    assert isinstance(refused, NoAccess)
    return refused.reason


def admitted(claims: Claims, *live: Membership, as_of: date = TODAY) -> Viewer:
    viewer = admit(claims, live, as_of)
    assert isinstance(viewer, Viewer)
    return viewer


def test_a_member_of_an_agency_with_an_agreement_is_a_viewer():
    viewer = admitted(CLAIMS, AT_HARBOR)
    assert viewer.agency == Agency(HARBOR, 1, "96", "Harbor Shelter", AgencyKind.CHO)
    assert (viewer.role, viewer.purpose, viewer.kind) == (
        Role.CASE_MANAGER,
        Purpose.CARE_COORDINATION,
        "user",
    )
    assert (viewer.subject, viewer.client_id) == ("user-7", "shelter-app")


def test_scopes_are_what_both_token_and_role_allow():
    assert admitted(CLAIMS, AT_HARBOR).scopes == {"clients.read"}
    assert admitted(replace(CLAIMS, scopes=frozenset()), AT_HARBOR).scopes == frozenset()


def test_an_application_on_its_own_behalf_is_a_service():
    assert admitted(replace(CLAIMS, client_id="user-7"), AT_HARBOR).kind == "service"


def test_nobody_is_let_in_without_a_live_membership():
    assert reason(CLAIMS) == "no live membership"
    assert reason(replace(CLAIMS, agency=str(HARBOR))) == "no live membership"


@pytest.mark.parametrize(
    ("start", "end", "in_force"),
    [
        (date(2026, 3, 2), None, True),
        (date(2026, 3, 3), None, False),
        (date(2025, 1, 1), date(2026, 3, 3), True),
        (date(2025, 1, 1), date(2026, 3, 2), False),
    ],
)
def test_an_agreement_holds_from_its_first_day_until_the_day_it_ends(start, end, in_force):
    live = replace(AT_HARBOR, agreement_from=start, agreement_to=end)
    if in_force:
        assert admitted(CLAIMS, live)
    else:
        assert reason(CLAIMS, live) == "the agency's agreement is not in force"


@pytest.mark.parametrize(
    ("role", "purpose", "refusal"),
    [
        ("CASE_MANAGER", "LAW_ENFORCEMENT", "the purpose is not one of the role's"),
        ("CASE_MANAGER", "REPORTING", "the purpose is not one of the role's"),
        ("CASE_MANAGER", "ELIGIBILITY", "the purpose is not one of the agency's agreement"),
        ("DASHBOARD", "CARE_COORDINATION", "the purpose is not one of the role's"),
        ("SYSTEM", None, "the purpose is not one of the agency's agreement"),
        ("CASE_MANAGER", "care_coordination", "the token names an unknown purpose"),
        ("CASE_MANAGER", "curiosity", "the token names an unknown purpose"),
    ],
)
def test_a_purpose_needs_both_the_role_and_the_agreement(role, purpose, refusal):
    assert reason(replace(CLAIMS, purpose=purpose), replace(AT_HARBOR, role=role)) == refusal


def test_an_agreement_cannot_lend_a_role_another_purpose():
    live = replace(AT_HARBOR, purposes=tuple(Purpose))
    assert "role" in reason(replace(CLAIMS, purpose="LAW_ENFORCEMENT"), live)


def test_a_dashboard_without_a_purpose_reports():
    assert admitted(CLAIMS, replace(AT_HARBOR, role="DASHBOARD")).purpose is Purpose.REPORTING


@pytest.mark.parametrize("changes", [{"role": "ADMIN"}, {"role": ""}, {"kind": "SHELTER"}])
def test_a_word_that_this_version_does_not_know_lets_nobody_in(changes):
    assert "does not know" in reason(CLAIMS, replace(AT_HARBOR, **changes))


def test_the_table_wins_over_the_agency_in_the_token():
    # The person moved from Hill to Harbor after the token was issued.
    assert admitted(replace(CLAIMS, agency=str(HILL)), AT_HARBOR).agency.id == HARBOR


def test_of_several_memberships_the_token_may_choose_one_and_no_other():
    assert admitted(replace(CLAIMS, agency=str(HILL)), AT_HARBOR, AT_HILL).agency.id == HILL
    assert "does not say which" in reason(CLAIMS, AT_HARBOR, AT_HILL)
    for wish in (str(uuid.UUID(int=3)), "", "Hill House", "4"):
        assert "none at the agency" in reason(replace(CLAIMS, agency=wish), AT_HARBOR, AT_HILL)


def test_two_roles_at_one_agency_let_nobody_in():
    second = replace(AT_HARBOR, role="DASHBOARD")
    assert "at the same agency" in reason(replace(CLAIMS, agency=str(HARBOR)), AT_HARBOR, second)


async def stored(connection, *members: dict[str, object], **agreement: object) -> uuid.UUID:
    source_id = await connection.scalar(insert(source).values(name="demo").returning(source.c.id))
    usual = {
        "name": "Harbor",
        "kind": "CHO",
        "agreement_from": date(2025, 1, 1),
        "purposes": ["CARE_COORDINATION"],
    }
    at = await connection.scalar(
        insert(agency)
        .values(**{**usual, "source_id": source_id, "organization_id": "96", **agreement})
        .returning(agency.c.id)
    )
    person = {"issuer": CLAIMS.issuer, "subject": "user-7", "agency_id": at, "role": "CASE_MANAGER"}
    for row in members:
        await connection.execute(insert(member).values({**person, "valid_from": date(2025, 1, 1), **row}))
    return at


async def test_the_viewer_is_read_in_one_statement(connection, statements):
    at = await stored(connection, {})
    statements.forget()
    viewer = await viewer_of(connection, CLAIMS, TODAY)
    assert statements.count == 1
    assert isinstance(viewer, Viewer)
    assert (viewer.agency.id, viewer.agency.organization_id, viewer.agency.name) == (at, "96", "Harbor")


@pytest.mark.parametrize(
    "row",
    [
        {"subject": "user-8"},
        {"subject": "USER-7"},
        {"issuer": "https://other.example.org"},
        {"valid_from": date(2026, 3, 3)},
        {"valid_to": date(2026, 3, 2)},
        {"valid_from": date(2026, 3, 2), "valid_to": date(2026, 3, 2)},
    ],
)
async def test_the_row_of_somebody_else_or_of_another_time_is_no_membership(connection, row):
    await stored(connection, row)
    assert await viewer_of(connection, CLAIMS, TODAY) == NoAccess("no live membership")


@pytest.mark.parametrize("row", [{"valid_from": date(2026, 3, 2)}, {"valid_to": date(2026, 3, 3)}])
async def test_a_membership_holds_from_its_first_day_until_the_day_it_ends(connection, row):
    await stored(connection, row)
    assert isinstance(await viewer_of(connection, CLAIMS, TODAY), Viewer)


async def test_an_ended_agreement_is_read_from_the_table(connection):
    await stored(connection, {}, agreement_to=date(2026, 3, 1))
    assert await viewer_of(connection, CLAIMS, TODAY) == NoAccess("the agency's agreement is not in force")


async def test_an_agency_of_no_source_may_look_as_well(connection):
    await stored(connection, {}, source_id=None, organization_id=None, kind="PARTNER")
    viewer = await viewer_of(connection, CLAIMS, TODAY)
    assert isinstance(viewer, Viewer)
    assert (viewer.agency.source_id, viewer.agency.kind) == (None, AgencyKind.PARTNER)
