"""In which language a client read what they agreed to is kept with it"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0018_consent_language"
down_revision = "0017_name_sound"
branch_labels = None
depends_on = None

protect = import_module(f"hmis.migrations.versions.{down_revision}").protect
"""As the migration before: rights to a table are rights to its columns."""


def upgrade() -> None:
    op.add_column(
        "consent_grant",
        sa.Column("language", sa.Text(), nullable=True, comment="Of the form they read; null = not noted"),
    )
