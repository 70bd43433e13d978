"""Household types: by the ages of who is in a household during the period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.days import age, ymd_of

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

HOUSEHOLD_TYPES = ("adults", "adults_and_children", "children")
_ADULT, _TOO_OLD = 18, 105
_AGE_UNKNOWN = (8, 9, 99)


def household_type(core: Core, asked: Asked) -> Table:
    """`enrollment` and `value`: adults, adults_and_children, children, or null where it is not known.

    Of the members who were there in the period; where none was, of all of them. Age is at the later of report
    start and entry. An unknown age makes the household unknown, unless an adult and a child are both known
    (LSA programming specifications, household type).
    """
    import ibis

    stay = core.stay
    present = (stay.entry_date <= asked.re) & (stay.exit_date.isnull() | (stay.exit_date >= asked.rs))
    on = ibis.ifelse(present, ibis.greatest(stay.entry_date, ibis.literal(asked.rs)), stay.entry_date)
    known = stay.dob.notnull() & ~stay.dob_data_quality.isin(_AGE_UNKNOWN).fill_null(False)
    years = ibis.ifelse(
        known & (stay.dob <= stay.entry_date), age(stay.dob_ymd, ymd_of(on)), ibis.null("int64")
    )
    members = stay.select("enrollment", "household", present=present.cast("int32"), years=years)
    members = members.mutate(years=ibis.ifelse(members.years < _TOO_OLD, members.years, ibis.null("int64")))
    somebody = ibis.window(group_by=members.household)
    members = members.mutate(anybody=members.present.max().over(somebody))
    counted = members.filter(members.present == members.anybody)
    made = counted.group_by("household").agg(
        adults=(counted.years >= _ADULT).fill_null(False).cast("int32").max(),
        children=(counted.years < _ADULT).fill_null(False).cast("int32").max(),
        unknown=counted.years.isnull().cast("int32").max(),
    )
    said = ibis.cases(
        ((made.adults == 1) & (made.children == 1), "adults_and_children"),
        (made.unknown == 1, ibis.null("string")),
        (made.adults == 1, "adults"),
        (made.children == 1, "children"),
    )
    typed = made.select("household", value=said)
    return stay.select("enrollment", "household").join(typed, "household").select("enrollment", "value")
