"""What of partners is open to anybody, after whatever a client has said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.categories import NOTHING, PARTNER, Category
from auth.consent import PARTNER_RECORD, Effect, Facts, Grant, Guardian, decide
from auth.policy import NO_POLICY, Combination, Policy
from auth.viewer import SCOPES, Agency, AgencyKind, Purpose, Role, Viewer
from auth.withdrawing import Standing, standing

TODAY = date(2026, 6, 30)
A, B = uuid4(), uuid4()
FOOD = Category.EXISTENCE | Category.FOOD
CARE = frozenset({Purpose.CARE_COORDINATION.value})


def grant(**changes: Any) -> Grant:
    said: dict[str, Any] = {
        "id": uuid4(),
        "effect": Effect.PERMIT,
        "categories": FOOD,
        "purposes": CARE,
        "community_wide": False,
        "agencies": frozenset({A}),
        "start": date(2026, 1, 1),
        "end": None,
        **changes,
    }
    return Grant(**said)


def deny(**changes: Any) -> Grant:
    return grant(effect=Effect.DENY, **changes)


def opened(*given_: Grant, births: tuple[date, ...] = (), policy: Policy = NO_POLICY) -> Category:
    return standing(given_, births, policy, TODAY).opened


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, True),
        ({"community_wide": True, "agencies": frozenset()}, True),
        ({"start": date(2026, 7, 1)}, True),
        ({"revoked": True}, False),
        ({"end": TODAY}, False),
        ({"end": date(2026, 7, 1)}, True),
        ({"provisional_until": TODAY}, False),
        ({"signed_by_client": False}, False),
        ({"sources": frozenset({1})}, False),
        ({"agencies": frozenset()}, False),
        ({"regime": "PART2"}, False),
    ],
)
def test_one_grant_keeps_a_category_open_while_it_opens_it_to_somebody(
    changes: dict[str, Any], is_open: bool
) -> None:
    stands = standing([grant(**changes)], (), NO_POLICY, TODAY)

    assert stands == Standing(Category.FOOD, Category.FOOD if is_open else NOTHING)
    assert stands.closed == (NOTHING if is_open else Category.FOOD)


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, False),
        ({"agencies": frozenset({B})}, True),
        ({"community_wide": True, "agencies": frozenset()}, False),
        ({"categories": Category.EXISTENCE}, False),
        ({"categories": Category.UTILITY}, True),
        ({"revoked": True}, True),
        ({"sources": frozenset({1})}, True),
        ({"subject": "somebody"}, True),
        ({"data_to": TODAY}, True),
        ({"purposes": frozenset({Purpose.PAYMENT.value})}, True),
    ],
)
def test_a_refusal_closes_to_those_it_names(changes: dict[str, Any], is_open: bool) -> None:
    assert bool(opened(grant(), deny(**changes)) & Category.FOOD) is is_open


def test_refusals_to_one_after_the_other_close_to_everybody_named() -> None:
    both = grant(agencies=frozenset({A, B}))

    assert opened(both, deny()) == Category.FOOD
    assert opened(both, deny(), deny(agencies=frozenset({B}))) == NOTHING
    everybody = grant(community_wide=True, agencies=frozenset())
    assert opened(everybody, deny(), deny(agencies=frozenset({B}))) == Category.FOOD


def test_a_minor_needs_a_guardian_who_may_sign() -> None:
    births = (date(2015, 1, 1),)
    adult = Guardian(uuid4(), date(2020, 1, 1), None)

    assert opened(grant(), births=births) == NOTHING
    assert opened(grant(guardian=adult), births=births) == Category.FOOD
    assert opened(grant(guardian=replace(adult, barred=True)), births=births) == NOTHING


def test_where_the_newest_form_counts_alone_the_older_ones_open_nothing() -> None:
    latest = Policy(combination=Combination.LATEST)
    older = grant(form=uuid4(), recorded_at=date(2026, 1, 1))
    newer = grant(form=uuid4(), recorded_at=date(2026, 2, 1), categories=Category.UTILITY)

    assert opened(older, newer, policy=latest) == Category.UTILITY
    assert opened(older, newer) == Category.FOOD | Category.UTILITY


def test_what_the_community_shares_by_notice_stays_open_until_it_is_refused() -> None:
    notice = Policy(notice_categories=Category.FOOD)
    gone = grant(revoked=True)

    assert opened(gone, policy=notice) == Category.FOOD
    assert opened(gone, deny(), policy=notice) == Category.FOOD
    assert opened(gone, deny(community_wide=True), policy=notice) == NOTHING


def test_what_another_hmis_supplies_is_weighed_like_what_a_food_bank_does() -> None:
    stays = grant(categories=Category.EXISTENCE | Category.ENROLLMENT, revoked=True)
    of = PARTNER | Category.ENROLLMENT

    assert standing([stays], (), NO_POLICY, TODAY).closed == NOTHING
    assert standing([stays], (), NO_POLICY, TODAY, of).closed == Category.ENROLLMENT
    again = grant(categories=Category.ENROLLMENT)
    assert standing([stays, again], (), NO_POLICY, TODAY, of).closed == NOTHING


_DAYS = st.sampled_from([date(2026, 1, 1), TODAY, date(2026, 12, 31)])
_GRANTS = st.builds(
    grant,
    effect=st.sampled_from(Effect),
    categories=st.sampled_from([FOOD, Category.UTILITY, FOOD | Category.UTILITY, Category.EXISTENCE]),
    purposes=st.sampled_from([CARE, frozenset(p.value for p in Purpose)]),
    community_wide=st.booleans(),
    agencies=st.frozensets(st.sampled_from([A, B])),
    start=_DAYS,
    end=st.none() | _DAYS,
    revoked=st.booleans(),
    sources=st.sampled_from([None, frozenset({1})]),
    subject=st.sampled_from([None, "mia"]),
    signed_by_client=st.booleans(),
    labels=st.just(0),
)


def viewer(agency: Any, subject: str) -> Viewer:
    return Viewer(
        subject=subject,
        kind="user",
        agency=Agency(agency, 1, "o", "An agency", AgencyKind.CHO),
        role=Role.CASE_MANAGER,
        scopes=SCOPES[Role.CASE_MANAGER],
        purpose=Purpose.CARE_COORDINATION,
        acr=None,
        auth_time=None,
        client_id="test",
    )


@given(st.lists(_GRANTS, max_size=5))
def test_nothing_is_called_closed_that_the_rules_still_show_to_somebody(given_: list[Grant]) -> None:
    """Forgetting what somebody may still see would take it away from them."""
    stands = standing(given_, (), NO_POLICY, TODAY)
    for agency in (A, B, uuid4()):
        for subject in ("mia", "leo"):
            decision = decide(viewer(agency, subject), Facts(tuple(given_)), NO_POLICY, TODAY)
            shown = decision.of(PARTNER_RECORD).allowed & PARTNER
            assert not shown & stands.closed
