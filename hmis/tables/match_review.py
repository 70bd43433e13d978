"""Match review: two people whose records are alike, and whether somebody says that they are one.

The pair is kept in order of the ids, so that it is one row whichever was met first. What was decided is acted
upon in `client_link` and `client_distinct`; here stays who decided and on what. No values: `evidence` names
each comparison, the level that fits, and the bits that it speaks for one person or against.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hmis.tables.metadata import metadata

match_review = Table(
    "match_review",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("one_id", UUID(), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("other_id", UUID(), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("reason", Text, nullable=False, comment="Why no rule may decide"),
    Column("weight", Float, nullable=False, comment="Bits: log2 of the odds that they are one"),
    Column("margin", Float, comment="Bits above the next candidate of either; null = there is none"),
    Column("evidence", JSONB, nullable=False, comment="Which facts agreed, and their bits; no values"),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("state", Text, nullable=False, server_default="OPEN"),
    Column("decided_by", Text, comment="Who said so; null = nobody has"),
    Column("decided_at", DateTime(timezone=True)),
    UniqueConstraint("one_id", "other_id"),
    CheckConstraint("one_id < other_id", name="ordered"),
    CheckConstraint("state in ('OPEN', 'SAME', 'DIFFERENT', 'WITHDRAWN')", name="state"),
    CheckConstraint("(state in ('SAME', 'DIFFERENT')) = (decided_by is not null)", name="decided"),
    comment="People who may be one and whom no rule may unite; a person decides",
)
Index(None, match_review.c.other_id)
Index(None, match_review.c.state, match_review.c.weight)
