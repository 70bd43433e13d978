"""A name is found by how it sounds

The key of each name is kept ready beside it, as what staff search by already is: below row-level security
PostgreSQL looks up by index only what cannot leak by its errors.
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0017_name_sound"
down_revision = "0016_logout_heard"
branch_labels = None
depends_on = None

_SO_FAR = import_module(f"hmis.migrations.versions.{down_revision}")
protect = _SO_FAR.protect

# As `hmis/identity/sounds.py` said it then. A later rule takes a migration of its own.
_STEPS = (
    ("[^a-z]", ""),
    ("^(kn|gn|pn)", "n"),
    ("^wr", "r"),
    ("^ps", "s"),
    ("^gh", "g"),
    ("gh", ""),
    ("ph", "f"),
    ("c(?=[eiy])", "s"),
    ("g(?=[eiy])", "j"),
    ("^h+", ""),
)


def _sound(column: str) -> str:
    letters = f'lower(normalize({column}, NFKD) collate "C")'
    for sought, instead in _STEPS:
        letters = f"regexp_replace({letters}, '{sought}', '{instead}', 'g')"
    first = f"translate(left({letters}, 1), 'eiouycqzv', 'aaaaakksb')"
    codes = f"translate({letters}, 'aeiouywbfpvcgjkqsxzdtlmnrh', '0000000111122222222334556')"
    rest = rf"replace(substr(regexp_replace({codes}, '(.)\1+', '\1', 'g'), 2), '0', '')"
    return f"nullif(left({first} || {rest}, 4), '')"


def upgrade() -> None:
    for name in ("first_name", "last_name"):
        kept = sa.Computed(_sound(name), persisted=True)
        op.add_column("client", sa.Column(f"{name}_sound", sa.Text(collation="C"), kept))
        op.create_index(f"ix_client_{name}_sound", "client", [f"{name}_sound"])
