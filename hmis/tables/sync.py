"""Sync: how far we are with what partners tell of changes, and how the last look went."""

from sqlalchemy import Column, DateTime, Integer, Table, Text, func

from hmis.tables.metadata import metadata

sync_cursor = Table(
    "sync_cursor",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("cursor", Text, nullable=False, comment="Where the partner said to go on"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

sync_state = Table(
    "sync_state",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("last_started", DateTime(timezone=True), nullable=False),
    Column("last_finished", DateTime(timezone=True), comment="Well or badly; null = never"),
    Column("last_success", DateTime(timezone=True), comment="Null = never"),
    Column("last_code", Text, comment="Why the last look failed: hmis.errors.FailureCode; null = it did not"),
    Column("items", Integer, nullable=False, server_default="0", comment="Rows or ids of the last success"),
)

partner_tombstone = Table(
    "partner_tombstone",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("value", Text, primary_key=True, comment="The partner's id of a record that is linked"),
    Column("removed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Linked records that the partner no longer has; one that comes back is struck from here",
    info={"partner_data": "RECORD", "record": "value"},
)
