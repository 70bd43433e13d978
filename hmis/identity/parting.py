"""Ending links that no longer hold: records corrected since, and records that must not be matched at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from hmis.bulk import BulkConnection
from hmis.identity.clusters import Clusters
from hmis.identity.forgetting import forget_all


async def part_hidden(connection: BulkConnection, now: datetime) -> int:
    """Part records that only victim service providers know from whomever they were linked with before.

    Returns the persons begun.
    """
    rows = await connection.fetch(
        """select l.id from touched t
           join client_link l using (source_id, personal_id)
           where l.undone_at is null and not t.may_be_matched
             and exists (select from client_link o
                         where o.person_id = l.person_id and o.undone_at is null and o.id <> l.id)"""
    )
    return await give_persons(connection, ([link_id] for (link_id,) in rows), now)


async def part_disagreeing(connection: BulkConnection, now: datetime) -> int:
    """Part the records of a person that no fact holds together any more.

    A record may have been entered with somebody else's SSN and corrected since. A record without usable
    facts stays where it is (nothing speaks against it), what staff have linked is theirs to part, and what
    the model has linked was never held together by these facts.
    Returns the persons begun.
    """
    rows = await connection.fetch(
        """with suspects as (
               select distinct l.person_id from touched t join client_link l using (source_id, personal_id)
               where l.undone_at is null),
           several as (
               select l.person_id from client_link l join suspects using (person_id)
               where l.undone_at is null group by l.person_id
               having count(*) > 1 and not bool_or(l.method = 'STAFF'))
           select l.person_id, l.id, f.value, l.method = 'MODEL'
           from several join client_link l using (person_id)
           left join client_fact f using (source_id, personal_id)
           where l.undone_at is null order by l.person_id, l.id"""
    )
    parted: list[list[int]] = []
    by_model = {link_id for _, link_id, _, is_so in rows if is_so}
    for _, records in groupby(rows, key=itemgetter(0)):
        apart = _fallen_apart([(link_id, value) for _, link_id, value, _ in records])
        parted += [group for group in apart if by_model.isdisjoint(group)]
    return await give_persons(connection, parted, now)


def _fallen_apart(facts: list[tuple[int, Any]]) -> list[list[int]]:
    """The groups of links that share nothing with the oldest one's group; `facts` in order of links."""
    clusters: Clusters[int] = Clusters(())
    first_with: dict[Any, int] = {}
    identifying: set[int] = set()
    for link_id, value in facts:
        if value is not None:
            identifying.add(link_id)
            clusters.join(first_with.setdefault(value, link_id), link_id)
    groups = {min(group): group for group in clusters}
    alone = identifying - {link_id for group in groups.values() for link_id in group}
    groups |= {link_id: [link_id] for link_id in alone}
    return [groups[oldest] for oldest in sorted(groups)[1:]]


async def give_persons(connection: BulkConnection, groups: Iterable[Iterable[int]], now: datetime) -> int:
    """End these links, and give each group a person of its own. Returns how many."""
    out = io.StringIO()
    csv.writer(out).writerows((number, link_id) for number, group in enumerate(groups) for link_id in group)
    if not out.getvalue():
        return 0
    await connection.execute("create temporary table parted (number integer, link_id bigint) on commit drop")
    await connection.copy_to_table(
        "parted", source=io.BytesIO(out.getvalue().encode()), columns=["number", "link_id"], format="csv"
    )
    left = await connection.fetch(
        "select distinct l.person_id from parted p join client_link l on l.id = p.link_id"
    )
    await connection.execute(
        """with fresh as materialized (
               select number, gen_random_uuid() as id from parted group by number),
           begun as (insert into person (id, created_at) select id, $1 from fresh),
           ended as (
               update client_link l set undone_at = $1 from parted p where p.link_id = l.id
               returning p.number, l.source_id, l.personal_id)
           insert into client_link (person_id, source_id, personal_id, method, linked_at)
           select f.id, e.source_id, e.personal_id, 'SPLIT', $1 from ended e join fresh f using (number)""",
        now,
    )
    # What partners hold of them may be of those who were parted.
    await forget_all(connection, [person for (person,) in left])
    persons: int = await connection.fetchval("select count(distinct number) from parted")
    await connection.execute("drop table parted")
    return persons
