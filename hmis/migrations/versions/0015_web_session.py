"""People sign in at a browser

What the cookie holds is kept as a hash. The table is unlogged: a session lasts half a day at most.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_web_session"
down_revision = "0014_published_cube"
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
    run("grant select, insert, update, delete on web_session to hub_writer")
    run("create policy hub_writes on web_session to hub_writer using (true) with check (true)")
    run("alter table web_session enable row level security")


def upgrade() -> None:
    op.create_table(
        "web_session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of what the cookie holds"),
        sa.Column("issuer", sa.Text(), nullable=True, comment="Who signed them in; null = nobody has yet"),
        sa.Column("subject", sa.Text(), nullable=True, comment="Who it is at that issuer"),
        sa.Column(
            "sid", sa.Text(), nullable=True, comment="The issuer's name of the session, for its log-outs"
        ),
        sa.Column("agency", sa.UUID(), nullable=True, comment="The membership chosen; null = the only one"),
        sa.Column(
            "acr", sa.Text(), nullable=True, comment="How strongly they signed in, in the issuer's words"
        ),
        sa.Column(
            "auth_time",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When they last proved who they are",
        ),
        sa.Column("id_token", sa.Text(), nullable=True, comment="Shown to the issuer when they sign out"),
        sa.Column(
            "data",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Of the browser: language",
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="To half a minute"),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_web_session")),
        comment="Who is at which browser; a row that is gone or too old lets nobody in",
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_web_session_issuer_subject"), "web_session", ["issuer", "subject"])
    op.create_index(op.f("ix_web_session_seen_at"), "web_session", ["seen_at"])
    extend(op.get_bind())
