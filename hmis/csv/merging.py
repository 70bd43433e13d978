"""Taking staged rows into a core table, set-wise: new ones in, changed ones over, removed ones marked."""

# ruff: noqa: S608  # the names in this SQL come from HUD's specification

from __future__ import annotations

from hmis.bulk import BulkConnection, affected
from hmis.csv.report import Counts
from hmis.csv.staging import Run, Stage

# So many rows make the planner's picture of a table worth renewing.
_WORTH_ANALYZING = 500


async def merge(connection: BulkConnection, stage: Stage, run: Run, counts: Counts) -> None:
    """Bring the core table to what the stage says. A row that says what is stored is not touched."""
    known = await connection.fetchval(
        f"select exists (select from {stage.table} where source_id = $1)", run.source_id
    )
    if known:
        await _merge_into_known(connection, stage, run, counts)
    else:
        counts.added += await _insert(connection, stage, run, "")
    if counts.touched >= _WORTH_ANALYZING:
        await connection.execute(f"analyze {stage.table}")


async def _insert(connection: BulkConnection, stage: Stage, run: Run, where: str) -> int:
    columns = ", ".join(stage.stored)
    values = ", ".join(f"s.{attr}" for attr in stage.stored)
    return affected(
        await connection.execute(
            f"""insert into {stage.table} (source_id, import_id, removed_at, {columns})
                select {run.source_id}, {run.import_id},
                       case when {stage.date_deleted} is not null then $1::timestamptz end, {values}
                from {stage.name} s {where}""",
            run.now,
        )
    )


async def _merge_into_known(connection: BulkConnection, stage: Stage, run: Run, counts: Counts) -> None:
    key, deleted, difference = stage.key, stage.date_deleted, f"difference_{stage.table}"
    theirs = ", ".join(f"s.{attr}" for attr in stage.compared)
    ours = ", ".join(f"t.{attr}" for attr in stage.compared)
    await connection.execute(
        f"""create temporary table {difference} on commit drop as
            select s.{key},
                   case when t.{key} is null then 'added'
                        when t.removed_at is null and {deleted} is not null then 'deleted'
                        when t.removed_at is not null and {deleted} is null then 'restored'
                        else 'changed' end as kind
            from {stage.name} s
            left join {stage.table} t on t.source_id = {run.source_id} and t.{key} = s.{key}
            where t.{key} is null
               or (t.removed_at is null) <> ({deleted} is null)
               or row({theirs}) is distinct from row({ours})"""
    )
    for kind, number in await connection.fetch(f"select kind, count(*) from {difference} group by kind"):
        setattr(counts, kind, getattr(counts, kind) + number)
    if counts.added:
        new = f"join {difference} d on d.{key} = s.{key} and d.kind = 'added'"
        await _insert(connection, stage, run, new)
    if counts.changed or counts.deleted or counts.restored:
        await _update(connection, stage, run, difference)
    await connection.execute(f"drop table {difference}")


async def _update(connection: BulkConnection, stage: Stage, run: Run, difference: str) -> None:
    key = stage.key
    renewed = ", ".join(f"{attr} = s.{attr}" for attr in stage.stored if attr != key)
    await connection.execute(
        f"""update {stage.table} t
            set {renewed}, import_id = {run.import_id},
                removed_at = case when {stage.date_deleted} is not null
                                  then coalesce(t.removed_at, $1::timestamptz) end
            from {stage.name} s join {difference} d on d.{key} = s.{key} and d.kind <> 'added'
            where t.source_id = {run.source_id} and t.{key} = s.{key}""",
        run.now,
    )
