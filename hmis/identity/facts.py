"""The facts of a record by which it may be found to be somebody's: every two of SSN, name and birth date."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

from hmis.bulk import BulkConnection
from hmis.identity.names import usable_name
from hmis.identity.ssn import usable_birth_date, usable_ssn

_BATCH = 20_000


def facts(
    today: date,
    first: str | None,
    last: str | None,
    name_quality: int | None,
    ssn: str | None,
    ssn_quality: int | None,
    dob: date | None,
    dob_quality: int | None,
) -> Iterator[tuple[str, UUID]]:
    """Which two facts, and a digest of both, for every two that are usable."""
    name = usable_name(first, last, name_quality)
    number = usable_ssn(ssn, ssn_quality)
    born = usable_birth_date(dob, dob_quality, today)
    if number and name:
        yield "SSN_NAME", _digest("SSN_NAME", number, name)
    if number and born:
        yield "SSN_DOB", _digest("SSN_DOB", number, born.isoformat())
    if name and born:
        yield "NAME_DOB", _digest("NAME_DOB", name, born.isoformat())


def _digest(*parts: str) -> UUID:
    return UUID(bytes=blake2b("\0".join(parts).encode(), digest_size=16).digest())


async def renew(connection: BulkConnection, today: date, *, hashed: bool) -> None:
    """Replace the facts of the records in the temporary table `touched`.

    Removed records and those only known to victim service providers identify nobody, and so does everybody
    in a hashed export: equal hashes need not be equal names.
    """
    await connection.execute(
        """delete from client_fact f using touched t
           where f.source_id = t.source_id and f.personal_id = t.personal_id"""
    )
    if hashed:
        return
    rows = connection.cursor(
        """select c.source_id, c.personal_id, c.first_name, c.last_name, c.name_data_quality,
                  c.ssn, c.ssn_data_quality, c.dob, c.dob_data_quality
           from touched t join client c using (source_id, personal_id)
           where t.may_be_matched and c.removed_at is null""",
        prefetch=_BATCH,
    )
    batch: list[Any] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            await _store(connection, batch, today)
            batch.clear()
    await _store(connection, batch, today)


async def _store(connection: BulkConnection, rows: list[Any], today: date) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    for source_id, personal_id, *known in rows:
        for method, value in facts(today, *known):
            writer.writerow((source_id, personal_id, method, str(value)))
    await connection.copy_to_table(
        "client_fact",
        source=io.BytesIO(out.getvalue().encode()),
        columns=["source_id", "personal_id", "method", "value"],
        format="csv",
    )
