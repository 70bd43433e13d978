"""Work in the background: a queue, what partners are sent, referrals, and how far we are with partners

The queue is Procrastinate's, by the SQL of the installed package (`hmis/queue.py`), in a schema of its own.
"""

# the only text put into this SQL is written below, and in 0003

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from hmis.queue import bring_forward

revision = "0009_work"
down_revision = "0008_peer"
branch_labels = None
depends_on = None

_SO_FAR = import_module("hmis.migrations.versions.0008_peer")
_RULES = import_module("hmis.migrations.versions.0003_row_security")

# About people, or about what partners have of them. None = not read for viewers at all.
_READ = {
    "referral": _RULES._BY_PERSON,
    "referral_event": _RULES._of("referral", ("id", "referral_id")),
    "outbox": _RULES._of("referral", ("id", "referral_id")),
    "outbox_attempt": None,
    "partner_tombstone": None,
    "sync_cursor": None,
}
_STATUS = (
    "status in ('DRAFT', 'SENT', 'RECEIVED', 'ACCEPTED', 'REJECTED', 'IN_PROGRESS', 'COMPLETED',"
    " 'CANCELLED', 'FAILED', 'ENTERED_IN_ERROR')"
)
_OPEN = ("sync_state",)
_ONLY_ADDED_TO = ("referral_event", "outbox_attempt")


def protect(connection: sa.Connection) -> None:
    """As 0004, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new tables. Whoever asks writes none of them: the hub does, as `hub_writer`."""
    run = connection.exec_driver_sql
    for table in (*_READ, *_OPEN):
        run(f"grant select, insert, update, delete on {table} to hub_writer")
    for table in _ONLY_ADDED_TO:
        run(f"revoke update, delete on {table} from hub_writer")
    for table, rule in _READ.items():
        run(f"create policy hub_writes on {table} to hub_writer using (true) with check (true)")
        run(f"alter table {table} enable row level security")
        if rule is not None:
            run(f"grant select on {table} to hub_app")
            using = rule.format(table=table)
            run(f"create policy hub_reads on {table} for select to hub_app using ({using})")
    for table in _OPEN:
        run(f"grant select on {table} to hub_app")


def upgrade() -> None:
    op.create_table(
        "partner_tombstone",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="The partner's id of a record that is linked"),
        sa.Column("removed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("connector", "value", name=op.f("pk_partner_tombstone")),
        comment="Linked records that the partner no longer has; one that comes back is struck from here",
    )
    op.create_table(
        "sync_cursor",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False, comment="Where the partner said to go on"),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("connector", "stream", name=op.f("pk_sync_cursor")),
    )
    op.create_table(
        "sync_state",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("last_started", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "last_finished", sa.DateTime(timezone=True), nullable=True, comment="Well or badly; null = never"
        ),
        sa.Column("last_success", sa.DateTime(timezone=True), nullable=True, comment="Null = never"),
        sa.Column(
            "last_code",
            sa.Text(),
            nullable=True,
            comment="Why the last look failed: hmis.errors.FailureCode; null = it did not",
        ),
        sa.Column(
            "items",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Rows or ids of the last success",
        ),
        sa.PrimaryKeyConstraint("connector", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("agency_id", sa.UUID(), nullable=False, comment="Who refers"),
        sa.Column("connector", sa.Text(), nullable=False, comment="The partner that is to serve"),
        sa.Column(
            "category", sa.BigInteger(), nullable=False, comment="Of the partner: auth.categories.Category"
        ),
        sa.Column("service", sa.Text(), nullable=False, comment="What is asked of the partner"),
        sa.Column(
            "tell", sa.BigInteger(), nullable=False, comment="Mask of what the partner is told of the client"
        ),
        sa.Column(
            "status", sa.Text(), server_default="DRAFT", nullable=False, comment="hmis.referral_states.Status"
        ),
        sa.Column(
            "reference",
            sa.Text(),
            nullable=True,
            comment="The partner's id; two that it took for one share it; null = unknown",
        ),
        sa.Column("version", sa.Text(), nullable=True, comment="The partner's version that we know"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False, comment="Subject of the token"),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            _STATUS,
            name=op.f("ck_referral_status"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_referral_agency_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_referral_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    op.create_index(op.f("ix_referral_person_id"), "referral", ["person_id"], unique=False)
    op.create_index(
        "ix_referral_reference",
        "referral",
        ["connector", "reference"],
        unique=False,
        postgresql_where=sa.text("reference is not null"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.UUID(), nullable=False),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="What the referral is to become at the partner"
        ),
        sa.Column("state", sa.Text(), server_default="PENDING", nullable=False),
        sa.Column(
            "attempts", sa.Integer(), server_default="0", nullable=False, comment="Those that came to an end"
        ),
        sa.Column(
            "last_code",
            sa.Text(),
            nullable=True,
            comment="Why the last attempt failed: hmis.errors.FailureCode",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True, comment="Null = still to be sent"),
        sa.CheckConstraint(
            "state in ('PENDING', 'DONE', 'WITHDRAWN', 'CANCELLED_BY_CONSENT', 'UNKNOWN',"
            " 'CONFLICT', 'FAILED')",
            name=op.f("ck_outbox_state"),
        ),
        sa.CheckConstraint("status in ('SENT', 'CANCELLED')", name=op.f("ck_outbox_status")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_outbox_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index(op.f("ix_outbox_referral_id"), "outbox", ["referral_id"], unique=False)
    op.create_table(
        "referral_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("referral_id", sa.UUID(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="HUB, PARTNER, or the subject of a token"),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="A code of ours, or why somebody called it off"
        ),
        sa.CheckConstraint(
            _STATUS,
            name=op.f("ck_referral_event_status"),
        ),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_event_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_event")),
        comment="Every step of a referral, append-only",
    )
    op.create_index(op.f("ix_referral_event_referral_id"), "referral_event", ["referral_id"], unique=False)
    op.create_table(
        "outbox_attempt",
        sa.Column("outbox_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_attempt_outbox_id")),
        sa.PrimaryKeyConstraint("outbox_id", "number", name=op.f("pk_outbox_attempt")),
        comment="Committed before the partner hears anything, append-only",
    )
    bring_forward(op.get_bind())
    extend(op.get_bind())
