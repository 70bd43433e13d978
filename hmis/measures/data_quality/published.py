"""Published: what figures of the data quality report have to do with each other, and which are kept.

Who is asked what is a family of sets. Published are those of which no two leave a rest that is some people's
and no figure: chains, whole partitions, and unions with their parts.
"""

from __future__ import annotations

from hmis.measures.data_quality.chronic import ROWS
from hmis.measures.data_quality.validations import EVERYBODY, LEAVERS, NOT_TOLD_OF

Part = str | tuple[str, ...]

_ADULTS, _CHILDREN, _UNKNOWN = (f"Q1/{row}/for_dq" for row in ("adults", "children", "unknown_age"))
_HEADS, _VETERANS = "Q3/enrollment_coc/of", "Q3/veteran_status/of"
_ADULTS_AND_HEADS = "Q4/income_at_start/of"
_OF_EVERYBODY = ("Q2/name", "Q2/ssn", "Q2/dob", "Q2/race_and_ethnicity", "Q3/disabling_condition")
_ASKED = {
    "Q3/veteran_status": _VETERANS,
    "Q3/enrollment_coc": _HEADS,
    "Q4/destination": LEAVERS,
    "Q4/income_at_start": _ADULTS_AND_HEADS,
    **dict.fromkeys(_OF_EVERYBODY, EVERYBODY),
}
_TOTALS_ALONE = ("Q3/entry_date", "Q3/relationship_to_head")
_ROWS = tuple(f"Q5/{row}" for row in ROWS)


def _elements() -> dict[str, tuple[Part, ...]]:
    """A row of a table: whom it is about, and what is wrong, of which somebody may have several."""
    found: dict[str, tuple[Part, ...]] = {}
    for row in _ASKED:
        found[f"{row}/missing_or_refused"] = ((f"{row}/missing", f"{row}/refused"),)
        found[f"{row}/total"] = ((f"{row}/missing_or_refused", f"{row}/issues"),)
    return found


def _within(of: str) -> tuple[str, ...]:
    return tuple(f"{row}/total" for row, asked in _ASKED.items() if asked == of)


PARTS: dict[str, tuple[Part, ...]] = {
    EVERYBODY: (
        (_ADULTS, _CHILDREN, _UNKNOWN),
        LEAVERS,
        _ADULTS_AND_HEADS,
        "Q2/overall/total",
        *(f"{row}/total" for row in _TOTALS_ALONE),
        *_within(EVERYBODY),
    ),
    # Whoever has no birth date has no age; only adults can fail to say, only children be veterans.
    _UNKNOWN: ("Q2/dob/missing_or_refused",),
    _ADULTS: ("Q3/veteran_status/missing_or_refused",),
    _CHILDREN: ("Q3/veteran_status/issues",),
    _VETERANS: ((_ADULTS, _CHILDREN), *_within(_VETERANS)),
    _ADULTS_AND_HEADS: ((_ADULTS, _HEADS), "Q5/total/records", *_within(_ADULTS_AND_HEADS)),
    _HEADS: _within(_HEADS),
    LEAVERS: _within(LEAVERS),
    **_elements(),
    "Q2/overall/total": (tuple(f"Q2/{row}/total" for row in ("name", "ssn", "dob", "race_and_ethnicity")),),
    **{f"{row}/records": (f"{row}/unable_to_calculate",) for row in _ROWS},
    "Q5/total/records": ("Q5/total/unable_to_calculate", tuple(f"{row}/records" for row in _ROWS)),
    "Q5/total/unable_to_calculate": (tuple(f"{row}/unable_to_calculate" for row in _ROWS),),
    **{f"Q7/{row}/records": (f"Q7/{row}/inactive",) for row in ("contact", "bed_nights")},
}
WITHHELD = (
    *NOT_TOLD_OF,
    *(f"{row}/{cell}" for row in _TOTALS_ALONE for cell in ("refused", "missing", "issues")),
    "Q4/income_at_annual_assessment/",
    "Q4/income_at_exit/",
    *(f"{row}/missing_" for row in _ROWS),
    "Q6/exits/",
)
"""Not all who were served: the rest are those in outreach who are not engaged. Not adults and heads among
leavers, beside leavers and adults and heads: the four make a table of two by two. Not who has no
relationship, beside heads: the rest are members whose relationship is known. Not what is missing of an
episode: time in an institution and in housing exclude each other. Not exits by day, beside leavers: the rest
are those who came back."""
