"""Ages in the LSA's groups, and household types by them (sections 3.5 and 3.6).

A group is named by its highest age: 0, 2, 5, 17, 21, 24, 34, 44, 54, 64, 65 (65 and older); 98 = the client
does not know or would not say, 99 = missing or impossible.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hmis.measures.days import age, number, ymd, ymd_of

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, Table

    from hmis.measures.asked import Asked

_NO_ANSWER = (8, 9)
_GIVEN = (1, 2)
"""HUD 3.03.1: full, approximate or partial."""
_FROM = {65: 65, 55: 64, 45: 54, 35: 44, 25: 34, 22: 24, 18: 21, 6: 17, 3: 5, 1: 2}
"""Years from which a group begins -> its name."""
ADULTS = (21, 65)
CHILDREN = (0, 17)
NOT_SAID, UNKNOWN = 98, 99
_TOO_OLD = 105
_SYSTEM_DEFAULT = number(date(1900, 1, 1))


def with_ages(members: Table, asked: Asked) -> Table:
    """Members with `age`, the group at the later of entry and report start (ActiveAge), and `entry_age`."""
    import ibis

    members = members.mutate(entry_ymd=ymd_of(members.entry))
    members = members.mutate(years=_years(members, members.entry_ymd))
    members = members.mutate(entry_age=_at_entry(members))
    # A birth date that is impossible for one stay is trusted for none; it is the record's own.
    of_client = ibis.window(group_by=members.client)
    doubted = (members.entry_age == UNKNOWN).cast("int8").max().over(of_client) == 1
    members = members.mutate(entry_age=ibis.cases((doubted, UNKNOWN), else_=members.entry_age))
    before = (members.exit >= asked.rs) & (members.entry < asked.rs) & (members.entry_age < NOT_SAID)
    at_start = _group(_years(members, ibis.literal(ymd(asked.start))))
    aged = members.mutate(age=ibis.cases((before, at_start), else_=members.entry_age))
    return aged.drop("entry_ymd", "years")


def household_types(members: Table, asked: Asked) -> Table:
    """`household`, `household_type` (ActiveHHType): 1 adults only, 2 with children, 3 children only, 99.

    By the ages of who was there in the period; of a household that came in it, or left before it, by the ages
    everybody had on entering.
    """
    import ibis

    by_entry = (members.household_exit < asked.rs) | (members.household_entry >= asked.rs)
    counted = members.filter(by_entry | (members.exit >= asked.rs))
    found = counted.select("household", group=ibis.cases((by_entry, counted.entry_age), else_=counted.age))
    ages = found.group_by("household").agg(
        adults=found.group.between(*ADULTS).any(),
        children=found.group.between(*CHILDREN).any(),
        unknown=(found.group > ADULTS[1]).any(),
    )
    return ages.select(
        "household",
        household_type=ibis.cases(
            (ages.adults & ages.children, 2),
            (ages.unknown, UNKNOWN),
            (ages.adults, 1),
            else_=3,
        ),
    )


def _at_entry(members: Table) -> IntegerValue:
    import ibis

    impossible: BooleanValue = (
        members.dob.isnull()
        | (members.dob == _SYSTEM_DEFAULT)
        | (members.dob > members.entry)
        | (members.is_head & (members.dob == members.entry))
        | (members.years >= _TOO_OLD)
    )
    return ibis.cases(
        (members.dob_data_quality.isin(_NO_ANSWER), NOT_SAID),
        (~members.dob_data_quality.isin(_GIVEN).fill_null(False), UNKNOWN),
        (impossible.fill_null(True), UNKNOWN),
        else_=_group(members.years),
    )


def _group(years: IntegerValue) -> IntegerValue:
    import ibis

    return ibis.cases(*((years >= least, group) for least, group in _FROM.items()), else_=0)


def _years(members: Table, on: IntegerValue) -> IntegerValue:
    """Years of age on a day, both as year * 10000 + month * 100 + day.

    Who was born on 29 February has a birthday on the 28th where there is no 29th: HUD adds years to the date
    of birth, and that is the day it comes to.
    """
    year = on // 10_000
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    a_day_early = (members.dob_ymd % 10_000 == 229) & (on % 10_000 == 228) & ~is_leap
    return age(members.dob_ymd, on) + a_day_early.cast("int64")
