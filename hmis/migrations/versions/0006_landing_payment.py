"""Payments of rent land beside households and benefits

They are the partner's files: nobody reads them under row-level security, only the writing role does.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0006_landing_payment"
down_revision = "0005_partner_cache"
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
    run("grant select, insert, update, delete on landing_payment to hub_writer")
    run("create policy hub_writes on landing_payment to hub_writer using (true) with check (true)")
    run("alter table landing_payment enable row level security")


def upgrade() -> None:
    op.create_table(
        "landing_payment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column(
            "household_id",
            sa.Text(),
            nullable=False,
            comment="The one household at the payment's address",
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="Row of the file"),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="As the hub names it"),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("covers_to", sa.Date(), nullable=False, comment="Last day paid for"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["landing_batch.id"],
            name=op.f("fk_landing_payment_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landing_payment")),
    )
    op.create_index(op.f("ix_landing_payment_batch_id"), "landing_payment", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_landing_payment_connector_household_id"),
        "landing_payment",
        ["connector", "household_id"],
        unique=False,
    )
    extend(op.get_bind())
