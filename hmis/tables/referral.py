"""Referrals: a client sent on to a partner, by an agency, and everything that became of it.

What was told is kept as categories; the values stand in the records, and are read again when it is sent.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from hmis.referral_states import Status
from hmis.tables.metadata import metadata

_STATUSES = ", ".join(f"'{status}'" for status in Status)

referral = Table(
    "referral",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("person_id", UUID(), ForeignKey("person.id"), nullable=False),
    Column("agency_id", UUID(), ForeignKey("agency.id"), nullable=False, comment="Who refers"),
    Column("connector", Text, nullable=False, comment="The partner that is to serve"),
    Column("category", BigInteger, nullable=False, comment="Of the partner: auth.categories.Category"),
    Column("service", Text, nullable=False, comment="What is asked of the partner"),
    Column("tell", BigInteger, nullable=False, comment="Mask of what the partner is told of the client"),
    Column("status", Text, nullable=False, server_default="DRAFT", comment="hmis.referral_states.Status"),
    Column(
        "reference",
        Text,
        comment="The partner's id; two that it took for one share it; null = unknown",
    ),
    Column("version", Text, comment="The partner's version that we know"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_by", Text, nullable=False, comment="Subject of the token"),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(f"status in ({_STATUSES})", name="status"),
)
Index(None, referral.c.person_id)
Index(
    "ix_referral_reference",
    referral.c.connector,
    referral.c.reference,
    postgresql_where=text("reference is not null"),
)

referral_event = Table(
    "referral_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("referral_id", UUID(), ForeignKey("referral.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("by", Text, nullable=False, comment="HUB, PARTNER, or the subject of a token"),
    Column("reason", Text, comment="A code of ours, or why somebody called it off"),
    CheckConstraint(f"status in ({_STATUSES})", name="status"),
    comment="Every step of a referral, append-only",
)
Index(None, referral_event.c.referral_id)
