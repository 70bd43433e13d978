"""The same rules as `auth/consent.py`, said in SQL: which people a viewer may see, and which records.

Every statement about people is built from these expressions, so a list can filter, sort and page by what the
viewer may see, and a hidden row never leaves PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    ScalarSelect,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from auth.categories import Category
from auth.consent import Effect, may_see, own_record
from auth.policy import Combination
from auth.viewer import Viewer
from hmis.labels import FUNDERS, TARGET_POPULATIONS, Label, of_rows
from hmis.tables import (
    HMIS,
    break_glass,
    client_link,
    consent_grant,
    consent_recipient,
    consent_revocation,
    guardian,
    guardian_bar,
    visibility_group_member,
)

_CLIENT = HMIS["Client"]
_ENROLLMENT = HMIS["Enrollment"]
_PROJECT = HMIS["Project"]
_ORGANIZATION = HMIS["Organization"]
_FUNDER = HMIS["Funder"]

# An EXISTS that PostgreSQL may hash, it answers by reading every stay; with an OFFSET it looks up the
# few stays of each client by index, so the cost grows with the clients in question and not with the database.
_ONE_BY_ONE: ColumnElement[int] = literal_column("0", Integer())


def own_project(viewer: Viewer, project: FromClause = _PROJECT) -> ColumnElement[bool]:
    """A project of the viewer's own agency. Rule 2 follows from here: a stay belongs to its project.

    False for whoever may see no person at all, so that own records do not even make a person exist for them.
    """
    agency = viewer.agency
    if agency.source_id is None or agency.organization_id is None or not may_see(viewer):
        return false()
    return and_(project.c.source_id == agency.source_id, project.c.organization_id == agency.organization_id)


def shareable_project(project: FromClause = _PROJECT) -> ColumnElement[bool]:
    """A project whose records may be shown to other agencies at all: not of a victim service provider.

    VAWA 34 USC 12291(b)(2); HMIS data element 2.01.3. An unknown answer counts as yes.
    """
    organization = _ORGANIZATION.alias()
    return exists().where(
        organization.c.source_id == project.c.source_id,
        organization.c.organization_id == project.c.organization_id,
        organization.c.victim_service_provider == 0,
    )


def unlabelled_project(project: FromClause = _PROJECT) -> ColumnElement[bool]:
    """A project that does not tell by itself of HIV, violence, mental illness or running away."""
    funder = _FUNDER.alias()
    return and_(
        func.coalesce(project.c.target_population, 0).not_in(list(TARGET_POPULATIONS)),
        not_(
            exists().where(
                funder.c.source_id == project.c.source_id,
                funder.c.project_id == project.c.project_id,
                funder.c.funder.in_(list(FUNDERS)),
                funder.c.removed_at.is_(None),
            )
        ),
    )


def _enrolled(client: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The client row has a live stay at a project that meets the conditions."""
    return exists(
        select(literal(1))
        .select_from(
            _ENROLLMENT.join(
                _PROJECT,
                and_(
                    _PROJECT.c.source_id == _ENROLLMENT.c.source_id,
                    _PROJECT.c.project_id == _ENROLLMENT.c.project_id,
                ),
            )
        )
        .where(
            _ENROLLMENT.c.source_id == client.c.source_id,
            _ENROLLMENT.c.personal_id == client.c.personal_id,
            _ENROLLMENT.c.removed_at.is_(None),
            *conditions,
        )
        .correlate(client)
        .offset(_ONE_BY_ONE)
    )


def own_client(viewer: Viewer, client: FromClause) -> ColumnElement[bool]:
    """A client row belongs to every organization of its source that enrolled the client (rule 2)."""
    return _enrolled(client, own_project(viewer))


def shareable_client(client: FromClause) -> ColumnElement[bool]:
    """A client row that somebody other than a victim service provider entered (rule 1)."""
    return _enrolled(client, shareable_project(), unlabelled_project())


def tellable_client(client: FromClause) -> ColumnElement[bool]:
    """A client row that somebody other than a victim service provider entered, whatever it tells (rule 1)."""
    return _enrolled(client, shareable_project())


def own_shared_client(viewer: Viewer, client: FromClause) -> ColumnElement[bool]:
    """A client row that the viewer's agency entered at a project others may ever see."""
    return _enrolled(client, own_project(viewer), shareable_project())


def project_labels(project: FromClause = _PROJECT) -> ColumnElement[int]:
    """The labels a project tells of by its funders and whom it is for, as a mask; `hmis/labels.py` in SQL."""
    funder = _FUNDER.alias()
    by_funder = (
        select(func.bit_or(_code_labels(funder.c.funder, FUNDERS)))
        .where(
            funder.c.source_id == project.c.source_id,
            funder.c.project_id == project.c.project_id,
            funder.c.removed_at.is_(None),
        )
        .correlate_except(funder)
        .scalar_subquery()
    )
    by_population = _code_labels(project.c.target_population, TARGET_POPULATIONS)
    return func.coalesce(by_funder, 0).bitwise_or(by_population)


def _code_labels(column: ColumnElement[Any], told: Mapping[int, Label]) -> ColumnElement[int]:
    whens = [(column == code, literal(int(label), BigInteger)) for code, label in told.items()]
    return case(*whens, else_=literal(0, BigInteger))


def row_labels(file: str, row: FromClause) -> ColumnElement[int]:
    """The labels a row tells of by its mere kind, as a mask; `hmis/labels.of_row` in SQL."""
    labelled = of_rows(file)
    if labelled is None:
        return literal(0, BigInteger)
    attr, codes = labelled
    return _code_labels(row.c[attr], codes)


def in_group(group: ColumnElement[Any], as_of: date) -> ColumnElement[bool]:
    """Memberships of a living group on one day."""
    member = visibility_group_member.c
    return and_(
        member.group_id == group,
        member.valid_from <= as_of,
        or_(member.valid_to.is_(None), member.valid_to > as_of),
    )


def of_link(link: FromClause, client: FromClause) -> ColumnElement[bool]:
    """The client row that a link is about."""
    return and_(client.c.source_id == link.c.source_id, client.c.personal_id == link.c.personal_id)


def oldest_birth(viewer: Viewer, person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The birth date that decides whether a person is of age: the oldest the viewer might ever see."""
    link, client = client_link.alias(), _CLIENT.alias()
    return (
        select(func.min(client.c.dob))
        .select_from(link.join(client, of_link(link, client)))
        .where(
            link.c.person_id == person_id,
            link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
            or_(own_client(viewer, client), shareable_client(client)),
        )
        .correlate_except(link, client)
        .scalar_subquery()
    )


def _is_minor(viewer: Viewer, as_of: date, person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    # Counted back from the day and not on from the birth: who was born on a 29 February comes of age on
    # 1 March, as in `is_minor`, and not on the day before.
    grown_since = literal(as_of, Date()) - func.make_interval(viewer.policy.age_of_consent)
    return func.coalesce(oldest_birth(viewer, person_id) > grown_since, false())


def speaking(
    viewer: Viewer, as_of: date, person_id: ColumnElement[Any], grant: FromClause
) -> list[ColumnElement[bool]]:
    """What `decide` asks of a grant before it counts: in force, for this viewer, signed, complete, newest."""
    # Under names of their own: the statement around may read the same tables.
    recipient, revocation = consent_recipient.alias(), consent_revocation.alias()
    adult, bar = guardian.alias(), guardian_bar.alias()
    named = exists().where(recipient.c.grant_id == grant.c.id, recipient.c.agency_id == viewer.agency.id)
    living = exists().where(
        in_group(grant.c.group_id, as_of), visibility_group_member.c.agency_id == viewer.agency.id
    )
    signing = exists().where(
        adult.c.id == grant.c.guardian_id,
        adult.c.valid_from <= as_of,
        or_(adult.c.valid_to.is_(None), adult.c.valid_to > as_of),
        not_(exists().where(bar.c.guardian_id == adult.c.id)),
    )
    minor = _is_minor(viewer, as_of, person_id)
    is_denial = grant.c.effect == Effect.DENY.value
    conditions: list[ColumnElement[bool]] = [
        grant.c.person_id == person_id,
        grant.c.start_on <= as_of,
        or_(grant.c.end_on.is_(None), grant.c.end_on > as_of),
        or_(grant.c.provisional_until.is_(None), grant.c.provisional_until > as_of),
        not_(exists().where(revocation.c.grant_id == grant.c.id)),
        or_(grant.c.community_wide, named, living),
        or_(grant.c.subject.is_(None), grant.c.subject == viewer.subject),
        literal(viewer.purpose.value) == any_(grant.c.purposes),
        case(
            (is_denial, true()),
            # Age is looked up only where it matters: nearly nobody has both signatures, or a guardian.
            (and_(grant.c.signed_by_client, signing), true()),
            (grant.c.signed_by_client, not_(minor)),
            (signing, minor),
            else_=false(),
        ),
        or_(
            is_denial,
            grant.c.regime != "PART2",
            and_(
                grant.c.method.in_(["WRITTEN", "ELECTRONIC"]),
                grant.c.evidence.is_not(None),
                not_(grant.c.community_wide),
                grant.c.end_on.is_not(None),
            ),
        ),
    ]
    if viewer.policy.combination is Combination.LATEST:
        conditions.append(
            or_(is_denial, grant.c.form_id.is_(None), grant.c.form_id == newest_form(person_id))
        )
    return conditions


def newest_form(person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The form recorded last, in force or not; its sections may have been recorded one by one."""
    signed = consent_grant.alias()
    return (
        select(signed.c.form_id)
        .where(signed.c.person_id == person_id, signed.c.form_id.is_not(None))
        .order_by(signed.c.recorded_at.desc(), signed.c.form_id.desc())
        .limit(1)
        .correlate_except(signed)
        .scalar_subquery()
    )


def client_labels(client: FromClause) -> ColumnElement[int]:
    """The labels of a client row: none when any stay of theirs tells nothing by itself, else all of them.

    Null when nobody but victim service providers entered it: then it is no business of anybody else.
    """
    stay, project = _ENROLLMENT.alias(), _PROJECT.alias()
    labels = project_labels(project)
    return (
        select(case((func.bool_or(labels == 0), literal(0, BigInteger)), else_=func.bit_or(labels)))
        .select_from(
            stay.join(
                project,
                and_(project.c.source_id == stay.c.source_id, project.c.project_id == stay.c.project_id),
            )
        )
        .where(
            stay.c.source_id == client.c.source_id,
            stay.c.personal_id == client.c.personal_id,
            stay.c.removed_at.is_(None),
            shareable_project(project),
        )
        .correlate(client)
        .scalar_subquery()
    )


def granted(
    viewer: Viewer,
    as_of: date,
    person_id: ColumnElement[Any],
    source_id: ColumnElement[Any] | None = None,
    labels: ColumnElement[int] | None = None,
    day: ColumnElement[Any] | None = None,
) -> ColumnElement[int]:
    """Rules 4 to 7 as a mask for one record: `decide(...).of(RecordFacts(source, day, labels)).allowed`.

    Without a source: of one that no grant excludes; without labels: unlabelled; without a day: undated.
    """
    grant = consent_grant.alias()
    nothing = literal(0, BigInteger)
    told = nothing if labels is None else labels
    notice = literal(int(viewer.policy.notice_categories), BigInteger)
    is_permit, is_denial = grant.c.effect == Effect.PERMIT.value, grant.c.effect == Effect.DENY.value
    names_all = told.bitwise_and(_named_labels(grant).bitwise_not()) == 0
    closes_all, closes_labelled = grant.c.labels == 0, grant.c.labels.bitwise_and(told) != 0
    union = func.bit_or(grant.c.categories)
    there = _less(
        func.coalesce(union.filter(is_permit), 0).bitwise_or(notice),
        func.coalesce(union.filter(and_(is_denial, closes_all)), 0),
    )
    opened = _less(
        func.coalesce(union.filter(and_(is_permit, names_all)), 0).bitwise_or(
            case((told == 0, notice), else_=nothing)
        ),
        func.coalesce(union.filter(and_(is_denial, or_(closes_all, closes_labelled))), 0),
    )
    widest = literal(int(may_see(viewer)), BigInteger)
    conditions = speaking(viewer, as_of, person_id, grant)
    if source_id is not None:
        conditions.append(or_(grant.c.sources.is_(None), source_id == any_(grant.c.sources)))
    if day is not None:
        conditions.append(or_(day.is_(None), grant.c.data_from.is_(None), day >= grant.c.data_from))
        conditions.append(or_(day.is_(None), grant.c.data_to.is_(None), day < grant.c.data_to))
    return (
        select(
            case((there.bitwise_and(int(Category.EXISTENCE)) != 0, opened.bitwise_and(widest)), else_=nothing)
        )
        .where(*conditions)
        .correlate_except(grant)
        .scalar_subquery()
    )


def _less(mask: ColumnElement[int], without: ColumnElement[int]) -> ColumnElement[int]:
    return mask.bitwise_and(without.bitwise_not())


def _named_labels(grant: FromClause) -> ColumnElement[int]:
    """`Grant.named_labels` in SQL."""
    alone = grant.c.labels == int(Label.PART2_NOTES)
    open_to_grants = literal(~int(Label.VSP), BigInteger)
    never = literal(~int(Label.VSP | Label.PART2_NOTES), BigInteger)
    return case(
        (or_(grant.c.community_wide, grant.c.method == "NOTICE"), literal(0, BigInteger)),
        (alone, grant.c.labels.bitwise_and(open_to_grants)),
        else_=grant.c.labels.bitwise_and(never),
    )


def broken_glass(viewer: Viewer, now: datetime, person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Rule 3: the opening of this viewer for a person that is in force now, or null."""
    return (
        select(break_glass.c.id)
        .where(
            break_glass.c.person_id == person_id,
            break_glass.c.subject == viewer.subject,
            break_glass.c.agency_id == viewer.agency.id,
            break_glass.c.opened_at <= now,
            break_glass.c.closes_at > now,
        )
        .order_by(break_glass.c.closes_at.desc())
        .limit(1)
        .correlate_except(break_glass)
        .scalar_subquery()
    )


def visible_record(
    viewer: Viewer,
    as_of: date,
    now: datetime,
    person_id: ColumnElement[Any],
    client: FromClause,
    needed: Category,
) -> ColumnElement[bool]:
    """A client row of a person that shows the viewer every category in `needed`.

    Filters use this, so that a search by name finds nobody whose name the viewer may not see.
    """
    bits = int(needed | Category.EXISTENCE)
    if Category(bits) & ~may_see(viewer):
        return false()
    labels = client_labels(client)
    opened = granted(viewer, as_of, person_id, client.c.source_id, labels)
    shared = or_(
        # Nearly every client has a stay that tells nothing by itself: one decision for all of those.
        and_(
            granted(viewer, as_of, person_id, client.c.source_id).bitwise_and(bits) == bits,
            shareable_client(client),
        ),
        and_(labels != 0, opened.bitwise_and(bits) == bits),
        and_(broken_glass(viewer, now, person_id).is_not(None), tellable_client(client)),
    )
    if needed & ~own_record(viewer):
        return shared
    return or_(own_client(viewer, client), shared)
