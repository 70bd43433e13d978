"""Which rows that hang on a record are read: those that the decision opens, by day and by label."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

from auth.categories import HMIS, NOTHING, Category
from auth.consent import Decision, Effect, Grant, RecordFacts
from hmis.labels import NONE, Label, of_rows
from resolvers.opening import OpenRows, open_rows
from resolvers.rows import Record

FIRST = date(2026, 1, 1)
DAYS = [None, *(FIRST + timedelta(days=day) for day in range(12))]
NAMED = (NONE, Label.HIV, Label.SUD, Label.MENTAL_HEALTH | Label.SUD, Label.HIV | Label.MENTAL_HEALTH)


def grant(choose: Random, effect: Effect) -> Grant:
    def some_day() -> date | None:
        return choose.choice([None, FIRST + timedelta(days=choose.randint(1, 10))])

    categories = choose.choice([HMIS, Category.EXISTENCE, Category.EXISTENCE | Category.HEALTH_DISABILITY])
    return Grant(
        id=UUID(int=choose.getrandbits(128)),
        effect=effect,
        categories=categories,
        purposes=frozenset(),
        community_wide=False,
        agencies=frozenset(),
        start=FIRST,
        end=None,
        labels=choose.choice(NAMED),
        sources=choose.choice([None, None, frozenset({1}), frozenset({2})]),
        data_from=some_day(),
        data_to=some_day(),
    )


def decision(choose: Random) -> Decision:
    return Decision(
        permits=tuple(grant(choose, Effect.PERMIT) for _ in range(choose.randint(0, 3))),
        denials=tuple(grant(choose, Effect.DENY) for _ in range(choose.choice([0, 0, 1]))),
        notice=choose.choice([NOTHING, NOTHING, Category.EXISTENCE | Category.HEALTH_DISABILITY]),
        may_see=HMIS,
    )


def test_a_row_is_read_exactly_when_the_decision_opens_it() -> None:
    choose = Random(7)
    category, (_, codes) = Category.HEALTH_DISABILITY, of_rows("Disabilities") or ("", {})
    opened = 0
    for _ in range(400):
        decided, parent = decision(choose), choose.choice([NONE, Label.HIV])
        of_parent = decided.of(RecordFacts(1, FIRST, parent))
        stay = Record("Enrollment", {"source_id": 1}, UUID(int=0), False, of_parent, decided)
        parts = open_rows(stay, "Disabilities", category)
        for day in DAYS:
            for label in (NONE, *codes.values()):
                told = of_parent.labels | label
                is_open = bool(decided.of(RecordFacts(1, day, told)).allowed & category)
                opened += is_open
                assert sum(_reads(part, day, label) for part in parts) == is_open
    assert opened > 1000


def _reads(part: OpenRows, day: date | None, label: Label) -> bool:
    """What the statement says of one row (`resolvers/records.py`)."""
    undated, dated, since, until, labels = part
    if label & ~labels:
        return False
    if day is None:
        return bool(undated)
    return bool(dated and (since is None or day >= since) and (until is None or day < until))
