"""Proving: that one event stands in the sealed audit, for somebody who has no access to it.

A proof is a JSON document: the leaf, its place, the audit path (RFC 6962, 2.1.1) and the signed checkpoint
it leads to. With an earlier checkpoint it also proves that the log only grew since (2.1.2). Checking it takes
the document and the public key, no database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.checkpoints import Checkpoint, PublicKey
from auth.leaves import VERSIONS, leaf, subjects_of
from auth.merkle import (
    Frontier,
    Range,
    consistency_ranges,
    extends,
    includes,
    inclusion_ranges,
    leaf_hash,
)
from hmis.errors import AuditBroken, InputRefused
from hmis.tables import audit_checkpoint, audit_event, audit_leaf

FORMAT = "hmis-hub audit proof, version 1"

_PAGE = 5_000


async def prove(engine: AsyncEngine, index: int, since: int | None = None) -> dict[str, Any]:
    """The proof that the event at `index` is in the log under its newest checkpoint.

    Args:
        since: the size of an earlier checkpoint, which the log is then proved to begin with.

    Raises:
        InputRefused: there is no such event, or no such checkpoint.
        AuditBroken: the event is not the one that was sealed, so nothing can be proved.
    """
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    async with snapshot.connect() as connection, connection.begin():
        newest = await _checkpoint(connection, None)
        size = newest.size if newest else 0
        if newest is None or not 0 <= index < size:
            raise InputRefused(f"The log has {size} events, numbered from 0: there is none at index {index}.")
        sealed = await _sealed(connection, index)
        proof: dict[str, Any] = {
            "format": FORMAT,
            "index": index,
            "leaf": sealed.decode(),
            "path": await _roots(connection, inclusion_ranges(index, size)),
            "checkpoint": newest.to_dict(),
        }
        if since is not None:
            earlier = await _checkpoint(connection, since)
            if earlier is None:
                raise InputRefused(
                    f"There is no checkpoint of {since} events. Take the size of one you have."
                )
            proof["since"] = earlier.to_dict()
            proof["consistency"] = await _roots(connection, consistency_ranges(since, size))
    _check(_Proof.read(proof))
    return proof


def check(document: str, keys: Mapping[str, PublicKey], known: Checkpoint | None = None) -> Checkpoint:
    """Check a proof without any database; the checkpoint it leads to.

    Args:
        keys: whose signatures count, by id.
        known: a checkpoint the reader kept from before; the proof must start from the very same.

    Raises:
        InputRefused: the document is no proof.
        AuditBroken: it proves nothing.
    """
    try:
        proof = _Proof.read(json.loads(document))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise InputRefused("This is no proof as `audit prove` writes it.") from None
    for checkpoint in (proof.checkpoint, proof.since):
        if checkpoint is not None:
            key = keys.get(checkpoint.key_id)
            if key is None or not key.signed(checkpoint):
                raise AuditBroken(
                    proof.index, f"the checkpoint of {checkpoint.size} events is not signed by this key"
                )
    if known is not None and (proof.since is None or _told(proof.since) != _told(known)):
        raise AuditBroken(
            proof.index, f"the proof does not start from your checkpoint of {known.size} events"
        )
    _check(proof)
    return proof.checkpoint


@dataclass(frozen=True, slots=True)
class _Proof:
    index: int
    leaf: bytes
    path: Sequence[bytes]
    checkpoint: Checkpoint
    since: Checkpoint | None
    consistency: Sequence[bytes]

    @classmethod
    def read(cls, said: Any) -> _Proof:
        if said["format"] != FORMAT:
            raise ValueError("not a proof of this version")
        found = cls(
            int(said["index"]),
            said["leaf"].encode(),
            [bytes.fromhex(node) for node in said["path"]],
            Checkpoint.from_dict(said["checkpoint"]),
            Checkpoint.from_dict(said["since"]) if "since" in said else None,
            [bytes.fromhex(node) for node in said.get("consistency", ())],
        )
        if json.loads(found.leaf)["index"] != found.index:
            raise ValueError("not the leaf of this place")
        return found


def _check(proof: _Proof) -> None:
    now = proof.checkpoint
    if not includes(now.root, now.size, proof.index, leaf_hash(proof.leaf), proof.path):
        raise AuditBroken(proof.index, f"the event is not in the log of {now.size} events")
    before = proof.since
    if before and not extends(before.size, before.root, now.size, now.root, proof.consistency):
        raise AuditBroken(
            proof.index, f"the log of {now.size} events does not begin with that of {before.size}"
        )


def _told(checkpoint: Checkpoint) -> tuple[int, bytes]:
    return checkpoint.size, checkpoint.root


async def _checkpoint(connection: AsyncConnection, size: int | None) -> Checkpoint | None:
    """The checkpoint of one size; the newest for None."""
    statement = select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1)
    if size is not None:
        statement = statement.where(audit_checkpoint.c.size == size)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        return None
    return Checkpoint(row["size"], row["root_hash"], row["signed_at"], row["key_id"], row["signature"])


async def _sealed(connection: AsyncConnection, index: int) -> bytes:
    """The leaf at one place, computed from the event that is there."""
    place = (
        select(audit_leaf.c.version, audit_leaf.c.leaf_hash, audit_event)
        .join(audit_event, audit_event.c.id == audit_leaf.c.event_id)
        .where(audit_leaf.c.index == index)
    )
    row = (await connection.execute(place)).mappings().one_or_none()
    if row is not None and row["version"] in VERSIONS:
        lines = (await subjects_of(connection, [row["id"]])).get(row["id"], ())
        found = leaf(index, row, lines, row["version"])
        if leaf_hash(found) == row["leaf_hash"]:
            return found
    raise AuditBroken(index, "the event is not the one that was sealed; run `audit verify`")


async def _roots(connection: AsyncConnection, ranges: Sequence[Range]) -> list[str]:
    """The roots of some subtrees, read in pages: memory does not grow with the log."""
    roots = []
    for start, end in ranges:
        frontier = Frontier()
        while start < end:
            hashes = await _hashes(connection, start, min(start + _PAGE, end))
            for hashed in hashes:
                frontier.append(hashed)
            start += _PAGE
        roots.append(frontier.root().hex())
    return roots


async def _hashes(connection: AsyncConnection, start: int, end: int) -> Sequence[bytes]:
    statement = (
        select(audit_leaf.c.leaf_hash)
        .where(audit_leaf.c.index >= start, audit_leaf.c.index < end)
        .order_by(audit_leaf.c.index)
    )
    return (await connection.scalars(statement)).all()
