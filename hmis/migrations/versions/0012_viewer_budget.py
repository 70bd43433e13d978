"""How much somebody asks is counted for all processes together

The table is unlogged: it is written with every request, and what it holds is worth nothing after a minute.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0012_viewer_budget"
down_revision = "0011_trusted_document"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new table: who asks how much is nobody's business who reads for viewers."""
    run = connection.exec_driver_sql
    run("grant select, insert, update, delete on viewer_budget to hub_writer")
    run("create policy hub_writes on viewer_budget to hub_writer using (true) with check (true)")
    run("alter table viewer_budget enable row level security")


def upgrade() -> None:
    op.create_table(
        "viewer_budget",
        sa.Column(
            "viewer",
            sa.LargeBinary(),
            nullable=False,
            comment="Keyed hash of issuer and subject of the token",
        ),
        sa.Column(
            "full_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When nothing of it is spent any longer",
        ),
        sa.PrimaryKeyConstraint("viewer", name=op.f("pk_viewer_budget")),
        comment="What each viewer spent of what they may ask for in a minute, shared by all processes",
        prefixes=["UNLOGGED"],
    )
    extend(op.get_bind())
