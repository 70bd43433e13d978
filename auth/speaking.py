"""Which grants speak: what `decide` asks of a grant before it counts, said in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    and_,
    any_,
    case,
    false,
    func,
    literal,
    literal_column,
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


# An EXISTS that PostgreSQL may hash, it answers by reading a whole table; behind an OFFSET it looks up the
# few rows in question by index, so the cost grows with the people asked about and not with the database.
# Likewise what is worked out in a subquery is worked out once a row, and in the order of the subquery.
AS_IT_STANDS = literal_column("0", Integer())


def any_row(*conditions: ColumnElement[bool], of: FromClause) -> ColumnElement[bool]:
    """EXISTS, looked up one by one."""
    found = select(literal(1)).select_from(of).where(*conditions).correlate_except(of)
    return found.offset(AS_IT_STANDS).exists()


def in_group(
    group: ColumnElement[Any], as_of: ColumnElement[Any], member: FromClause = visibility_group_member
) -> ColumnElement[bool]:
    """Memberships of a living group on one day."""
    return and_(
        member.c.group_id == group,
        member.c.valid_from <= as_of,
        or_(member.c.valid_to.is_(None), member.c.valid_to > as_of),
    )


def of_link(link: FromClause, client: FromClause) -> ColumnElement[bool]:
    """The client row that a link is about."""
    return and_(client.c.source_id == link.c.source_id, client.c.personal_id == link.c.personal_id)


def is_own(who: ViewerParameters, row: FromClause) -> ColumnElement[bool]:
    """A row of a client that the viewer's own agency enrolled (rule 2).

    A client row belongs to every organization of its source that did.
    """
    owner = client_owner.alias()
    return any_row(
        owner.c.source_id == who.source,
        owner.c.organization_id == who.organization,
        owner.c.personal_id == row.c.personal_id,
        row.c.source_id == owner.c.source_id,
        of=owner,
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


def is_minor(who: ViewerParameters, born: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether somebody born that day is below the age of consent; an unknown day is a grown person's."""
    # Counted back from the day and not on from the birth: who was born on a 29 February comes of age on
    # 1 March, as in `is_minor`, and not on the day before.
    grown_since = who.as_of - func.make_interval(who.age_of_consent)
    return func.coalesce(born > grown_since, false())


def names_viewer(who: ViewerParameters, grant: FromClause) -> ColumnElement[bool]:
    """The viewer is a recipient: everybody is, or their agency by itself or in a living group."""
    recipient, member = consent_recipient.alias(), visibility_group_member.alias()
    named = any_row(recipient.c.grant_id == grant.c.id, recipient.c.agency_id == who.agency, of=recipient)
    living = any_row(
        in_group(grant.c.group_id, who.as_of, member), member.c.agency_id == who.agency, of=member
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
        not_(any_row(revocation.c.grant_id == grant.c.id, of=revocation)),
    ]


def speaking(
    who: ViewerParameters,
    person_id: ColumnElement[Any],
    grant: FromClause,
    born: ColumnElement[Any] | None = None,
) -> list[ColumnElement[bool]]:
    """What `decide` asks of a grant before it counts: in force, for this viewer, signed, complete, newest.

    born: `oldest_birth` of the person where the statement has it already.
    """
    # Under names of their own: the statement around may read the same tables.
    adult, bar = guardian.alias(), guardian_bar.alias()
    signing = any_row(
        adult.c.id == grant.c.guardian_id,
        adult.c.valid_from <= who.as_of,
        or_(adult.c.valid_to.is_(None), adult.c.valid_to > who.as_of),
        not_(any_row(bar.c.guardian_id == adult.c.id, of=bar)),
        of=adult,
    )
    minor = is_minor(who, oldest_birth(who, person_id) if born is None else born)
    is_denial = grant.c.effect == Effect.DENY.value
    return [
        grant.c.person_id == person_id,
        *in_force(who, grant),
        names_viewer(who, grant),
        case(
            (is_denial, true()),
            # Nearly nobody has a guardian, so whether one may sign is asked last.
            (not_(minor), grant.c.signed_by_client),
            else_=and_(grant.c.guardian_id.is_not(None), signing),
        ),
        or_(
            is_denial,
            grant.c.regime != "PART2",
            and_(
                or_(grant.c.method == "WRITTEN", grant.c.method == "ELECTRONIC"),
                grant.c.evidence.is_not(None),
                not_(grant.c.community_wide),
                grant.c.end_on.is_not(None),
            ),
        ),
        or_(
            not_(who.latest_wins),
            is_denial,
            grant.c.form_id.is_(None),
            grant.c.form_id == newest_form(person_id),
        ),
    ]


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
