"""Whose file names a guardian, and how often somebody asked for an emergency

A guardian is read back by the agency that recorded them. Of those recorded before it is known where whoever
recorded them works for one agency alone; others stay unread.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0019_whose_guardian"
down_revision = "0018_consent_language"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")

_OF_ONE_AGENCY = """
    update guardian set recorded_at_agency = known.agency_id
    from (select subject, (array_agg(distinct agency_id))[1] as agency_id from member
          group by subject having count(distinct agency_id) = 1) known
    where known.subject = guardian.recorded_by
"""


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new table: nothing of it is read for viewers, and nothing of it changes."""
    run = connection.exec_driver_sql
    run("grant select, insert on break_glass_ask to hub_writer")
    run("revoke update, delete on break_glass_ask from hub_writer")
    run("grant usage on all sequences in schema public to hub_writer")
    run("create policy hub_writes on break_glass_ask to hub_writer using (true) with check (true)")
    run("alter table break_glass_ask enable row level security")


def upgrade() -> None:
    op.create_table(
        "break_glass_ask",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.UUID(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_break_glass_ask_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass_ask")),
        comment="How often somebody asked for an opening, whether or not there was anybody to open",
    )
    op.create_index(
        op.f("ix_break_glass_ask_subject_agency_id_asked_at"),
        "break_glass_ask",
        ["subject", "agency_id", "asked_at"],
    )
    op.add_column(
        "guardian",
        sa.Column(
            "recorded_at_agency",
            sa.UUID(),
            nullable=True,
            comment="Whose file names the adult, and who may read it; null = not known any more",
        ),
    )
    op.create_foreign_key(
        op.f("fk_guardian_recorded_at_agency"), "guardian", "agency", ["recorded_at_agency"], ["id"]
    )
    op.execute(_OF_ONE_AGENCY)
    extend(op.get_bind())
