"""The service directory: what organizations offer to everybody, where and when. It tells of nobody.

Kept as a partner's directory had it when it was last read. What a directory wants withheld (the place of a
shelter) is left out when it is written, so that no question can bring it out.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR, UUID

from hmis.tables.metadata import metadata

directory_pull = Table(
    "directory_pull",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("pulled_at", DateTime(timezone=True), nullable=False, comment="When it was last read to its end"),
    Column("full_at", DateTime(timezone=True), nullable=False, comment="When all of it was last read"),
    Column("cursor", DateTime(timezone=True), comment="Changes before it are known; null = read all again"),
    Column("services", Integer, nullable=False, comment="How many the directory lists"),
    Column("unreadable", Integer, nullable=False, comment="How many of them could not be read"),
    comment="How far each directory has been read",
)

directory_service = Table(
    "directory_service",
    metadata,
    Column("id", UUID, primary_key=True, comment="Made from connector and the partner's id: it stays"),
    Column("connector", Text, nullable=False),
    Column("service_id", Text, nullable=False, comment="The partner's id"),
    Column("content_sha256", Text, nullable=False, comment="Of the partner's record; the same = unchanged"),
    Column("modified_at", DateTime(timezone=True), comment="By the partner's clock; null = not said"),
    Column("status", Text, nullable=False, comment="As the directory says, or unreadable"),
    Column("name", Text, nullable=False),
    Column("organization", Text),
    Column("description", Text),
    Column("url", Text),
    Column("email", Text),
    Column("eligibility", Text),
    Column("minimum_age", SmallInteger),
    Column("maximum_age", SmallInteger),
    Column("languages", ARRAY(Text), nullable=False),
    Column("fees", Text),
    Column("application", Text, comment="How to apply"),
    Column("documents", ARRAY(Text), nullable=False, comment="What has to be brought"),
    Column("categories", ARRAY(Text), nullable=False, comment="As the schema names them"),
    Column("terms", Text, nullable=False, comment="Taxonomy terms, a line each"),
    Column("phones", JSONB, nullable=False),
    Column("assured_on", Date, comment="When somebody last made sure that it is right"),
    Column(
        "search",
        TSVECTOR,
        Computed(
            "to_tsvector('english'::regconfig, name || ' ' || coalesce(organization, '') || ' '"
            " || coalesce(description, '') || ' ' || terms)",
            persisted=True,
        ),
    ),
    UniqueConstraint("connector", "service_id"),
    comment="One service of an organization; listed at places only while it is active",
)
Index(None, directory_service.c.search, postgresql_using="gin")
Index(None, directory_service.c.categories, postgresql_using="gin")

directory_location = Table(
    "directory_location",
    metadata,
    Column("id", UUID, primary_key=True, comment="Made from connector and the partner's ids: it stays"),
    Column(
        "service", UUID, ForeignKey("directory_service.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("connector", Text, nullable=False),
    Column("location_id", Text, comment="The partner's id; null = the service is bound to no place"),
    Column("withheld", Boolean, nullable=False, comment="Where it is, is told to nobody"),
    Column("name", Text),
    Column("address_1", Text),
    Column("address_2", Text),
    Column("city", Text),
    Column("state", Text),
    Column("postal_code", Text),
    Column("latitude", Double, comment="Degrees; null = it has no place that is shown"),
    Column("longitude", Double),
    Column("directions", Text, comment="How to get there"),
    Column("phones", JSONB, nullable=False),
    Column("schedules", JSONB, nullable=False, comment="As hmis.opening.Opening"),
    CheckConstraint("(latitude is null) = (longitude is null)", name="point"),
    CheckConstraint(
        "not withheld or num_nonnulls(name, address_1, address_2, city, state, postal_code, latitude,"
        " directions) = 0",
        name="withheld",
    ),
    comment="One place at which a service is offered; one without a place when it has none",
)
Index(
    "ix_directory_location_point",
    text("point(longitude, latitude)"),
    postgresql_using="gist",
    _table=directory_location,
)
Index(
    "ix_directory_location_nowhere",
    directory_location.c.id,
    postgresql_where=directory_location.c.latitude.is_(None),
)
Index(None, directory_location.c.connector, directory_location.c.location_id)
Index("ix_directory_location_zip", text('"left"(postal_code, 5)'), _table=directory_location)
Index("ix_directory_location_city", text("lower(city)"), _table=directory_location)

directory_schedule = Table(
    "directory_schedule",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column(
        "location", UUID, ForeignKey("directory_location.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("days", SmallInteger, nullable=False, comment="Bit 0 Monday to bit 6 Sunday"),
    Column("opens", Time, nullable=False),
    Column("closes", Time, nullable=False, comment="Not after opens = on the next day"),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("zone", Text, comment="As PostgreSQL names zones; null = see offset, then the community's"),
    Column("utc_offset", SmallInteger, comment="Minutes east of UTC, where the partner says that instead"),
    comment="When a place may be open: never less than the rule says, which is asked afterwards",
)
