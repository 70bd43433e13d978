"""Income and housing (Q4): destination, and income at start, at the annual assessment and at exit.

HUD 3.12 and 4.02. An income record counts only on its day: entry, exit, or within 30 days of the anniversary
of the head of household's entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.data_quality.elements import REFUSED, Checked, elements, is_missing, shape_element
from hmis.measures.data_quality.marking import marked
from hmis.measures.data_quality.universe import Universe
from hmis.measures.data_quality.validations import (
    LEAVERS,
    LEAVERS_ASKED,
    LONG_STAYERS,
    is_long_stayer,
    since,
)
from hmis.measures.days import age, day_of, ymd, ymd_of
from hmis.measures.measure import Figures

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

_START, _EXIT, _ANNUAL = 1, 3, 5
"""HUD list 5.03.1, DataCollectionStage."""
_STAGES = {"start": _START, "annual": _ANNUAL, "exit": _EXIT}
_AROUND = 30
_NO_EXIT_INTERVIEW = 30
_SOURCES = (
    "earned", "unemployment", "ssi", "ssdi", "va_disability_service", "va_disability_non_service",
    "private_disability", "workers_comp", "tanf", "ga", "soc_sec_retirement", "pension", "child_support",
    "alimony", "other_income_source",
)  # fmt: skip
_OF = {
    "destination": LEAVERS,
    "income_at_start": "Q4/income_at_start/of",
    "income_at_annual_assessment": LONG_STAYERS,
    "income_at_exit": LEAVERS_ASKED,
}


def income(found: Universe) -> list[Table]:
    """The members of Q4."""
    people = _with_answers(found)
    asked = people.is_adult | people.is_head
    destination = people.destination
    rows = {
        "destination": Checked(
            refused=~people.is_open & destination.isin(REFUSED),
            missing=~people.is_open & (is_missing(destination) | (destination == _NO_EXIT_INTERVIEW)),
        ),
        "income_at_start": _said(people, "start", asked),
        "income_at_annual_assessment": _said(people, "annual", people.is_due),
        "income_at_exit": _said(people, "exit", asked & ~people.is_open),
    }
    return [marked(found.core, people, {_OF["income_at_start"]: asked} | elements("Q4", rows))]


def _said(people: Table, when: str, asked: BooleanValue) -> Checked:
    """What is wrong with an income record: none on the day has no answer either, and is missing."""
    answer, has_source = people[f"{when}_answer"], people[f"{when}_has_source"] == 1
    return Checked(
        refused=asked & answer.isin(REFUSED),
        missing=asked & is_missing(answer),
        issues=asked & (((answer == 0) & has_source) | ((answer == 1) & ~has_source)),
    )


def _with_answers(found: Universe) -> Table:
    import ibis

    re = found.asked.re
    people = found.for_dq
    people = people.mutate(began=ymd_of(since(people)))
    people = people.mutate(years=age(people.began, ibis.literal(ymd(found.asked.end), "int64")))
    people = people.mutate(anniversary=day_of(people.began + people.years * 10_000))
    # Who came on the anniversary or later has none yet (HMIS Reporting Glossary, annual assessments).
    due = is_long_stayer(people, re) & (people.years >= 1) & (people.entry_date < people.anniversary)
    people = people.mutate(is_due=due.fill_null(False))
    answers = _answers(found, people)
    return people.join(answers, "enrollment", how="left").drop("enrollment_right")


def _answers(found: Universe, people: Table) -> Table:
    """Of each stay: `<stage>_answer` and `<stage>_has_source` (1 or 0) of the record that counts."""
    import ibis

    income = found.core.income_benefits
    has_source = ibis.greatest(*((income[name] == 1).fill_null(False).cast("int8") for name in _SOURCES))
    records = income.select(
        "enrollment",
        "id",
        "information_date",
        stage=income.data_collection_stage,
        answer=income.income_from_any_source,
        has_source=has_source,
    )
    days = people.select("enrollment", "entry_date", "exit_date", "anniversary", "is_due")
    joined = records.join(days, "enrollment")
    on = joined.information_date
    counts = (
        ((joined.stage == _START) & (on == joined.entry_date))
        | ((joined.stage == _EXIT) & (on == joined.exit_date))
        | (
            (joined.stage == _ANNUAL)
            & joined.is_due
            & on.between(joined.anniversary - _AROUND, joined.anniversary + _AROUND)
            & (on <= found.asked.re)
        )
    )
    counted = joined.filter(counts.fill_null(False))
    last = ibis.window(
        group_by=[counted.enrollment, counted.stage],
        order_by=[counted.information_date.desc(), counted.id.desc()],
    )
    placed = counted.mutate(place=ibis.row_number().over(last))
    chosen = placed.filter(placed.place == 0)
    return chosen.group_by("enrollment").agg(
        **{
            f"{when}_{what}": chosen[what].max(where=chosen.stage == stage)
            for when, stage in _STAGES.items()
            for what in ("answer", "has_source")
        }
    )


def shape_income(found: Figures) -> dict[str, Any]:
    """Q4 as it is printed."""
    return {name: shape_element(found, f"Q4/{name}", of) for name, of in _OF.items()}
