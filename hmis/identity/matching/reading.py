# ruff: noqa: S608  # the only text put into this SQL is written below
"""What is compared: the records of some sources, without those that no comparison may touch.

Records that only victim service providers know are not read at all (34 U.S.C. 12291(b)(2)): no row of theirs
leaves the database. Removed records and hashed ones identify nobody.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from hmis.bulk import BulkConnection
from hmis.errors import InputRefused
from hmis.identity.links import TOO_COMMON, Record
from hmis.identity.matching.deciding import Facts
from hmis.identity.matching.known import Known, known
from hmis.identity.matching.scoring import Row, table_of
from hmis.identity.victim_services import known_there

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 20_000

# In an order that does not tell which was imported first. The other records of the same people are read for
# what they say against a link, and are not compared. A number that very many have is nobody's.
_RECORDS = f"""
    with hidden as materialized ({known_there("true")}),
    shut as (
        select source_id from organization group by source_id having bool_and(victim_service_provider = 1)),
    common as materialized (
        select ssn from client where removed_at is null and ssn_data_quality = 1
        group by ssn having count(*) > {TOO_COMMON}),
    asked as materialized (
        select distinct person_id from client_link where undone_at is null and source_id = any($1::integer[]))
    select c.source_id, c.personal_id, l.person_id, c.source_id = any($1::integer[]),
           c.first_name, c.last_name, c.name_data_quality,
           case when o.ssn is null then c.ssn end, c.ssn_data_quality, c.dob,
           c.dob_data_quality, c.sex, c.veteran_status
    from client c
    join source s on s.id = c.source_id
    join client_link l on l.source_id = c.source_id and l.personal_id = c.personal_id and l.undone_at is null
    join asked a on a.person_id = l.person_id
    left join common o on o.ssn = c.ssn
    left join hidden h on h.source_id = c.source_id and h.personal_id = c.personal_id
    where c.removed_at is null and h.only_there is not true
      and c.source_id not in (select source_id from shut)
    order by s.name, c.personal_id
"""
_NONE = -1


@dataclass(slots=True)
class Book:
    """The records that were read, by number. Small, for there may be millions."""

    records: list[Record] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)
    """By the numbers that the rest calls people."""
    person_of: array[int] = field(default_factory=lambda: array("l"))
    """Record -> person."""
    tables: list[pa.Table] = field(default_factory=list)
    """Those to compare, as `scoring.linked` takes them."""
    compared: int = 0
    _ssn: array[int] = field(default_factory=lambda: array("q"))
    _born: array[int] = field(default_factory=lambda: array("l"))
    _numbers: dict[UUID, int] = field(default_factory=dict)

    def person(self, hub_id: UUID) -> int:
        """The number of a person, given when first asked for."""
        number = self._numbers.setdefault(hub_id, len(self.people))
        if number == len(self.people):
            self.people.append(hub_id)
        return number

    def number_of(self, hub_id: UUID) -> int | None:
        """The number of a person who was read."""
        return self._numbers.get(hub_id)

    def add(self, record: Record, hub_id: UUID, said: Known) -> Row:
        """One more record."""
        row = Row(len(self.records), self.person(hub_id), said)
        self.records.append(record)
        self.person_of.append(row.person)
        self._ssn.append(_NONE if said.ssn is None else int(said.ssn))
        self._born.append(_NONE if said.born is None else int(said.born))
        return row

    def facts_of(self, people: Collection[int]) -> dict[int, list[Facts]]:
        """What the records of these people say, compared or not."""
        found: dict[int, list[Facts]] = {person: [] for person in people}
        for person, ssn, born in zip(self.person_of, self._ssn, self._born, strict=True):
            if person in found:
                found[person].append(
                    Facts(None if ssn == _NONE else f"{ssn:09d}", None if born == _NONE else str(born))
                )
        return found


async def source_ids(connection: BulkConnection, names: Sequence[str]) -> list[int]:
    """The ids of sources by name; of all when none is named.

    Raises:
        InputRefused: one is not there.
    """
    rows = {row["name"]: row["id"] for row in await connection.fetch("select id, name from source")}
    unknown = [name for name in names if name not in rows]
    if unknown:
        raise InputRefused(f"There is no source {', '.join(unknown)}; there are: {', '.join(sorted(rows))}.")
    return [rows[name] for name in names or rows]


async def read(connection: BulkConnection, sources: Sequence[int], today: date) -> Book:
    """The live records of these sources, and the others of the same people, within a transaction."""
    book = Book()
    batch: list[Row] = []
    async for source_id, personal_id, hub_id, compared, *said in connection.cursor(
        _RECORDS, list(sources), prefetch=_BATCH
    ):
        row = book.add((source_id, personal_id), hub_id, known(today, *said))
        if compared and row.known.can_be_compared:
            batch.append(row)
        if len(batch) == _BATCH:
            book.tables.append(table_of(batch))
            book.compared += len(batch)
            batch.clear()
    book.tables.append(table_of(batch))
    book.compared += len(batch)
    return book
