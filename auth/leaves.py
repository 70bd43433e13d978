"""Leaves: an audit event with its lines about people as bytes, the same bytes whenever they are read.

A leaf is JSON in canonical form (RFC 8785: keys sorted, no space, UTF-8) of

    {"event": {...}, "index": 17, "subjects": [{...}, ...], "version": 2}

with every column of the event, its place in the log, and every column of its lines, ordered by person.
Integers and texts are themselves, null is null, ids are lower-case text, days are YYYY-MM-DD, moments are UTC
to the microsecond (2026-06-30T16:00:00.000000Z). Whoever has the rows can compute it in any language.

A column added later makes a new version: old leaves keep the columns they were sealed with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, RowMapping, literal, select
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.checkpoints import moment
from hmis.tables import audit_subject


@dataclass(frozen=True, slots=True)
class Version:
    """The columns a version covers. A test holds that the newest covers all."""

    event: tuple[str, ...]
    subject: tuple[str, ...]


_EVENT = (
    *("id", "at", "request_id", "subject", "agency_id", "role", "purpose", "application"),
    *("operation_name", "operation_sha256", "policy_version", "as_of", "outcome"),
)
_SUBJECT = ("event_id", "person_id", "disclosed", "shared", "withheld", "grants", "notice", "exception")

VERSIONS: Mapping[int, Version] = {
    1: Version(_EVENT, _SUBJECT),
    2: Version((*_EVENT, "searched"), _SUBJECT),
}
NEWEST = max(VERSIONS)

Row = Mapping[Any, Any]


def leaf(index: int, event: Row, subjects: Sequence[Row], version: int = NEWEST) -> bytes:
    """The bytes that are hashed into the log. `subjects` are ordered by person."""
    columns = VERSIONS[version]
    said = {
        "version": version,
        "index": index,
        "event": {name: event[name] for name in columns.event},
        "subjects": [{name: line[name] for name in columns.subject} for line in subjects],
    }
    return orjson.dumps(said, _plain, orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def _plain(value: Any) -> str:
    """What orjson leaves to us: moments, which it would write in several ways, days and ids."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError


async def subjects_of(connection: AsyncConnection, events: Sequence[int]) -> Mapping[int, list[RowMapping]]:
    """The lines about people of some events, in one statement, each event's ordered by person."""
    statement = (
        select(audit_subject)
        .where(audit_subject.c.event_id == sql_any(literal(list(events), ARRAY(BigInteger()))))
        .order_by(audit_subject.c.event_id, audit_subject.c.person_id)
    )
    lines: dict[int, list[RowMapping]] = defaultdict(list)
    for line in (await connection.execute(statement)).mappings():
        lines[line["event_id"]].append(line)
    return lines
