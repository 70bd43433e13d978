"""Answers that are kept for a while, so that a partner is not asked twice, and not missed when it is down.

What is kept is found again only by the whole question: connector and its manifest, person and the partner's
ids of them, noun, fields, the categories and grants by which it was asked, and the purpose. When consent
changes the question is another one. Only what was found is kept: that somebody is unknown may change today.
Whoever asked does not wait for it to be written (`connectors/keeping.py`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from asyncpg import PostgresError  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import DateTime, any_, bindparam, cast, delete, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import Text

from connectors.base import Failed, FetchRequest, Found, Outcome, Row, Source, Subject
from connectors.runtime import Right, Runtime
from hmis.database import read
from hmis.sentence import sentence
from hmis.tables.partner_cache import partner_cache
from hmis.tables.partner_link import partner_link

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Consent:
    """By what a question about one person is asked. categories: granted, as a bit mask. version: changes with
    every grant that opens anything."""

    categories: int
    version: str


@dataclass(frozen=True, slots=True)
class _Kept:
    found: Found
    fresh: bool


async def fetch(
    runtime: Runtime,
    engine: AsyncEngine,
    source: Source,
    request: FetchRequest,
    consent: Callable[[str], Consent],
    now: datetime,
    right: Right | None = None,
) -> dict[str, Outcome]:
    """As `Runtime.fetch`, sparing a partner whose manifest lets answers be kept.

    A fresh answer is given without asking. Where the partner fails in a way that may pass, an older one is
    given, marked stale, for as long as `limits.stale_if_error` allows.

    consent: by a subject's key, which is the hub id of the person. right: as `Runtime.fetch`.
    """
    if not source.limits.cache:
        return dict(await runtime.fetch(source, request, right))
    keys = {
        subject.key: _key(source, request, subject, consent(subject.key))
        for subject in request.subjects
        if subject.partner_ids
    }
    kept = await _read(engine, keys, now)
    wanted = tuple(one for one in request.subjects if one.key not in kept or not kept[one.key].fresh)
    outcomes = dict(await runtime.fetch(source, replace(request, subjects=wanted), right))
    runtime.keeper.keep(engine, _to_keep(source, request.noun, keys, outcomes, now))
    for subject in request.subjects:
        known, outcome = kept.get(subject.key), outcomes.get(subject.key)
        if known is not None and known.fresh:
            outcomes[subject.key] = known.found
        elif known is not None and isinstance(outcome, Failed) and outcome.retryable:
            outcomes[subject.key] = replace(known.found, stale=True, instead_of=outcome)
    return outcomes


async def invalidate(connection: AsyncConnection, connector: str, ids: Collection[str]) -> None:
    """Forget the answers about whoever these records of a partner are about, in the caller's transaction."""
    link = partner_link.c
    about = select(link.person_id).where(
        link.connector == connector, link.value == any_(cast(list(ids), ARRAY(Text)))
    )
    await connection.execute(
        delete(partner_cache).where(
            partner_cache.c.connector == connector, partner_cache.c.person_id.in_(about)
        )
    )


def _key(source: Source, request: FetchRequest, subject: Subject, consent: Consent) -> str:
    question = [
        source.name,
        source.version,
        subject.key,
        sorted(subject.partner_ids),
        request.noun,
        sorted(request.fields),
        consent.categories,
        consent.version,
        request.purpose,
    ]
    return hashlib.sha256(orjson.dumps(question)).hexdigest()


_COLUMN = partner_cache.c
_KNOWN = sentence(
    select(
        _COLUMN.key_sha256, cast(_COLUMN.rows, Text).label("rows"), _COLUMN.fetched_at, _COLUMN.fresh_until
    ).where(
        _COLUMN.key_sha256 == any_(bindparam("keys", type_=ARRAY(Text))),
        _COLUMN.stale_until > bindparam("now", type_=DateTime(timezone=True)),
    )
)


async def _read(engine: AsyncEngine, keys: Mapping[str, str], now: datetime) -> dict[str, _Kept]:
    if not keys:
        return {}
    try:
        found = await read(engine, _KNOWN, {"keys": list(keys.values()), "now": now})
    except (PostgresError, OSError, SQLAlchemyError) as fault:  # then the partner is asked
        log.warning("kept answers could not be read: %s", type(fault).__name__)
        return {}
    rows = {row["key_sha256"]: row for row in found}
    return {
        subject: _Kept(
            Found(
                tuple(_row(one) for one in orjson.loads(row["rows"])), "cache", retrieved_at=row["fetched_at"]
            ),
            fresh=row["fresh_until"] > now,
        )
        for subject, key in keys.items()
        if (row := rows.get(key)) is not None
    }


def _to_keep(
    source: Source, noun: str, keys: Mapping[str, str], outcomes: Mapping[str, Outcome], now: datetime
) -> list[dict[str, Any]]:
    """What was found, as it is kept."""
    fresh_until = now + source.limits.cache
    return [
        {
            "person_id": UUID(subject),
            "connector": source.name,
            "noun": noun,
            "key_sha256": key,
            "rows": [_plain_row(row) for row in outcome.rows],
            "fetched_at": now,
            "fresh_until": fresh_until,
            "stale_until": fresh_until + source.limits.stale_if_error,
        }
        for subject, key in keys.items()
        if isinstance(outcome := outcomes.get(subject), Found)
    ]


def _plain_row(row: Row) -> dict[str, Any]:
    return {
        "values": {name: _plain(value) for name, value in row.values.items()},
        "reference": row.reference,
        "as_of": _plain(row.as_of),
        "labels": sorted(row.labels),
    }


def _row(kept: Mapping[str, Any]) -> Row:
    return Row(
        {name: _read_plain(value) for name, value in kept["values"].items()},
        kept["reference"],
        _read_plain(kept["as_of"]),
        frozenset(kept["labels"]),
    )


# What JSON has no word for, as an object of one key.
_READERS: Mapping[str, Callable[[Any], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "object": lambda members: {name: _read_plain(value) for name, value in members.items()},
}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"datetime": value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, Mapping):
        return {"object": {str(name): _plain(one) for name, one in value.items()}}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _read_plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_read_plain(one) for one in value]
    if isinstance(value, Mapping):
        ((kind, inner),) = value.items()
        return _READERS[kind](inner)
    return value
