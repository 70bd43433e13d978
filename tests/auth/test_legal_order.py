"""For law enforcement an order in force is the one rule: what it lists, to whom, for how long, after whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from auth.categories import EVERYTHING, NOTHING, Category
from auth.consent import (
    PARTNER_RECORD,
    Decision,
    Effect,
    Facts,
    Grant,
    Reason,
    RecordFacts,
    decide,
    own_record,
)
from auth.legal_order import LegalOrder
from auth.policy import Policy
from auth.viewer import SCOPES, Agency, AgencyKind, Purpose, Role, Viewer
from hmis.labels import Label

SHELTER, CLINIC = UUID(int=1), UUID(int=2)
TODAY = date(2026, 6, 30)
LISTED = Category.EXISTENCE | Category.NAME | Category.ENROLLMENT


def reader(purpose: Purpose = Purpose.LAW_ENFORCEMENT) -> Viewer:
    return Viewer(
        subject="reader",
        kind="user",
        agency=Agency(SHELTER, 1, "1", "An agency", AgencyKind.CHO),
        role=Role.PRIVACY_OFFICER,
        scopes=frozenset(SCOPES[Role.PRIVACY_OFFICER]),
        purpose=purpose,
        acr=None,
        auth_time=None,
        client_id="test",
    )


def order(number: int = 1, **changes: Any) -> LegalOrder:
    known = LegalOrder(
        id=UUID(int=number),
        agency=SHELTER,
        subject="reader",
        categories=LISTED,
        start=TODAY,
        end=TODAY + timedelta(days=2),
        recorded_by="clerk",
        approvers=frozenset({"first", "second"}),
    )
    return replace(known, **changes)


def decided(
    *orders: LegalOrder,
    who: Viewer | None = None,
    day: date = TODAY,
    policy: Policy | None = None,
    **facts: Any,
) -> Decision:
    return decide(who or reader(), Facts(orders=orders, **facts), policy or Policy(), day)


def test_an_order_opens_what_it_lists_and_is_named_as_the_ground() -> None:
    decision = decided(order())
    assert decision.of(RecordFacts(1, TODAY)).allowed == LISTED
    assert decision.of(RecordFacts(2)).allowed == LISTED
    assert decision.orders == (order(),)
    assert decision.grants == ()
    assert decision.reason(Category.NAME) is Reason.LEGAL_ORDER
    assert decision.reason(Category.DOB) is Reason.NO_GRANT
    assert decision.widest == (LISTED, Label(0))
    assert decided(order(categories=LISTED | Category.FOOD)).of(PARTNER_RECORD).allowed & Category.FOOD


def test_two_orders_open_what_either_lists() -> None:
    other = order(2, categories=Category.EXISTENCE | Category.DOB)
    assert decided(order(), other).allowed == LISTED | Category.DOB


def test_for_law_enforcement_nothing_else_opens() -> None:
    grant = Grant(
        id=UUID(int=7),
        effect=Effect.PERMIT,
        categories=EVERYTHING,
        purposes=frozenset(purpose.value for purpose in Purpose),
        community_wide=False,
        agencies=frozenset({SHELTER}),
        start=date(2026, 1, 1),
        end=None,
    )
    notice = Policy(notice_categories=Category.EXISTENCE | Category.NAME)
    assert decided(grants=(grant,), break_glass=UUID(int=9), policy=notice).allowed == NOTHING
    assert own_record(reader()) == NOTHING
    listed = decided(order(), grants=(grant,), break_glass=UUID(int=9), policy=notice)
    assert listed.of(RecordFacts(1, labels=Label.SUD)).allowed == NOTHING
    assert listed.allowed == LISTED
    denial = replace(grant, effect=Effect.DENY)
    assert decided(order(), grants=(denial,)).allowed == LISTED


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.LAW_ENFORCEMENT}))
def test_for_any_other_purpose_an_order_says_nothing(purpose: Purpose) -> None:
    assert decided(order(), who=reader(purpose)).allowed == NOTHING


def test_it_opens_no_more_than_the_role_may_see() -> None:
    assert not decided(order(categories=EVERYTHING)).allowed & Category.SSN_FULL


def test_an_order_that_does_not_list_existence_opens_nothing() -> None:
    assert decided(order(categories=Category.NAME)).allowed == NOTHING


def test_it_speaks_to_its_reader_at_its_agency_alone() -> None:
    assert decided(order(subject="somebody else")).allowed == NOTHING
    assert decided(order(agency=CLINIC)).allowed == NOTHING
    assert decided(order(), who=replace(reader(), scopes=frozenset())).allowed == NOTHING


def test_it_is_in_force_from_its_first_day_until_the_day_before_its_end() -> None:
    days = [TODAY + timedelta(days=number) for number in (-1, 0, 1, 2)]
    assert [bool(decided(order(), day=day).allowed) for day in days] == [False, True, True, False]


def test_a_withdrawn_order_opens_nothing() -> None:
    assert decided(order(withdrawn=True)).allowed == NOTHING


@pytest.mark.parametrize(
    ("approvers", "opens"),
    [
        ((), False),
        (("first",), False),
        (("first", "second"), True),
        (("first", "clerk"), False),
        (("first", "reader"), False),
        (("clerk", "reader"), False),
        (("first", "clerk", "reader"), False),
        (("first", "second", "clerk", "reader"), True),
    ],
)
def test_two_have_to_approve_it_beside_who_wrote_it_down_and_who_looks(
    approvers: tuple[str, ...], opens: bool
) -> None:
    assert bool(decided(order(approvers=frozenset(approvers))).allowed) is opens


def test_labels_open_only_where_an_order_names_every_one_of_a_record() -> None:
    hiv, both = RecordFacts(1, labels=Label.HIV), RecordFacts(1, labels=Label.HIV | Label.SUD)
    assert decided(order()).of(hiv).allowed == NOTHING
    named = decided(order(labels=Label.HIV))
    assert named.of(hiv).allowed == LISTED
    assert named.of(both).allowed == NOTHING
    assert named.widest == (LISTED, Label.HIV)
    assert decided(order(labels=Label.HIV), order(2, labels=Label.SUD)).of(both).allowed == NOTHING


def test_a_labelled_value_opens_by_the_order_that_lists_its_category() -> None:
    opened = decided(order(labels=Label.SUD)).of(RecordFacts(1))
    assert opened.shows(Category.ENROLLMENT, Label.SUD)
    assert not opened.shows(Category.ENROLLMENT, Label.HIV)
    assert not opened.shows(Category.DOB, Label.SUD)


@pytest.mark.parametrize("label", [Label.VSP, Label.PART2, Label.PART2_NOTES])
def test_no_order_opens_what_takes_another_kind_of_order_or_none_opens(label: Label) -> None:
    decision = decided(order(labels=label))
    assert decision.of(RecordFacts(1, labels=label)).allowed == NOTHING
    assert not decision.of(RecordFacts(1)).shows(Category.ENROLLMENT, label)
    mixed = decided(order(labels=label | Label.SUD))
    assert mixed.of(RecordFacts(1, labels=label | Label.SUD)).allowed == NOTHING
    assert mixed.of(RecordFacts(1, labels=Label.SUD)).allowed == LISTED
