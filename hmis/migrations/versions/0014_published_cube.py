"""What is published of measures: tables of counts without small numbers, which tell of nobody

Beside them the stays that figures count, for the agency that entered each and for nobody else.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0014_published_cube"
down_revision = "0013_match_review"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")
_TABLES = ("published_cube", "published_cell", "published_record")
_OWN = """source_id = nullif(current_setting('hub.source', true), '')::integer
    and organization_id = current_setting('hub.organization', true)"""


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
    run = connection.exec_driver_sql
    run("create policy hub_writes on published_record to hub_writer using (true) with check (true)")
    run("alter table published_record enable row level security")
    run(f"create policy hub_reads on published_record for select to hub_app using ({_OWN})")


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
    op.create_table(
        "published_record",
        sa.Column("cube_id", sa.UUID(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column(
            "organization_id",
            sa.Text(),
            nullable=False,
            comment="Who entered it, and nobody else, is told",
        ),
        sa.Column(
            "enrollment_id",
            sa.Text(),
            nullable=False,
            comment="HUD 5.06 EnrollmentID of the stay",
        ),
        sa.ForeignKeyConstraint(
            ["cube_id"], ["published_cube.id"], name=op.f("fk_published_record_cube_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "cube_id",
            "figure",
            "source_id",
            "organization_id",
            "enrollment_id",
            name=op.f("pk_published_record"),
        ),
        comment="Stays that a published figure counts; only where that depends on the stay alone",
    )
    extend(op.get_bind())
