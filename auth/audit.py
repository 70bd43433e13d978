"""The audit of one operation: committed before the first byte of the answer. No audit, no answer.

No values ever: who asked, for what purpose, with which document (as a hash), and for each person which
categories were shown and which were asked for and withheld. Denials and searches without a hit count too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from secrets import token_bytes
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, BigInteger, ColumnElement, Insert, Text, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeEngine

from auth.categories import NOTHING, Category
from auth.consent import POLICY_VERSION
from auth.searched import hashed
from auth.viewer import Viewer
from hmis.errors import AuditUnavailable
from hmis.tables import audit_event, audit_subject


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
    searched: Mapping[str, str] = field(default_factory=dict)
    """What people were searched by, field -> term. Written as keyed hashes only (`auth/searched.py`)."""
    subjects: dict[UUID, Shown] = field(default_factory=dict)

    def of(self, person: UUID) -> Shown:
        """The line about one person, begun when first asked for."""
        return self.subjects.setdefault(person, Shown())


@dataclass(frozen=True, slots=True)
class Operation:
    """What was asked: never the variables, for they may hold names."""

    request_id: str
    name: str | None
    sha256: str
    as_of: date
    search_key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """Hashes what was searched by. One that nobody keeps makes hashes that nobody can try out."""


_LINE = ("person_id", "disclosed", "shared", "withheld", "grants", "notice", "exception")


async def write(
    engine: AsyncEngine,
    operation: Operation,
    trail: Trail,
    *,
    subject: str,
    application: str | None,
    viewer: Viewer | None,
    outcome: str,
) -> None:
    """Commit one event and its subjects in one statement.

    Raises:
        AuditUnavailable: the row could not be committed, for whatever reason. The answer must not leave.
    """
    event = (
        insert(audit_event)
        .values(
            request_id=operation.request_id,
            subject=subject,
            agency_id=viewer.agency.id if viewer else None,
            role=viewer.role.value if viewer else None,
            purpose=viewer.purpose.value if viewer else None,
            application=application,
            operation_name=operation.name,
            operation_sha256=operation.sha256,
            policy_version=POLICY_VERSION,
            as_of=operation.as_of,
            outcome=outcome,
            searched=hashed(operation.search_key, trail.searched),
        )
        .returning(audit_event.c.id)
        .cte("event")
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(_with_subjects(event, trail.subjects))
    except (SQLAlchemyError, OSError) as fault:
        raise AuditUnavailable("The audit could not be written, so no answer was given.") from fault


def _with_subjects(event: CTE, subjects: Mapping[UUID, Shown]) -> Insert:
    """The event and a row for each person, as one statement however many they are."""
    line = (
        func.unnest(
            _array(list(subjects), PgUUID()),
            _array([int(shown.disclosed) for shown in subjects.values()], BigInteger()),
            _array([int(shown.shared) for shown in subjects.values()], BigInteger()),
            _array([int(shown.withheld) for shown in subjects.values()], BigInteger()),
            _array([",".join(map(str, shown.grants)) for shown in subjects.values()], Text()),
            _array([shown.notice for shown in subjects.values()], Text()),
            _array([shown.exception for shown in subjects.values()], Text()),
        )
        .table_valued(*_LINE, name="line")
        .render_derived()
    )
    grants = cast(func.string_to_array(line.c.grants, ","), ARRAY(PgUUID()))
    told = [grants if name == "grants" else line.c[name] for name in _LINE]
    every_line = select(event.c.id, *told).select_from(event.join(line, literal(True)))
    return insert(audit_subject).from_select(["event_id", *_LINE], every_line).add_cte(event)


def _array(values: Sequence[object], of: TypeEngine[Any]) -> ColumnElement[Any]:
    return literal(values, ARRAY(of))
