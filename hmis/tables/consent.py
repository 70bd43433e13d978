"""Consent: what a client agreed to share, with whom, from when to when. Append-only.

A grant is never changed: a revocation is a row of its own, so that what held on any day can be told later.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from hmis.tables.metadata import metadata

consent_grant = Table(
    "consent_grant",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("person_id", UUID(), ForeignKey("person.id"), nullable=False),
    Column("effect", Text, nullable=False),
    Column("categories", BigInteger, nullable=False, comment="Bit mask of auth.categories.Category"),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("community_wide", Boolean, nullable=False, comment="Every agency with an agreement in force"),
    Column("start_on", Date, nullable=False, comment="First day in force"),
    Column("end_on", Date, comment="First day no longer in force; null = until revoked"),
    Column("method", Text, nullable=False),
    Column("evidence", Text, comment="sha256:… of the signed form, or where it is kept"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("recorded_by", Text, nullable=False, comment="Subject of the token"),
    Column("recorded_at_agency", UUID(), ForeignKey("agency.id"), nullable=False),
    CheckConstraint("effect in ('PERMIT', 'DENY')", name="effect"),
    CheckConstraint("method in ('WRITTEN', 'ELECTRONIC', 'VERBAL', 'TELEPHONIC', 'NOTICE')", name="method"),
    CheckConstraint("end_on is null or end_on > start_on", name="period"),
)
Index(None, consent_grant.c.person_id)

consent_recipient = Table(
    "consent_recipient",
    metadata,
    Column("grant_id", UUID(), ForeignKey("consent_grant.id"), primary_key=True),
    Column("agency_id", UUID(), ForeignKey("agency.id"), primary_key=True),
)
Index(None, consent_recipient.c.agency_id)

consent_revocation = Table(
    "consent_revocation",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("grant_id", UUID(), ForeignKey("consent_grant.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_by", Text, nullable=False),
)
