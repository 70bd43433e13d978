"""Recording and revoking what a client agreed to. What the writer can mend comes back as problems, as data.

Who may: somebody with the scope for it, about a client of whom their own agency entered a record. For anybody
else the client is not there, so the answer is the same as for an unknown one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import grants, guardians
from auth.consent import Effect
from auth.forms import template_of
from auth.journal import Entry, Kind, refusal
from auth.policy import Combination
from auth.viewer import Viewer
from hmis.errors import InputRefused
from hmis.tables import consent_grant
from resolvers import clients, granted, recipients, withdrawing
from resolvers.granted import GrantRow
from resolvers.problems import Problem, may_not_write, not_there
from resolvers.proposals import FormPart, Proposal, check, completed
from resolvers.request import Request
from resolvers.rows import ClientRow


@dataclass(frozen=True, slots=True)
class Outcome:
    """A changed grant, or why nothing changed."""

    grant: GrantRow | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """Grants that were recorded together, on one form if on any; or why none was."""

    grants: tuple[GrantRow, ...] = ()
    form: UUID | None = None
    problems: tuple[Problem, ...] = ()


_NOBODY = UUID(int=0)
_REPLACED = "a newer release took its place"
NO_GRANT = Problem("NOT_FOUND", "There is no such grant, or none you may revoke.", ("id",))


async def record(request: Request, written: Proposal) -> Outcome:
    """Check a proposal, write the grant, and read it back."""
    done = await record_together(request, written.client, (written,))
    return Outcome(done.grants[0] if done.grants else None, done.problems)


async def record_together(
    request: Request, identifier: str, written: Sequence[Proposal], replaced: Sequence[str] = ()
) -> Recorded:
    """Check proposals that one client signed at one time, and write all of them or none.

    replaced: permits that end in the same transaction, by id.
    """
    request.trail.about_people = True
    viewer, refused = request.viewer, may_not_write(request.viewer)
    if viewer is None or refused:
        return Recorded(problems=(refused,) if refused else ())
    client = await clients.own(request, identifier)
    if client is None:
        return Recorded(problems=(not_there("client"),))
    ended, problems = await replaceable(request, viewer, client, replaced)
    proposals = [completed(one, viewer.policy) for one in written]
    for one in proposals:
        problems += check(one, viewer.policy)
    form = uuid4()
    async with request.writing() as connection:
        news = []
        for one in proposals:
            new, unknown = await looked_up(connection, request, client.person, one, form)
            news.append(new)
            problems += unknown
        if problems:
            return Recorded(problems=tuple(dict.fromkeys(problems)))
        await _write(request, viewer, connection, client.person, news, ended)
    rows = await granted.some(request, client, [new.id for new in news])
    return Recorded(rows, news[0].form if news else None)


async def _write(
    request: Request,
    viewer: Viewer,
    connection: AsyncConnection,
    person: UUID,
    news: Sequence[grants.NewGrant],
    ended: Sequence[UUID],
) -> None:
    """The journal first: see `revoke`. The ids of grants are known before their rows are there."""
    for new in news:
        if new.effect is Effect.DENY:
            await request.keep(refusal(grants.values_of(viewer, new), new.agencies, request.now))
    forms = {new.form for new in news if new.form is not None}
    if viewer.policy.combination is Combination.LATEST:
        for form in forms:
            await request.keep(Entry(Kind.REPLACE, form, person, request.now, viewer.subject))
    for old in ended:
        await request.keep(Entry(Kind.REVOKE, old, person, request.now, viewer.subject))
    for new in news:
        await grants.record(connection, viewer, new)
    for old in ended:
        await grants.revoke(connection, viewer, old, _REPLACED, request.now)
    await withdrawing.follow(request, viewer, connection, person)


async def replaceable(
    request: Request, viewer: Viewer, client: ClientRow, identifiers: Sequence[str]
) -> tuple[list[UUID], list[Problem]]:
    """Permits of this client that the viewer may end, by id; a problem for each that is none."""
    ended, problems = [], []
    for place, identifier in enumerate(identifiers):
        found = await revocable(request, viewer, identifier)
        if found is None or found[0].person != client.person or found[2] is not Effect.PERMIT:
            told = "There is no such release, or none you may end."
            problems.append(Problem("NOT_FOUND", told, ("input", "replaces", str(place))))
        else:
            ended.append(found[1])
    return ended, problems


async def looked_up(
    connection: AsyncConnection, request: Request, person: UUID, proposal: Proposal, new_form: UUID
) -> tuple[grants.NewGrant, list[Problem]]:
    """The grant with every name turned into its id, and a problem for each name that is nobody's.

    new_form: the id of the form it is a section of, where no section of that was recorded before.
    """
    to = await recipients.resolve(connection, proposal.recipients, request.as_of)
    sources, unknown_sources = await recipients.sources_of(connection, proposal.sources)
    guardian, unknown_guardian = await _guardian(connection, person, proposal)
    form, unknown_form = await _form(connection, person, proposal.part, new_form)
    part = proposal.part
    new = grants.NewGrant(
        person=person,
        effect=proposal.effect,
        categories=proposal.mask,
        labels=proposal.label_mask,
        purposes=tuple(purpose.value for purpose in proposal.purposes),
        community_wide=proposal.recipients.community_wide,
        agencies=to.agencies,
        group=to.group,
        subject=to.subject,
        sources=sources,
        data_from=proposal.since,
        data_to=proposal.data_to,
        start=proposal.start,
        end=proposal.end,
        provisional_until=proposal.provisional_until,
        method=proposal.method,
        evidence=proposal.evidence,
        regime=proposal.regime.value,
        signed_by_client=proposal.is_signed_by_client,
        guardian=guardian,
        form=form,
        template=_edition(part),
        section=part.section if part else None,
        language=proposal.language,
    )
    return new, [*to.problems, *unknown_sources, *unknown_guardian, *unknown_form]


def _edition(part: FormPart | None) -> str | None:
    """Which form in which edition; a form there is none of was found before."""
    try:
        return template_of(part.template).name if part else None
    except InputRefused:
        return None


async def _guardian(
    connection: AsyncConnection, person: UUID, proposal: Proposal
) -> tuple[UUID | None, list[Problem]]:
    """The guardian who signed: of this client, and with the right to sign on the day it begins."""
    if proposal.guardian is None:
        return None, []
    row = await _guardian_row(connection, proposal.guardian)
    if row is None or row["person_id"] != person:
        return None, [Problem("NOT_FOUND", "The client has no such guardian.", ("input", "guardian"))]
    late = row["valid_to"] is not None and row["valid_to"] <= proposal.start
    if row["barred_at"] is not None or late or proposal.start < row["valid_from"]:
        problem = Problem("NOT_ALLOWED", "The guardian may not sign on that day.", ("input", "guardian"))
        return None, [problem]
    return row["id"], []


async def _guardian_row(connection: AsyncConnection, identifier: str) -> RowMapping | None:
    try:
        return await guardians.read(connection, UUID(identifier))
    except ValueError:
        return None


async def _form(
    connection: AsyncConnection, person: UUID, part: FormPart | None, new_form: UUID
) -> tuple[UUID | None, list[Problem]]:
    """The form a section stands on: a new one, or one of which another section was recorded before."""
    if part is None:
        return None, []
    if part.form is None:
        return new_form, []
    unknown = Problem("NOT_FOUND", "The client has signed no such form.", ("input", "form"))
    try:
        form = UUID(part.form)
    except ValueError:
        return None, [unknown]
    known = await connection.scalar(
        select(consent_grant.c.id)
        .where(consent_grant.c.form_id == form, consent_grant.c.person_id == person)
        .limit(1)
    )
    return (form, []) if known is not None else (None, [unknown])


async def revoke(request: Request, identifier: str, reason: str) -> Outcome:
    """End a grant now. Revoking one that was revoked before changes nothing and says when it was.

    What closes is in the journal before it is committed: should the hub die in between, the next start closes
    what the client asked to close, and nobody was told otherwise. The end of a refusal opens, so it comes
    after the commit: should the hub die there, a restore keeps closed what the client may open again.
    """
    request.trail.about_people = True
    viewer, refused = request.viewer, may_not_write(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    found = await revocable(request, viewer, identifier)
    if found is None:
        return Outcome(problems=(NO_GRANT,))
    client, grant, effect = found
    if not reason.strip():
        return Outcome(problems=(Problem("REQUIRED", "Say why the grant is revoked.", ("reason",)),))
    entry = Entry(Kind.REVOKE, grant, client.person, request.now, viewer.subject)
    if effect is Effect.PERMIT:
        await request.keep(entry)
    async with request.writing() as connection:
        await grants.revoke(connection, viewer, grant, reason, request.now)
        await withdrawing.follow(request, viewer, connection, client.person)
    if effect is Effect.DENY:
        await request.keep(entry)
    return Outcome(await granted.one(request, client, grant))


async def revocable(
    request: Request, viewer: Viewer, identifier: str
) -> tuple[ClientRow, UUID, Effect] | None:
    """A grant of a client of the viewer's agency that the viewer may know of, whose it is, and its effect."""
    try:
        wanted = UUID(identifier)
    except ValueError:
        return None
    rows = await request.fetch(grants.known_to_viewer(request.as_of, grant=wanted))
    # An unknown grant is looked after like one of somebody hidden, and costs the same.
    client = await clients.own(request, str(rows[0]["person_id"] if rows else _NOBODY))
    return (client, wanted, Effect(rows[0]["effect"])) if client is not None and rows else None
