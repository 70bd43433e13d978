"""The same rules as `auth/consent.py`, said in SQL: which people a viewer may see, and which records.

Every statement about people is built from these expressions, so a list can filter, sort and page by what the
viewer may see, and a hidden row never leaves PostgreSQL. Whose a record is and what it tells by itself was
computed when it was written (`hmis/labelling.py`); what was agreed is looked up as the statement runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    ScalarSelect,
    and_,
    any_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)

from auth.categories import Category
from auth.consent import NEVER, Effect
from auth.legal_orders import ordered
from auth.parameters import ViewerParameters
from auth.speaking import is_own, speaking
from hmis.labels import Label, of_rows
from hmis.tables import break_glass, consent_grant, project_label

_NOTHING = literal(0, BigInteger)


def own_stay(who: ViewerParameters, label: FromClause = project_label) -> ColumnElement[bool]:
    """A stay at a project of the viewer's own agency (rule 2). Null, not false, for who enters nowhere."""
    return and_(label.c.source_id == who.source, label.c.organization_id == who.organization)


def label_of(row: FromClause, label: FromClause = project_label) -> ColumnElement[bool]:
    """The labels of the project that a row names. Without them nobody is shown the row."""
    return and_(label.c.source_id == row.c.source_id, label.c.project_id == row.c.project_id)


def row_labels(file: str, row: FromClause) -> ColumnElement[int]:
    """The labels a row tells of by its mere kind, as a mask; `hmis/labels.of_row` in SQL."""
    labelled = of_rows(file)
    if labelled is None:
        return _NOTHING
    attr, codes = labelled
    return _code_labels(row.c[attr], codes)


def _code_labels(column: ColumnElement[Any], told: Mapping[int, Label]) -> ColumnElement[int]:
    whens = [(column == code, literal(int(label), BigInteger)) for code, label in told.items()]
    return case(*whens, else_=_NOTHING)


def granted(
    who: ViewerParameters,
    person_id: ColumnElement[Any],
    source_id: ColumnElement[Any] | None = None,
    labels: ColumnElement[int] | None = None,
    day: ColumnElement[Any] | None = None,
    born: ColumnElement[Any] | None = None,
    spoken: FromClause | None = None,
) -> ColumnElement[int]:
    """Rules 4 to 7 as a mask for one record: `decide(...).of(RecordFacts(source, day, labels)).allowed`.

    For law enforcement what orders list; of the two only the one that is asked for is looked up.

    Without a source: of one that no grant excludes; without labels: unlabelled; without a day: undated.
    born: `oldest_birth` of the person where the statement has it already.
    spoken: `auth.grants.spoken_to_viewer`, where the statement has them already; of somebody under no order.
    """
    grant = consent_grant.alias() if spoken is None else spoken.alias()
    told = _NOTHING if labels is None else labels
    is_permit, is_denial = grant.c.effect == Effect.PERMIT.value, grant.c.effect == Effect.DENY.value
    names_all = told.bitwise_and(_named_labels(grant).bitwise_not()) == 0
    closes_all, closes_labelled = grant.c.labels == 0, grant.c.labels.bitwise_and(told) != 0
    union = func.bit_or(grant.c.categories)
    there = _less(
        func.coalesce(union.filter(is_permit), 0).bitwise_or(who.notice),
        func.coalesce(union.filter(and_(is_denial, closes_all)), 0),
    )
    opened = _less(
        func.coalesce(union.filter(and_(is_permit, names_all)), 0).bitwise_or(
            case((told == 0, who.notice), else_=_NOTHING)
        ),
        func.coalesce(union.filter(and_(is_denial, or_(closes_all, closes_labelled))), 0),
    )
    conditions = speaking(who, person_id, grant, born) if spoken is None else [grant.c.person_id == person_id]
    if source_id is not None:
        conditions.append(or_(grant.c.sources.is_(None), source_id == any_(grant.c.sources)))
    if day is not None:
        conditions.append(or_(day.is_(None), grant.c.data_from.is_(None), day >= grant.c.data_from))
        conditions.append(or_(day.is_(None), grant.c.data_to.is_(None), day < grant.c.data_to))
    agreed = (
        select(
            case(
                (there.bitwise_and(int(Category.EXISTENCE)) != 0, opened.bitwise_and(who.may_see)),
                else_=_NOTHING,
            )
        )
        .where(*conditions)
        .correlate_except(grant)
        .scalar_subquery()
    )
    if spoken is not None:
        return agreed
    return case((who.under_order, ordered(who, person_id, told)), else_=agreed)


def _less(mask: ColumnElement[int], without: ColumnElement[int]) -> ColumnElement[int]:
    return mask.bitwise_and(without.bitwise_not())


def named_labels(spoken: FromClause, person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The labels that any permit of a person opens to the viewer, as a mask: those of `Decision.widest`.

    spoken: `auth.grants.spoken_to_viewer`.
    """
    grant = spoken.alias()
    return (
        select(func.coalesce(func.bit_or(_named_labels(grant)), 0))
        .where(grant.c.person_id == person_id, grant.c.effect == Effect.PERMIT.value)
        .correlate_except(grant)
        .scalar_subquery()
    )


def _named_labels(grant: FromClause) -> ColumnElement[int]:
    """`Grant.named_labels` in SQL."""
    alone = grant.c.labels == int(Label.PART2_NOTES)
    open_to_grants = literal(~int(Label.VSP), BigInteger)
    never = literal(~int(Label.VSP | Label.PART2_NOTES), BigInteger)
    return case(
        (or_(grant.c.community_wide, grant.c.method == "NOTICE"), _NOTHING),
        (alone, grant.c.labels.bitwise_and(open_to_grants)),
        else_=grant.c.labels.bitwise_and(never),
    )


def broken_glass(who: ViewerParameters, person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Rule 3: the opening of this viewer for a person that is in force now, or null."""
    return (
        select(break_glass.c.id)
        .where(
            break_glass.c.person_id == person_id,
            break_glass.c.subject == who.subject,
            break_glass.c.agency_id == who.agency,
            break_glass.c.opened_at <= who.now,
            break_glass.c.closes_at > who.now,
            not_(who.under_order),
        )
        .order_by(break_glass.c.closes_at.desc())
        .limit(1)
        .correlate_except(break_glass)
        .scalar_subquery()
    )


def is_below_emergency(labels: ColumnElement[int]) -> ColumnElement[bool]:
    """No label that even an emergency does not open (`auth.consent.NEVER`)."""
    return labels.bitwise_and(int(NEVER)) == 0


def visible_record(
    who: ViewerParameters,
    person_id: ColumnElement[Any],
    record: FromClause,
    labels: ColumnElement[int],
    needed: Category,
) -> ColumnElement[bool]:
    """A client record of a person that shows the viewer every category in `needed`.

    Filters and orders use this, so that a search by name finds nobody whose name the viewer may not see.

    Args:
        record: has the columns source_id and personal_id.
        labels: `client_label.labels` of it; null where only victim service providers know it (rule 1).
    """
    bits = int(needed | Category.EXISTENCE)
    opened = granted(who, person_id, record.c.source_id, labels)
    emergency = and_(is_below_emergency(labels), broken_glass(who, person_id).is_not(None))
    shared = and_(labels.is_not(None), or_(opened.bitwise_and(bits) == bits, emergency))
    own = and_(who.own_record.bitwise_and(bits) == bits, is_own(who, record))
    return and_(who.may_see.bitwise_and(bits) == bits, or_(own, shared))
