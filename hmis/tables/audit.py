"""Audit: who asked what about whom, and what they were shown. Never a value, only which categories.

Committed before the first byte of the answer leaves: no audit, no answer.
"""

from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Identity, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from hmis.tables.metadata import metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("request_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("agency_id", UUID(), comment="Null where the subject may act for none"),
    Column("role", Text),
    Column("purpose", Text),
    Column("application", Text, comment="client_id of the token"),
    Column("operation_name", Text),
    Column("operation_sha256", Text, nullable=False, comment="Of the document; variables stay out"),
    Column("policy_version", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("outcome", Text, nullable=False),
    Column(
        "searched",
        ARRAY(Text),
        nullable=False,
        server_default="{}",
        comment="What people were searched by: field and keyed hash of the term, auth.searched",
    ),
)
Index(None, audit_event.c.at)

audit_subject = Table(
    "audit_subject",
    metadata,
    Column("event_id", BigInteger, ForeignKey("audit_event.id"), primary_key=True),
    Column("person_id", UUID(), primary_key=True),
    Column("disclosed", BigInteger, nullable=False, comment="Mask of categories shown"),
    Column("shared", BigInteger, nullable=False, comment="Those of the shown that others had entered"),
    Column("withheld", BigInteger, nullable=False, comment="Mask of categories asked for and withheld"),
    Column("grants", ARRAY(UUID()), nullable=False, comment="Grants relied on; empty = own records"),
    Column("notice", Text, comment="Version of the privacy notice relied on; null = none"),
    Column("exception", Text, comment="Exception relied on, such as BREAK_GLASS; null = none"),
)
Index(None, audit_subject.c.person_id)
