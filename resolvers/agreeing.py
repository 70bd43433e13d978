"""Agreeing: what a partner may be told of a client at this moment. Asked when a referral is written down, and
again before it is sent."""

from __future__ import annotations

from sqlalchemy import select

from auth import grants
from auth.categories import Category
from auth.consent import Facts, RecordFacts, decide
from auth.membership import everybody
from auth.viewer import AgencyKind, Role
from connectors.base import Person, Source
from hmis.labels import Label
from hmis.tables import agency
from resolvers.partners import category_of, disclosable
from resolvers.request import Request
from resolvers.rows import ClientRow


async def agreed(request: Request, client: ClientRow, source: Source, tell: Category) -> Person | None:
    """What the partner is told of the client, as the client agrees to it at this moment; None = it is not.

    It takes a grant that opens the partner's categories to the agency that refers, and that the agency sees
    whatever is told. A partner that consents name (`consentGrant` with `partner`) has to be let see it too.
    """
    category = category_of(source)
    if category is None or not all(client.allowed & one and client.opened_by(one) for one in category):
        return None
    known = disclosable(client)
    told = Person(
        first_name=known.first_name if tell & Category.NAME else None,
        last_name=known.last_name if tell & Category.NAME else None,
        dob=known.dob if tell & Category.DOB else None,
    )
    if tell & Category.NAME and not (told.first_name or told.last_name):
        return None
    if tell & Category.DOB and told.dob is None:
        return None
    return told if await _recipient_may_see(request, client, source, tell) else None


async def _recipient_may_see(request: Request, client: ClientRow, source: Source, tell: Category) -> bool:
    """Whether the client lets the partner itself see it, where the partner is one that consents can name."""
    viewer = request.viewer
    if viewer is None:
        return False
    named = select(agency.c.id).where(
        agency.c.kind == AgencyKind.PARTNER.value, agency.c.name == source.title
    )
    async with request.reading() as connection:
        partners = set(await connection.scalars(named))
        if not partners:
            return True
        rows = await connection.execute(grants.statement(request.as_of, people=[client.person]))
        given = tuple(grants.grant_of(row) for row in rows.mappings())
        standing_in = await everybody(connection, request.as_of, [Role.CASE_MANAGER])
    recipients = [one for one in standing_in if one.agency.id in partners]
    if len(recipients) != 1:
        return False  # its agreement is not in force, or nobody can say which one is meant
    facts = Facts(grants=given, births=() if client.born is None else (client.born,))
    decision = decide(recipients[0], facts, viewer.policy, request.as_of)
    for category in tell | Category.EXISTENCE:
        record = client.record_for(category)
        if record is None:
            return False
        labels = Label(record.values["labels"] or 0)
        if not decision.of(RecordFacts(record.values["source_id"], labels=labels)).allowed & category:
            return False
    return True
