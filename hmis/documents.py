"""Trusted documents: what applications may ask, by the hash of its text.

A document belongs to one application, named as its tokens name it (`client_id`, RFC 9068). Whether it is
GraphQL of our schema is for others to say (`gateway/documents.py`); here it is a text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from sqlalchemy import RowMapping, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hmis.errors import InputRefused
from hmis.tables import trusted_document

PREFIX = "sha256:"
"""Before the hash in a document id (GraphQL over HTTP, draft, persisted documents)."""
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST = 2_000
"""Documents of one application: some hundred are many."""


def sha256_of(document: str) -> str:
    """The hash that names a document: of its text as it is, in UTF-8, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


async def text_of(connection: AsyncConnection, application: str, sha256: str) -> str | None:
    """The text; None = it is not registered for this application."""
    table = trusted_document
    found: str | None = await connection.scalar(
        select(table.c.text).where(table.c.client_id == application, table.c.sha256 == sha256)
    )
    return found


async def register(
    connection: AsyncConnection, application: str, documents: Iterable[str], by: str
) -> Sequence[str]:
    """Keep documents of an application; their hashes, in order. One that is there already stays as it is.

    Raises:
        InputRefused: it would have more than it may.
    """
    texts = {sha256_of(document): document for document in documents}
    # Two that register at the same time for one application would both count without the other's.
    locked = text("select pg_advisory_xact_lock(hashtextextended('trusted_document ' || :application, 0))")
    await connection.execute(locked, {"application": application})
    rows = [
        {"client_id": application, "sha256": sha256, "text": document, "registered_by": by}
        for sha256, document in texts.items()
    ]
    if rows:
        await connection.execute(insert(trusted_document).on_conflict_do_nothing(), rows)
    counted = select(func.count()).where(trusted_document.c.client_id == application)
    if (await connection.scalar(counted) or 0) > MOST:
        raise InputRefused(f"An application may have {MOST} documents; remove what it no longer asks.")
    return list(texts)


async def remove(
    connection: AsyncConnection, application: str, hashes: Iterable[str] | None
) -> Sequence[str]:
    """Forget documents of an application, None = all of them; the hashes of those that were there."""
    table = trusted_document
    gone = delete(table).where(table.c.client_id == application).returning(table.c.sha256)
    if hashes is not None:
        gone = gone.where(table.c.sha256.in_([one for one in hashes if SHA256.fullmatch(one)]))
    return sorted((await connection.scalars(gone)).all())


async def listed(connection: AsyncConnection, application: str | None) -> Sequence[RowMapping]:
    """What is registered, newest first, None = for all applications."""
    table = trusted_document
    found = select(table).order_by(table.c.client_id, table.c.registered_at.desc(), table.c.sha256)
    if application is not None:
        found = found.where(table.c.client_id == application)
    return (await connection.execute(found)).mappings().all()
