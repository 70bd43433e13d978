"""Who is known to victim service providers alone: nobody outside may learn of them, not even by a link."""

from __future__ import annotations


def known_there(which: str) -> str:
    """SQL: the clients with a stay at a victim service provider, and whether they have one nowhere else.

    which: SQL about the stay `e`, such as its source. Columns: source_id, personal_id, only_there. Removed
    stays count where there are no others.
    """
    return f"""
        select e.source_id, e.personal_id, coalesce(
                   bool_and(o.victim_service_provider = 1) filter (where e.removed_at is null),
                   bool_and(o.victim_service_provider = 1)) as only_there
        from enrollment e
        join project p on p.source_id = e.source_id and p.project_id = e.project_id
        join organization o on o.source_id = p.source_id and o.organization_id = p.organization_id
        where {which} and exists (
            select from organization v
            where v.source_id = e.source_id and v.victim_service_provider = 1)
        group by e.source_id, e.personal_id having bool_or(o.victim_service_provider = 1)"""  # noqa: S608
