"""Universe: whose records a data quality report is about, and what is known of each.

The rules are those of HUD's Data Quality report (HMIS Reporting Glossary, FY2026): a person is looked at in
one stay. An open one goes before one that has ended, so that nobody is a leaver who is still there; then the
one that began last.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hmis import spec
from hmis.measures.data_quality.chronic_status import is_chronic_alone
from hmis.measures.days import age, ymd, ymd_of
from hmis.measures.presence import active_method_1, active_method_2
from hmis.measures.project_types import NIGHT_BY_NIGHT, SO

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, Table, Value

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

ADULT = 18
YOUTH = (12, 24)
_TOO_OLD = 105
_UNKNOWN = (8, 9, 99)
_CHILD_OF_HEAD = 2
_TEST_COCS = "XX-5"
"""HUD's own sample data are of continuums that do not exist, XX-500 and on."""


@dataclass(frozen=True, slots=True)
class Universe:
    """The records of a period. Both tables are computed once."""

    core: Core
    asked: Asked
    enrolled: Table
    """Every stay of the period, with what is known of its member and household. `is_active`: it counts as
    served. `is_engaged`: data quality is asked of it, as of outreach once somebody is engaged."""
    people: Table
    """One stay a person, engaged or not, with the facts of the client record it belongs to."""

    @property
    def for_dq(self) -> Table:
        """One stay a person of those that data quality is asked of."""
        return self.people.filter(self.people.is_engaged)

    @property
    def records(self) -> Table:
        """Every stay that data quality is asked of."""
        return self.enrolled.filter(self.enrolled.is_active & self.enrolled.is_engaged)


def universe(core: Core, asked: Asked) -> Universe:
    """The records that are asked about, computed."""
    enrolled = core.kept(_enrolled(core, asked))
    return Universe(core, asked, enrolled, core.kept(_people(core, asked, enrolled)))


def is_one_of(value: Value, codes: tuple[int, ...]) -> BooleanValue:
    """Whether a code is one of these; what is null is none."""
    return value.isin(codes).fill_null(False)


def coc_is_valid(coc: Value) -> BooleanValue:
    """Whether there is such a continuum (HUD's list 2.03.1), or HUD tests with it."""
    return (coc.isin(_cocs()) | coc.startswith(_TEST_COCS)).fill_null(False)


@cache
def _cocs() -> tuple[str, ...]:
    return tuple(spec.LISTS["2.03.1"].codes)


_OF_THE_STAY = (
    "enrollment", "household", "client", "person", "project", "project_type", "source_id", "entry_date",
    "exit_date", "destination", "date_created", "exit_date_created", "relationship_to_hoh", "is_head",
    "head_entry_date", "head_exit_date", "enrollment_coc", "living_situation", "length_of_stay",
    "los_under_threshold", "previous_street_essh", "date_to_street_essh", "times_homeless_past_three_years",
    "months_homeless_past_three_years", "disabling_condition", "date_of_engagement", "dob", "dob_ymd",
    "dob_data_quality",
)  # fmt: skip


def _in_scope(core: Core, asked: Asked) -> Table:
    """Stays of the continuum: the head's CoC says which; where it says nothing valid, the project's do.

    Without the second a missing CoC could never be found. Victim service providers are left out.
    """
    stay = core.stay.filter(~core.stay.is_victim_service_provider)
    if asked.coc is None:
        return stay
    there = core.project_coc.filter(core.project_coc.coc_code == asked.coc).project
    said = stay.head_enrollment_coc
    return stay.filter(
        (said == asked.coc).fill_null(False) | (~coc_is_valid(said) & stay.project.isin(there))
    )


def _enrolled(core: Core, asked: Asked) -> Table:
    stay = _in_scope(core, asked)
    stay = stay.filter(active_method_1(stay, asked.rs, asked.re)).select(*_OF_THE_STAY)
    by_contact = is_one_of(stay.project_type, (NIGHT_BY_NIGHT, *SO))
    engaged = (stay.date_of_engagement <= asked.re).fill_null(False)
    known = stay.mutate(
        is_active=~by_contact | active_method_2(core, stay, asked.rs, asked.re),
        is_engaged=engaged | ~is_one_of(stay.project_type, SO),
        is_head=stay.is_head.fill_null(False),
        is_open=stay.exit_date.isnull() | (stay.exit_date > asked.re),
        age=_age(stay, asked),
        is_chronic_alone=is_chronic_alone(stay),
    )
    known = known.mutate(
        is_adult=(known.age >= ADULT).fill_null(False), is_child=(known.age < ADULT).fill_null(False)
    )
    return known.join(_households(known), "household")


def _age(stay: Table, asked: Asked) -> IntegerValue:
    """Years at the later of report start and entry; null where the birth date is missing or cannot be."""
    import ibis

    known = stay.dob.notnull() & ~is_one_of(stay.dob_data_quality, _UNKNOWN) & (stay.dob <= stay.entry_date)
    years = age(stay.dob_ymd, ibis.greatest(ymd_of(stay.entry_date), ibis.literal(ymd(asked.start), "int64")))
    return ibis.ifelse(known & (years < _TOO_OLD), years, ibis.null("int64"))


def _households(members: Table) -> Table:
    """What a household is, by those who were in it during the period."""
    with_head = (members.entry_date == members.head_entry_date).fill_null(False)
    is_child_of_head = (members.relationship_to_hoh == _CHILD_OF_HEAD).fill_null(False) & members.is_child
    return members.group_by("household").agg(
        heads_there=members.person.nunique(where=members.is_head),
        has_chronic=(members.is_chronic_alone & with_head).cast("int8").max() == 1,
        has_child=is_child_of_head.cast("int8").max() == 1,
        all_youth=(members.age <= YOUTH[1]).fill_null(False).cast("int8").min() == 1,
    )


_OF_THE_CLIENT = (
    "name_data_quality", "first_name_given", "last_name_given", "ssn_data_quality", "ssn_given", "ssn_usable",
    "am_ind_ak_native", "asian", "black_af_american", "hispanic_latinao", "mid_east_n_african",
    "native_hi_pacific", "white", "race_none", "veteran_status",
)  # fmt: skip


def _people(core: Core, asked: Asked, enrolled: Table) -> Table:
    import ibis

    active = enrolled.filter(enrolled.is_active)
    # A report by project is a report of each project: there somebody is looked at in their stay of it.
    within = [active[name] for name in ("project", "project_type") if name in asked.by]
    order = (active.is_open.desc(), active.entry_date.desc(), active.enrollment.desc())
    placed = active.mutate(
        place=ibis.row_number().over(ibis.window(group_by=[active.person, *within], order_by=order))
    )
    latest = placed.filter(placed.place == 0).drop("place")
    client = core.client.select("client", *_OF_THE_CLIENT, client_created="date_created")
    return latest.join(client, "client")
