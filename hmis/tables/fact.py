"""Facts by which records are found to be one person: a digest of two identifying facts that must agree.

Kept so that an import compares only what is new with what is known, by index. Made by
`hmis/identity/facts.py`; a record that identifies nobody has none.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from hmis.tables.metadata import metadata

client_fact = Table(
    "client_fact",
    metadata,
    Column("source_id", Integer, primary_key=True),
    Column("personal_id", Text, primary_key=True),
    Column("method", Text, primary_key=True, comment="Which two facts: SSN_NAME, SSN_DOB or NAME_DOB"),
    Column("value", UUID(), nullable=False, comment="Digest of the two; never shown, never leaves"),
    ForeignKeyConstraint(["source_id", "personal_id"], ["client.source_id", "client.personal_id"]),
)
Index(None, client_fact.c.value)
