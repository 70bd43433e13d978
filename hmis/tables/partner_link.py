"""Partner link: which of a partner's records are said to be about a person, and which are said not to be.

Many to many: partners know one person twice, and one household record stands for several persons. A rejection
stays in force like a link does, so the same pair is never linked again by rule.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hmis.tables.metadata import metadata

partner_link = Table(
    "partner_link",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("person_id", UUID(), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("value", Text, nullable=False, comment="The partner's id of the record"),
    Column("method", Text, nullable=False, comment="How the two were found to be one"),
    Column("score", Integer, comment="0 to 100; null = the method gives none"),
    Column("evidence", JSONB, nullable=False, server_default="{}", comment="Which facts agreed; no values"),
    Column("valid_from", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("valid_to", DateTime(timezone=True), comment="Null = in force"),
    Column("status", Text, nullable=False, server_default="CONFIRMED"),
    CheckConstraint("status in ('CONFIRMED', 'REJECTED')", name="status"),
    CheckConstraint("method in ('SHARED_ID', 'TOKEN', 'NAME_DOB', 'FIND', 'STAFF')", name="method"),
    CheckConstraint("score between 0 and 100", name="score"),
)
# One word in force about a pair: either it is a link or it is a rejection.
Index(
    "uq_partner_link_in_force",
    partner_link.c.person_id,
    partner_link.c.connector,
    partner_link.c.value,
    unique=True,
    postgresql_where=text("valid_to is null"),
)
Index(
    "ix_partner_link_connector",
    partner_link.c.connector,
    partner_link.c.value,
    postgresql_where=text("valid_to is null"),
)
