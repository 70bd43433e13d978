"""Whom the matching model finds alike and may not unite is asked, and what it unites says so

A person decides about two people, and no viewer reads the questions: they tell of people across agencies.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_match_review"
down_revision = "0012_viewer_budget"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")

_METHODS = "method in ('FIRST', 'SSN_NAME', 'SSN_DOB', 'NAME_DOB', 'MODEL', 'STAFF', 'SPLIT')"


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new table: nothing of it is read for viewers."""
    run = connection.exec_driver_sql
    run("grant select, insert, update, delete on match_review to hub_writer")
    run("create policy hub_writes on match_review to hub_writer using (true) with check (true)")
    run("alter table match_review enable row level security")


def upgrade() -> None:
    op.create_table(
        "match_review",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("one_id", sa.UUID(), nullable=False),
        sa.Column("other_id", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why no rule may decide"),
        sa.Column("weight", sa.Float(), nullable=False, comment="Bits: log2 of the odds that they are one"),
        sa.Column(
            "margin",
            sa.Float(),
            nullable=True,
            comment="Bits above the next candidate of either; null = there is none",
        ),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Which facts agreed, and their bits; no values",
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="Who said so; null = nobody has"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_match_review_ordered")),
        sa.CheckConstraint(
            "state in ('OPEN', 'SAME', 'DIFFERENT', 'WITHDRAWN')", name=op.f("ck_match_review_state")
        ),
        sa.CheckConstraint(
            "(state in ('SAME', 'DIFFERENT')) = (decided_by is not null)",
            name=op.f("ck_match_review_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["one_id"], ["person.id"], name=op.f("fk_match_review_one_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["person.id"], name=op.f("fk_match_review_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_review")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_match_review_one_id_other_id")),
        comment="People who may be one and whom no rule may unite; a person decides",
    )
    op.create_index(op.f("ix_match_review_other_id"), "match_review", ["other_id"], unique=False)
    op.create_index(op.f("ix_match_review_state_weight"), "match_review", ["state", "weight"], unique=False)
    op.drop_constraint(op.f("ck_client_link_method"), "client_link")
    op.create_check_constraint(op.f("ck_client_link_method"), "client_link", _METHODS)
    extend(op.get_bind())
