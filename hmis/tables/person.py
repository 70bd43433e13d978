"""Person: somebody as the hub knows them, and the source records said to be theirs.

Records are linked, never merged, so that an error can be undone: undoing ends the link, gives the record a
person of its own and remembers that the two are not one.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from hmis.tables.metadata import metadata

person = Table(
    "person",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid(), comment="The hub id"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

client_link = Table(
    "client_link",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("person_id", UUID(), ForeignKey("person.id"), nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("personal_id", Text, nullable=False),
    Column("method", Text, nullable=False, comment="Which facts agreed; FIRST = the person began with it"),
    Column("linked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("undone_at", DateTime(timezone=True), comment="Null = in force"),
    ForeignKeyConstraint(["source_id", "personal_id"], ["client.source_id", "client.personal_id"]),
    CheckConstraint(
        "method in ('FIRST', 'SSN_NAME', 'SSN_DOB', 'NAME_DOB', 'MODEL', 'STAFF', 'SPLIT')", name="method"
    ),
)
Index(
    "uq_client_link_in_force",
    client_link.c.source_id,
    client_link.c.personal_id,
    unique=True,
    postgresql_where=text("undone_at is null"),
)
Index("ix_client_link_person_id", client_link.c.person_id, postgresql_where=text("undone_at is null"))
# Links of before lead from ids that were given up to the people their records are of now.
Index("ix_client_link_before", client_link.c.person_id, postgresql_where=text("undone_at is not null"))
Index(
    "ix_client_link_record_before",
    client_link.c.source_id,
    client_link.c.personal_id,
    postgresql_where=text("undone_at is not null"),
)

client_distinct = Table(
    "client_distinct",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source_id", Integer, nullable=False),
    Column("personal_id", Text, nullable=False),
    Column("other_source_id", Integer, nullable=False),
    Column("other_personal_id", Text, nullable=False),
    Column("said_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Two records that somebody said are not one person; never linked again by rule",
)
Index(None, client_distinct.c.source_id, client_distinct.c.personal_id)
Index(None, client_distinct.c.other_source_id, client_distinct.c.other_personal_id)
