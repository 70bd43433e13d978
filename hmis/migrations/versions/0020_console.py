"""Whoever runs the hub sees imports, and whoever knows two people is asked whether they are one

Imports tell of files and of nobody. A question about two people may be read where both of them may be.
"""

# the only text put into this SQL is written below, and in 0003

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_console"
down_revision = "0019_whose_guardian"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")
_OF = import_module("hmis.migrations.versions.0003_row_security")._of
_ONE, _OTHER = (_OF("person", ("id", column)) for column in ("one_id", "other_id"))
# Of two who were said to be the same one has no record any more.
_BY_BOTH = f"({_ONE} and {_OTHER}) or ({{table}}.state = 'SAME' and ({_ONE} or {_OTHER}))"


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new table, and to what is read from now on."""
    run = connection.exec_driver_sql
    run("grant select, insert, update, delete on import_attempt to hub_writer")
    for table in ("import_attempt", "import_run", "match_review"):
        run(f"grant select on {table} to hub_app")
    using = _BY_BOTH.format(table="match_review")
    run(f"create policy hub_reads on match_review for select to hub_app using ({using})")


def upgrade() -> None:
    op.create_table(
        "import_attempt",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False, comment="A source begins with its first import"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it last said that it runs",
        ),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=True, comment="Null = it runs, or was killed"
        ),
        sa.Column("state", sa.Text(), server_default="RUNNING", nullable=False),
        sa.Column(
            "stage", sa.Text(), server_default="", nullable=False, comment="The file it is at, or people"
        ),
        sa.Column("bytes_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "bytes_total",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="0 = not known yet",
        ),
        sa.Column(
            "findings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="Why it was refused; no value",
        ),
        sa.CheckConstraint("state in ('RUNNING', 'REFUSED', 'FAILED')", name=op.f("ck_import_attempt_state")),
        sa.CheckConstraint("(state = 'RUNNING') = (ended_at is null)", name=op.f("ck_import_attempt_ended")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_attempt")),
        comment="Imports that run, or came to nothing; what came to something is in import_run",
    )
    extend(op.get_bind())
