"""Universal data elements (Q3): veteran status, entry date, relationship, CoC and disabling condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.data_quality.elements import REFUSED, Checked, elements, is_missing, shape_element
from hmis.measures.data_quality.marking import marked
from hmis.measures.data_quality.universe import Universe, coc_is_valid, is_one_of
from hmis.measures.data_quality.validations import EVERYBODY
from hmis.measures.measure import Figures

if TYPE_CHECKING:
    from ibis.expr.types import Table

_RELATIONSHIPS = (1, 2, 3, 4, 5)
_ALWAYS_DISABLING = (6, 8)
"""HUD list 1.3, DisabilityType: developmental disability, HIV/AIDS. HUD does not ask whether they impair."""
_SUBSTANCE_USE = 10
_SUBSTANCES = (1, 2, 3)
_OF = {
    "veteran_status": "Q3/veteran_status/of",
    "entry_date": EVERYBODY,
    "relationship_to_head": EVERYBODY,
    "enrollment_coc": "Q3/enrollment_coc/of",
    "disabling_condition": EVERYBODY,
}


def universal(found: Universe) -> list[Table]:
    """The members of Q3."""
    people = _with_facts(found)
    of = {_OF["veteran_status"]: people.age.notnull(), _OF["enrollment_coc"]: people.is_head}
    return [marked(found.core, people, of | elements("Q3", _checked(people)))]


def _checked(people: Table) -> dict[str, Checked]:
    veteran, coc = people.veteran_status, people.enrollment_coc
    related, disabled = people.relationship_to_hoh, people.disabling_condition
    return {
        "veteran_status": Checked(
            refused=people.is_adult & veteran.isin(REFUSED),
            missing=people.is_adult & is_missing(veteran),
            issues=people.is_child & (veteran == 1),
        ),
        "entry_date": Checked(issues=people.overlaps),
        "relationship_to_head": Checked(
            missing=related.isnull(), issues=~related.isin(_RELATIONSHIPS) | (people.heads_there != 1)
        ),
        "enrollment_coc": Checked(
            missing=people.is_head & coc.isnull(),
            issues=people.is_head & coc.notnull() & ~coc_is_valid(coc),
        ),
        "disabling_condition": Checked(
            refused=disabled.isin(REFUSED),
            missing=is_missing(disabled),
            issues=(disabled == 0) & people.is_impaired,
        ),
    }


def _with_facts(found: Universe) -> Table:
    people = found.for_dq
    overlapping = _overlapping(found.enrolled)
    impaired = _impaired(found)
    return people.mutate(
        overlaps=people.enrollment.isin(overlapping.enrollment),
        is_impaired=people.enrollment.isin(impaired.enrollment),
    )


def _overlapping(enrolled: Table) -> Table:
    """Stays during which the same person has another one of the same project type in the same source.

    Ends are half open: who leaves and comes again on one day does not overlap.
    """
    import ibis

    far = ibis.literal(99_999)
    ends = ibis.ifelse(enrolled.is_open, far, enrolled.exit_date)
    stays = enrolled.select("enrollment", "person", "source_id", "project_type", "entry_date", ends=ends)
    kind = [stays.person, stays.source_id, stays.project_type]
    order = [stays.entry_date, stays.ends, stays.enrollment]
    before = ibis.window(group_by=kind, order_by=order, preceding=(None, 1))
    marked = stays.mutate(
        until=stays.ends.max().over(before),
        followed=stays.entry_date.lead().over(ibis.window(group_by=kind, order_by=order)),
    )
    overlaps = (marked.until > marked.entry_date).fill_null(False) | (marked.followed < marked.ends)
    return marked.filter(overlaps.fill_null(False)).select("enrollment")


def _impaired(found: Universe) -> Table:
    """Stays whose latest disability rows say of a disability that it lasts and impairs (HUD 4.05 to 4.10)."""
    rows = found.core.disability
    rows = rows.filter(rows.information_date <= found.asked.re)
    kind, response = rows.disability_type, rows.disability_response
    has_it = (response == 1) | ((kind == _SUBSTANCE_USE) & response.isin(_SUBSTANCES))
    lasts = (rows.indefinite_and_impairs == 1).fill_null(False) | is_one_of(kind, _ALWAYS_DISABLING)
    said = rows.group_by("enrollment").agg(
        last=rows.information_date.max(),
        impaired=rows.information_date.max(where=has_it.fill_null(False) & lasts),
    )
    return said.filter((said.last == said.impaired).fill_null(False)).select("enrollment")


def shape_universal(found: Figures) -> dict[str, Any]:
    """Q3 as it is printed."""
    return {name: shape_element(found, f"Q3/{name}", of) for name, of in _OF.items()}
