"""A log-out that a provider tells of is heard once

Unlogged, as sessions are: after a crash of the server there is nobody left to sign out.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0016_logout_heard"
down_revision = "0015_web_session"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new table: nothing of it is read for viewers."""
    run = connection.exec_driver_sql
    run("grant select, insert, update, delete on logout_heard to hub_writer")
    run("create policy hub_writes on logout_heard to hub_writer using (true) with check (true)")
    run("alter table logout_heard enable row level security")


def upgrade() -> None:
    op.create_table(
        "logout_heard",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jti_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of its `jti`"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="Of no use after that"),
        sa.PrimaryKeyConstraint("issuer", "jti_hash", name=op.f("pk_logout_heard")),
        comment="Log-out tokens of providers that were heard, so that none is heard twice",
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_logout_heard_expires_at"), "logout_heard", ["expires_at"])
    extend(op.get_bind())
