"""What another community's HMIS recorded, landed; and links by an identifier that both sides have

Peers' stays are read by the hub's own connector only: nothing of it is open to whoever reads for a viewer.
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0008_peer"
down_revision = "0007_directory"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")
_TABLES = ("landing_peer_export", "landing_peer_project", "landing_peer_stay")


def protect(connection: sa.Connection) -> None:
    """As 0007, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new tables: none for readers, as with everything that partners drop."""
    run = connection.exec_driver_sql
    for table in _TABLES:
        run(f"grant select, insert, update, delete on {table} to hub_writer")
        run(f"create policy hub_writes on {table} to hub_writer using (true) with check (true)")
        run(f"alter table {table} enable row level security")
    for table in ("landing_peer_project", "landing_peer_stay"):
        run(f"grant usage on sequence {table}_id_seq to hub_writer")


def upgrade() -> None:
    _exports()
    _projects()
    _stays()
    extend(op.get_bind())


def _of_batch(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["batch_id"], ["landing_batch.id"], name=op.f(f"fk_{table}_batch_id"), ondelete="CASCADE"
    )


def _exports() -> None:
    op.create_table(
        "landing_peer_export",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column(
            "implementation_id",
            sa.Text(),
            comment="Names the database that PersonalIDs are of; null = it does not say",
        ),
        sa.Column(
            "people_landed",
            sa.Boolean(),
            nullable=False,
            comment="False = projects only; people are asked about",
        ),
        sa.Column("period_start", sa.Date(), comment="Null = absence from the export says nothing"),
        sa.Column("period_end", sa.Date()),
        _of_batch("landing_peer_export"),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_landing_peer_export")),
        comment="What each batch of a peer's is an export of",
    )
    op.create_index(op.f("ix_landing_peer_export_connector"), "landing_peer_export", ["connector"])


def _projects() -> None:
    op.create_table(
        "landing_peer_project",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("project_name", sa.Text()),
        sa.Column("project_type", sa.Integer(), comment="HUD list 2.02.6"),
        sa.Column("organization_name", sa.Text()),
        sa.Column("coc_code", sa.Text(), comment="Where it serves one Continuum of Care only"),
        sa.Column("labels", sa.BigInteger(), nullable=False, comment="Bit mask of hmis.labels.Label"),
        _of_batch("landing_peer_project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landing_peer_project")),
        sa.UniqueConstraint(
            "connector", "project_id", name=op.f("uq_landing_peer_project_connector_project_id")
        ),
        comment="Projects of peers that may be named at all",
    )
    op.create_index(op.f("ix_landing_peer_project_batch_id"), "landing_peer_project", ["batch_id"])


def _stays() -> None:
    op.create_table(
        "landing_peer_stay",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("enrollment_id", sa.Text(), nullable=False),
        sa.Column("personal_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("coc_code", sa.Text(), comment="HUD 3.16, told of the head of the household"),
        sa.Column("entry_date", sa.Date(), nullable=False),
        sa.Column("exit_date", sa.Date(), comment="Null = not left"),
        sa.Column("destination", sa.Integer(), comment="HUD list 3.12.1"),
        _of_batch("landing_peer_stay"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landing_peer_stay")),
        sa.UniqueConstraint(
            "connector", "enrollment_id", name=op.f("uq_landing_peer_stay_connector_enrollment_id")
        ),
        comment="Stays at projects of peers",
    )
    for columns in (["batch_id"], ["connector", "personal_id"], ["connector", "project_id"]):
        name = op.f(f"ix_landing_peer_stay_{'_'.join(columns)}")
        op.create_index(name, "landing_peer_stay", columns)
