"""Published cubes: what everybody who may ask for measures is told. Small numbers never come here."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from hmis.tables.metadata import metadata

published_cube = Table(
    "published_cube",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()")),
    Column("measure", Text, nullable=False, comment="Its name"),
    Column("title", Text, nullable=False),
    Column("definition", Text, nullable=False, comment="What is counted, in plain words"),
    Column("period", Text, nullable=False, comment="2026-03, 2026 or FY2026"),
    Column("start_on", Date, nullable=False),
    Column("end_on", Date, nullable=False, comment="Inclusive"),
    Column("coc", Text, nullable=False, comment="HUD 2.03 CoCCode; empty = every continuum"),
    Column("by", ARRAY(Text), nullable=False, comment="Dimensions; empty = the whole"),
    Column(
        "victim_services", Boolean, nullable=False, comment="Of victim service providers, and of nobody else"
    ),
    Column("snapshot_at", DateTime(timezone=True), nullable=False, comment="What it was counted from"),
    Column("sources", ARRAY(Text), nullable=False, comment="Names of the sources in that snapshot"),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("published_by", Text, nullable=False, comment="The operator"),
    UniqueConstraint("measure", "period", "coc", "by", "victim_services"),
    comment="A table of counts as it was published; a later one takes its place as a whole",
)

published_cell = Table(
    "published_cell",
    metadata,
    Column("cube_id", ForeignKey("published_cube.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False, comment="In the order of the cube"),
    Column("figure", Text, nullable=False),
    Column("key", ARRAY(Text), nullable=False, comment="A value for each of the cube's dimensions"),
    Column("value", BigInteger, nullable=True, comment="Null = suppressed, which is not 0"),
    Column("mean", Double, nullable=True, comment="Of those counted; null = suppressed, or has none"),
    Column("median", Double, nullable=True, comment="As mean"),
    CheckConstraint("value is not null or num_nonnulls(mean, median) = 0", name="suppressed"),
    CheckConstraint("value is null or value >= 0", name="value"),
    comment="One count of a cube; true counts that may not be shown are kept nowhere",
)

published_record = Table(
    "published_record",
    metadata,
    Column("cube_id", ForeignKey("published_cube.id", ondelete="CASCADE"), primary_key=True),
    Column("figure", Text, primary_key=True),
    Column("source_id", Integer, primary_key=True, autoincrement=False),
    Column("organization_id", Text, primary_key=True, comment="Who entered it, and nobody else, is told"),
    Column("enrollment_id", Text, primary_key=True, comment="HUD 5.06 EnrollmentID of the stay"),
    comment="Stays that a published figure counts; only where that depends on the stay alone",
)
