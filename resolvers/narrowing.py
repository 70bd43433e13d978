"""Narrowing: a client takes a part of a release back, and the rest stands as it was signed.

Nothing recorded is changed: the release ends, and a smaller one on the same signature takes its place, in one
transaction. Should the hub be restored in between, the journal ends the old one and the new one is gone: less
is open than the client left open, never more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from auth import grants
from auth.categories import NOTHING, Category
from auth.consent import Effect
from auth.journal import Entry, Kind
from hmis.labels import Label
from resolvers import granted, withdrawing
from resolvers.consent import NO_GRANT, Outcome, revocable
from resolvers.granted import GrantRow
from resolvers.problems import Problem, may_not_write
from resolvers.request import Request
from resolvers.rows import ClientRow


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What of a release stays, as it was written down."""

    grant: str
    categories: tuple[Category, ...]
    end: date | None = None
    """First day no longer in force; None = as before."""
    reason: str = ""


async def narrow(request: Request, written: Narrowed) -> Outcome:
    """End a release and record what stays of it."""
    request.trail.about_people = True
    viewer, refused = request.viewer, may_not_write(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    found = await revocable(request, viewer, written.grant)
    if found is None:
        return Outcome(problems=(NO_GRANT,))
    client, old, _ = found
    new, problems = await smaller(request, client, old, written)
    if not written.reason.strip():
        problems.append(Problem("REQUIRED", "Say why a part is taken back.", ("input", "reason")))
    if new is None or problems:
        return Outcome(problems=tuple(problems))
    await request.keep(Entry(Kind.REVOKE, old, client.person, request.now, viewer.subject))
    async with request.writing() as connection:
        await grants.record(connection, viewer, new)
        await grants.revoke(connection, viewer, old, written.reason.strip(), request.now)
        await withdrawing.follow(request, viewer, connection, client.person)
    return Outcome(await granted.one(request, client, new.id))


async def smaller(
    request: Request, client: ClientRow, old: UUID, written: Narrowed
) -> tuple[grants.NewGrant | None, list[Problem]]:
    """What stays of a grant; None where it cannot be narrowed, with why."""
    row = await granted.one(request, client, old)
    if row is None or not row.is_ours:
        # Of one that another agency recorded not all recipients are told, so it can only be ended as a whole.
        told = "Another agency recorded it: take it back as a whole, and sign anew what stays."
        return None, [Problem("NOT_ALLOWED", told, ("input", "grant"))]
    if not row.can_narrow:
        told = "Only a release that is in force can be narrowed."
        return None, [Problem("NOT_ALLOWED", told, ("input", "grant"))]
    kept = _mask(written.categories)
    return _rest(row, kept, written.end, request.as_of), _check(row, kept, written.end, request.as_of)


def _mask(categories: Sequence[Category]) -> Category:
    total = NOTHING
    for category in categories:
        total |= category
    return total | Category.EXISTENCE if total else total


def _check(row: GrantRow, kept: Category, end: date | None, today: date) -> list[Problem]:
    old = Category(row.values["categories"])
    if not kept:
        return [Problem("REQUIRED", "That leaves nothing: take it back as a whole.", ("input", "categories"))]
    problems = []
    if kept & ~old:
        told = "A release can only become smaller. For more, sign a form."
        problems.append(Problem("INVALID", told, ("input", "categories")))
    if end is not None and not _is_sooner(end, row.values["end_on"], max(today, row.values["start_on"])):
        told = "The end can only come sooner, on a day to come."
        problems.append(Problem("INVALID", told, ("input", "end")))
    if kept == old and end is None:
        told = "Nothing became smaller: leave something out, or let it end sooner."
        problems.append(Problem("INVALID", told, ("input", "categories")))
    return problems


def _is_sooner(end: date, before: date | None, start: date) -> bool:
    return start < end and (before is None or end < before)


def _rest(row: GrantRow, kept: Category, end: date | None, today: date) -> grants.NewGrant:
    """The same grant, of fewer categories or sooner over; on the same form, so it counts as that does."""
    old = row.values
    return grants.NewGrant(
        person=old["person_id"],
        effect=Effect.PERMIT,
        categories=kept,
        labels=Label(old["labels"]),
        purposes=tuple(old["purposes"]),
        community_wide=old["community_wide"],
        agencies=tuple(old["agencies"] or ()),
        group=old["group_id"],
        subject=old["subject"],
        sources=None if old["sources"] is None else tuple(old["sources"]),
        data_from=old["data_from"],
        data_to=old["data_to"],
        start=max(old["start_on"], today),
        end=old["end_on"] if end is None else end,
        provisional_until=old["provisional_until"],
        method=old["method"],
        evidence=old["evidence"],
        regime=old["regime"],
        signed_by_client=old["signed_by_client"],
        guardian=old["guardian_id"],
        form=old["form_id"],
        template=old["template"],
        section=old["section"],
        language=old["language"],
    )
