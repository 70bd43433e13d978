"""The programs' rules at their edges, and what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from hmis.eligibility.facts import Fact, Facts, Person
from hmis.eligibility.pack import Program, StateLimit, pack
from hmis.eligibility.programs import Screening, Verdict, screen
from hmis.eligibility.reasoning import Code

DAY = date(2026, 6, 30)
LIKELY, UNLIKELY, NEED_INFO = Verdict.LIKELY, Verdict.UNLIKELY, Verdict.NEED_INFO
CENT = Decimal("0.01")
ALONE = Person(
    age=30,
    income=Decimal(0),
    pregnant=False,
    disabled=False,
    snap=False,
    wic=False,
    tanf=False,
    ssi=False,
    medicaid=False,
    va_pension=False,
)


def facts(income: Decimal | int, state: str = "NC", area: str | None = None, **more: object) -> Facts:
    """Somebody who lives alone and has this much a month."""
    return Facts(replace(ALONE, income=Decimal(income), **more), (), state, area)  # type: ignore[arg-type]


def of(program: Program, given: Facts, day: date = DAY) -> Screening:
    return next(one for one in screen(given, day, pack()) if one.program is program)


def codes(screening: Screening) -> list[Code]:
    return [reason.code for reason in screening.reasons]


@pytest.mark.parametrize(
    ("program", "state", "limit", "within", "above"),
    [
        # A state of which no limit is loaded: below all that it may have set, within, and above.
        (Program.SNAP, "TX", 1305, LIKELY, NEED_INFO),
        (Program.SNAP, "TX", 2609, NEED_INFO, UNLIKELY),
        (Program.LIHEAP, "TX", Decimal("1434.58"), LIKELY, NEED_INFO),
        (Program.TEFAP, "TX", Decimal("2460.50"), LIKELY, NEED_INFO),
        (Program.TEFAP, "TX", Decimal("3990.00"), NEED_INFO, UNLIKELY),
        # 200 and 165 percent of $15,650.
        (Program.SNAP, "NC", 2609, LIKELY, UNLIKELY),
        (Program.SNAP, "IL", 2152, LIKELY, UNLIKELY),
        # Alaska and Hawaii have guidelines of their own.
        (Program.SNAP, "AK", 1630, LIKELY, NEED_INFO),
        (Program.SNAP, "HI", 1500, LIKELY, NEED_INFO),
    ],
)
def test_an_income_at_the_limit_is_within_it_and_a_cent_more_is_not(
    program: Program, state: str, limit: Decimal | int, within: Verdict, above: Verdict
) -> None:
    assert of(program, facts(limit, state)).verdict is within
    assert of(program, facts(limit + CENT, state)).verdict is above


@pytest.mark.parametrize(
    ("program", "yearly"),
    [
        (Program.HUD_EXTREMELY_LOW_INCOME, 21_000),
        (Program.HUD_VERY_LOW_INCOME, 35_000),
        (Program.HUD_LOW_INCOME, 56_000),
    ],
)
def test_huds_limits_are_those_of_the_area_and_year(program: Program, yearly: int) -> None:
    monthly = (Decimal(yearly) / 12).quantize(CENT, "ROUND_DOWN")
    at, over = (of(program, facts(monthly + more, area="999999")) for more in (0, CENT))
    assert (at.verdict, over.verdict) == (LIKELY, UNLIKELY)
    assert at.rules_version == f"{program.value}-24-CFR-5.603-EXAMPLE-FY2026"
    assert at.effective_from == date(2026, 4, 1)


def test_an_area_that_is_not_loaded_is_said_to_be_missing() -> None:
    elsewhere = of(Program.HUD_LOW_INCOME, facts(0, area="123456"))
    assert (elsewhere.verdict, elsewhere.needs) == (NEED_INFO, (Fact.AREA_LIMIT,))
    assert codes(elsewhere)[0] is Code.FACTS_MISSING
    assert of(Program.HUD_LOW_INCOME, facts(0)).needs == (Fact.AREA,)


def test_wic_asks_for_group_and_income() -> None:
    def wic(income: Decimal | int = 0, **more: object) -> Screening:
        return of(Program.WIC, facts(income, **more))

    # 185 percent of $15,650 a year is $2,413 a month, and of $21,150 for two it is $3,261.
    assert wic(2413, age=4).verdict is LIKELY
    assert wic(2413 + CENT, age=4).verdict is UNLIKELY
    assert wic(age=5).verdict is UNLIKELY
    assert wic(3261, pregnant=True).verdict is LIKELY
    assert wic(3261 + CENT, pregnant=True).verdict is UNLIKELY
    assert wic(9000, pregnant=True, medicaid=True).verdict is LIKELY
    assert wic(9000, age=4, tanf=True).verdict is LIKELY
    assert wic(9000, wic=True).verdict is LIKELY
    assert wic(pregnant=None).needs == (Fact.PREGNANCY,)
    assert wic(3000, age=4, pregnant=None).needs == (Fact.PREGNANCY,)
    assert wic(9000, age=None, pregnant=None).verdict is UNLIKELY
    assert Code.GROUP_NOT_SERVED in codes(wic())


def test_what_is_received_already_or_opened_by_another_benefit_is_likely() -> None:
    for more in ({"snap": True}, {"tanf": True}, {"ssi": True}):
        assert of(Program.SNAP, facts(9000, **more)).verdict is LIKELY
    for more in ({"snap": True}, {"tanf": True}, {"ssi": True}, {"va_pension": True}):
        assert of(Program.LIHEAP, facts(9000, **more)).verdict is LIKELY
    assert of(Program.TEFAP, facts(9000, snap=True)).verdict is UNLIKELY


def test_tanf_of_one_opens_snap_for_a_household_only_if_everybody_has_it() -> None:
    pair = replace(facts(9000, tanf=True), others=(replace(ALONE, ssi=True),))
    assert of(Program.SNAP, pair).verdict is LIKELY
    assert of(Program.SNAP, replace(pair, others=(ALONE,))).verdict is UNLIKELY


@pytest.mark.parametrize("more", [{"age": 60}, {"disabled": True}])
def test_for_somebody_elderly_or_disabled_snap_has_no_gross_limit(more: dict[str, object]) -> None:
    given = facts(9000, **more)
    found = of(Program.SNAP, given)
    assert (found.verdict, found.needs) == (NEED_INFO, (Fact.DEDUCTIONS,))
    assert Code.ELDERLY_OR_DISABLED in codes(found)
    assert of(Program.SNAP, replace(given, deductions=Decimal(7695))).verdict is LIKELY
    assert of(Program.SNAP, replace(given, deductions=Decimal(7695) - CENT)).verdict is UNLIKELY


def test_somebody_unknown_in_the_household_may_bring_what_the_client_lacks() -> None:
    rich = replace(facts(50_000), others=None)
    snap = of(Program.SNAP, rich)
    assert snap.verdict is NEED_INFO
    assert {Fact.HOUSEHOLD, Fact.BENEFITS} <= set(snap.needs)
    assert Code.HOUSEHOLD_AS_SEEN not in codes(snap)
    assert of(Program.WIC, replace(rich, client=replace(rich.client, age=4))).verdict is NEED_INFO
    # Even twenty people would be above the highest limit.
    assert of(Program.TEFAP, rich).verdict is UNLIKELY


def test_a_territory_with_rules_of_its_own_is_not_judged_by_those_of_the_states() -> None:
    puerto_rico = {program: of(program, facts(0, "PR")) for program in Program}
    for program in (Program.SNAP, Program.LIHEAP, Program.TEFAP):
        assert puerto_rico[program].verdict is NEED_INFO
        assert Fact.RULES in puerto_rico[program].needs
    assert of(Program.WIC, facts(0, "PR", age=4)).verdict is LIKELY
    assert of(Program.SNAP, facts(0, "GU")).verdict is LIKELY


def test_without_a_state_only_what_holds_in_every_state_is_said() -> None:
    def anywhere(income: Decimal | int) -> Screening:
        return of(Program.SNAP, replace(facts(income), state=None))

    assert anywhere(1305).verdict is LIKELY
    assert anywhere(1305 + CENT).verdict is NEED_INFO
    assert Fact.STATE in anywhere(1305 + CENT).needs
    # 200 percent of Alaska's $19,550 is the highest limit of all.
    assert anywhere(3259).verdict is NEED_INFO
    assert anywhere(3259 + CENT).verdict is UNLIKELY


def test_a_states_own_limit_by_median_income_is_taken() -> None:
    own = StateLimit(Program.LIHEAP, "MN", None, 60_000, date(2025, 10, 1), date(2026, 9, 30), "made up")
    rules = replace(pack(), states=(*pack().states, own))

    def verdict(income: int | Decimal) -> Verdict:
        found = screen(facts(income, "MN"), DAY, rules)
        return next(one.verdict for one in found if one.program is Program.LIHEAP)

    assert (verdict(2600), verdict(2600 + CENT)) == (LIKELY, UNLIKELY)


def test_after_the_last_day_of_the_newest_edition_its_answer_comes_with_a_warning() -> None:
    late = of(Program.SNAP, facts(0), date(2027, 10, 1))
    assert (late.verdict, late.rules_version) == (LIKELY, "SNAP-FY2027")
    assert Code.RULES_MAY_BE_OUTDATED in codes(late)
    assert Code.RULES_MAY_BE_OUTDATED not in codes(of(Program.SNAP, facts(0)))


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2028, 10, 1)])
def test_where_no_edition_is_loaded_nothing_is_said(day: date) -> None:
    none = of(Program.SNAP, facts(0), day)
    assert (none.verdict, none.needs, none.rules_version) == (NEED_INFO, (Fact.RULES,), None)
    assert codes(none) == [Code.RULES_NOT_LOADED]


def test_every_answer_says_who_decides_and_whom_was_counted() -> None:
    for one in screen(facts(1000), DAY, pack()):
        assert codes(one)[-1] is Code.PROGRAM_DECIDES
        assert Code.HOUSEHOLD_AS_SEEN in codes(one)
    for program in (Program.SNAP, Program.WIC):
        assert "caseworker" in of(program, facts(1000)).reasons[-1].message


def test_a_reason_says_the_limit_in_dollars() -> None:
    found = of(Program.SNAP, facts(2700))
    assert [reason.message for reason in found.reasons[:2]] == [
        "The income is above the gross limit, $1,696 a month for 1 person.",
        "The income is above the limit of the state, $2,609 a month for 1 person.",
    ]
