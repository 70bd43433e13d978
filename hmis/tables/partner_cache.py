"""Partner cache: what partners answered a while ago, a row for each person and question.

A row is found again only by the same question, asked with the same consent (`connectors/cache.py`); and what
it holds is shown only where consent opens it at that moment.
"""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hmis.tables.metadata import metadata

partner_cache = Table(
    "partner_cache",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("person_id", UUID(), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("noun", Text, nullable=False),
    Column("key_sha256", Text, nullable=False, unique=True, comment="Of the whole question and its consent"),
    Column("rows", JSONB, nullable=False, comment="The partner's records"),
    Column("fetched_at", DateTime(timezone=True), nullable=False),
    Column("fresh_until", DateTime(timezone=True), nullable=False),
    Column("stale_until", DateTime(timezone=True), nullable=False, comment="Shown so long where it must be"),
    info={"partner_data": "PERSON"},
)
Index(None, partner_cache.c.person_id)
Index(None, partner_cache.c.connector, partner_cache.c.stale_until)
