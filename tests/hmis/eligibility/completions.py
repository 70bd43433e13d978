"""Facts with gaps, made up at random, and the ways in which the gaps may be filled."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hmis.eligibility.case import LARGEST
from hmis.eligibility.facts import Facts, Person
from hmis.eligibility.pack import HUD, AreaLimit, Pack, Program, StateLimit, pack

DAY = date(2026, 6, 30)
LOADED, NOT_LOADED = "999999", "100000"
_STATES = ("AK", "CA", "HI", "IL", "MN", "NC", "TX")
_FLAGS = tuple(field.name for field in fields(Person) if field.name not in ("age", "income"))
_ages = st.sampled_from([0, 4, 5, 17, 30, 59, 60, 80])
# Around the limits of small households, and above that of the largest.
_cents = st.one_of(st.integers(0, 900_000), st.integers(0, 6_000_000)).map(lambda cents: Decimal(cents) / 100)
_ENOUGH = Decimal(10**9)


def _people(gaps: bool) -> st.SearchStrategy[Person]:
    def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.none() | values if gaps else values

    flags = {name: maybe(st.booleans()) for name in _FLAGS}
    return st.builds(Person, age=maybe(_ages), income=maybe(_cents), **flags)


facts_with_gaps = st.builds(
    Facts,
    client=_people(gaps=True),
    others=st.none() | st.lists(_people(gaps=True), max_size=4).map(tuple),
    state=st.none() | st.sampled_from(_STATES),
    area=st.none() | st.sampled_from([LOADED, NOT_LOADED]),
    deductions=st.none() | _cents,
)


@st.composite
def completed(draw: st.DrawFn, facts: Facts) -> tuple[Facts, Pack]:
    """The facts without a gap, and the rules with what every state and area set."""
    filled = [_filled(one, draw(_people(gaps=False))) for one in facts.people]
    others = filled[1:]
    if facts.others is None:
        others = draw(st.lists(_people(gaps=False), max_size=LARGEST - 1))
    percent = {
        Program.SNAP: draw(st.sampled_from([0, 130, 165, 200])),
        Program.TEFAP: draw(st.integers(185, 300)),
        Program.LIHEAP: draw(st.integers(110, 400)),
    }
    whole = Facts(
        filled[0],
        tuple(others),
        facts.state or draw(st.sampled_from(_STATES)),
        facts.area or draw(st.sampled_from([LOADED, NOT_LOADED])),
        draw(_cents) if facts.deductions is None else facts.deductions,
    )
    return whole, _with(percent, draw(st.integers(0, 300_000)))


def best(facts: Facts, program: Program) -> tuple[Facts, Pack]:
    """Every gap filled as helps most."""
    age = 2 if program is Program.WIC else 80
    helps = Person(age, Decimal(0), *[True] * len(_FLAGS))
    others = (
        [helps] * (LARGEST - 1) if facts.others is None else [_filled(one, helps) for one in facts.others]
    )
    percent = {Program.SNAP: 200, Program.TEFAP: 300, Program.LIHEAP: 10**9}
    return _extreme(facts, helps, others, "AK", _ENOUGH), _with(percent, 10**12)


def worst(facts: Facts) -> tuple[Facts, Pack]:
    """Every gap filled as helps least."""
    hurts = Person(30, _ENOUGH, *[False] * len(_FLAGS))
    others = [_filled(one, hurts) for one in ([Person()] if facts.others is None else facts.others)]
    percent = {Program.SNAP: 0, Program.TEFAP: 185, Program.LIHEAP: 110}
    return _extreme(facts, hurts, others, "TX", Decimal(0)), _with(percent, -1200)


def _extreme(facts: Facts, like: Person, others: list[Person], state: str, deductions: Decimal) -> Facts:
    return Facts(
        _filled(facts.client, like),
        tuple(others),
        facts.state or state,
        facts.area or NOT_LOADED,
        deductions if facts.deductions is None else facts.deductions,
    )


def _filled(one: Person, like: Person) -> Person:
    gaps = {
        field.name: getattr(like, field.name) for field in fields(Person) if getattr(one, field.name) is None
    }
    return replace(one, **gaps)


def _with(percent: dict[Program, int], yearly: int) -> Pack:
    """The rules that ship, with a limit wherever none is loaded."""
    rules, start = pack(), date(2020, 1, 1)
    states = [
        StateLimit(program, state, own, None, start, None, "made up")
        for program, own in percent.items()
        for state in _STATES
        if state not in rules.with_limits(program)
    ]
    areas = [
        AreaLimit("X", frozenset({NOT_LOADED}), program, "1", start, None, (yearly,) * 8, "made up")
        for program in HUD
    ]
    return replace(rules, states=(*rules.states, *states), areas=(*rules.areas, *areas))
