"""An order of a court that two people approved opens what it lists of one client

Who asks for law enforcement is shown people by such an order and by nothing else, here as in the rules. As in
0003 the policies are coarser than the rules: they do not ask who approved, and look at no label.
"""

# ruff: noqa: S608  # the only text put into this SQL is written below, and in 0003

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0004_legal_order"
down_revision = "0003_row_security"
branch_labels = None
depends_on = None

_SO_FAR = import_module("hmis.migrations.versions.0003_row_security")
_TABLES = ("legal_order", "legal_order_approval", "legal_order_end")

_OPENED = _SO_FAR._opened("l.person_id")
_OPENED_BY_PURPOSE = f"""
    case when current_setting('hub.purpose', true) = 'LAW_ENFORCEMENT' then
      exists (select from legal_order o
              where o.person_id = l.person_id
                and o.subject = {_SO_FAR._SUBJECT} and o.agency_id = {_SO_FAR._AGENCY}
                and o.valid_from <= {_SO_FAR._TODAY} and o.valid_to > {_SO_FAR._TODAY}
                and not exists (select from legal_order_end e where e.order_id = o.id {_SO_FAR._ONE_BY_ONE})
                and (select count(*) from legal_order_approval a where a.order_id = o.id) >= 2
              {_SO_FAR._ONE_BY_ONE})
    else {_OPENED} end"""


def protect(connection: sa.Connection) -> None:
    """As 0003, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new tables, and the new way to a person."""
    run = connection.exec_driver_sql
    for table in _TABLES:
        run(f"grant select, insert, update, delete on {table} to hub_writer")
        run(f"revoke update, delete on {table} from hub_writer")
        run(f"create policy hub_writes on {table} to hub_writer using (true) with check (true)")
        run(f"alter table {table} enable row level security")
        run(f"grant select on {table} to hub_app")
        run(f"create policy hub_reads on {table} for select to hub_app using ({_SO_FAR._WITH_VIEWER})")
        run(f"grant insert on {table} to hub_app")
        run(f"create policy hub_appends on {table} for insert to hub_app with check ({_SO_FAR._WITH_VIEWER})")
    for table in ("client", "enrollment"):
        using = _SO_FAR._READ[table].format(table=table).replace(_OPENED, _OPENED_BY_PURPOSE)
        run(f"alter policy hub_reads on {table} using ({using})")


def upgrade() -> None:
    op.create_table(
        "legal_order",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("agency_id", sa.UUID(), nullable=False),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="Who looks under it, at that agency; nobody else"
        ),
        sa.Column(
            "categories", sa.BigInteger(), nullable=False, comment="Bit mask of auth.categories.Category"
        ),
        sa.Column(
            "labels",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Bit mask of hmis.labels.Label",
        ),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column(
            "reference", sa.Text(), nullable=False, comment="Court and number; where the paper is kept"
        ),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="First day in force"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="First day no longer in force"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False, comment="Subject of the token"),
        sa.Column("recorded_at_agency", sa.UUID(), nullable=False),
        sa.CheckConstraint(
            "authority in ('COURT_ORDER', 'WARRANT', 'SUBPOENA_WITH_COURT_ORDER')",
            name=op.f("ck_legal_order_authority"),
        ),
        sa.CheckConstraint("categories & 1 = 1", name=op.f("ck_legal_order_existence")),
        sa.CheckConstraint(
            "valid_to > valid_from and valid_to <= valid_from + 30", name=op.f("ck_legal_order_period")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_legal_order_agency_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_legal_order_person_id")),
        sa.ForeignKeyConstraint(
            ["recorded_at_agency"], ["agency.id"], name=op.f("fk_legal_order_recorded_at_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_order")),
        comment="What a court let law enforcement see of one client",
    )
    op.create_index(
        op.f("ix_legal_order_person_id_subject"), "legal_order", ["person_id", "subject"], unique=False
    )
    op.create_index(
        op.f("ix_legal_order_subject_agency_id"), "legal_order", ["subject", "agency_id"], unique=False
    )
    op.create_table(
        "legal_order_approval",
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False, comment="Subject of a privacy officer's token"),
        sa.Column("approved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["legal_order.id"], name=op.f("fk_legal_order_approval_order_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "approver", name=op.f("pk_legal_order_approval")),
        comment="In force with two, neither by who recorded the order nor by who looks under it",
    )
    op.create_table(
        "legal_order_end",
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["legal_order.id"], name=op.f("fk_legal_order_end_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_legal_order_end")),
        comment="Orders that were withdrawn before their last day",
    )
    extend(op.get_bind())
