"""Applications may ask by documents that were registered for them

A document is named by the hash of its text. It tells of nobody.
"""

# the only text put into this SQL is written below

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0011_trusted_document"
down_revision = "0010_identity"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")


def protect(connection: sa.Connection) -> None:
    """As the migration before, and what it does not know yet."""
    _SO_FAR.protect(connection)
    extend(connection)


def extend(connection: sa.Connection) -> None:
    """The rights to the new table. A document is never changed in place: its hash is of its text."""
    run = connection.exec_driver_sql
    run("grant select, insert, delete on trusted_document to hub_writer")
    run("revoke update on trusted_document from hub_writer")
    run("grant select on trusted_document to hub_app")


def upgrade() -> None:
    op.create_table(
        "trusted_document",
        sa.Column("client_id", sa.Text(), nullable=False, comment="The application, as its tokens name it"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="Of the text in UTF-8, in hexadecimal"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "registered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("registered_by", sa.Text(), nullable=False, comment="Subject of a token, or the operator"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_trusted_document_sha256")),
        sa.PrimaryKeyConstraint("client_id", "sha256", name=op.f("pk_trusted_document")),
        comment="GraphQL documents an application may name by their hash; they tell of nobody",
    )
    extend(op.get_bind())
