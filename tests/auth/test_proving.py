"""Proofs: made from the database, checked without it, and worth nothing once a byte is changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.checkpoints import PublicKey, SigningKey
from auth.proving import check, prove
from hmis.errors import AuditBroken, HubError, InputRefused
from hmis.tables import audit_event, audit_leaf
from tests.audits import Log, Told

PERSON = UUID("11111111-1111-4111-8111-111111111111")


@pytest.fixture
def log(database: AsyncEngine, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


@pytest.fixture
async def eleven(log: Log) -> Log:
    """Eleven sealed events under checkpoints of 3, 4 and 11."""
    for count in (3, 1, 7):
        await log.sealed(count, Told(PERSON, Category.NAME, Category.NAME))
    return log


def keys(log: Log) -> dict[str, PublicKey]:
    return {log.key.public.id: log.key.public}


async def test_every_event_is_proved_from_every_checkpoint(eleven: Log) -> None:
    for index in range(11):
        for since in (None, 3, 4, 11):
            proof = await prove(eleven.engine, index, since)
            assert check(json.dumps(proof), keys(eleven)).size == 11
            assert json.loads(proof["leaf"])["event"]["subject"] == "mia"


async def test_the_only_event_needs_no_path(log: Log) -> None:
    await log.sealed(1)
    proof = await prove(log.engine, 0)
    assert proof["path"] == []
    assert check(json.dumps(proof), keys(log)).size == 1


@pytest.mark.parametrize("index", [-1, 11, 10**30])
async def test_an_index_without_event_is_refused_by_the_length_of_the_log(eleven: Log, index: int) -> None:
    with pytest.raises(InputRefused, match="has 11 events"):
        await prove(eleven.engine, index)


async def test_an_empty_log_proves_nothing(log: Log) -> None:
    with pytest.raises(InputRefused, match="has 0 events"):
        await prove(log.engine, 0)


async def test_a_size_without_checkpoint_is_refused(eleven: Log) -> None:
    with pytest.raises(InputRefused, match="no checkpoint of 5 events"):
        await prove(eleven.engine, 0, since=5)


async def test_nothing_is_proved_of_an_event_that_was_changed(eleven: Log) -> None:
    async with eleven.engine.begin() as connection:
        await connection.execute(update(audit_event).where(audit_event.c.id == 3).values(subject="eve"))
    with pytest.raises(AuditBroken, match="index 2: the event is not the one"):
        await prove(eleven.engine, 2)
    await prove(eleven.engine, 3)


async def test_nothing_is_proved_over_a_log_with_a_hole(eleven: Log) -> None:
    async with eleven.engine.begin() as connection:
        await connection.execute(delete(audit_leaf).where(audit_leaf.c.index == 6))
    with pytest.raises(AuditBroken, match="not in the log"):
        await prove(eleven.engine, 2)


async def test_a_reader_who_kept_a_checkpoint_accepts_only_what_grew_from_it(
    eleven: Log, tmp_path: Path
) -> None:
    kept = eleven.kept.read()
    await eleven.sealed(2)
    assert kept is not None
    grown = json.dumps(await prove(eleven.engine, 12, since=11))
    assert check(grown, keys(eleven), kept).size == 13
    for other in (await prove(eleven.engine, 12, since=4), await prove(eleven.engine, 12)):
        with pytest.raises(AuditBroken, match="start from your checkpoint of 11"):
            check(json.dumps(other), keys(eleven), kept)


async def test_a_proof_signed_by_another_key_proves_nothing(eleven: Log, tmp_path: Path) -> None:
    other = SigningKey.open(tmp_path / "other").public
    proof = json.dumps(await prove(eleven.engine, 2))
    with pytest.raises(AuditBroken, match="not signed by this key"):
        check(proof, {other.id: other})


_NODE = "00" * 32


def _variants(proof: dict[str, Any]) -> list[dict[str, Any]]:
    signed = proof["checkpoint"]
    return [
        {**proof, "leaf": proof["leaf"].replace("mia", "eve")},
        {**proof, "path": proof["path"][1:]},
        {**proof, "path": [*proof["path"], _NODE]},
        {**proof, "path": [_NODE, *proof["path"][1:]]},
        {**proof, "consistency": proof["consistency"][1:]},
        {**proof, "consistency": [_NODE, *proof["consistency"][1:]]},
        {**proof, "checkpoint": {**signed, "size": signed["size"] + 1}},
        {**proof, "checkpoint": {**signed, "root": _NODE}},
        {**proof, "checkpoint": {**signed, "signedAt": "2020-01-01T00:00:00Z"}},
        {**proof, "since": {**proof["since"], "root": _NODE}},
    ]


async def test_a_changed_proof_proves_nothing(eleven: Log) -> None:
    proof = await prove(eleven.engine, 2, since=4)
    for variant in _variants(proof):
        with pytest.raises(AuditBroken):
            check(json.dumps(variant), keys(eleven))


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "7",
        "null",
        "{}",
        '{"format": "another"}',
        "[" * 100_000,
        '{"format": ["x"], "index": 1e999}',
    ],
)
def test_what_is_no_proof_is_refused(document: str) -> None:
    with pytest.raises(InputRefused, match="no proof"):
        check(document, {})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_PARTS = ("format", "index", "leaf", "path", "checkpoint", "since", "consistency")


@given(st.data())
@settings(max_examples=200)
def test_no_document_breaks_the_checker(data: st.DataObject) -> None:
    document = {part: data.draw(_JSON) for part in _PARTS}
    document["format"] = "hmis-hub audit proof, version 1"
    with pytest.raises(HubError):
        check(json.dumps(document), {})
