"""Outbox: what partners have still to be sent, written in the transaction that decided it.

A row's id is the key under which it is sent, however often. Whoever sends it holds its row; each attempt is
committed before the partner hears anything, so one without an end tells that somebody died over it.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from hmis.referral_states import Delivery
from hmis.tables.metadata import metadata

_STATES = ", ".join(f"'{state}'" for state in Delivery)

outbox = Table(
    "outbox",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("connector", Text, nullable=False),
    Column("referral_id", UUID(), ForeignKey("referral.id"), nullable=False),
    Column("status", Text, nullable=False, comment="What the referral is to become at the partner"),
    Column("state", Text, nullable=False, server_default="PENDING"),
    Column("attempts", Integer, nullable=False, server_default="0", comment="Those that came to an end"),
    Column("last_code", Text, comment="Why the last attempt failed: hmis.errors.FailureCode"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("settled_at", DateTime(timezone=True), comment="Null = still to be sent"),
    CheckConstraint("status in ('SENT', 'CANCELLED')", name="status"),
    # UNKNOWN: the partner may have it, and sending again could do it twice. CONFLICT: the partner has a newer
    # version. Both wait for a person, as FAILED does.
    CheckConstraint(f"state in ({_STATES})", name="state"),
)
Index("ix_outbox_pending", outbox.c.next_at, postgresql_where=text("state = 'PENDING'"))
Index(None, outbox.c.referral_id)

outbox_attempt = Table(
    "outbox_attempt",
    metadata,
    Column("outbox_id", UUID(), ForeignKey("outbox.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("began_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Committed before the partner hears anything, append-only",
)
