"""The service directory: what organizations offer to everybody; it tells of nobody, so all may read it"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_directory"
down_revision = "0006_landing_payment"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")
_TABLES = ("directory_pull", "directory_service", "directory_location", "directory_schedule")


def protect(connection: sa.Connection) -> None:
    """As before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new tables."""
    for table in _TABLES:
        connection.exec_driver_sql(f"grant select, insert, update, delete on {table} to hub_writer")
        connection.exec_driver_sql(f"grant select on {table} to hub_app")
    connection.exec_driver_sql("grant usage on sequence directory_schedule_id_seq to hub_writer")


def upgrade() -> None:
    op.create_table(
        "directory_pull",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column(
            "pulled_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was last read to its end",
        ),
        sa.Column(
            "full_at", sa.DateTime(timezone=True), nullable=False, comment="When all of it was last read"
        ),
        sa.Column(
            "cursor",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Changes before it are known; null = read all again",
        ),
        sa.Column("services", sa.Integer(), nullable=False, comment="How many the directory lists"),
        sa.Column("unreadable", sa.Integer(), nullable=False, comment="How many of them could not be read"),
        sa.PrimaryKeyConstraint("connector", name=op.f("pk_directory_pull")),
        comment="How far each directory has been read",
    )
    op.create_table(
        "directory_service",
        sa.Column(
            "id", sa.UUID(), nullable=False, comment="Made from connector and the partner's id: it stays"
        ),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False, comment="The partner's id"),
        sa.Column(
            "content_sha256",
            sa.Text(),
            nullable=False,
            comment="Of the partner's record; the same = unchanged",
        ),
        sa.Column(
            "modified_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="By the partner's clock; null = not said",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="As the directory says, or unreadable"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("eligibility", sa.Text(), nullable=True),
        sa.Column("minimum_age", sa.SmallInteger(), nullable=True),
        sa.Column("maximum_age", sa.SmallInteger(), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("fees", sa.Text(), nullable=True),
        sa.Column("application", sa.Text(), nullable=True, comment="How to apply"),
        sa.Column("documents", sa.ARRAY(sa.Text()), nullable=False, comment="What has to be brought"),
        sa.Column("categories", sa.ARRAY(sa.Text()), nullable=False, comment="As the schema names them"),
        sa.Column("terms", sa.Text(), nullable=False, comment="Taxonomy terms, a line each"),
        sa.Column("phones", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "assured_on", sa.Date(), nullable=True, comment="When somebody last made sure that it is right"
        ),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('english'::regconfig, name || ' ' || coalesce(organization, '')"
                " || ' ' || coalesce(description, '') || ' ' || terms)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_service")),
        sa.UniqueConstraint(
            "connector", "service_id", name=op.f("uq_directory_service_connector_service_id")
        ),
        comment="One service of an organization; listed at places only while it is active",
    )
    op.create_index(
        op.f("ix_directory_service_categories"),
        "directory_service",
        ["categories"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_directory_service_search"),
        "directory_service",
        ["search"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "directory_location",
        sa.Column(
            "id", sa.UUID(), nullable=False, comment="Made from connector and the partner's ids: it stays"
        ),
        sa.Column("service", sa.UUID(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column(
            "location_id",
            sa.Text(),
            nullable=True,
            comment="The partner's id; null = the service is bound to no place",
        ),
        sa.Column("withheld", sa.Boolean(), nullable=False, comment="Where it is, is told to nobody"),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address_1", sa.Text(), nullable=True),
        sa.Column("address_2", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column(
            "latitude", sa.Double(), nullable=True, comment="Degrees; null = it has no place that is shown"
        ),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("directions", sa.Text(), nullable=True, comment="How to get there"),
        sa.Column("phones", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "schedules",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="As hmis.opening.Opening",
        ),
        sa.CheckConstraint(
            "(latitude is null) = (longitude is null)", name=op.f("ck_directory_location_point")
        ),
        sa.CheckConstraint(
            "not withheld or num_nonnulls(name, address_1, address_2, city, state, postal_code,"
            " latitude, directions) = 0",
            name=op.f("ck_directory_location_withheld"),
        ),
        sa.ForeignKeyConstraint(
            ["service"],
            ["directory_service.id"],
            name=op.f("fk_directory_location_service"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_location")),
        comment="One place at which a service is offered; one without a place when it has none",
    )
    op.create_index(
        "ix_directory_location_city", "directory_location", [sa.literal_column("lower(city)")], unique=False
    )
    op.create_index(
        op.f("ix_directory_location_connector_location_id"),
        "directory_location",
        ["connector", "location_id"],
        unique=False,
    )
    op.create_index(
        "ix_directory_location_nowhere",
        "directory_location",
        ["id"],
        unique=False,
        postgresql_where=sa.text("latitude IS NULL"),
    )
    op.create_index(
        "ix_directory_location_point",
        "directory_location",
        [sa.literal_column("point(longitude, latitude)")],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "ix_directory_location_zip", "directory_location", [sa.literal_column('"left"(postal_code, 5)')]
    )
    op.create_index(op.f("ix_directory_location_service"), "directory_location", ["service"], unique=False)
    op.create_table(
        "directory_schedule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("location", sa.UUID(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False, comment="Bit 0 Monday to bit 6 Sunday"),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False, comment="Not after opens = on the next day"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "zone",
            sa.Text(),
            nullable=True,
            comment="As PostgreSQL names zones; null = see offset, then the community's",
        ),
        sa.Column(
            "utc_offset",
            sa.SmallInteger(),
            nullable=True,
            comment="Minutes east of UTC, where the partner says that instead",
        ),
        sa.ForeignKeyConstraint(
            ["location"],
            ["directory_location.id"],
            name=op.f("fk_directory_schedule_location"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_schedule")),
        comment="When a place may be open: never less than the rule says, which is asked afterwards",
    )
    op.create_index(op.f("ix_directory_schedule_location"), "directory_schedule", ["location"], unique=False)
    extend(op.get_bind())
