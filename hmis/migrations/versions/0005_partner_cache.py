"""What partners answered is kept for a while, a row for each person and question

Nobody reads it under row-level security: the writing role alone, after consent was decided.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_partner_cache"
down_revision = "0004_legal_order"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new table."""
    run = connection.exec_driver_sql
    run("grant select, insert, update, delete on partner_cache to hub_writer")
    run("create policy hub_writes on partner_cache to hub_writer using (true) with check (true)")
    run("alter table partner_cache enable row level security")


def upgrade() -> None:
    op.create_table(
        "partner_cache",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("key_sha256", sa.Text(), nullable=False, comment="Of the whole question and its consent"),
        sa.Column(
            "rows",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The partner's records",
        ),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fresh_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "stale_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Shown so long where it must be",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_partner_cache_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_cache")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_partner_cache_key_sha256")),
    )
    op.create_index(op.f("ix_partner_cache_person_id"), "partner_cache", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_partner_cache_connector_stale_until"),
        "partner_cache",
        ["connector", "stale_until"],
        unique=False,
    )
    extend(op.get_bind())
