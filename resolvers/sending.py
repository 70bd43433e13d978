"""Sending what stands in the outbox: each row reaches its partner at least once, and has its effect once.

Whoever sends a row holds it until the answer is written, so no other worker has it; and dying lets it go. An
attempt is committed on a connection of its own before the partner hears anything: one that never came to an
end tells the next worker that the partner may have heard already. A partner that honours keys is then sent
the same again, under the same key; for another one a person has to ask.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth import audit
from auth.categories import Category
from auth.membership import everybody
from auth.viewer import Role
from connectors.base import Failed, Person, Receipt, Source, Submission
from connectors.crosswalk import links
from connectors.runtime import Runtime
from hmis import queue
from hmis.database import Reader
from hmis.errors import FailureCode
from hmis.referral_states import Delivery, Status, may_become
from hmis.tables import outbox, outbox_attempt
from resolvers import clients, steps
from resolvers.agreeing import agreed
from resolvers.referrals import SEND
from resolvers.request import Request
from resolvers.rows import ClientRow

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 30
"""About a day of trying."""
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(hours=1)
_WITHIN_S = 600.0
"""Nobody waits for it, so the connector's own limit is the one that counts."""
_CONSENT = "CONSENT"
_OPERATION = "referral"

# The partner may have it all the same: no answer came, or none that can be read.
_MAY_HAVE_IT = frozenset({FailureCode.TIMEOUT, FailureCode.UNAVAILABLE, FailureCode.BAD_DATA})


@dataclass(frozen=True, slots=True)
class Desk:
    """What sending takes; one for the process.

    lapsed: the partners whose agreement is not in force on a day: nothing is sent to them, nor asked of them.
    """

    writer: AsyncEngine
    reader: Reader
    partners: Mapping[str, Source]
    runtime: Runtime
    now: Callable[[], datetime]
    day_of: Callable[[datetime], date]
    lapsed: Callable[[date], frozenset[str]] = lambda _day: frozenset()

    def closed(self) -> frozenset[str]:
        """The partners that are not asked today."""
        return self.lapsed(self.day_of(self.now()))


@dataclass(frozen=True, slots=True)
class _Agreed:
    """Who is sent on, by whom, and what of them the client lets be told now."""

    request: Request
    client: ClientRow
    person: Person


async def due(desk: Desk, most: int = 100) -> list[UUID]:
    """Rows that wait for being sent, oldest first. Their jobs send them; this is for what a job lost."""
    query = (
        select(outbox.c.id)
        .where(
            outbox.c.state == Delivery.PENDING.value,
            outbox.c.next_at <= desk.now(),
            outbox.c.connector.in_(desk.partners.keys() - desk.closed()),
        )
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(most)
    )
    async with desk.writer.connect() as connection:
        return list(await connection.scalars(query))


async def send(desk: Desk, identifier: UUID) -> Delivery | None:
    """Send one row, and write down what came of it. None = not ours to send now, or nothing to be sent."""
    async with desk.writer.begin() as holding:
        row = await _held(holding, identifier, desk.now())
        source = desk.partners.get(row["connector"]) if row is not None else None
        if row is None or source is None:
            return None
        known = await steps.held(holding, row["referral_id"])
        if row["tried"] > row["attempts"] and not source.honours_keys:
            return await _settled(holding, desk, row, Delivery.UNKNOWN)
        told = await _told(holding, desk, known, source) if row["status"] == Status.SENT.value else None
        if told is None and row["status"] == Status.SENT.value:
            return await _closed(holding, desk, row, known)
        submission = await _submission(holding, row, known, source, told)
        if source.name in desk.closed():
            # Only an operator can mend that; until then it waits.
            return await _later(holding, desk, row, FailureCode.CONFIG, _LONGEST_WAIT)
        if desk.runtime.state(source).breaker == "OPEN":
            return await _later(holding, desk, row, FailureCode.UNAVAILABLE)  # it would not be called
        if told is not None:
            await _audited(desk, row, told, Category(known["category"]) | Category(known["tell"]))
        await _attempt(desk, row)
        deadline = asyncio.get_running_loop().time() + _WITHIN_S
        answer = await desk.runtime.submit(source, submission, deadline)
        ended = {**row, "attempts": row["tried"] + 1}
        if isinstance(answer, Receipt):
            return await _taken(holding, desk, ended, known, answer)
        return await _not_taken(holding, desk, ended, known, source, answer)


async def _held(connection: AsyncConnection, identifier: UUID, now: datetime) -> RowMapping | None:
    """The row, if it is due and nobody else holds it. `tried`: attempts that began, ended or not."""
    # `no key update`: an attempt, which refers to the row, is written while it is held.
    query = (
        select(outbox)
        .where(
            outbox.c.id == identifier,
            outbox.c.state == Delivery.PENDING.value,
            outbox.c.next_at <= now,
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    # Counted only now that it is held: before, another worker may have been about to add one.
    tried = select(func.count()).where(outbox_attempt.c.outbox_id == identifier).scalar_subquery()
    again = select(outbox, tried.label("tried")).where(outbox.c.id == identifier)
    return (await connection.execute(again)).mappings().one()


async def _told(connection: AsyncConnection, desk: Desk, known: RowMapping, source: Source) -> _Agreed | None:
    """What may be told at this moment, asked as the agency that refers would ask; None = nothing."""
    now = desk.now()
    as_of = desk.day_of(now)
    acting = await everybody(connection, as_of, [Role.CASE_MANAGER])
    viewer = next((one for one in acting if one.agency.id == known["agency_id"]), None)
    if viewer is None:
        return None  # its agreement has ended, so nobody asks for it any more
    viewer = replace(viewer, subject=known["created_by"])
    request = Request(
        now,
        as_of,
        viewer,
        viewer.subject,
        desk.reader,
        desk.writer,
        partners=desk.partners,
        lapsed=desk.closed(),
    )
    [client] = await clients.by_id(request, [known["person_id"]])
    if client is None or not client.is_own:
        return None
    person = await agreed(request, client, source, Category(known["tell"]))
    return None if person is None else _Agreed(request, client, person)


async def _submission(
    connection: AsyncConnection, row: RowMapping, known: RowMapping, source: Source, told: _Agreed | None
) -> Submission:
    """What goes out. That a referral is called off tells nothing of anybody: the partner knows its own id."""
    submission = Submission(
        "REFERRAL",
        key=str(row["id"]),
        status=row["status"],
        reference=known["reference"],
        version=known["version"],
    )
    if told is None:
        return submission
    person = told.client.person
    linked = (await links(connection, source.name, [person])).get(person, ())
    return replace(
        submission,
        person=told.person,
        partner_id=linked[0].value if linked else None,
        values={"service": known["service"]},
    )


async def _audited(desk: Desk, row: RowMapping, told: _Agreed, categories: Category) -> None:
    """The disclosure is in the audit before the partner hears anything."""
    trail, client, request = audit.Trail(about_people=True), told.client, told.request
    shown = trail.of(client.person)
    for category in categories | Category.EXISTENCE | Category.SERVICES:
        shown.show(category, own=client.own_in(category))
    shown.grants = client.decision.grants
    name = f"{_OPERATION} {row['connector']}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    await audit.write(
        desk.writer,
        audit.Operation(f"{_OPERATION}-{row['id']}", name, digest, request.as_of),
        trail,
        subject=request.subject,
        application=None,
        viewer=request.viewer,
        outcome="ANSWERED",
    )


async def _attempt(desk: Desk, row: RowMapping) -> None:
    async with desk.writer.begin() as beside:
        await beside.execute(insert(outbox_attempt).values(outbox_id=row["id"], number=row["tried"] + 1))


async def _settled(
    holding: AsyncConnection,
    desk: Desk,
    row: Mapping[Any, Any],
    state: Delivery,
    code: str | None = None,
) -> Delivery:
    settled = {"state": state.value, "settled_at": desk.now(), "last_code": code, "attempts": row["attempts"]}
    await holding.execute(update(outbox).where(outbox.c.id == row["id"]).values(**settled))
    if state is not Delivery.DONE:
        log.warning("%s: %s %s", row["connector"], row["id"], state)
    return state


async def _closed(holding: AsyncConnection, desk: Desk, row: RowMapping, known: RowMapping) -> Delivery:
    """The client agrees no more. What was tried before may be with the partner, and only they can say."""
    if row["tried"]:
        return await _settled(holding, desk, row, Delivery.UNKNOWN, _CONSENT)
    if may_become(Status(known["status"]), Status.CANCELLED):
        await steps.step(holding, known["id"], Status.CANCELLED, steps.HUB, desk.now(), _CONSENT)
    return await _settled(holding, desk, row, Delivery.CANCELLED_BY_CONSENT)


async def _taken(
    holding: AsyncConnection, desk: Desk, row: Mapping[Any, Any], known: RowMapping, receipt: Receipt
) -> Delivery:
    if not await steps.heard(holding, known, receipt, desk.now()):
        log.warning("%s: %s cannot follow %s", row["connector"], receipt.status, known["status"])
    return await _settled(holding, desk, row, Delivery.DONE)


async def _not_taken(
    holding: AsyncConnection,
    desk: Desk,
    row: Mapping[Any, Any],
    known: RowMapping,
    source: Source,
    failed: Failed,
) -> Delivery:
    code = failed.code
    surely_not = code not in _MAY_HAVE_IT
    if failed.retryable and row["attempts"] < MOST_ATTEMPTS and (source.honours_keys or surely_not):
        return await _later(holding, desk, row, code)
    if code is FailureCode.CONFLICT:
        await _newest(holding, desk, known, source)
        return await _settled(holding, desk, row, Delivery.CONFLICT, code)
    if not surely_not:
        return await _settled(holding, desk, row, Delivery.UNKNOWN, code)
    if known["status"] == Status.DRAFT.value:
        await steps.step(holding, known["id"], Status.FAILED, steps.HUB, desk.now(), code)
    return await _settled(holding, desk, row, Delivery.FAILED, code)


async def _later(
    holding: AsyncConnection,
    desk: Desk,
    row: Mapping[Any, Any],
    code: FailureCode,
    wait: timedelta | None = None,
) -> Delivery:
    at = desk.now() + (wait or min(_FIRST_WAIT * 2 ** (row["attempts"] - 1), _LONGEST_WAIT))
    values = {"attempts": row["attempts"], "last_code": code.value, "next_at": at}
    await holding.execute(update(outbox).where(outbox.c.id == row["id"]).values(**values))
    await queue.defer(holding, SEND, {"outbox": str(row["id"])}, at)
    return Delivery.PENDING


async def _newest(holding: AsyncConnection, desk: Desk, known: RowMapping, source: Source) -> None:
    """Hear once how it stands there; what to do about it is for a person."""
    if known["reference"] is None:
        return
    deadline = asyncio.get_running_loop().time() + _WITHIN_S
    answer = await desk.runtime.track(source, (known["reference"],), deadline)
    if not isinstance(answer, Failed) and known["reference"] in answer:
        await steps.heard(holding, known, answer[known["reference"]], desk.now())
