"""Verifying: every way of tampering, alone, is found and its first index named (CONSENT, test 42)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Executable, delete, insert, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.checkpoints import SigningKey
from auth.leaves import leaf
from auth.merkle import EMPTY_ROOT, leaf_hash
from auth.verifying import PAGE
from hmis.errors import AuditBroken
from hmis.tables import audit_checkpoint, audit_event, audit_leaf, audit_subject
from tests.audits import Log, Told
from tests.conftest import Statements

PERSON = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")
TOLD = (Told(OTHER, withheld=Category.DOB), Told(PERSON, Category.NAME, Category.NAME))


@pytest.fixture
def log(database: AsyncEngine, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


@pytest.fixture
async def twelve(log: Log) -> Log:
    """Events 1 to 12 at the indexes 0 to 11, under checkpoints of 5, 9 and 12."""
    for count in (5, 4, 3):
        await log.sealed(count, *TOLD)
    return log


async def run(log: Log, *statements: Executable) -> None:
    async with log.engine.begin() as connection:
        for statement in statements:
            await connection.execute(statement)


async def broken(log: Log, page: int = PAGE) -> AuditBroken:
    with pytest.raises(AuditBroken) as found:
        await log.verify(page=page)
    return found.value


async def test_an_empty_log_is_whole(log: Log) -> None:
    verified = await log.verify()
    assert (verified.size, verified.root) == (0, EMPTY_ROOT)


async def test_an_untouched_log_is_whole_and_gives_its_root(twelve: Log) -> None:
    verified = await twelve.verify()
    kept = twelve.kept.read()
    assert kept is not None
    assert (verified.size, verified.root) == (12, kept.root)


def _moved(table: str, column: str, one: int, other: int) -> Sequence[Executable]:
    """Two rows change places, as somebody with the rights of an owner would do it."""
    return [
        text(f"update {table} set {column} = -1 where {column} = {one}"),
        text(f"update {table} set {column} = {one} where {column} = {other}"),
        text(f"update {table} set {column} = {other} where {column} = -1"),
    ]


_EVENT, _LINE, _LEAF, _SIGNED = audit_event, audit_subject, audit_leaf, audit_checkpoint

# What was done; the first index that must be named; a word of why.
TAMPERING: dict[str, tuple[Sequence[Executable], int, str]] = {
    "an event edited": ([update(_EVENT).where(_EVENT.c.id == 7).values(subject="eve")], 6, "edited"),
    "the time of an event edited": (
        [text("update audit_event set at = at + interval '1 microsecond' where id = 4")],
        3,
        "edited",
    ),
    "what was shown edited": (
        [update(_LINE).where(_LINE.c.event_id == 8, _LINE.c.person_id == PERSON).values(disclosed=0)],
        7,
        "edited",
    ),
    "a line about a person deleted": ([delete(_LINE).where(_LINE.c.event_id == 2)], 1, "edited"),
    "a line moved to another person": (
        [
            update(_LINE)
            .where(_LINE.c.event_id == 9, _LINE.c.person_id == OTHER)
            .values(person_id=UUID(int=5))
        ],
        8,
        "edited",
    ),
    "a line added": (
        [
            insert(_LINE).values(
                event_id=11, person_id=UUID(int=5), disclosed=0, shared=0, withheld=0, grants=[]
            )
        ],
        10,
        "edited",
    ),
    "an event deleted": (
        [delete(_LINE).where(_LINE.c.event_id == 6), delete(_EVENT).where(_EVENT.c.id == 6)],
        5,
        "event 6 was deleted",
    ),
    "an event and its leaf deleted": (
        [
            delete(_LINE).where(_LINE.c.event_id == 6),
            delete(_EVENT).where(_EVENT.c.id == 6),
            delete(_LEAF).where(_LEAF.c.index == 5),
        ],
        5,
        "leaf was deleted",
    ),
    "a leaf edited": ([update(_LEAF).where(_LEAF.c.index == 3).values(leaf_hash=bytes(32))], 3, "edited"),
    "a leaf of a version to come": (
        [update(_LEAF).where(_LEAF.c.index == 3).values(version=99)],
        3,
        "version 99",
    ),
    "the first leaf deleted": ([delete(_LEAF).where(_LEAF.c.index == 0)], 0, "leaf was deleted"),
    "leaves that changed places": (_moved("audit_leaf", "index", 2, 10), 2, "reordered"),
    "leaves that changed events": (_moved("audit_leaf", "event_id", 3, 8), 2, "reordered"),
    "the tail of the leaves cut": ([delete(_LEAF).where(_LEAF.c.index >= 10)], 10, "tail was cut"),
    "all leaves cut": ([delete(_LEAF)], 0, "tail was cut"),
    "the tail cut, checkpoints and all": (
        [
            delete(_LEAF).where(_LEAF.c.index >= 9),
            delete(_SIGNED).where(_SIGNED.c.size > 9),
            delete(_LINE).where(_LINE.c.event_id > 9),
            delete(_EVENT).where(_EVENT.c.id > 9),
        ],
        9,
        "kept outside the database vouches for 12",
    ),
    "everything deleted": (
        [delete(_LEAF), delete(_SIGNED), delete(_LINE), delete(_EVENT)],
        0,
        "tail was cut",
    ),
    "the newest checkpoint deleted": ([delete(_SIGNED).where(_SIGNED.c.size == 12)], 9, "no checkpoint"),
    "all checkpoints deleted": ([delete(_SIGNED)], 0, "no checkpoint"),
    "a root edited": (
        [update(_SIGNED).where(_SIGNED.c.size == 9).values(root_hash=bytes(32))],
        8,
        "signature",
    ),
    "a signature edited": (
        [update(_SIGNED).where(_SIGNED.c.size == 5).values(signature=bytes(64))],
        4,
        "signature",
    ),
    "a time of signing edited": (
        [text("update audit_checkpoint set signed_at = signed_at - interval '1 day' where size = 9")],
        8,
        "signature",
    ),
    "a checkpoint moved to another size": (
        [update(_SIGNED).where(_SIGNED.c.size == 9).values(size=8)],
        7,
        "signature",
    ),
    "a checkpoint by a key nobody knows": (
        [update(_SIGNED).where(_SIGNED.c.size == 9).values(key_id="0" * 16)],
        8,
        "signed by key 0000000000000000",
    ),
    "a frontier edited": (
        [update(_SIGNED).where(_SIGNED.c.size == 9).values(frontier=bytes(64))],
        8,
        "frontier",
    ),
    "two faults": (
        [
            update(_EVENT).where(_EVENT.c.id == 11).values(subject="eve"),
            update(_EVENT).where(_EVENT.c.id == 3).values(subject="eve"),
        ],
        2,
        "edited",
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
async def test_tampering_is_found_at_its_first_index(twelve: Log, how: str) -> None:
    statements, index, why = TAMPERING[how]
    await run(twelve, *statements)
    fault = await broken(twelve)
    assert fault.index == index
    assert why in fault.what
    assert str(fault).startswith(f"The audit is broken at index {index}: ")


async def _rewritten(log: Log, number: int) -> None:
    """Event `number` says something else, and its leaf was made to fit."""
    await run(log, update(_EVENT).where(_EVENT.c.id == number).values(subject="eve"))
    async with log.engine.begin() as connection:
        event = (await connection.execute(_EVENT.select().where(_EVENT.c.id == number))).mappings().one()
        lines = _LINE.select().where(_LINE.c.event_id == number).order_by(_LINE.c.person_id)
        subjects = (await connection.execute(lines)).mappings().all()
        forged = leaf_hash(leaf(number - 1, event, subjects))
        await connection.execute(update(_LEAF).where(_LEAF.c.index == number - 1).values(leaf_hash=forged))


async def test_a_leaf_made_to_fit_breaks_the_next_checkpoint(twelve: Log) -> None:
    # No single place can be told any more, only the stretch between two signatures.
    await _rewritten(twelve, 7)
    fault = await broken(twelve)
    assert fault.index == 5
    assert "from here to index 8 was rewritten" in fault.what


async def test_a_log_rewritten_with_the_key_is_found_by_a_checkpoint_kept_elsewhere(
    twelve: Log, tmp_path: Path
) -> None:
    auditor = twelve.kept.read()
    assert auditor is not None
    await _rewritten(twelve, 7)
    async with twelve.engine.begin() as connection:
        leaves = (await connection.execute(_LEAF.select().order_by(_LEAF.c.index))).mappings().all()
        await connection.execute(delete(_LEAF))
        await connection.execute(delete(_SIGNED))
    twelve.kept.path.unlink()
    await twelve.sealer(batch=len(leaves) + 1).seal()
    assert (await twelve.verify()).size == 12
    with pytest.raises(AuditBroken, match="was rewritten") as fault:
        await twelve.verify(auditor)
    assert fault.value.index == 0


async def test_a_checkpoint_kept_outside_must_be_signed_too(twelve: Log) -> None:
    kept = twelve.kept.read()
    assert kept is not None
    twelve.kept.write(replace(kept, size=11))
    fault = await broken(twelve)
    assert (fault.index, "signature" in fault.what) == (10, True)


async def test_older_checkpoints_kept_outside_are_beginnings_of_the_log(log: Log) -> None:
    kept = []
    for count in (3, 1, 4):
        await log.sealed(count)
        kept.append(log.kept.read())
    assert (await log.verify(*[one for one in kept if one])).size == 8


async def test_another_key_vouches_for_nothing(twelve: Log, tmp_path: Path) -> None:
    other = SigningKey.open(tmp_path / "other")
    with pytest.raises(AuditBroken, match=f"the key known here is {other.public.id}"):
        await twelve.verify(key=other)


async def test_events_that_wait_for_long_are_a_fault_and_fresh_ones_are_not(twelve: Log) -> None:
    await twelve.events(2, at=twelve.now - timedelta(minutes=16))
    await twelve.events(1, at=twelve.now - timedelta(minutes=14))
    with pytest.raises(AuditBroken, match=r"2 events wait to be sealed .* event 13;") as fault:
        await twelve.verify(overdue=timedelta(minutes=15))
    assert fault.value.index == 12
    await twelve.sealer().seal()
    assert (await twelve.verify()).size == 15


async def test_a_log_of_many_pages_is_read_with_a_steady_number_of_statements(
    log: Log, statements: Statements
) -> None:
    await log.sealed(40, *TOLD)
    statements.forget()
    assert (await log.verify(page=8)).size == 40
    assert statements.count <= 1 + 6 * 3 + 1
    await run(log, update(_EVENT).where(_EVENT.c.id == 34).values(subject="eve"))
    assert (await broken(log, page=8)).index == 33


@pytest.mark.parametrize("swap", [lambda a, b: (a, b), lambda a, b: (b, a)])
async def test_reordering_is_told_from_an_edit_across_pages(
    log: Log, swap: Callable[[int, int], tuple[int, int]]
) -> None:
    await log.sealed(30, *TOLD)
    await run(log, *_moved("audit_leaf", "index", *swap(4, 25)))
    fault = await broken(log, page=8)
    assert (fault.index, "reordered" in fault.what) == (4, True)
