"""Three-valued reasoning: NEED_INFO is said exactly when what is not known decides."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hmis.eligibility.facts import Fact, Facts, Person
from hmis.eligibility.pack import Pack, Program, pack
from hmis.eligibility.programs import Screening, Verdict, screen
from tests.hmis.eligibility.completions import (
    DAY,
    LOADED,
    NOT_LOADED,
    best,
    completed,
    facts_with_gaps,
    worst,
)

ORDER = [Verdict.UNLIKELY, Verdict.NEED_INFO, Verdict.LIKELY]


def verdicts(facts: Facts, rules: Pack | None = None) -> dict[Program, Verdict]:
    return {one.program: one.verdict for one in screened(facts, rules)}


def screened(facts: Facts, rules: Pack | None = None) -> tuple[Screening, ...]:
    return screen(facts, DAY, rules or pack())


@given(st.data())
@settings(max_examples=600, deadline=None)
def test_no_completion_contradicts_a_verdict(data: st.DataObject) -> None:
    facts = data.draw(facts_with_gaps)
    said = verdicts(facts)
    whole = verdicts(*data.draw(completed(facts)))
    assert Verdict.NEED_INFO not in whole.values()
    assert {program: whole[program] for program in said if said[program] is not Verdict.NEED_INFO} == {
        program: verdict for program, verdict in said.items() if verdict is not Verdict.NEED_INFO
    }


@given(facts_with_gaps)
@settings(max_examples=600, deadline=None)
def test_where_more_has_to_be_known_two_completions_differ(facts: Facts) -> None:
    for program, verdict in verdicts(facts).items():
        at_best = verdicts(*best(facts, program))[program]
        at_worst = verdicts(*worst(facts))[program]
        assert (verdict is Verdict.NEED_INFO) == (at_best is not at_worst), program
        if verdict is Verdict.NEED_INFO:
            assert (at_worst, at_best) == (Verdict.UNLIKELY, Verdict.LIKELY), program


@given(facts_with_gaps, st.integers(0, 4), st.integers(1, 500_000))
@settings(max_examples=400, deadline=None)
def test_more_income_never_helps(facts: Facts, place: int, cents: int) -> None:
    people = list(facts.people)
    one = people[place % len(people)]
    assume(one.income is not None)
    assert one.income is not None
    people[place % len(people)] = replace(one, income=one.income + Decimal(cents) / 100)
    others = None if facts.others is None else tuple(people[1:])
    richer = verdicts(replace(facts, client=people[0], others=others))
    for program, verdict in verdicts(facts).items():
        assert ORDER.index(richer[program]) <= ORDER.index(verdict), program


@given(facts_with_gaps)
@settings(max_examples=400, deadline=None)
def test_one_more_in_the_household_without_income_never_hurts(facts: Facts) -> None:
    assume(facts.others is not None)
    assert facts.others is not None
    # Whoever receives neither TANF nor SSI would end SNAP's way by these: 7 CFR 273.2(j)(2)(i).
    newcomer = Person(age=30, income=Decimal(0), tanf=True, snap=False, ssi=False, disabled=False)
    larger = verdicts(replace(facts, others=(*facts.others, newcomer)))
    for program, verdict in verdicts(facts).items():
        assert ORDER.index(larger[program]) >= ORDER.index(verdict), program


@given(facts_with_gaps)
@settings(max_examples=400, deadline=None)
def test_what_is_asked_for_is_really_missing(facts: Facts) -> None:
    people = facts.people
    missing = {
        Fact.HOUSEHOLD: facts.others is None,
        Fact.INCOME: any(one.income is None for one in people),
        Fact.BENEFITS: any(
            None in (one.snap, one.wic, one.tanf, one.ssi, one.medicaid, one.va_pension) for one in people
        )
        or facts.others is None,
        Fact.AGE: any(one.age is None for one in people) or facts.others is None,
        Fact.PREGNANCY: facts.client.pregnant is None,
        Fact.DISABILITY: any(one.disabled is None for one in people) or facts.others is None,
        Fact.DEDUCTIONS: facts.deductions is None,
        Fact.STATE: facts.state is None,
        Fact.STATE_LIMIT: True,
        Fact.AREA: facts.area is None,
        Fact.AREA_LIMIT: facts.area == NOT_LOADED,
        Fact.RULES: False,
    }
    for one in screened(facts):
        assert bool(one.needs) == (one.verdict is Verdict.NEED_INFO)
        assert all(missing[fact] for fact in one.needs), one.program


def test_the_areas_that_are_made_up_are_told_apart() -> None:
    assert pack().area_limit(Program.HUD_LOW_INCOME, LOADED, DAY) is not None
    assert pack().area_limit(Program.HUD_LOW_INCOME, NOT_LOADED, DAY) is None
