"""Which grants speak: what `decide` asks of a grant before it counts, said in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from auth.consent import Effect
from auth.parameters import ViewerParameters
from hmis.tables import (
    HMIS,
    client_label,
    client_link,
    client_owner,
    consent_grant,
    consent_recipient,
    consent_revocation,
    guardian,
    guardian_bar,
    visibility_group_member,
)

_CLIENT = HMIS["Client"]


def in_group(group: ColumnElement[Any], as_of: ColumnElement[Any]) -> ColumnElement[bool]:
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


def is_own(who: ViewerParameters, row: FromClause) -> ColumnElement[bool]:
    """A row of a client that the viewer's own agency enrolled (rule 2).

    A client row belongs to every organization of its source that did.
    """
    return exists().where(
        client_owner.c.source_id == who.source,
        client_owner.c.organization_id == who.organization,
        client_owner.c.personal_id == row.c.personal_id,
        row.c.source_id == who.source,
    )


def oldest_birth(who: ViewerParameters, person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The birth date that decides whether a person is of age: the oldest the viewer might ever see."""
    link, client, label = client_link.alias(), _CLIENT.alias(), client_label.alias()
    return (
        select(func.min(client.c.dob))
        .select_from(link.join(client, of_link(link, client)).join(label, of_link(link, label)))
        .where(
            link.c.person_id == person_id,
            link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
            or_(label.c.labels == 0, is_own(who, client)),
        )
        .correlate_except(link, client, label)
        .scalar_subquery()
    )


def _is_minor(who: ViewerParameters, person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    # Counted back from the day and not on from the birth: who was born on a 29 February comes of age on
    # 1 March, as in `is_minor`, and not on the day before.
    grown_since = who.as_of - func.make_interval(who.age_of_consent)
    return func.coalesce(oldest_birth(who, person_id) > grown_since, false())


def names_viewer(who: ViewerParameters, grant: FromClause) -> ColumnElement[bool]:
    """The viewer is a recipient: everybody is, or their agency by itself or in a living group."""
    recipient = consent_recipient.alias()
    named = exists().where(recipient.c.grant_id == grant.c.id, recipient.c.agency_id == who.agency)
    living = exists().where(
        in_group(grant.c.group_id, who.as_of), visibility_group_member.c.agency_id == who.agency
    )
    return or_(grant.c.community_wide, named, and_(grant.c.group_id.is_not(None), living))


def in_force(who: ViewerParameters, grant: FromClause) -> list[ColumnElement[bool]]:
    """The grant holds that day and is for the viewer's purpose."""
    revocation = consent_revocation.alias()
    return [
        grant.c.start_on <= who.as_of,
        or_(grant.c.end_on.is_(None), grant.c.end_on > who.as_of),
        or_(grant.c.provisional_until.is_(None), grant.c.provisional_until > who.as_of),
        or_(grant.c.subject.is_(None), grant.c.subject == who.subject),
        who.purpose == any_(grant.c.purposes),
        not_(exists().where(revocation.c.grant_id == grant.c.id)),
    ]


def speaking(
    who: ViewerParameters, person_id: ColumnElement[Any], grant: FromClause
) -> list[ColumnElement[bool]]:
    """What `decide` asks of a grant before it counts: in force, for this viewer, signed, complete, newest."""
    # Under names of their own: the statement around may read the same tables.
    adult, bar = guardian.alias(), guardian_bar.alias()
    signing = exists().where(
        adult.c.id == grant.c.guardian_id,
        adult.c.valid_from <= who.as_of,
        or_(adult.c.valid_to.is_(None), adult.c.valid_to > who.as_of),
        not_(exists().where(bar.c.guardian_id == adult.c.id)),
    )
    minor = _is_minor(who, person_id)
    is_denial = grant.c.effect == Effect.DENY.value
    return [
        grant.c.person_id == person_id,
        *in_force(who, grant),
        names_viewer(who, grant),
        case(
            (is_denial, true()),
            # Age is looked up only where it matters: nearly nobody has both signatures, or a guardian.
            (and_(grant.c.signed_by_client, grant.c.guardian_id.is_not(None), signing), true()),
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
        or_(
            not_(who.latest_wins),
            is_denial,
            grant.c.form_id.is_(None),
            grant.c.form_id == _latest_form(person_id),
        ),
    ]


def _latest_form(person_id: ColumnElement[Any]) -> ScalarSelect[Any]:
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
