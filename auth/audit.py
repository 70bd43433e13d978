"""The audit of one operation: committed before the first byte of the answer. No audit, no answer.

No values ever: who asked, for what purpose, with which document (as a hash), and for each person which
categories were shown and which were asked for and withheld. Denials and searches without a hit count too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from secrets import token_bytes
from uuid import UUID

import orjson
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import NOTHING, Category
from auth.consent import POLICY_VERSION
from auth.group_commit import GroupCommit, unavailable
from auth.searched import hashed
from auth.viewer import Viewer
from hmis.database import connected


@dataclass(slots=True)
class Shown:
    """What one operation showed of one person."""

    disclosed: Category = NOTHING
    shared: Category = NOTHING
    """Those of the disclosed that others had entered. The rest is own records: a use, not a disclosure."""
    withheld: Category = NOTHING
    grants: tuple[UUID, ...] = ()
    notice: str | None = None
    """Version of the privacy notice relied on; None = none was needed."""
    exception: str | None = None
    """Code of the exception relied on, such as BREAK_GLASS; None = none."""

    def show(self, category: Category, *, own: bool) -> None:
        """Note a category that was shown, and whether the viewer's own agency had entered it."""
        self.disclosed |= category
        if not own:
            self.shared |= category


@dataclass(slots=True)
class Trail:
    """What an operation did about people, gathered while it runs."""

    about_people: bool = False
    searched: set[tuple[str, str]] = field(default_factory=set)
    """What people were searched by, in all the lists of the operation: field and term. Written as keyed
    hashes only (`auth/searched.py`)."""
    subjects: dict[UUID, Shown] = field(default_factory=dict)

    def of(self, person: UUID) -> Shown:
        """The line about one person, begun when first asked for."""
        known = self.subjects.get(person)
        if known is None:
            known = self.subjects[person] = Shown()
        return known


@dataclass(frozen=True, slots=True)
class Operation:
    """What was asked: never the variables, for they may hold names."""

    request_id: str
    name: str | None
    sha256: str
    as_of: date
    search_key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """Hashes what was searched by. One that nobody keeps makes hashes that nobody can try out."""


# Numbered here, for a line must know the number of its event, and a request id may come twice. The lock on
# audit_event is held from before that until the commit, as `auth.sealing` relies on.
INSERT = """
with given as materialized (
    select nextval((select pg_get_serial_sequence('audit_event', 'id')::regclass)) as id, event.*
    from json_to_recordset($1::text::json) as event(
        request_id text, subject text, agency_id uuid, role text, purpose text, application text,
        operation_name text, operation_sha256 text, policy_version text, as_of date, outcome text,
        searched text[], lines json
    )
), event as (
    insert into audit_event (
        id, request_id, subject, agency_id, role, purpose, application,
        operation_name, operation_sha256, policy_version, as_of, outcome, searched
    )
    select
        id, request_id, subject, agency_id, role, purpose, application,
        operation_name, operation_sha256, policy_version, as_of, outcome, searched
    from given
)
insert into audit_subject (event_id, person_id, disclosed, shared, withheld, grants, notice, exception)
select given.id, line.*
from given cross join json_to_recordset(given.lines) as line(
    person_id uuid, disclosed bigint, shared bigint, withheld bigint, grants uuid[], notice text,
    exception text
)
"""
"""Commits the events of a JSON array, each with its lines. One text parameter, whatever their number: each is
encoded once, on its own."""


def group_commit(url: str) -> GroupCommit:
    """The audit of a process that answers many at once. Close it after the last answer."""
    return GroupCommit(partial(connected, url, plan_cache_mode="force_generic_plan"), INSERT)


async def write(
    to: AsyncEngine | GroupCommit,
    operation: Operation,
    trail: Trail,
    *,
    subject: str,
    application: str | None,
    viewer: Viewer | None,
    outcome: str,
) -> None:
    """Commit one event and its subjects, by one statement. Among others where `to` is a group commit.

    Raises:
        AuditUnavailable: the row could not be committed, for whatever reason. The answer must not leave.
    """
    row = orjson.dumps(
        {
            "request_id": operation.request_id,
            "subject": subject,
            "agency_id": str(viewer.agency.id) if viewer else None,
            "role": viewer.role.value if viewer else None,
            "purpose": viewer.purpose.value if viewer else None,
            "application": application,
            "operation_name": operation.name,
            "operation_sha256": operation.sha256,
            "policy_version": POLICY_VERSION,
            "as_of": operation.as_of,
            "outcome": outcome,
            "searched": hashed(operation.search_key, trail.searched),
            "lines": [_line(person, shown) for person, shown in trail.subjects.items()],
        }
    )
    if isinstance(to, GroupCommit):
        return await to.commit(row)
    try:
        async with to.begin() as connection:
            await connection.exec_driver_sql(INSERT, (f"[{row.decode()}]",))
    except (SQLAlchemyError, OSError) as fault:
        raise unavailable() from fault


def _line(person: UUID, shown: Shown) -> dict[str, object]:
    return {
        "person_id": str(person),
        "disclosed": shown.disclosed.value,
        "shared": shown.shared.value,
        "withheld": shown.withheld.value,
        "grants": [str(grant) for grant in shown.grants],
        "notice": shown.notice,
        "exception": shown.exception,
    }
