"""Source: a system that data comes from, and runs of importing its export."""

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
from sqlalchemy.dialects.postgresql import JSONB, UUID

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

import_attempt = Table(
    "import_attempt",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("source_name", Text, nullable=False, comment="A source begins with its first import"),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False, comment="When it last said that it runs"),
    Column("ended_at", DateTime(timezone=True), comment="Null = it runs, or was killed"),
    Column("state", Text, nullable=False, server_default="RUNNING"),
    Column("stage", Text, nullable=False, server_default="", comment="The file it is at, or people"),
    Column("bytes_done", BigInteger, nullable=False, server_default="0"),
    Column("bytes_total", BigInteger, nullable=False, server_default="0", comment="0 = not known yet"),
    Column("findings", JSONB, nullable=False, server_default="[]", comment="Why it was refused; no value"),
    CheckConstraint("state in ('RUNNING', 'REFUSED', 'FAILED')", name="state"),
    CheckConstraint("(state = 'RUNNING') = (ended_at is null)", name="ended"),
    comment="Imports that run, or came to nothing; what came to something is in import_run",
)
