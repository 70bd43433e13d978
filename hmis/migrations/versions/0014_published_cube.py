"""What is published of measures: tables of counts without small numbers. They tell of nobody."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0014_published_cube"
down_revision = "0013_match_review"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")
_TABLES = ("published_cube", "published_cell")


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new tables. What is published is replaced as a whole, never changed in place."""
    for table in _TABLES:
        connection.exec_driver_sql(f"grant select, insert, delete on {table} to hub_writer")
        connection.exec_driver_sql(f"revoke update on {table} from hub_writer")
        connection.exec_driver_sql(f"grant select on {table} to hub_app")


def upgrade() -> None:
    op.create_table(
        "published_cube",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False, comment="Its name"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False, comment="What is counted, in plain words"),
        sa.Column("period", sa.Text(), nullable=False, comment="2026-03, 2026 or FY2026"),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False, comment="Inclusive"),
        sa.Column("coc", sa.Text(), nullable=False, comment="HUD 2.03 CoCCode; empty = every continuum"),
        sa.Column("by", sa.ARRAY(sa.Text()), nullable=False, comment="Dimensions; empty = the whole"),
        sa.Column(
            "victim_services",
            sa.Boolean(),
            nullable=False,
            comment="Of victim service providers, and of nobody else",
        ),
        sa.Column(
            "snapshot_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="What it was counted from",
        ),
        sa.Column(
            "sources",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="Names of the sources in that snapshot",
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False, comment="The operator"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_cube")),
        sa.UniqueConstraint(
            "measure",
            "period",
            "coc",
            "by",
            "victim_services",
            name=op.f("uq_published_cube_measure_period_coc_by_victim_services"),
        ),
        comment="A table of counts as it was published; a later one takes its place as a whole",
    )
    op.create_table(
        "published_cell",
        sa.Column("cube_id", sa.UUID(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, comment="In the order of the cube"),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.ARRAY(sa.Text()), nullable=False, comment="A value for each of the cube's dimensions"
        ),
        sa.Column("value", sa.BigInteger(), nullable=True, comment="Null = suppressed, which is not 0"),
        sa.Column(
            "mean",
            sa.Double(),
            nullable=True,
            comment="Of those counted; null = suppressed, or has none",
        ),
        sa.Column("median", sa.Double(), nullable=True, comment="As mean"),
        sa.CheckConstraint(
            "value is not null or num_nonnulls(mean, median) = 0",
            name=op.f("ck_published_cell_suppressed"),
        ),
        sa.CheckConstraint("value is null or value >= 0", name=op.f("ck_published_cell_value")),
        sa.ForeignKeyConstraint(
            ["cube_id"], ["published_cube.id"], name=op.f("fk_published_cell_cube_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cube_id", "place", name=op.f("pk_published_cell")),
        comment="One count of a cube; true counts that may not be shown are kept nowhere",
    )
    extend(op.get_bind())
