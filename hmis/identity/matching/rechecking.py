"""Links of the model that no longer hold: a record has been corrected since, and contradicts its person.

The exact rules do the same for theirs with every import (`parting.part_disagreeing`). What was contradicted
already when the link was made is not looked at again: only what the link brought together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from hmis.bulk import BulkConnection
from hmis.identity.matching.deciding import Facts, contradiction
from hmis.identity.matching.known import known
from hmis.identity.parting import give_persons

_LINKED = """
    select l.person_id, l.id, case when l.method = 'MODEL' then l.linked_at end,
           c.first_name, c.last_name, c.name_data_quality, c.ssn, c.ssn_data_quality, c.dob,
           c.dob_data_quality, c.sex, c.veteran_status
    from client_link l
    join client c on c.source_id = l.source_id and c.personal_id = l.personal_id
    where l.undone_at is null and c.removed_at is null and l.person_id in (
        select person_id from client_link
        where undone_at is null and method = 'MODEL' and source_id = any($1::integer[]))
    order by l.person_id, l.id
"""


async def part_contradicting(connection: BulkConnection, sources: Sequence[int], now: datetime) -> int:
    """Part records that the model linked and that contradict their person now. Returns the persons begun."""
    rows = await connection.fetch(_LINKED, list(sources))
    parted: list[list[int]] = []
    for _, records in groupby(rows, key=itemgetter(0)):
        parted += _contradicting(list(records), now.date())
    return await give_persons(connection, parted, now)


def _contradicting(records: Sequence[Any], today: date) -> list[list[int]]:
    """The links that one matching made, where what they brought contradicts the rest of the person."""
    facts: dict[datetime | None, list[Facts]] = defaultdict(list)
    links: dict[datetime | None, list[int]] = defaultdict(list)
    for _, link_id, linked_at, *said in records:
        record = known(today, *said)
        facts[linked_at].append(Facts(record.ssn, record.born))
        links[linked_at].append(link_id)
    return [
        links[moment]
        for moment, brought in facts.items()
        if moment is not None
        and contradiction(brought, [fact for at, rest in facts.items() if at != moment for fact in rest])
    ]
