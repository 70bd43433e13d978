"""Characteristics: what is known of a person, said once, whatever the number of their records.

Of several records that say something, the one made last speaks; of those made on the same day the last in
the order of sources and ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.days import age, ymd_of

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_TOO_OLD = 105
_AGE_UNKNOWN = (8, 9, 99)
_AGES = (
    (0, "0"), (2, "1-2"), (5, "3-5"), (17, "6-17"), (21, "18-21"), (24, "22-24"), (34, "25-34"),
    (44, "35-44"), (54, "45-54"), (64, "55-64"),
)  # fmt: skip
_OLDEST = "65+"
_RACES = {
    "am_ind_ak_native": "american_indian",
    "asian": "asian",
    "black_af_american": "black",
    "mid_east_n_african": "middle_eastern",
    "native_hi_pacific": "pacific_islander",
    "white": "white",
}
_HISPANIC, _MULTIPLE = "hispanic", "multiple"
AGE_GROUPS = (*(name for _, name in _AGES), _OLDEST)
SEXES = ("female", "male")
ANSWERS = ("yes", "no")
RACES_AND_ETHNICITIES = (
    *_RACES.values(), _MULTIPLE, _HISPANIC,
    *(f"{name}+{_HISPANIC}" for name in (*_RACES.values(), _MULTIPLE)),
)  # fmt: skip


def _said_last(core: Core, value: Value) -> Table:
    """`person` and `value`, of the record that says something and was made last."""
    import ibis

    said = core.client.select("person", "client", made=core.client.date_created.fill_null(0), value=value)
    said = said.filter(said["value"].notnull())
    order = ibis.window(group_by=said.person, order_by=(said.made.desc(), said.client.desc()))
    ranked = said.mutate(place=ibis.row_number().over(order))
    return ranked.filter(ranked.place == 0).select("person", "value")


def sex(core: Core, asked: Asked) -> Table:
    """HUD 3.06.1: female or male; anything else is not known."""
    import ibis

    return _said_last(core, ibis.cases((core.client.sex == 0, "female"), (core.client.sex == 1, "male")))


def veteran_status(core: Core, asked: Asked) -> Table:
    """HUD 3.07.1: yes or no; not asked of children."""
    import ibis

    status = core.client.veteran_status
    return _said_last(core, ibis.cases((status == 1, "yes"), (status == 0, "no")))


def race_ethnicity(core: Core, asked: Asked) -> Table:
    """HUD 3.04: one race, `hispanic` alone, one race `+hispanic`, `multiple`, `multiple+hispanic`.

    The rows of the annual performance report, question 12.
    """
    import ibis

    client = core.client
    races: Value = sum((client[column] == 1).fill_null(False).cast("int32") for column in _RACES)
    one = ibis.cases(*((client[column] == 1, name) for column, name in _RACES.items()))
    hispanic = (client.hispanic_latinao == 1).fill_null(False)
    named = ibis.ifelse(races > 1, ibis.literal(_MULTIPLE), one)
    value = ibis.cases(
        (hispanic & (races == 0), ibis.literal(_HISPANIC)),
        (hispanic, named.concat(ibis.literal(f"+{_HISPANIC}"))),
        (races > 0, named),
    )
    return _said_last(core, value)


def age_group(core: Core, asked: Asked) -> Table:
    """The LSA's age groups, at the later of report start and the first entry among stays of the period.

    Unknown: no birth date, one of poor quality, after that day, or 105 years or more before it.
    """
    import ibis

    born = _said_last(core, ibis.ifelse(_dob_is_known(core.client), core.client.dob_ymd, ibis.null("int64")))
    stay = core.stay
    present = stay.filter(
        (stay.entry_date <= asked.re) & (stay.exit_date.isnull() | (stay.exit_date >= asked.rs))
    )
    came = present.group_by("person").agg(entered=present.entry_date.min())
    joined = born.join(came, "person", how="left").drop("person_right")
    on = ibis.greatest(joined.entered.fill_null(asked.rs), ibis.literal(asked.rs))
    return joined.select("person", value=_group(age(joined["value"], ymd_of(on))))


def _dob_is_known(client: Table) -> Value:
    return client.dob_ymd.notnull() & ~client.dob_data_quality.isin(_AGE_UNKNOWN).fill_null(False)


def _group(years: Value) -> Value:
    import ibis

    known = (years >= 0) & (years < _TOO_OLD)
    groups = ((known & (years <= last), name) for last, name in _AGES)
    return ibis.cases(*groups, (known, _OLDEST))
