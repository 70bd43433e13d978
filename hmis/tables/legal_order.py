"""Orders that law enforcement brings: what a court let it see of one client. Append-only.

An order does nothing until two people approved it, and nothing any more once somebody ended it.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import UUID

from hmis.tables.metadata import metadata

legal_order = Table(
    "legal_order",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("person_id", UUID(), ForeignKey("person.id"), nullable=False),
    Column("agency_id", UUID(), ForeignKey("agency.id"), nullable=False),
    Column("subject", Text, nullable=False, comment="Who looks under it, at that agency; nobody else"),
    Column("categories", BigInteger, nullable=False, comment="Bit mask of auth.categories.Category"),
    Column("labels", BigInteger, nullable=False, server_default="0", comment="Bit mask of hmis.labels.Label"),
    Column("authority", Text, nullable=False),
    Column("reference", Text, nullable=False, comment="Court and number; where the paper is kept"),
    Column("valid_from", Date, nullable=False, comment="First day in force"),
    Column("valid_to", Date, nullable=False, comment="First day no longer in force"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("recorded_by", Text, nullable=False, comment="Subject of the token"),
    Column("recorded_at_agency", UUID(), ForeignKey("agency.id"), nullable=False),
    CheckConstraint("authority in ('COURT_ORDER', 'WARRANT', 'SUBPOENA_WITH_COURT_ORDER')", name="authority"),
    CheckConstraint("valid_to > valid_from and valid_to <= valid_from + 30", name="period"),
    CheckConstraint("categories & 1 = 1", name="existence"),
    comment="What a court let law enforcement see of one client",
)
Index(None, legal_order.c.person_id, legal_order.c.subject)
Index(None, legal_order.c.subject, legal_order.c.agency_id)

legal_order_approval = Table(
    "legal_order_approval",
    metadata,
    Column("order_id", UUID(), ForeignKey("legal_order.id"), primary_key=True),
    Column("approver", Text, primary_key=True, comment="Subject of a privacy officer's token"),
    Column("approved_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="In force with two, neither by who recorded the order nor by who looks under it",
)

legal_order_end = Table(
    "legal_order_end",
    metadata,
    Column("order_id", UUID(), ForeignKey("legal_order.id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_by", Text, nullable=False),
    comment="Orders that were withdrawn before their last day",
)
