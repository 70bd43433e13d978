"""A second opinion: the rules written once more, in Cedar, and random cases decided by both.

`consent.cedar` was written from the words of the rules and not from `decide`. Where the two disagree, one of
them is wrong.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cedarpy
import pytest

from auth.categories import HMIS, Category
from auth.consent import Effect, Facts, Grant, Guardian, RecordFacts, decide, own_record
from auth.legal_order import LegalOrder
from auth.policy import Combination, Policy
from auth.viewer import Purpose, Role, Scope, Viewer
from hmis.labels import NONE, Label
from tests.auth.test_consent import viewer

RULES = (Path(__file__).parent / "consent.cedar").read_text()
AGENCIES = [UUID(int=number) for number in (1, 2, 3)]
DAY = date(2026, 6, 30)
MOST_GRANTS, MOST_ORDERS = 4, 2
PEOPLE, ASKED_OF_EACH = 2_000, 6
_CATEGORIES = list(Category)
_LABELS = [Label.DV, Label.HIV, Label.SUD, Label.PART2, Label.PART2_NOTES, Label.VSP]


@dataclass(frozen=True)
class Case:
    """Somebody asks for one category of one record, of a value in it that may carry a label of its own."""

    viewer: Viewer
    facts: Facts
    policy: Policy
    record: RecordFacts
    own: bool
    category: Category
    value: Label


def _names(mask: Category | Label) -> list[str]:
    return [bit.name for bit in type(mask) if bit & mask and bit.name]


# ---- random cases ----


class Cases:
    """Random, and mostly near the edges: a day before and after, one recipient of three, few labels."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)

    def label(self, none: int = 3) -> Label:
        mask = NONE
        for label in self.choose.sample(_LABELS, self.choose.choice([0] * none + [1, 1, 2])):
            mask |= label
        return mask

    def near(self, *or_none: None) -> Any:
        return self.choose.choice([*or_none, *(DAY + timedelta(days=days) for days in (-40, -1, 0, 1))])

    def guardian(self) -> Guardian | None:
        if self.choose.random() < 0.5:
            return None
        return Guardian(UUID(int=9), self.near(), self.near(None, None), self.choose.random() < 0.2)

    def grant(self, number: int) -> Grant:
        choose = self.choose
        categories = Category.EXISTENCE if choose.random() < 0.8 else Category(0)
        for category in choose.sample(_CATEGORIES, choose.randint(3, 16)):
            categories |= category
        return Grant(
            id=UUID(int=number),
            effect=choose.choice([Effect.PERMIT, Effect.PERMIT, Effect.PERMIT, Effect.DENY]),
            categories=categories,
            purposes=frozenset(purpose.value for purpose in choose.sample(list(Purpose), 8)),
            community_wide=choose.random() < 0.25,
            agencies=frozenset(choose.sample(AGENCIES, 2)),
            start=choose.choice([DAY - timedelta(days=99)] * 6 + [self.near()]),
            end=choose.choice([None] * 4 + [DAY + timedelta(days=99)] * 4 + [self.near()]),
            revoked=choose.random() < 0.08,
            labels=self.label(),
            subject=choose.choice([None, None, None, None, "somebody", "somebody else"]),
            sources=choose.choice([None, None, frozenset({1}), frozenset({1, 2})]),
            data_from=choose.choice([None, None, None, DAY - timedelta(days=40)]),
            data_to=choose.choice([None, None, None, DAY]),
            provisional_until=choose.choice([None] * 6 + [self.near()]),
            form=choose.choice([None, UUID(int=21), UUID(int=22)]),
            signed_by_client=choose.random() < 0.8,
            guardian=self.guardian(),
            regime=choose.choice(["HUD", "HUD", "PART2", "RHY"]),
            method=choose.choice(["WRITTEN", "WRITTEN", "ELECTRONIC", "VERBAL", "NOTICE"]),
            evidence=choose.choice([None, "sha256:0", "sha256:0"]),
            recorded_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
        )

    def order(self, number: int) -> LegalOrder:
        choose = self.choose
        categories = Category.EXISTENCE if choose.random() < 0.95 else Category(0)
        for category in choose.sample(_CATEGORIES, choose.randint(8, 20)):
            categories |= category
        approvers = choose.sample(["first", "second", "third", "clerk", "somebody"], choose.randint(3, 5))
        return LegalOrder(
            id=UUID(int=number),
            agency=choose.choice([*AGENCIES, AGENCIES[0], AGENCIES[0]]),
            subject=choose.choice(["somebody"] * 4 + ["somebody else"]),
            categories=categories,
            start=choose.choice([DAY - timedelta(days=9)] * 5 + [self.near()]),
            end=choose.choice([DAY + timedelta(days=9)] * 5 + [self.near()]),
            recorded_by="clerk",
            approvers=frozenset(approvers),
            withdrawn=choose.random() < 0.1,
            labels=self.label(),
        )

    def facts(self) -> Facts:
        births = [DAY.replace(year=2008), DAY.replace(year=2008) + timedelta(days=1), date(2010, 1, 1)]
        return Facts(
            grants=tuple(self.grant(number + 1) for number in range(self.choose.randint(0, MOST_GRANTS))),
            births=tuple(self.choose.sample(births, self.choose.choice([0, 0, 0, 1, 2]))),
            break_glass=UUID(int=5) if self.choose.random() < 0.1 else None,
            orders=tuple(
                self.order(number + 1) for number in range(self.choose.choice([0, 1, 1, MOST_ORDERS]))
            ),
        )

    def viewer(self) -> Viewer:
        choose = self.choose
        role = choose.choice([Role.CASE_MANAGER] * 4 + list(Role))
        asked = choose.choice(
            [Purpose.CARE_COORDINATION] * 20 + [Purpose.LAW_ENFORCEMENT] * 4 + list(Purpose)
        )
        who = replace(viewer(choose.choice(AGENCIES), role), purpose=asked)
        return replace(who, scopes=frozenset({Scope.CLIENTS_READ} if choose.random() < 0.95 else ()))

    def policy(self) -> Policy:
        choose = self.choose
        notice = Category.EXISTENCE | Category.NAME | Category.FOOD
        return Policy(
            notice_categories=choose.choice([Category(0), Category(0), notice]),
            combination=choose.choice(list(Combination)),
            age_of_consent=choose.choice([18, 18, 16]),
        )

    def case(self, facts: Facts) -> Case:
        choose = self.choose
        category = choose.choice(_CATEGORIES)
        record = RecordFacts(choose.choice([None, 1, 2, 3]), self.near(None), self.label())
        own = choose.random() < 0.08 and bool(category & HMIS)
        return Case(self.viewer(), facts, self.policy(), record, own, category, self.label(none=9))


# ---- what decide says ----


def decided(case: Case) -> bool:
    if case.own and not case.viewer.under_order:  # nobody owns what they are shown under an order
        return bool(own_record(case.viewer) & case.category)
    opened = decide(case.viewer, case.facts, case.policy, DAY).of(case.record)
    allowed = bool(opened.allowed & case.category)
    assert opened.shows(case.category, NONE) is allowed
    return opened.shows(case.category, case.value)


# ---- what Cedar says ----


def _known(**facts: object) -> dict[str, object]:
    """Facts as Cedar knows them: what is None is not there, a day is a number."""
    numbered = {name: _number(value) for name, value in facts.items()}
    return {name: value for name, value in numbered.items() if value is not None}


def _number(value: object) -> object:
    return value.toordinal() if isinstance(value, date) else value


def _grant(number: int, grant: Grant) -> dict[str, Any]:
    adult = grant.guardian
    return _entity(
        "Grant",
        str(number),
        effect=grant.effect.value,
        categories=_names(grant.categories),
        labels=_names(grant.labels),
        purposes=sorted(grant.purposes),
        communityWide=grant.community_wide,
        agencies=sorted(map(str, grant.agencies)),
        subject=grant.subject,
        start=grant.start,
        end=grant.end,
        provisionalUntil=grant.provisional_until,
        revoked=grant.revoked,
        sources=None if grant.sources is None else sorted(grant.sources),
        dataFrom=grant.data_from,
        dataTo=grant.data_to,
        form=None if grant.form is None else str(grant.form),
        signedByClient=grant.signed_by_client,
        guardianFrom=adult.start if adult else None,
        guardianTo=adult.end if adult else None,
        guardianBarred=adult.barred if adult else None,
        regime=grant.regime,
        method=grant.method,
        hasEvidence=grant.evidence is not None,
    )


def _order(number: int, order: LegalOrder) -> dict[str, Any]:
    return _entity(
        "Order",
        str(number),
        agency=str(order.agency),
        subject=order.subject,
        categories=_names(order.categories),
        labels=_names(order.labels),
        start=order.start,
        end=order.end,
        withdrawn=order.withdrawn,
        independentApprovers=len([who for who in order.approvers if who not in ("clerk", order.subject)]),
    )


def _entity(kind: str, name: str, **facts: object) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": name}, "attrs": _known(**facts), "parents": []}


def _person(case: Case) -> dict[str, object]:
    oldest = min(case.facts.births, default=None)
    forms = [grant for grant in case.facts.grants if grant.form is not None]
    latest = max(forms, key=lambda grant: str(grant.recorded_at), default=None)
    wins = case.policy.combination is Combination.LATEST and latest is not None
    return _known(
        brokenOpen=case.facts.break_glass is not None,
        adultFrom=oldest.replace(year=oldest.year + case.policy.age_of_consent) if oldest else None,
        latestForm=str(latest.form) if wins and latest else None,
    )


def _asked(number: int, case: Case) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The entities and the two questions of one case: is the client there, and is the category open."""
    entities = [
        _entity(
            "Viewer",
            str(number),
            agency=str(case.viewer.agency.id),
            subject=case.viewer.subject,
            role=case.viewer.role.value,
            purpose=case.viewer.purpose.value,
            scopes=sorted(case.viewer.scopes),
        ),
        _entity(
            "Record",
            str(number),
            own=case.own,
            source=case.record.source_id,
            day=case.record.day,
            person=_person(case),
        ),
    ]
    labels = {"find": case.record.labels, "read": case.record.labels | case.value}
    categories = {"find": Category.EXISTENCE, "read": case.category}
    questions = [
        {
            "principal": f'Viewer::"{number}"',
            "action": f'Action::"{action}"',
            "resource": f'Record::"{number}"',
            "context": {
                "category": categories[action].name,
                "labels": _names(labels[action]),
                "notice": _names(case.policy.notice_categories),
                "day": DAY.toordinal(),
            },
        }
        for action in ("find", "read")
    ]
    return entities, questions


def cedar(policies: cedarpy.PolicySet, facts: Facts, cases: list[Case]) -> list[bool]:
    """What Cedar says of cases about one person."""
    entities = [_grant(number + 1, grant) for number, grant in enumerate(facts.grants)]
    entities += [_order(number + 1, order) for number, order in enumerate(facts.orders)]
    # An entity that is not there is no error to `has`, so fewer grants need no other rules.
    questions = []
    for number, case in enumerate(cases):
        more, asked = _asked(number, case)
        entities += more
        questions += asked
    results = cedarpy.is_authorized_batch(questions, policies, entities)
    for result in results:
        assert result.diagnostics.errors == []
    return [
        there.allowed and opened.allowed for there, opened in zip(results[::2], results[1::2], strict=True)
    ]


@pytest.fixture(scope="module")
def policies() -> cedarpy.PolicySet:
    """The rules, once for every grant and order a person may have; the others lose nothing by it."""
    said = [
        RULES.replace('Grant::"1"', f'Grant::"{number}"').replace('Order::"1"', f'Order::"{number}"')
        for number in range(1, max(MOST_GRANTS, MOST_ORDERS) + 1)
    ]
    return cedarpy.PolicySet.from_str("\n".join(said))


def test_cedar_and_decide_agree_on_random_cases(policies: cedarpy.PolicySet) -> None:
    cases = Cases(20260630)
    compared = opened = labelled = ordered = 0
    for _ in range(PEOPLE):
        facts = cases.facts()
        asked = [cases.case(facts) for _ in range(ASKED_OF_EACH)]
        for case, theirs in zip(asked, cedar(policies, facts, asked), strict=True):
            ours = decided(case)
            assert ours is theirs, case
            compared += 1
            opened += ours
            ordered += ours and case.viewer.under_order
            labelled += ours and bool(case.record.labels | case.value)
    assert compared == PEOPLE * ASKED_OF_EACH
    assert opened > compared / 10, "the cases must open enough to be worth comparing"
    assert labelled > compared / 100
    assert ordered > compared / 200


def test_what_partners_hold_is_nobodys_own_record_for_either(policies: cedarpy.PolicySet) -> None:
    nothing = Facts()
    for category in Category:
        case = Case(viewer(), nothing, Policy(), RecordFacts(1), True, category, NONE)
        assert cedar(policies, nothing, [case]) == [decided(case)], category
