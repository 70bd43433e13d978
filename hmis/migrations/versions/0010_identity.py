"""Whether a partner's record is somebody's is asked, decided, remembered and forgotten

A link says what kind of id it holds, an open question has a table of its own, and who took back what had
opened a partner is remembered, so that the partner's next file does not bring them back.
"""

# the only text put into this SQL is written below, and in 0003

from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_identity"
down_revision = "0009_work"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")
_BY_PERSON = import_module("hmis.migrations.versions.0003_row_security")._BY_PERSON

_READ = {
    "match_candidate": _BY_PERSON,
    "partner_withheld": None,
    "landing_token": None,
}
"""The new tables, and the row that may be read for a viewer. None = not read for viewers at all."""

_METHODS = "method in ('SHARED_ID', 'TOKEN', 'NAME_DOB', 'FIND', 'STAFF')"


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new tables."""
    run = connection.exec_driver_sql
    for table, rule in _READ.items():
        run(f"grant select, insert, update, delete on {table} to hub_writer")
        run(f"create policy hub_writes on {table} to hub_writer using (true) with check (true)")
        run(f"alter table {table} enable row level security")
        if rule is not None:
            run(f"grant select on {table} to hub_app")
            using = rule.format(table=table)
            run(f"create policy hub_reads on {table} for select to hub_app using ({using})")
    for table in ("landing_token", "partner_withheld"):
        run(f"grant usage on sequence {table}_id_seq to hub_writer")


def upgrade() -> None:
    op.create_table(
        "landing_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False, comment="The partner's id"),
        sa.Column(
            "token",
            sa.Text(),
            nullable=False,
            comment="As connectors/tokens.py makes them, by the agreement's key",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["landing_batch.id"], name=op.f("fk_landing_token_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landing_token")),
        comment="What a partner dropped in place of names; the key is kept elsewhere",
    )
    op.create_index(op.f("ix_landing_token_batch_id"), "landing_token", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_landing_token_connector_record_id"),
        "landing_token",
        ["connector", "record_id"],
        unique=False,
    )
    op.create_index(op.f("ix_landing_token_token"), "landing_token", ["token"], unique=False)
    op.create_table(
        "match_candidate",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), server_default="RECORD", nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="The partner's id of the record"),
        sa.Column("method", sa.Text(), nullable=False, comment="What found the two to be alike"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why no rule may decide"),
        sa.Column("score", sa.Integer(), nullable=True, comment="0 to 100; null = the method gives none"),
        sa.Column(
            "margin",
            sa.Integer(),
            nullable=True,
            comment="Points above the next best record; null = there is no other",
        ),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="Facts that agreed; no values",
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="Subject of the token; null = nobody has"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state in ('CONFIRMED', 'REJECTED')) = (decided_by is not null)",
            name=op.f("ck_match_candidate_decided"),
        ),
        sa.CheckConstraint(
            "method in ('SHARED_ID', 'TOKEN', 'NAME_DOB', 'FIND')", name=op.f("ck_match_candidate_method")
        ),
        sa.CheckConstraint(
            "state in ('OPEN', 'CONFIRMED', 'REJECTED', 'WITHDRAWN')", name=op.f("ck_match_candidate_state")
        ),
        sa.CheckConstraint("score between 0 and 100", name=op.f("ck_match_candidate_score")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_match_candidate_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_candidate")),
        sa.UniqueConstraint(
            "person_id",
            "connector",
            "namespace",
            "value",
            name=op.f("uq_match_candidate_person_id_connector_namespace_value"),
        ),
        comment="Records that may be about a person and that no rule may link; a person decides",
    )
    op.create_index(
        op.f("ix_match_candidate_connector_state"), "match_candidate", ["connector", "state"], unique=False
    )
    op.create_table(
        "partner_withheld",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column(
            "record_sha256",
            sa.Text(),
            nullable=True,
            comment="Of connector and record id; null = the person as such",
        ),
        sa.Column(
            "shared",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Others are in the record too",
        ),
        sa.Column(
            "categories",
            sa.BigInteger(),
            nullable=False,
            comment="One has to be open before it is kept again",
        ),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_partner_withheld_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_withheld")),
        comment="Nothing of a partner is kept of them until they agree anew",
    )
    op.create_index(
        op.f("ix_partner_withheld_connector_record_sha256"),
        "partner_withheld",
        ["connector", "record_sha256"],
        unique=False,
    )
    op.create_index(
        "uq_partner_withheld",
        "partner_withheld",
        ["person_id", "connector", "record_sha256"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.add_column(
        "partner_link",
        sa.Column(
            "namespace", sa.Text(), server_default="RECORD", nullable=False, comment="What kind of id it is"
        ),
    )
    op.drop_index(
        op.f("uq_partner_link_in_force"), table_name="partner_link", postgresql_where="(valid_to IS NULL)"
    )
    op.create_index(
        "uq_partner_link_in_force",
        "partner_link",
        ["person_id", "connector", "namespace", "value"],
        unique=True,
        postgresql_where=sa.text("valid_to is null"),
    )
    op.drop_constraint(op.f("ck_partner_link_method"), "partner_link")
    op.create_check_constraint(op.f("ck_partner_link_method"), "partner_link", _METHODS)
    extend(op.get_bind())
