"""The audit sealed: a leaf for each event in a Merkle log (RFC 6962), and signed checkpoints of it.

No foreign key leads to the event and no trigger guards it: the log must outlive a deleted event and tell of
it (docs/decisions/0006-audit-is-a-log.md).
"""

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, SmallInteger, Table, Text

from hmis.tables.metadata import metadata

audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False, comment="0, 1, 2, ... without a gap"),
    Column("event_id", BigInteger, nullable=False, unique=True),
    Column("version", SmallInteger, nullable=False, comment="auth.sealing.VERSIONS: which columns it covers"),
    Column("leaf_hash", LargeBinary, nullable=False, comment="RFC 6962, 2.1: SHA-256 of 0x00 and the leaf"),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False, comment="Leaves it vouches for"),
    Column("root_hash", LargeBinary, nullable=False, comment="RFC 6962, 2.1: Merkle tree hash of the leaves"),
    Column("frontier", LargeBinary, nullable=False, comment="Full subtrees, largest first: where to go on"),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    Column("key_id", Text, nullable=False, comment="Beginning of the SHA-256 of the public key"),
    Column("signature", LargeBinary, nullable=False, comment="Ed25519 of auth.checkpoints.Checkpoint.note"),
)
