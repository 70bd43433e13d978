"""The programs' rules over facts: plain functions, data in, verdict and reasons out.

A screening says what is worth asking for. It denies nobody anything: who receives a benefit is decided by the
program, and every answer says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hmis.eligibility.case import Case, Limit, Place
from hmis.eligibility.facts import Fact, Facts
from hmis.eligibility.pack import HUD, Pack, Program
from hmis.eligibility.reasoning import (
    Code,
    Outcome,
    Range,
    Reason,
    all_known,
    all_of,
    any_known,
    any_of,
    known,
)

_ELDERLY = 60
_CHILD = 5


class Verdict(StrEnum):
    """What a screening says."""

    LIKELY = "LIKELY"
    UNLIKELY = "UNLIKELY"
    NEED_INFO = "NEED_INFO"


_VERDICTS = {True: Verdict.LIKELY, False: Verdict.UNLIKELY, None: Verdict.NEED_INFO}


@dataclass(frozen=True, slots=True)
class Screening:
    """One program's answer."""

    program: Program
    verdict: Verdict
    reasons: tuple[Reason, ...]
    needs: tuple[Fact, ...]
    """What would have to be known; empty unless the verdict is NEED_INFO."""
    rules_version: str | None
    """None = no edition is loaded for the day."""
    effective_from: date | None


def screen(facts: Facts, day: date, pack: Pack) -> tuple[Screening, ...]:
    """Screen somebody for every program.

    Args:
        facts: what is known; None in it is unknown, and never counts for or against.
        day: the day asked about; it picks the edition of each rule.
        pack: the rules.

    Returns:
        One screening for each program. LIKELY and UNLIKELY hold whatever the unknown facts turn out to be;
        NEED_INFO means that they decide.
    """
    return tuple(_screening(facts, day, pack, program) for program in Program)


def _screening(facts: Facts, day: date, pack: Pack, program: Program) -> Screening:
    edition = pack.edition(program, day)
    if edition is None:
        reason = Reason(Code.RULES_NOT_LOADED, "No rules are loaded for that day.")
        return Screening(program, Verdict.NEED_INFO, (reason,), (Fact.RULES,), None, None)
    case = Case(facts, day, pack, edition)
    outcome = _anywhere(case)
    needs = tuple(fact for fact in Fact if fact in outcome.needs)
    version, start = case.rules
    reasons = (
        *_missing(needs),
        *outcome.reasons,
        *_cautions(case),
        Reason(Code.PROGRAM_DECIDES, edition.decides),
    )
    return Screening(program, _VERDICTS[outcome.value], reasons, needs, version, start)


def _anywhere(case: Case) -> Outcome:
    """The rule wherever the household may live: what holds in all places."""
    rule, places = _RULES[case.program], case.places()
    outcomes = [rule(case, place) for place in places]
    values = {outcome.value for outcome in outcomes}
    if len(outcomes) == 1:
        return outcomes[0]
    if values in ({True}, {False}):
        # Within the lowest limit of all, or above the highest.
        return outcomes[0] if values == {True} else outcomes[-1]
    needs = frozenset().union(*(one.needs for one in outcomes))
    if len(values) > 1 or Fact.STATE_LIMIT in needs:
        needs |= {Fact.STATE}
    return Outcome(None, (), needs)


def _missing(needs: tuple[Fact, ...]) -> tuple[Reason, ...]:
    if not needs:
        return ()
    told = "; ".join(_WORDS[fact] for fact in needs)
    return (Reason(Code.FACTS_MISSING, f"Not known, or not to be seen: {told}."),)


def _cautions(case: Case) -> list[Reason]:
    """What to keep in mind with any verdict."""
    found = []
    if case.facts.others is not None:
        size = len(case.people)
        counted = "1 person is" if size == 1 else f"{size} people are"
        text = f"{counted} counted in the household: whom you may see there."
        found.append(Reason(Code.HOUSEHOLD_AS_SEEN, text))
    if case.is_outdated:
        text = f"The newest rules loaded are {case.rules[0]}, and their time is over."
        found.append(Reason(Code.RULES_MAY_BE_OUTDATED, text))
    return found


_WORDS = {
    Fact.HOUSEHOLD: "who lives in the household",
    Fact.INCOME: "the income of everybody in the household",
    Fact.BENEFITS: "which benefits the household receives",
    Fact.AGE: "how old the people are",
    Fact.PREGNANCY: "whether the client is pregnant, or was within the last half year",
    Fact.DISABILITY: "whether somebody receives a benefit for a disability",
    Fact.DEDUCTIONS: "rent, child care and other costs that are taken off the income",
    Fact.STATE: "the state",
    Fact.STATE_LIMIT: "the income limit that the state set",
    Fact.AREA: "the city or county",
    Fact.AREA_LIMIT: "HUD's income limits of the area, which are not loaded",
    Fact.RULES: "the rules of the territory, which are not loaded",
}


def _snap(case: Case, place: Place) -> Outcome:
    people, unknown, percent = case.people, case.unknown_people, case.edition.percent
    on_cash = all_known(any_known((one.tanf, one.ssi)) for one in people)
    return any_of(
        known(case.anybody(one.snap for one in people), (Fact.BENEFITS, *unknown), yes=_RECEIVED),
        # 7 CFR 273.2(j)(2)(i): everybody receives TANF or SSI.
        known(
            None if on_cash and unknown else on_cash,
            (Fact.BENEFITS, *unknown),
            yes=Reason(Code.OTHER_BENEFIT, "Everybody in the household receives TANF or SSI."),
        ),
        all_of(
            any_of(
                case.within(case.of_guidelines(place, percent["gross"], "gross limit")),
                # 7 CFR 273.9(a): no gross limit with an elderly or disabled member.
                known(
                    case.anybody(_at_least(one.age, _ELDERLY) for one in people),
                    (Fact.AGE, *unknown),
                    yes=_NO_GROSS_LIMIT,
                ),
                known(
                    case.anybody(one.disabled for one in people),
                    (Fact.DISABILITY, *unknown),
                    yes=_NO_GROSS_LIMIT,
                ),
            ),
            case.net_within(case.of_guidelines(place, percent["net"], "net limit")),
        ),
        # 7 CFR 273.2(j)(2)(ii): what a state opened to everybody below a limit of its own.
        case.within(case.of_state(place, None, percent["highest"])),
    )


def _wic(case: Case, place: Place) -> Outcome:
    client, unknown = case.facts.client, case.unknown_people
    family = case.anybody(any_known((one.snap, one.tanf)) for one in case.people)
    return any_of(
        known(client.wic, (Fact.BENEFITS,), yes=_RECEIVED),
        all_of(
            any_of(
                known(
                    None if client.age is None else client.age < _CHILD,
                    (Fact.AGE,),
                    yes=Reason(Code.GROUP_SERVED, "WIC serves children under five."),
                ),
                known(
                    client.pregnant,
                    (Fact.PREGNANCY,),
                    yes=Reason(Code.GROUP_SERVED, "WIC serves women who are pregnant, and after the birth."),
                    no=Reason(
                        Code.GROUP_NOT_SERVED,
                        "WIC serves women around a birth and children under five; each is asked about apart.",
                    ),
                ),
            ),
            any_of(
                # 7 CFR 246.7(d)(2)(vi): who receives these needs no further look at income.
                known(
                    any_known((client.medicaid, family)),
                    (Fact.BENEFITS, *unknown),
                    yes=Reason(
                        Code.OTHER_BENEFIT, "SNAP, TANF or Medicaid shows that the income is low enough."
                    ),
                ),
                _wic_income(case, place),
            ),
        ),
    )


def _wic_income(case: Case, place: Place) -> Outcome:
    """7 CFR 246.7(d)(2)(vii): a woman who is pregnant counts for one more."""
    limit = case.of_guidelines(place, case.edition.percent["income"])
    expecting = case.facts.client.pregnant
    missing = (Fact.PREGNANCY,) if expecting is None else ()
    return case.within(Limit(limit.of, limit.what, (*limit.needs, *missing)), one_more=expecting)


def _liheap(case: Case, place: Place) -> Outcome:
    benefits = case.anybody(any_known((one.snap, one.tanf, one.ssi, one.va_pension)) for one in case.people)
    return any_of(
        # 42 USC 8624(b)(2)(A).
        known(
            benefits,
            (Fact.BENEFITS, *case.unknown_people),
            yes=Reason(
                Code.OTHER_BENEFIT,
                "Somebody receives SNAP, TANF, SSI or a VA pension; states may go by that.",
            ),
        ),
        case.within(case.of_state(place, case.edition.percent["lowest"], None)),
    )


def _tefap(case: Case, place: Place) -> Outcome:
    percent = case.edition.percent
    return case.within(case.of_state(place, percent["lowest"], percent["highest"]))


def _hud(case: Case, place: Place) -> Outcome:
    area = case.area
    if area is None:
        missing = Fact.AREA if case.facts.area is None else Fact.AREA_LIMIT
        return Outcome(None, (), frozenset({missing, *case.unknown_income()}))
    return case.within(Limit(lambda size: Range(area.limit(size), area.limit(size)), f"limit of {area.area}"))


_RULES: dict[Program, Callable[[Case, Place], Outcome]] = {
    Program.SNAP: _snap,
    Program.WIC: _wic,
    Program.LIHEAP: _liheap,
    Program.TEFAP: _tefap,
    **dict.fromkeys(HUD, _hud),
}
_RECEIVED = Reason(Code.ALREADY_RECEIVED, "The benefit is received already.")
_NO_GROSS_LIMIT = Reason(
    Code.ELDERLY_OR_DISABLED,
    "Somebody is 60 or older or has a benefit for a disability: no gross limit.",
)


def _at_least(age: int | None, years: int) -> bool | None:
    return None if age is None else age >= years
