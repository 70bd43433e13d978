"""Source: a system that data comes from, and one run of importing its export."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from hmis.tables.metadata import metadata

source = Table(
    "source",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="What operators and callers call it: demo"),
    Column("kind", Text, nullable=False, server_default="HMIS"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "labels",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="Bit mask of hmis.labels.Label that everything of the source carries, by its legal regime",
    ),
    CheckConstraint("kind in ('HMIS', 'PARTNER')", name="kind"),
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("archive_sha256", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True), nullable=False),
    Column("report", JSONB, nullable=False, comment="Counts and findings; never a personal value"),
)
